"""Every step of a listing in every state, and each guard, against the text of domain section 4."""

from dataclasses import replace
from typing import Any

import pytest

from rules.clocks import WorkingDays
from rules.listing_duties import duties
from rules.listing_life import Circumstances, Listing, Refused, Said, after, refusal
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import ListingLevel, ListingState, ListingStep
from tasks.configuration import read_county, shipped

NOW = 1_740_960_000_000  # 2025-03-03 08:00 in Shanghai
DAYS = WorkingDays.build()
RULE = read_county(shipped() / "config" / "cixi")[1].listing
COUNTY, CITY = ListingLevel.COUNTY, ListingLevel.CITY
S, L = ListingStep, ListingState
BASE = Listing("listing:1", "虚构五金厂", "330282104", "industry", COUNTY, "operator")
IN_FORCE = replace(
    BASE, state=L.IN_FORCE, number="330282-county-2025-001", listed_at=NOW,
    due_at=NOW + 100 * DAY_MS, original_due_at=NOW + 100 * DAY_MS, plan_due_at=NOW + 15 * DAY_MS,
)  # fmt: skip
FREE = Circumstances(True, True, "申请人甲虚构", 15, DAYS)
FULL = Said(
    NOW + DAY_MS, "经办人甲虚构", "复核人乙虚构", "虚构市安委办", "说明", "照片-1", "方案-1",
    "专人值守", NOW + 110 * DAY_MS, 0, COUNTY, "330282-city-2025-001",
)  # fmt: skip

# step → states it is made from → the state after (domain §4, Ningbo's forms)
LIFE: dict[ListingStep, dict[ListingState, ListingState]] = {
    S.PROPOSED: {L.NONE: L.PROPOSED},
    S.APPROVED: {L.PROPOSED: L.IN_FORCE},
    S.REFUSED: {L.PROPOSED: L.REFUSED},
    S.ADOPTED: {L.NONE: L.IN_FORCE},
    S.RECEIVED: {s: s for s in (L.IN_FORCE, L.APPLIED, L.PASSED)},
    S.PUBLISHED: {s: s for s in (L.IN_FORCE, L.APPLIED, L.PASSED, L.DELISTED)},
    S.REPORTED_UP: {s: s for s in (L.PROPOSED, L.IN_FORCE, L.APPLIED, L.PASSED)},
    S.PLAN_FILED: {L.IN_FORCE: L.IN_FORCE},
    S.PROGRESS: {s: s for s in (L.IN_FORCE, L.APPLIED, L.PASSED)},
    S.EXTENSION_ASKED: {L.IN_FORCE: L.IN_FORCE},
    S.EXTENDED: {L.IN_FORCE: L.IN_FORCE},
    S.EXTENSION_REFUSED: {L.IN_FORCE: L.IN_FORCE},
    S.APPLIED: {L.IN_FORCE: L.APPLIED},
    S.PASSED: {L.APPLIED: L.PASSED},
    S.FAILED: {L.APPLIED: L.IN_FORCE},
    S.DELISTED: {L.PASSED: L.DELISTED},
    S.LIFTED: dict.fromkeys((L.IN_FORCE, L.APPLIED, L.PASSED), L.DELISTED),
    S.RAISED: {L.IN_FORCE: L.IN_FORCE},
    S.CLOSED: {L.DELISTED: L.CLOSED},
}


def in_state(state: ListingState, step: ListingStep) -> Listing:
    """A listing in this state; where a decision on an extension is asked, one is pending."""
    decided = step in (S.EXTENDED, S.EXTENSION_REFUSED)
    return replace(IN_FORCE, state=state, extension_asked_at=NOW if decided else 0)


def told(step: ListingStep, **changes: Any) -> Said:
    level = CITY if step is S.RAISED else COUNTY
    return replace(FULL, **({"level": level} | changes))


