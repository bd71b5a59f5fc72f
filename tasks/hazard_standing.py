"""Where one hazard stands: what it has of its elements, its interim control and its clocks.

Promise: nothing is decided here. Versions and checks are worked out in `rules`, dates are those of
the life that was folded; this puts them into plain data for JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np

from rules.element_versions import ELEMENTS, Elements, Standing, Version, elements_of, needed
from rules.elements import Need, names
from rules.interim_checks import both, checks_of, controlled
from rules.lifecycle import OPEN_STATES
from rules.overdue import by_town, overdue_days
from schemas.vocabulary import FactKind, Severity, State
from tasks.county import County
from tasks.hazard_events import Story, Zone
from tasks.store.hazard_rows import Rows


@dataclass(frozen=True)
class File:
    """One hazard being put together."""

    county: County
    rows: Rows
    story: Story
    zone: Zone
    now: int

    @property
    def present(self) -> Mapping[str, Any]:
        """The row of `hazard_span` that holds now."""
        return dict(self.rows.spans.iloc[-1])

    @property
    def severity(self) -> Severity:
        return Severity(int(self.present["severity"]))

    @cached_property
    def is_open(self) -> bool:
        return State(int(self.present["state"])) in OPEN_STATES

    @cached_property
    def judged_at(self) -> int:
        """Now, or the last instant at which the hazard was open: then its elements mattered."""
        life = self.story.life
        steps = reversed(list(zip(life.steps, life.states, strict=True)))
        ended = list(takewhile(lambda pair: pair[1] not in OPEN_STATES, steps))
        return ended[-1][0].at - 1 if ended else self.now

    @cached_property
    def elements(self) -> Elements:
        return elements_of(self.story.filings, self.story.life.steps)

    @property
    def numbers(self) -> dict[str, str]:
        members = self.rows.members
        return dict(
            zip(members["stream_id"], members["source"] + ":" + members["source_id"], strict=True)
        )


def elements(file: File) -> dict[str, Any]:
    return {
        "needed": list(names(int(needed(file.severity)))),
        "missing": list(file.elements.missing(file.severity, file.judged_at)),
        "versions": {names(int(need))[0]: _versions(file, need) for need in ELEMENTS},
    }


def _versions(file: File, need: Need) -> list[dict[str, Any]]:
    held = file.elements.in_force(need, file.judged_at)
    return [
        _version(file, version, number, version is held)
        for number, version in enumerate(file.elements.versions[need], 1)
    ]


def _version(file: File, version: Version, number: int, holds: bool) -> dict[str, Any]:
    """A control whose days have passed, or have not come, stands and does not hold."""
    filing, zone = version.filing, file.zone
    lapsed = version.standing is Standing.IN_FORCE and not holds
    return {
        "number": number,
        "standing": "lapsed" if lapsed else version.standing.value,
        "values": zone.said(version.values),
        "missing": list(version.missing),
        "since": zone.at(version.since),
        "filed_by": filing.kind.value,
        "seq": filing.seq,
        "person": filing.person,
        "second_person": filing.second_person,
        "organisation": filing.organisation,
        "source": filing.source,
        "claimed_at": zone.at(filing.claimed_at),
        "received_at": zone.at(filing.received_at),
        "evidence": filing.said.get("evidence"),
    }


def interim_control(file: File) -> dict[str, Any]:
    every, zone = file.county.policy.interim_control.check_every_days, file.zone
    versions = file.elements.versions[Need.INTERIM_CONTROL]
    spans = both(controlled(versions), file.story.life.under_way)
    made = file.story.happened(FactKind.INTERIM_CHECKED)
    checks = checks_of(spans, made, every, file.county.days, file.now)
    held = file.elements.in_force(Need.INTERIM_CONTROL, file.now) if file.is_open else None
    return {
        "in_force": held is not None,
        "from": zone.at(held.starts_at) if held else None,
        "until": zone.day(held.ends_at) if held else None,
        "check_every_days": every,
        "checked": [zone.at(at) for at in checks.checked],
        "missed": [zone.day(at) for at in checks.missed],
        "next_check_due": zone.day(checks.next_due_at),
        "check_is_overdue": checks.is_overdue(file.now),
    }


# -- clocks ----------------------------------------------------------------------------------------


def clocks(file: File) -> dict[str, Any]:
    """The deadline in force and the original one; whole days and working days to it, or past it.

    overdue_days_by_town: what arose in each town that had the hazard stays with it (domain §3).
    """
    present, zone, days = file.present, file.zone, file.county.days
    due, now, original = int(present["due_at"]), file.now, file.elements.original_due_at
    runs = file.is_open and not present["accepted_at"] and due > 0
    ends = days.within(days.local_days(np.array([now, due - 1])))
    left = int(np.diff(days.elapsed(ends))[0])
    return {
        "due_on": zone.day(due),
        "original_due_on": zone.day(original),
        "is_extended": bool(due and original and due != original),
        "is_running": runs,
        "is_overdue": runs and due <= now,
        "working_days_left": left if runs and due > now else None,
        "working_days_overdue": -left if runs and due <= now else None,
        "is_provisional": runs and not bool(days.covered(ends).all()),
        "overdue_days": int(overdue_days(file.rows.spans, now).sum()),
        "overdue_days_by_town": by_town(file.rows.spans, now),
    }
