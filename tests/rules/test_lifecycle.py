"""Every kind of fact in every state, for general and major hazards, against a table by hand.

All cases are folded in one frame, one hazard each.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest

from rules.lifecycle import allowed
from schemas.vocabulary import SIDE_KINDS, FactKind, Severity, State
from tests.rules.facts_of_lives import (
    ASSIGNED,
    BESIDE,
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
    tell,
)
from tests.rules.moves_by_hand import ALLOWED, FILLS, LACKS, NEEDS_NOTHING, REASON, TARGET, UPGRADED

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
    if (state, severity) == ("rectifying", "major") and missing[:1] == ("interim_control",):
        return missing[1:]
    return missing


def never_met(state: str, kind: str) -> set[str]:
    """Only who has submitted can be accepted, so delisting waits in every other state."""
    return {"acceptance"} if kind == "delisted" and state != "submitted" else set()


def _cases() -> Iterator[Case]:
    for state in _STATES:
        for kind in _KINDS:
            for severity in _SEVERITIES:
                if kind not in ALLOWED[state]:
                    yield Case(state, kind, severity, None)
                    continue
                missing = lacks(state, kind, severity)
                without = {(), *((each,) for each in missing), missing}
                for lacking in sorted(without):
                    if never_met(state, kind) <= set(lacking):
                        yield Case(state, kind, severity, lacking)


CASES = tuple(_cases())
_EXITS: dict[str, tuple[str, Fact]] = {
    "rejected": ("registered", ("rejected", 8, {**OFFICE, **REASON})),
    "merged": ("verified", ("merged", 8, TARGET)),
    "transferred": ("verified", ("transferred", 8, TARGET)),
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
        **TARGET,
        **FILLS["listing_number"],
        "town_code": "330282003",
        "severity": _OTHER[severity] if kind == "severity_changed" else severity,
    }


def _asked(case: Case) -> Fact:
    """The fact in question, at hour 20, with the data that the case leaves it."""
    if case.without is None:
        return case.kind, 20, _whole(case.kind, case.severity)
    filled = [n for n in lacks(case.state, case.kind, case.severity) if n not in case.without]
    data = {k: v for n in filled if n in FILLS for k, v in FILLS[n].items()}
    if "severity" in filled:
        data["severity"] = _OTHER[case.severity]
    if case.kind == "voided" and "target" in filled:
        data["target"] = f"{case}-0"  # of `_story`: what was filed at first
    return case.kind, 20, data | (dict(REGISTERED) if case.kind == "registered" else {})


# What must have happened before, so that the fact in question is about something.
_ABOUT: dict[str, tuple[Fact, ...]] = {
    "delisted": (("listed", 0.5, FILLS["listing_number"]),),
    "extension_refused": (("extension_asked", 19, {**EXTENSION, "due": 480}),),
    "continued": (("suspended", 19, EXTENSION),),
    "resumption_asked": (("production_stopped", 0.5, {**OFFICE, **REASON}),),
    "production_resumed": (("production_stopped", 0.5, {**OFFICE, **REASON}),),
}


def _story(case: Case) -> list[Fact]:
    facts = [("elements_filed", 0.2, {}), *_way_to(case.state, case.severity)]
    if case.without is None:
        return [*facts, _asked(case)]
    facts += _ABOUT.get(case.kind, ())
    provided = set(lacks(case.state, case.kind, case.severity)) - set(case.without)
    if "acceptance" in provided:
        facts.append(("acceptance_passed", 19, OFFICE))
    if "application" in provided:
        facts.append(("resumption_asked", 0.6, OFFICE))
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


@pytest.mark.parametrize("state", _STATES[1:])
def test_what_happens_beside_the_life_moves_no_hazard(state: str) -> None:
    life = _way_to(state, "general")
    told = tell(*life, *((kind, 20, {"amount_fen": 500}) for kind in SIDE_KINDS))
    assert told.outcomes[len(life) :] == [BESIDE] * len(SIDE_KINDS)
    assert told.spans == tell(*life).spans