@pytest.mark.parametrize("step", ListingStep)
def test_a_step_is_made_from_its_states_only_and_leads_where_it_should(step: ListingStep) -> None:
    for state in ListingState:
        row, said = in_state(state, step), told(step)
        if state in LIFE[step]:
            assert refusal(row, step, said, FREE) is None, (step, state)
            assert after(row, step, said).state is LIFE[step][state]
        else:
            assert refusal(row, step, said, FREE) == Refused("not_from_this_state")


@pytest.mark.parametrize(
    ("step", "missing"),
    [
        (S.APPROVED, ("second_person", "number")),
        (S.REFUSED, ("reason",)),
        (S.PLAN_FILED, ("plan_reference",)),
        (S.PROGRESS, ("reason",)),
        (S.EXTENSION_ASKED, ("reason", "due_at", "interim_control")),
        (S.EXTENDED, ("second_person", "due_at")),
        (S.PASSED, ("organisation", "person", "evidence")),
        (S.FAILED, ("organisation", "reason")),
        (S.DELISTED, ("level", "second_person")),
        (S.RAISED, ("level", "number", "second_person")),
    ],
)
def test_what_a_step_lacks_is_named(step: ListingStep, missing: tuple[str, ...]) -> None:
    row = in_state(next(iter(LIFE[step])), step)
    assert refusal(row, step, Said(NOW), FREE) == Refused(missing=missing)


@pytest.mark.parametrize(
    ("step", "row", "said", "reason"),
    [
        (S.APPROVED, {}, {"second_person": FULL.person}, "same_person"),
        (S.APPROVED, {"listed_at": 0}, {"due_at": NOW + 400 * DAY_MS}, "term_too_long"),
        (S.EXTENSION_ASKED, {}, {"at": IN_FORCE.due_at}, "extension_after_expiry"),
        (S.EXTENSION_ASKED, {}, {"at": IN_FORCE.due_at - 10 * DAY_MS}, "extension_asked_too_late"),
        (S.EXTENSION_ASKED, {"extension_asked_at": NOW}, {}, "already_asked"),
        (S.EXTENSION_ASKED, {}, {"due_at": IN_FORCE.due_at}, "not_later"),
        (S.EXTENDED, {}, {"at": IN_FORCE.due_at}, "extension_after_expiry"),
        (S.EXTENDED, {"extension_asked_at": 0}, {}, "nothing_asked"),
        (S.EXTENDED, {}, {"second_person": FREE.asker}, "same_person"),
        (S.EXTENDED, {}, {"due_at": NOW + 400 * DAY_MS}, "term_too_long"),
        (S.EXTENSION_REFUSED, {"extension_asked_at": 0}, {}, "nothing_asked"),
        (S.PASSED, {}, {"organisation": BASE.unit_name}, "accepted_by_rectifier"),
        (S.FAILED, {}, {"organisation": BASE.unit_name}, "accepted_by_rectifier"),
        (S.DELISTED, {}, {"level": CITY}, "delisted_by_other_level"),
        (S.DELISTED, {}, {"second_person": FULL.person}, "same_person"),
        (S.RAISED, {}, {"level": COUNTY}, "not_higher"),
    ],
)
def test_each_guard_refuses_by_its_name(
    step: ListingStep, row: dict[str, Any], said: dict[str, Any], reason: str
) -> None:
    given = replace(in_state(next(iter(LIFE[step])), step), **row)
    assert refusal(given, step, told(step, **said), FREE) == Refused(reason)


@pytest.mark.parametrize("step", [S.PASSED, S.DELISTED])
def test_nothing_passes_or_leaves_the_list_before_all_its_hazards_are_accepted(
    step: ListingStep,
) -> None:
    row, waiting = in_state(next(iter(LIFE[step])), step), replace(FREE, all_accepted=False)
    assert refusal(row, step, told(step), waiting) == Refused("hazards_not_accepted")


def test_a_listing_closes_only_after_its_hazards() -> None:
    row, waiting = in_state(L.DELISTED, S.CLOSED), replace(FREE, all_closed=False)
    assert refusal(row, S.CLOSED, told(S.CLOSED), waiting) == Refused("hazards_not_closed")


