"""What may happen to hazards, and who tells of it: mostly what comes next in a life, and sense.

Everything comes from the `Random` that is passed in. A hazard believes to know where it stands
(`tests.rules.moves_by_hand`); what is told of it may be late, revised, void or nonsense all the
same.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import UPDATE_EVENTS
from tests.machine.county import ACTOR, OFFICE, OTHER, SECOND, SOURCES, Row
from tests.rules.moves_by_hand import ALLOWED
from tests.store.tiny import MONDAY, OTHER_TOWN, SECTOR, TOWN

NEXT = {
    "registered": "verified",
    "verified": "assigned",
    "assigned": "started",
    "rectifying": "submitted",
    "submitted": "acceptance_passed",
    "accepted": "closed",
    "closed": "reopened",
}
CHANNELS = ("professional_inspection", "self_check", "public_report", "grid_patrol")
# What a fact of each kind says when it says everything.
_INTERIM = ("interim_control", "interim_days")
_PLAN = ("measures", "funding_planned_fen", "funding_source", "plan_reference", *_INTERIM)
_TWO = ("reason", "second_person")
SAYS: dict[str, tuple[str, ...]] = {
    "rejected": ("reason",),
    "assigned": ("responsible_unit", "due_date"),
    "bounced": ("reason",),
    "elements_filed": (*_PLAN, "responsible_unit"),
    "started": _PLAN,
    "extended": (*_TWO, "due_date", *_INTERIM),
    "extension_asked": ("reason", "due_date", *_INTERIM),
    "extension_refused": _TWO,
    "suspended": _TWO,
    "continued": ("second_person",),
    "moved": ("town_code", "second_person"),
    "severity_changed": ("severity", *_TWO),
    "listed": ("listing_number", "listing_level"),
    "delisted": ("listing_level",),
    "submitted": ("finished_on", "work_done", "funding_spent_fen", "evidence"),
    "reopened": ("reason",),
    "merged": ("target",),
    "transferred": ("target",),
    "production_stopped": ("reason",),
    "production_resumed": ("evidence",),
    "interim_checked": ("evidence",),
    "voided": ("target", *_TWO),
    "penalised": ("amount_fen",),
    "report_replied": ("reply",),
}
_MONEY = {"funding_planned_fen": 10_000, "funding_spent_fen": 9_000, "amount_fen": 50_000}
# Who rectifies tells of it himself; all else the office does.
_BY_THE_UNIT = ("started", "submitted", "extension_asked", "resumption_asked", "elements_filed")


@dataclass
class Case:
    """One hazard as those who tell of it know it. `told`: all updates so far, by source."""

    name: str
    source: str
    found: Row
    state: str = "registered"
    told: list[tuple[str, Row]] = field(default_factory=list)

    @property
    def unit(self) -> str:
        return f"虚构五金厂{self.name}"


def case(rng: Random, name: str, now: int) -> Case:
    """A finding by one of the sources; some were found before the county went live."""
    at = now - rng.choice((0, 1, 2, 30)) * HOUR_MS
    source = rng.choice(SOURCES)
    found = {
        "record": "finding",
        "source_id": name,
        "place_id": f"P-{name}",
        "unit_name": f"虚构五金厂{name}",
        "town_code": rng.choice((TOWN, OTHER_TOWN)),
        "sector_code": SECTOR,
        "category": "消防通道",
        "description": f"{name}号厂房消防通道被成品货物堵塞，无法通行",
        "severity": rng.choice(("general", "general", "major")),
        "channel": rng.choice(CHANNELS),
        "found_at": at,
        "sent_at": at,
    }
    return Case(name, source, found)


def update(rng: Random, about: Case, now: int) -> tuple[str, Row]:
    """The next thing that is told of a hazard, and which source tells it."""
    source, kind = rng.choice(SOURCES), _kind(rng, about)
    at = now - rng.choice((0, 0, 0, 0, 1, 5, 50)) * HOUR_MS
    row = {
        "record": "update",
        "source_id": f"{about.name}-{len(about.told)}-{kind}",
        "finding_source": about.source,
        "finding_id": about.name,
        "event": kind,
        "happened_at": at,
        "sent_at": at + rng.randint(0, 2) * HOUR_MS,
    } | said(rng, about, kind, at)
    row["sent_at"] = min(row["sent_at"], now)
    if kind == "voided" and about.told and rng.random() < 0.9:
        side, named = rng.choice(about.told[-4:])
        source, row["target"] = side, named["source_id"]
    believe(about, kind)
    about.told.append((source, row))
    return source, row


def revision(rng: Random, about: Case, now: int) -> tuple[str, Row]:
    """Something that was told before, told again: otherwise, or of another time, or the same."""
    source, row = rng.choice(about.told)
    changed = row | {"sent_at": now}
    what = rng.choice(("time", "person", "less", "nothing"))
    if what == "time":
        changed["happened_at"] = min(now, row["happened_at"] + rng.randint(-30, 30) * HOUR_MS)
    elif what == "person":
        changed["person"] = rng.choice((ACTOR, SECOND, OTHER))
    elif what == "less":
        changed.pop(rng.choice(("reason", "evidence", "organisation", "due_date")), None)
    return source, changed


def believe(about: Case, kind: str) -> None:
    """Where the hazard stands if this took effect."""
    if kind == "acceptance_passed" and about.state == "submitted":
        about.state = "accepted"
    elif kind != "voided":
        here = "submitted" if about.state == "accepted" else about.state
        about.state = ALLOWED[here].get(kind, about.state)


def see(about: Case, state: str, is_accepted: bool) -> None:
    """Whoever tells of a hazard has looked it up in the county's own list."""
    about.state = "accepted" if state == "submitted" and is_accepted else state


