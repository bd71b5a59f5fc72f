"""Counting what is true, by plain loops: the flows and stocks of one week at one cut.

Promise: reads steps of hazards and nothing of the pipeline; the definitions are those of the
edition's measures (schemas/edition.py), written here a second time. A cut is (end of the period,
what was received by when). Only the steps before both are looked at.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import add

from demo.model import Hazard, Standing, Step
from schemas.edition import MEASURES
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import Channel, FactKind, Severity, State

K = FactKind
_NTH = {name: n for n, name in enumerate(MEASURES)}
_FLOWS: dict[FactKind, tuple[str, ...]] = {
    K.REGISTERED: ("found",),
    K.REOPENED: ("reopened",),
    K.CLOSED: ("closed",),
    K.REJECTED: ("rejected",),
    K.MERGED: ("merged",),
    K.TRANSFERRED: ("transferred",),
    K.MOVED: ("moved_in",),
    K.ACCEPTANCE_PASSED: ("acceptances",),
    K.ACCEPTANCE_FAILED: ("acceptances", "reworked"),
}
_SCOPES, _SPLITS = ("period", "campaign", "year"), ("self_check", "supervision")
_EVERY = "every"  # a scope that stands for all
_GONE = (State.REJECTED, State.MERGED, State.TRANSFERRED)
Counts = dict[str, dict[str, dict[str, dict[str, int]]]]  # unit → scope → split → measure


@dataclass(frozen=True)
class Cut:
    """What is asked: a period [start, end), when its campaign and its year began, and until when
    rows count."""

    start: int
    end: int
    campaign: int
    year: int
    received_by: int
    dispatch_ms: int

    @classmethod
    def of(
        cls, span: tuple[int, int], begun: tuple[int, int], received_by: int, hours: int
    ) -> "Cut":
        """`span`: [start, end); `begun`: the starts of campaign and year."""
        return cls(*span, *begun, received_by, hours * HOUR_MS)


class Track:
    """One hazard, its times laid out for bisection."""

    def __init__(self, hazard: Hazard) -> None:
        self.hazard = hazard
        self.steps = hazard.steps
        self.at = [s.at for s in hazard.steps]
        self.known = [s.known for s in hazard.steps]
        is_self = hazard.channel == Channel.SELF_CHECK.value
        self.split = "self_check" if is_self else "supervision"

    def count_until(self, cut: Cut) -> int:
        """How many steps happened before the period's end and were received by the cut."""
        return min(bisect_left(self.at, cut.end), bisect_right(self.known, cut.received_by))

    def standing(self, cut: Cut) -> Standing | None:
        n = self.count_until(cut)
        return self.steps[n - 1].after if n else None


Key = tuple[str, str, str, str]  # town, sector, split, scope


