"""Interim control 整改期间管控 is checked at least so often: what is due, what was missed.

A check is due at 24:00 of the n-th calendar day after the control began or was checked last, n by
policy. Days outside the control's own first and last day, and days on which nobody was at work on
the hazard, ask for no check; revising the control does not put a check off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rules.clocks import WorkingDays
from rules.element_versions import Standing, Version
from schemas.period import FOREVER

Span = tuple[int, int]  # UTC ms, the end not included


@dataclass(frozen=True)
class Checks:
    """Instants are UTC ms, 0 for none. `missed`: when a check was due and had not been made."""

    in_force: bool
    checked: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    next_due_at: int = 0

    def is_overdue(self, now: int) -> bool:
        return 0 < self.next_due_at <= now


def checks_of(
    spans: Iterable[Span], checked: Sequence[int], every_days: int, days: WorkingDays, now: int
) -> Checks:
    """spans: when control was in force and the hazard under way, in order and apart.

    checked: when it was checked (claimed), in order. What is due after `now` is not missed.
    """
    missed: list[int] = []
    last_due, in_force = 0, False
    for start, end in spans:
        made = [at for at in checked if start <= at < end]
        last_due = 0
        for since, until in zip([start, *made], [*made, min(end, now + 1)], strict=True):
            dues = _dues(since, max(since, until), every_days, days)
            missed += dues[:-1]
            last_due = dues[0]
        in_force = start <= now < end
    return Checks(in_force, tuple(checked), tuple(missed), last_due if in_force else 0)


def _dues(since: int, until: int, every: int, days: WorkingDays) -> list[int]:
    """When checks fall due after one at `since`, up to the first that lies after `until`."""
    first, last = days.within(days.local_days(np.array([since, until])))
    number = (int(last) - int(first)) // every + 2
    due = days.midnights(int(first) + 1 + every * np.arange(1, number + 1))
    passed = int(np.searchsorted(due, until, side="left"))
    return [int(at) for at in due[: passed + 1]]


def controlled(versions: Iterable[Version]) -> list[Span]:
    """When interim control was in force, by its versions: each until the next one was filed."""
    held = [v for v in versions if v.standing in (Standing.IN_FORCE, Standing.REPLACED)]
    ends = [*(v.since for v in held[1:]), FOREVER][: len(held)]
    spans = [
        (v.starts_at, min(v.ends_at or FOREVER, end)) for v, end in zip(held, ends, strict=True)
    ]
    return joined((start, end) for start, end in spans if start < end)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that meet made one."""
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def both(ours: Iterable[Span], theirs: Sequence[Span]) -> list[Span]:
    """Where spans of the two overlap."""
    pairs = ((max(a, c), min(b, d)) for a, b in ours for c, d in theirs)
    return [(start, end) for start, end in pairs if start < end]
