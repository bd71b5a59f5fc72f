"""Every kind of fact in every state, for general and major hazards, against a table by hand.

The tables below are the domain's text (section 3), not rules.lifecycle read back. All cases are
folded in one frame, one hazard each.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import pytest

from rules.lifecycle import allowed
from schemas.vocabulary import FactKind, Severity, State
from tests.rules.facts_of_lives import (
    ASSIGNED,
    EXTENSION,
    OFFICE,
    PLAN,
    REGISTERED,
    SUBMITTED,
    TREATMENT,
    Fact,
    Told,
    fold_rows,
    life_up_to,
    rows_of,
)

# state → kind of fact → state after. What does not stand here is refused.
_OPEN = ("elements_filed", "moved", "severity_changed", "listed", "delisted")
ALLOWED: dict[str, dict[str, str]] = {
    "none": {"registered": "registered"},
    "registered": {
        "verified": "verified",
        "rejected": "rejected",
        "merged": "merged",
        "transferred": "transferred",
        **dict.fromkeys(_OPEN, "registered"),
    },
    "verified": {
        "assigned": "assigned",
        "rejected": "rejected",
        "merged": "merged",
        "transferred": "transferred",
        **dict.fromkeys(_OPEN, "verified"),
    },
    "assigned": {
        "started": "rectifying",
        "bounced": "verified",
        "extended": "assigned",
        "merged": "merged",
        "transferred": "transferred",
        **dict.fromkeys(_OPEN, "assigned"),
    },
    "rectifying": {
        "submitted": "submitted",
        "extended": "rectifying",
        "merged": "merged",
        **dict.fromkeys(_OPEN, "rectifying"),
    },
    "submitted": {
        "acceptance_passed": "submitted",
        "acceptance_failed": "rectifying",
        "closed": "closed",
        **dict.fromkeys(_OPEN, "submitted"),
    },
    "closed": {"reopened": "assigned"},
    "rejected": {},
    "merged": {},
    "transferred": {},
}
# An upgrade of an item under way returns it to assigned; a downgrade leaves it where it is.
UPGRADED = {"rectifying": "assigned", "submitted": "assigned"}

# What each move needs of its own fact, or of what was filed before.
_ORGANISATION, _REASON = {"organisation": "Safety Office"}, {"reason": "see the minutes"}
_TARGET = {"target": "hazard:0123456789abcdef"}
_BY: dict[str, Mapping[str, Any]] = {
    "organisation": _ORGANISATION,
    "reason": _REASON,
    "target": _TARGET,
    "responsibility": {"responsible_unit": "Foundry One"},
    "deadline": {"due": 240},
    "due_date": {"due": 480},
    "measures": TREATMENT,
    "funding": {"funding_planned_fen": 100, "funding_source": "own"},
    "plan": {"plan_reference": "P-1"},
    "interim_control": {"interim_control": "fenced off"},
    "second_person": {"second_person": "Deputy Example"},
    "town": {"town_code": "330282003"},
    "severity": {},  # the other severity, put in by the case
    "listing_number": {"listing_number": "330282-county-2025-001", "listing_level": "county"},
    "finished_on": {"finished_on": 120},
    "work_done": {"work_done": "replaced"},
    "funding_spent": {"funding_spent_fen": 90},
    "evidence": {"evidence": "photo"},
}
# kind → what a bare fact lacks, in (general, major) hazards that came by the main line.
_FOUR = ("finished_on", "work_done", "funding_spent", "evidence")
_EXTENDING = ("interim_control", "reason", "second_person", "due_date")
LACKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "verified": (("organisation",), ("organisation",)),
    "rejected": (("organisation", "reason"), ("organisation", "reason")),
    "assigned": (("responsibility", "deadline"), ("responsibility", "deadline")),
    "bounced": (("reason",), ("reason",)),
    "started": (("measures",), ("measures", "funding", "plan", "interim_control")),
    "extended": (_EXTENDING, _EXTENDING),
    "moved": (("second_person", "town"), ("second_person", "town")),
    "severity_changed": (("severity",), ("severity",)),
    "listed": (("listing_number",), ("listing_number",)),
    "submitted": (_FOUR, _FOUR),
    "acceptance_passed": (("organisation",), ("organisation",)),
    "acceptance_failed": (("organisation",), ("organisation",)),
    "closed": (("acceptance",), ("acceptance",)),
    "reopened": (("reason",), ("reason",)),
    "merged": (("target",), ("target",)),
    "transferred": (("target",), ("target",)),
}
NEEDS_NOTHING = {"registered", "elements_filed", "delisted"}
_OTHER = {"general": "major", "major": "general"}
_STATES, _KINDS, _SEVERITIES = tuple(ALLOWED), tuple(map(str, FactKind)), ("general", "major")


class Case(NamedTuple):
    state: str
    kind: str
    severity: str
    without: tuple[str, ...] | None  # needs that nothing fills; None: refused whatever it says

    def __str__(self) -> str:
        told = "any" if self.without is None else "without-" + "-".join(self.without)
        return f"{self.state}-{self.kind}-{self.severity}-{told if self.without != () else 'met'}"


def lacks(state: str, kind: str, severity: str) -> tuple[str, ...]:
    """What the bare fact lacks here; a major hazard under rectification has its interim control."""
    missing = LACKS[kind][severity == "major"] if kind not in NEEDS_NOTHING else ()
    if (state, kind, severity) == ("rectifying", "extended", "major"):
        return missing[1:]
    return missing


def _cases() -> Iterator[Case]:
    for state in _STATES:
        for kind in _KINDS:
            for severity in _SEVERITIES:
                if kind not in ALLOWED[state]:
                    yield Case(state, kind, severity, None)
                    continue
                missing = lacks(state, kind, severity)
                yield Case(state, kind, severity, ())
                yield from (Case(state, kind, severity, (each,)) for each in missing)
                if len(missing) > 1:
                    yield Case(state, kind, severity, missing)


CASES = tuple(_cases())
_EXITS: dict[str, tuple[str, Fact]] = {
    "rejected": ("registered", ("rejected", 8, {**OFFICE, **_REASON})),
    "merged": ("verified", ("merged", 8, _TARGET)),
    "transferred": ("verified", ("transferred", 8, _TARGET)),
}
_REACHED_BY = {"rectifying": "started"}


def _way_to(state: str, severity: str) -> list[Fact]:
    if state == "none":
        return []
    if state in _EXITS:
        before, leaving = _EXITS[state]
        return [*life_up_to(before, severity), leaving]
    return life_up_to(_REACHED_BY.get(state, state), severity)


def _whole(kind: str, severity: str) -> dict[str, Any]:
    """Everything a fact of this kind could bring."""
    return {
        **REGISTERED,
        **ASSIGNED,
        **TREATMENT,
        **PLAN,
        **SUBMITTED,
        **OFFICE,
        **EXTENSION,
        **_TARGET,
        **_BY["listing_number"],
        "town_code": "330282003",
        "severity": _OTHER[severity] if kind == "severity_changed" else severity,
    }


def _asked(case: Case) -> Fact:
    """The fact in question, at hour 20, with the data that the case leaves it."""
    if case.without is None:
        return case.kind, 20, _whole(case.kind, case.severity)
    filled = [n for n in lacks(case.state, case.kind, case.severity) if n not in case.without]
    data = {k: v for n in filled if n in _BY for k, v in _BY[n].items()}
    if "severity" in filled:
        data["severity"] = _OTHER[case.severity]
    return case.kind, 20, data | (dict(REGISTERED) if case.kind == "registered" else {})


def _story(case: Case) -> list[Fact]:
    facts = _way_to(case.state, case.severity)
    if case.kind == "closed" and case.without == ():
        facts.append(("acceptance_passed", 19, OFFICE))
    return [*facts, _asked(case)]


@cache
def _told() -> dict[str, Told]:
    rows = [row for case in CASES for row in rows_of(_story(case), str(case))]
    return fold_rows(rows)


def _state_after(case: Case) -> str:
    if case.kind == "severity_changed" and case.severity == "general":
        return UPGRADED.get(case.state, case.state)
    return ALLOWED[case.state][case.kind]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fact_in_a_state(case: Case) -> None:
    told = _told()[str(case)]
    if case.without is None:
        assert told.last == ("ineffective", "not_from_this_state", ())
        assert told.state == case.state
    elif case.without:
        outcome, reason, missing = told.last
        assert (outcome, reason) == ("pending", "")
        assert set(missing) == set(case.without)
        assert told.state == case.state
    else:
        assert told.last == ("applied", "", ())
        assert told.state == _state_after(case)
        assert (told.now["kind"], told.now["at"]) == (case.kind, 20)


def test_the_way_to_every_state_leads_there() -> None:
    for state in _STATES[1:]:
        for severity in _SEVERITIES:
            told = fold_rows(rows_of(_way_to(state, severity)))["h"]
            assert (told.state, told.now["severity"]) == (state, severity == "major")
            assert {o for o, _, _ in told.outcomes} == {"applied"}


def test_every_pair_of_a_state_and_a_kind_was_asked() -> None:
    assert {(c.state, c.kind) for c in CASES} == {
        (s.name.lower(), str(k)) for s in State for k in FactKind
    }
    assert set(_SEVERITIES) == {s.name.lower() for s in Severity}
    assert set(LACKS) | NEEDS_NOTHING == set(_KINDS)


@pytest.mark.parametrize("state", State)
def test_an_operator_is_offered_what_a_state_allows_and_nothing_else(state: State) -> None:
    assert set(allowed(state)) == set(ALLOWED[state.name.lower()])