def said(rng: Random, about: Case, kind: str, at: int) -> Row:
    """What the fact says: nearly always all that it should, by whom it should be said."""
    office, unit = (OFFICE, about.unit) if rng.random() < 0.85 else (about.unit, OFFICE)
    data: Row = {
        "organisation": unit if kind in _BY_THE_UNIT else office,
        "person": SECOND if kind in _BY_THE_UNIT else rng.choice((ACTOR, ACTOR, SECOND)),
    }
    if kind == "acceptance_passed" and rng.random() < 0.1:
        data["implied"] = "true"
    for name in SAYS.get(kind, ()):
        if rng.random() < 0.9:
            data |= _value(rng, about, name, at)
    return data


def _kind(rng: Random, about: Case) -> str:
    chance = rng.random()
    if chance < 0.6 and about.state in NEXT:
        return NEXT[about.state]
    here = "submitted" if about.state == "accepted" else about.state
    if chance < 0.92 and ALLOWED[here]:
        return rng.choice([k for k in ALLOWED[here] if k != "registered"])
    return str(rng.choice(UPDATE_EVENTS))


def _value(rng: Random, about: Case, name: str, at: int) -> Row:
    if name in _MONEY:
        return {name: _MONEY[name]}
    if name == "due_date":
        return {name: _day(at, rng.choice((0, 2, 5, 10, 40)))}
    if name == "interim_days":
        days = {"interim_from": _day(at, rng.choice((0, 0, 1))), "interim_until": _day(at, 20)}
        return {which: day for which, day in days.items() if rng.random() < 0.3}
    if name == "finished_on":
        return {name: _day(at, -1)}
    if name == "responsible_unit":
        return {name: about.unit if rng.random() < 0.9 else "虚构塑料厂"}
    return {name: rng.choice(_CHOICES.get(name, ("说明",)))}


_CHOICES: dict[str, tuple[Any, ...]] = {
    "second_person": (SECOND, OTHER),
    "severity": ("general", "major"),
    "town_code": (TOWN, OTHER_TOWN),
    "listing_level": ("county", "city", "province"),
}


def _day(at: int, days: int) -> int:
    """24:00 of a Shanghai day, so many days after the one of `at`."""
    return MONDAY + ((at - MONDAY) // DAY_MS + days + 1) * DAY_MS
