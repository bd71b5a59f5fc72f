"""Versions of the elements agree with the fold, and nothing that was filed is lost."""

from random import Random
from typing import Any

from rules.clocks import WorkingDays
from rules.element_versions import ELEMENTS, Elements, Standing, needed
from rules.elements import FIVE_ELEMENTS, Need, names
from rules.interim_checks import Checks, both, checks_of, controlled
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import Severity
from tests.hazard.lives import read, told
from tests.rules.facts_of_lives import (
    ASSIGNED,
    DAY,
    EXTENSION,
    OFFICE,
    PLAN,
    REGISTERED,
    TREATMENT,
    Fact,
    life_up_to,
    ms,
    rows_of,
)
from tests.rules.random_lives import batch

DAYS = WorkingDays.build()
LATER = ms(40 * DAY)
BEGUN: tuple[Fact, ...] = (
    ("registered", 0, REGISTERED),
    ("verified", 1, OFFICE),
    ("assigned", 2, ASSIGNED | {"responsible_lead": "C. Example", "person": "A. Example"}),
)


def standings(elements: Elements, need: Need) -> list[tuple[str, dict[str, Any]]]:
    return [(str(v.standing), dict(v.values)) for v in elements.versions[need]]


def test_an_element_is_in_force_exactly_where_the_fold_has_it() -> None:
    seen, rows = set(), batch(Random(7), 120)
    for number in range(120):
        mine = [r for r in rows if r["root_id"] == f"h{number}"]
        # A last fact that says nothing: its row holds what was filed since the row before it.
        last = rows_of([("elements_filed", 10_000, {})], f"h{number}")[0]
        life, elements, folded = read([*mine, last | {"source_id": "last", "seq": 9_999}])
        have = int(folded.spans["have"][-1]) if life.steps else 0
        for need in ELEMENTS:
            versions = elements.versions[need]
            held = [v for v in versions if v.standing is Standing.IN_FORCE]
            assert len(held) <= 1
            assert bool(held) == bool(have & need), (number, need)
            seen |= {v.standing for v in versions}
        if held := [v for v in elements.versions[Need.DEADLINE] if v.standing == "in_force"]:
            assert held[0].values["due_at"] == folded.spans["due_at"][-1]
    assert seen == set(Standing)


def test_what_is_missing_is_listed_by_name_for_each_severity() -> None:
    _, general = told(*BEGUN)
    assert general.missing(Severity.GENERAL, LATER) == ("measures",)
    assert general.missing(Severity.MAJOR, LATER) == (
        "measures", "funding", "plan", "interim_control",
    )  # fmt: skip
    _, nothing = told(BEGUN[0])
    assert nothing.missing(Severity.GENERAL, LATER) == ("responsibility", "measures", "deadline")
    assert nothing.missing(Severity.MAJOR, LATER) == names(int(FIVE_ELEMENTS) | 1 << 5)
    _, whole = told(*BEGUN, ("started", 3, TREATMENT | PLAN))
    assert whole.missing(Severity.MAJOR, LATER) == ()
    assert needed(Severity.GENERAL) == Need.RESPONSIBILITY | Need.MEASURES | Need.DEADLINE


def test_a_version_has_its_filer_its_times_and_its_evidence() -> None:
    _, elements = told(*BEGUN, ("elements_filed", 5, PLAN | OFFICE | {"evidence": "scan-7"}))
    (version,) = elements.versions[Need.PLAN]
    filing = version.filing
    assert (filing.organisation, filing.source) == ("Safety Office", "inspection")
    assert (filing.claimed_at, filing.received_at, version.since) == (ms(5), ms(5), ms(5))
    assert filing.said["evidence"] == "scan-7"
    assert elements.versions[Need.RESPONSIBILITY][0].filing.person == "A. Example"


def test_a_revision_keeps_the_old_value_and_a_repetition_is_none() -> None:
    again = {"responsible_unit": "Foundry One"}
    other = {"responsible_unit": "Mill Two", "responsible_lead": "B. Example"}
    _, elements = told(*BEGUN, ("elements_filed", 5, again), ("elements_filed", 6, other))
    assert standings(elements, Need.RESPONSIBILITY) == [
        ("replaced", {"responsible_unit": "Foundry One", "responsible_lead": "C. Example"}),
        ("in_force", other),
    ]


