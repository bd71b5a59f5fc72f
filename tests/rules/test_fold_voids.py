"""Facts that cancel one named fact of their own side (domain section 3)."""

from typing import Any

import pytest

from tests.rules.facts_of_lives import (
    APPLIED,
    BESIDE,
    OFFICE,
    PLAN,
    SUPERSEDED,
    Fact,
    Told,
    fold_rows,
    life_up_to,
    refused,
    rows_of,
    tell,
    waits_for,
)

VOIDED = refused("voided")
WHY = {"reason": "typed twice", "person": "A. Example", "second_person": "B. Example"}
CLOSED = life_up_to("closed")  # its facts are named h-0 to h-6; h-5 is the acceptance


def void(number: int, at: float = 10, **more: Any) -> Fact:
    """Cancels the fact with this place in the life."""
    return "voided", at, {**WHY, "target": f"h-{number}", **more}


def test_without_its_acceptance_a_closing_waits_again() -> None:
    told = tell(*CLOSED, void(5))
    assert told.outcomes[5:] == [VOIDED, waits_for("acceptance"), APPLIED]
    assert (told.state, told.now["closed_at"]) == ("submitted", None)


def test_without_its_rejection_a_hazard_is_registered_again() -> None:
    rejection: Fact = ("rejected", 1, {**OFFICE, "reason": "no such place"})
    told = tell(*life_up_to("registered"), rejection, void(1))
    assert (told.state, told.outcomes[1]) == ("registered", VOIDED)


def test_the_void_itself_is_on_record() -> None:
    now = tell(*CLOSED, void(5)).now
    assert (now["kind"], now["at"]) == ("voided", 10)


def test_what_a_cancelled_fact_filed_is_not_on_file() -> None:
    filed: Fact = ("elements_filed", 3, PLAN)
    told = tell(*life_up_to("assigned"), filed, void(3))
    assert not told.now["have"] & {"funding", "plan", "interim_control"}


def test_a_cancelled_void_cancels_nothing() -> None:
    told = tell(*CLOSED, void(5), void(7, 11))
    assert told.outcomes[5:] == [APPLIED, APPLIED, VOIDED, APPLIED]
    assert told.state == "closed"


def test_three_voids_in_a_row() -> None:
    told = tell(*CLOSED, void(5), void(7, 11), void(8, 12))
    assert told.outcomes[5:] == [VOIDED, waits_for("acceptance"), APPLIED, VOIDED, APPLIED]


def test_two_voids_of_one_fact_are_both_on_record_and_either_is_enough() -> None:
    told = tell(*CLOSED, void(5), void(5, 11), void(7, 12))
    assert told.outcomes[5:] == [VOIDED, waits_for("acceptance"), VOIDED, APPLIED, APPLIED]


@pytest.mark.parametrize("order", [lambda rows: rows[::-1], lambda rows: rows[5:] + rows[:5]])
def test_a_void_that_arrives_before_what_it_cancels_cancels_it(order: Any) -> None:
    rows = rows_of([*CLOSED, void(5)])
    assert fold_rows(order(rows))["h"].spans == fold_rows(rows)["h"].spans


@pytest.mark.parametrize(("at", "outcome"), [(4.9, refused("nothing_to_void")), (5, APPLIED)])
def test_a_void_stands_at_the_instant_of_what_it_cancels_or_after_it(
    at: float, outcome: object
) -> None:
    assert tell(*CLOSED, void(5, at)).last == outcome


def folded(*facts: Fact, **changed: Any) -> Told:
    """`changed`: columns of the last row."""
    rows = rows_of(facts)
    rows[-1] |= changed
    return fold_rows(rows)["h"]


def test_a_side_cancels_its_own_facts_only() -> None:
    told = folded(*CLOSED, void(5), source="operator")
    assert (told.last, told.state) == (refused("nothing_to_void"), "closed")


def test_a_finding_is_rejected_and_not_voided() -> None:
    told = tell(*CLOSED, void(0))
    assert (told.last, told.state) == (refused("nothing_to_void"), "closed")


def test_a_void_cancels_nothing_of_another_hazard() -> None:
    other = rows_of(CLOSED, "other")
    told = fold_rows([*rows_of([*CLOSED, void(5, target="other-5")]), *other])
    assert told["h"].last == refused("nothing_to_void")
    assert (told["h"].state, told["other"].state) == ("closed", "closed")


def test_one_person_alone_cancels_nothing() -> None:
    told = tell(*CLOSED, void(5, second_person="A. Example"))
    assert (told.last, told.state) == (refused("same_person"), "closed")


@pytest.mark.parametrize("lacking", ["reason", "second_person", "target"])
def test_a_void_that_lacks_anything_cancels_nothing(lacking: str) -> None:
    told = tell(*CLOSED, void(5, **{lacking: None}))
    assert (told.last, told.state) == (waits_for(lacking), "closed")


def test_what_a_later_filing_brings_does_not_complete_a_void() -> None:
    told = tell(*life_up_to("started"), void(3, reason=None), ("elements_filed", 12, WHY))
    assert (told.outcomes[4], told.state) == (waits_for("reason"), "rectifying")


def test_a_revision_of_what_is_cancelled_is_cancelled_too() -> None:
    rows = rows_of([*CLOSED, void(5)])
    revision = rows[5] | {"organisation": "Fire Brigade", "row_digest": "f" * 16}
    revision["sent_at"] += 1
    told = fold_rows([*rows, revision])["h"]
    assert (told.outcomes[5], told.outcomes[-1], told.state) == (SUPERSEDED, VOIDED, "submitted")


def test_only_the_latest_revision_of_a_void_counts() -> None:
    rows = rows_of([*CLOSED, void(5)])
    revision = rows[-1] | {"target": "h-3", "row_digest": "f" * 16}
    revision["sent_at"] += 1
    told = fold_rows([*rows, revision])["h"]
    assert (told.outcomes[5], told.outcomes[3]) == (refused("not_from_this_state"), VOIDED)
    assert told.state == "assigned"


@pytest.mark.parametrize("at", [5, 9])
def test_what_happened_beside_the_life_is_cancelled_too(at: float) -> None:
    penalty: Fact = ("penalised", 5, {"amount_fen": 100})
    told = tell(*life_up_to("verified"), penalty, void(2, at))
    assert (told.outcomes[2], told.last) == (SUPERSEDED, APPLIED)
    assert tell(*life_up_to("verified"), penalty).last == BESIDE