class Tally:
    """Sums by (town, sector, split, scope), rolled up at the end."""

    def __init__(self) -> None:
        self.sums: dict[Key, list[int]] = {}

    def add(self, track: Track, town: str, scope: str, measure: str, n: int = 1) -> None:
        key = (town, track.hazard.sector, track.split, scope)
        row = self.sums.get(key)
        if row is None:
            row = self.sums[key] = [0] * len(MEASURES)
        row[_NTH[measure]] += n

    def count(self, track: Track, cut: Cut) -> None:
        """All measures of one hazard, in every scope."""
        n = track.count_until(cut)
        if not n:
            return
        steps = track.steps[:n]
        for scope, start in zip(_SCOPES, (cut.start, cut.campaign, cut.year), strict=True):
            self._flows(track, steps, scope, start, cut)
            self._due(track, steps[-1].after, scope, start, cut.end)
        self._at_end(track, steps, cut)

    def _flows(
        self, track: Track, steps: tuple[Step, ...], scope: str, start: int, cut: Cut
    ) -> None:
        first = min(bisect_left(track.at, start), len(steps))
        if first and steps[first - 1].after.is_open:
            self.add(track, steps[first - 1].after.town, scope, "opening")
        for step in steps[first:]:
            for measure in _FLOWS.get(step.kind, ()):
                self.add(track, step.after.town, scope, measure)
            if step.kind is K.MOVED:
                self.add(track, step.town_before, scope, "moved_out")
            elif step.kind is K.REGISTERED and steps[-1].after.state is State.CLOSED:
                self.add(track, step.after.town, scope, "found_closed")
            elif step.kind is K.VERIFIED:
                self.add(track, steps[-1].after.town, scope, "verified")
                in_time = _dispatched(steps, step.at, cut.dispatch_ms)
                self.add(track, steps[-1].after.town, scope, "dispatched_in_time", int(in_time))

    def _due(self, track: Track, now: Standing, scope: str, start: int, end: int) -> None:
        if not start < now.due_at <= end or now.state in _GONE:
            return
        self.add(track, now.town, scope, "due")
        if not now.accepted_at:
            return
        if now.accepted_at <= now.due_at:
            self.add(track, now.town, scope, "backdated" if now.accepted_late else "on_time")
        if now.accepted_at <= now.original_due_at and not now.accepted_late:
            self.add(track, now.town, scope, "on_time_original")

    def _at_end(self, track: Track, steps: tuple[Step, ...], cut: Cut) -> None:
        """What stands at the period's end, the same in every scope."""
        now, town, scope = steps[-1].after, steps[-1].after.town, _EVERY
        is_major = now.severity is Severity.MAJOR
        for step in steps:
            if step.kind is K.CLOSED and step.at >= cut.end - 90 * DAY_MS:
                self.add(track, step.after.town, scope, "closures_90_days")
        if not now.is_open:
            return
        self.add(track, town, scope, "closing")
        if is_major:
            self.add(track, town, scope, "major_open")
            self.add(track, town, scope, "major_complete", int(now.complete))
        if is_overdue(now, cut.end):
            self.add(track, town, scope, "overdue")
            self.add(track, town, scope, "overdue_major", int(is_major))
            self.add(track, town, scope, "overdue_days", (cut.end - now.due_at) // DAY_MS)

    def by_unit(self, towns: list[str], sectors: list[str]) -> Counts:
        """Towns, sectors and "total"; within a sector nothing moves in or out."""
        made = {u: _blank() for u in (*towns, *sectors)}
        for (town, sector, split, scope), row in self.sums.items():
            for unit in (town, sector):
                for each in _SCOPES if scope is _EVERY else (scope,):
                    _add(made[unit][each][split], row)
        total = _blank()
        for scope in _SCOPES:
            for split in _SPLITS:
                for town in towns:
                    _add(total[scope][split], made[town][scope][split])
        for sector in sectors:
            for parts in made[sector].values():
                for sums in parts.values():
                    sums[_NTH["moved_in"]] = sums[_NTH["moved_out"]] = 0
        return {u: _named(by_scope) for u, by_scope in [*made.items(), ("total", total)]}


def is_overdue(now: Standing, end: int) -> bool:
    return now.is_open and now.accepted_at == 0 and 0 < now.due_at <= end


def _dispatched(steps: tuple[Step, ...], verified_at: int, within_ms: int) -> bool:
    """Whether the first assignment came within the hours for it."""
    assigned = next((s.at for s in steps if s.kind is K.ASSIGNED), None)
    return assigned is not None and assigned <= verified_at + within_ms


def _blank() -> dict[str, dict[str, list[int]]]:
    return {scope: {split: [0] * len(MEASURES) for split in _SPLITS} for scope in _SCOPES}


def _add(sums: list[int], row: list[int]) -> None:
    sums[:] = map(add, sums, row)


def _named(by_scope: dict[str, dict[str, list[int]]]) -> dict[str, dict[str, dict[str, int]]]:
    """Measures by name, and "all" as the sum of the two splits."""
    made: dict[str, dict[str, dict[str, int]]] = {}
    for scope, parts in by_scope.items():
        both = [sum(pair) for pair in zip(*parts.values(), strict=True)]
        splits = {"all": both, **parts}
        made[scope] = {k: dict(zip(MEASURES, v, strict=True)) for k, v in splits.items()}
    return made