def test_what_adds_to_an_element_stands_on_what_was_filed_before() -> None:
    post = {"responsible_lead": "D. Example", "responsible_post": "director"}
    _, elements = told(*BEGUN, ("elements_filed", 5, post))
    held = elements.in_force(Need.RESPONSIBILITY, LATER)
    assert held is not None
    assert held.values == {"responsible_unit": "Foundry One"} | post


def test_half_of_an_element_is_none_and_says_what_it_lacks() -> None:
    _, elements = told(*BEGUN, ("elements_filed", 5, {"funding_planned_fen": 100}))
    (version,) = elements.versions[Need.FUNDING]
    assert (version.standing, version.missing) == (Standing.INCOMPLETE, ("funding_source",))
    assert elements.in_force(Need.FUNDING, LATER) is None


def test_what_is_sent_back_is_withdrawn_and_said_anew() -> None:
    again = {"responsible_unit": "Mill Two", "due": 20 * DAY}
    _, elements = told(*BEGUN, ("bounced", 3, {"reason": "not ours"}), ("assigned", 4, again))
    kinds = [s for s, _ in standings(elements, Need.RESPONSIBILITY)]
    assert kinds == ["withdrawn", "in_force"]
    assert [s for s, _ in standings(elements, Need.DEADLINE)] == ["withdrawn", "in_force"]
    assert elements.original_due_at == elements.due_at == ms(20 * DAY)


def test_an_extension_leaves_the_original_deadline_beside_the_one_in_force() -> None:
    extended = EXTENSION | {"due": 20 * DAY, "milestones": "half by the 15th"}
    _, elements = told(*BEGUN, ("extended", 2 * DAY, extended))
    assert (elements.original_due_at, elements.due_at) == (ms(10 * DAY), ms(20 * DAY))
    assert standings(elements, Need.DEADLINE) == [
        ("replaced", {"due_at": ms(10 * DAY)}),
        ("in_force", {"due_at": ms(20 * DAY), "milestones": "half by the 15th"}),
    ]


def test_an_extension_that_waited_holds_from_when_it_was_complete() -> None:
    lacking = {k: v for k, v in EXTENSION.items() if k != "interim_control"} | {"due": 20 * DAY}
    control = {"interim_control": "fenced off"}
    life, elements = told(
        *BEGUN, ("extended", 2 * DAY, lacking), ("elements_filed", 3 * DAY, control)
    )
    version = elements.in_force(Need.DEADLINE, LATER)
    assert version is not None
    assert (version.filing.claimed_at, version.since) == (ms(2 * DAY), ms(3 * DAY))
    waited = next(f for f in life.facts if f.kind == "extended")
    assert (str(waited.outcome), waited.effective_at) == ("applied", ms(3 * DAY))


def test_a_date_that_never_held_is_listed_as_without_effect() -> None:
    late = EXTENSION | {"due": 30 * DAY, "due_date": ms(30 * DAY)}
    _, elements = told(*BEGUN, ("extended", 11 * DAY, late))
    assert [s for s, _ in standings(elements, Need.DEADLINE)] == ["in_force", "without_effect"]
    assert elements.due_at == ms(10 * DAY)


def test_what_is_told_of_a_closed_hazard_or_was_voided_files_nothing() -> None:
    unit = {"responsible_unit": "Mill Two"}
    _, closed = told(*life_up_to("closed"), ("elements_filed", 30, unit))
    assert standings(closed, Need.RESPONSIBILITY)[-1] == ("without_effect", unit)
    void = {"target": "h-3", "reason": "typed twice", "second_person": "Deputy Example"}
    _, voided = told(*BEGUN, ("elements_filed", 5, unit), ("voided", 6, void))
    assert [s for s, _ in standings(voided, Need.RESPONSIBILITY)] == ["in_force", "voided"]