def test_an_extension_moves_the_date_and_leaves_the_original_on_record() -> None:
    asked = after(IN_FORCE, S.EXTENSION_ASKED, told(S.EXTENSION_ASKED))
    row = after(asked, S.EXTENDED, told(S.EXTENDED))
    assert (row.due_at, row.original_due_at) == (FULL.due_at, IN_FORCE.due_at)
    assert (asked.extension_asked_at, row.extension_asked_at) == (FULL.at, 0)


def test_a_refused_extension_leaves_the_date_as_it_was() -> None:
    asked = after(IN_FORCE, S.EXTENSION_ASKED, told(S.EXTENSION_ASKED))
    row = after(asked, S.EXTENSION_REFUSED, told(S.EXTENSION_REFUSED))
    assert (row.due_at, row.extension_asked_at) == (IN_FORCE.due_at, 0)


def test_raising_gives_the_number_and_level_of_the_higher_list() -> None:
    row = after(IN_FORCE, S.RAISED, told(S.RAISED))
    assert (row.level, row.number, row.due_at) == (CITY, FULL.number, IN_FORCE.due_at)


# duties


def owed(row: Listing, now: int, verified_at: int = 0) -> dict[str, bool]:
    return {d.name: d.is_late(now) for d in duties(row, verified_at, RULE, DAYS) if not d.done_at}


def test_progress_is_owed_at_least_quarterly_from_the_last_report_on() -> None:
    quarter = RULE.progress_every_days * DAY_MS
    assert not owed(IN_FORCE, NOW + quarter)["progress"]
    assert owed(IN_FORCE, NOW + quarter + 1)["progress"]
    reported = replace(IN_FORCE, progress_at=NOW + quarter)
    assert not owed(reported, NOW + quarter + 1)["progress"]


def test_a_plan_filed_in_time_is_owed_no_more_and_one_filed_late_stays_late() -> None:
    by = IN_FORCE.plan_due_at
    assert owed(IN_FORCE, by + 1)["plan"]
    late = replace(IN_FORCE, plan_filed_at=by + 1)
    assert "plan" not in owed(late, by + 2)
    (duty,) = (d for d in duties(late, 0, RULE, DAYS) if d.name == "plan")
    assert duty.is_late(by + 2)


def test_publishing_is_owed_within_working_days_across_a_weekend_and_again_after_delisting() -> (
    None
):
    (duty,) = (d for d in duties(IN_FORCE, 0, RULE, DAYS) if d.name == "publish")
    assert duty.due_at == NOW - 8 * HOUR_MS + 8 * DAY_MS  # Monday + 5 working days, 24:00
    gone = replace(
        IN_FORCE, state=L.DELISTED, published_at=NOW + DAY_MS, delisted_at=NOW + DAY_MS * 9
    )
    assert "publish_delisting" in owed(gone, NOW + DAY_MS * 9)


def test_a_major_hazard_is_reported_up_within_hours_of_its_verification() -> None:
    limit = NOW + RULE.report_up_hours * HOUR_MS
    assert not owed(BASE, limit, NOW)["report_up"]
    assert owed(BASE, limit + 1, NOW)["report_up"]


def test_acceptance_is_judged_some_days_after_the_application() -> None:
    applied = replace(IN_FORCE, state=L.APPLIED, applied_at=NOW + 10 * DAY_MS)
    limit = applied.applied_at + RULE.accept_within_days * DAY_MS
    assert not owed(applied, limit)["accept"]
    assert owed(applied, limit + 1)["accept"]
    passed = replace(applied, state=L.PASSED, decided_at=limit)
    assert "accept" not in owed(passed, limit + 1)


def test_of_a_listing_from_above_neither_reporting_up_nor_publishing_is_owed_here() -> None:
    theirs = replace(IN_FORCE, source="upper")
    assert set(owed(theirs, NOW, NOW)) == {"plan", "progress", "apply", "accept"}