# -- interim control -------------------------------------------------------------------------------


def control(first: int, last: int = 0) -> dict[str, Any]:
    """Interim control from the start of one day to the end of another (days from Monday)."""
    until = {"interim_until": (last + 1) * DAY} if last else {}
    return {"interim_control": "fenced off", "interim_from": (first + 1) * DAY} | until


def checks(facts: tuple[Fact, ...], now: float, every: int = 7) -> Checks:
    life, elements = told(*BEGUN, *facts)
    made = [
        step.at
        for step in life.steps
        if life.facts[step.by].kind == "interim_checked"
    ]  # fmt: skip
    spans = both(controlled(elements.versions[Need.INTERIM_CONTROL]), life.under_way)
    return checks_of(spans, made, every, DAYS, ms(now))


def test_control_is_in_force_from_its_first_day_to_the_end_of_its_last() -> None:
    _, elements = told(*BEGUN, ("elements_filed", 5, control(2, 4)))
    at = [elements.in_force(Need.INTERIM_CONTROL, ms(d * DAY) + shift) for d, shift in
          ((2, -1), (2, 0), (5, -1), (5, 0))]  # fmt: skip
    assert [version is not None for version in at] == [False, True, True, False]
    assert "interim_control" in elements.missing(Severity.MAJOR, ms(6 * DAY))
    assert "interim_control" not in elements.missing(Severity.MAJOR, ms(3 * DAY))


def test_the_next_check_is_due_so_many_days_after_the_control_began_or_was_checked() -> None:
    begun = (("elements_filed", 5, control(0)),)
    first = checks(begun, 3 * DAY)
    assert (first.in_force, first.next_due_at, first.missed) == (True, ms(8 * DAY), ())
    checked = checks((*begun, ("interim_checked", 4 * DAY + 9, OFFICE)), 5 * DAY)
    assert (checked.checked, checked.next_due_at) == ((ms(4 * DAY + 9),), ms(12 * DAY))


def test_a_check_that_was_not_made_is_missed_and_the_next_stays_overdue() -> None:
    found = checks((("elements_filed", 5, control(0)),), 16 * DAY)
    assert found.missed == (ms(8 * DAY), ms(15 * DAY))
    assert found.next_due_at == ms(8 * DAY)
    assert found.is_overdue(ms(16 * DAY))
    late = checks(
        (("elements_filed", 5, control(0)), ("interim_checked", 9 * DAY, OFFICE)), 10 * DAY
    )
    assert (late.missed, late.next_due_at) == ((ms(8 * DAY),), ms(17 * DAY))
    assert not late.is_overdue(ms(10 * DAY))


def test_revising_the_control_puts_no_check_off() -> None:
    again = ("elements_filed", 6 * DAY, control(6) | {"interim_control": "guarded"})
    found = checks((("elements_filed", 5, control(0)), again), 9 * DAY)
    assert found.missed == (ms(8 * DAY),)


def test_nothing_is_to_be_checked_after_the_control_ended_or_the_hazard_was_closed() -> None:
    ended = checks((("elements_filed", 5, control(0, 4)),), 20 * DAY)
    assert (ended.in_force, ended.missed, ended.next_due_at) == (False, (), 0)
    life, elements = told(*life_up_to("closed", severity="major", started=control(0)))
    spans = both(controlled(elements.versions[Need.INTERIM_CONTROL]), life.under_way)
    assert spans == [(ms(3), ms(6))]
    assert checks_of(spans, (), 7, DAYS, ms(30 * DAY)) == Checks(False)


def test_a_check_on_the_stroke_of_its_deadline_is_in_time() -> None:
    due = LATER // DAY_MS * DAY_MS + 16 * HOUR_MS  # a midnight in Shanghai
    spans = [(due - 7 * DAY_MS - HOUR_MS, due + DAY_MS)]
    assert checks_of(spans, [due], 7, DAYS, due + HOUR_MS).missed == ()
    assert checks_of(spans, [due + 1], 7, DAYS, due + HOUR_MS).missed == (due,)
