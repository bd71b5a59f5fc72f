"""Due dates, extensions and pauses, one short life at a time (domain section 3)."""

from typing import Any

import pytest

from rules.guards import FoldPolicy
from tests.rules.facts_of_lives import (
    APPLIED,
    ASSIGNED,
    DAY,
    EXTENSION,
    LISTED,
    POLICY,
    TREATMENT,
    Fact,
    life_up_to,
    refused,
    tell,
)


def extension(at: float, due: float = 20 * DAY, **more: Any) -> Fact:
    return ("extended", at, {**EXTENSION, "due": due, **more})


def test_an_extension_moves_the_due_date_and_the_original_stays_on_record() -> None:
    told = tell(*life_up_to("started"), extension(DAY), extension(2 * DAY, 30 * DAY))
    assert (told.now["due_at"], told.now["original_due_at"]) == (30 * DAY, 10 * DAY)


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (10 * DAY - 0.001, APPLIED),
        (10 * DAY, refused("extension_after_expiry")),
        (11 * DAY, refused("extension_after_expiry")),
    ],
)
def test_an_extension_is_granted_before_expiry(at: float, outcome: Any) -> None:
    told = tell(*life_up_to("started"), extension(at))
    assert told.last == outcome
    assert told.now["due_at"] == (20 * DAY if outcome == APPLIED else 10 * DAY)


def test_an_extension_that_lacks_its_interim_control_until_expiry_comes_too_late() -> None:
    bare = extension(9 * DAY, interim_control=None)
    control: Fact = ("elements_filed", 10 * DAY, {"interim_control": "fenced off"})
    told = tell(*life_up_to("started"), bare, control)
    assert told.outcomes[4] == refused("extension_after_expiry")
    assert told.now["due_at"] == 10 * DAY
    in_time: Fact = ("elements_filed", 9.5 * DAY, {"interim_control": "fenced off"})
    told = tell(*life_up_to("started"), bare, in_time)
    assert (told.outcomes[4], told.now["due_at"], told.spans[-2]["at"]) == (
        APPLIED,
        20 * DAY,
        9.5 * DAY,
    )


def test_an_extension_that_waits_is_held_to_the_notice_of_a_listing_that_came_meanwhile() -> None:
    bare = extension(5 * DAY, interim_control=None)
    told = tell(*life_up_to("started"), bare, ("listed", 6 * DAY, LISTED),
                ("elements_filed", 7 * DAY, {"interim_control": "fenced off"}))  # fmt: skip
    assert told.outcomes[4] == refused("extension_asked_too_late")


_TERM_END = (29 + 30 + 31 + 30 + 31 + 31 + 30 + 12) * DAY  # 24:00 of Sunday 2025-10-12


@pytest.mark.parametrize(
    ("notice", "outcome"), [(10, APPLIED), (11, refused("extension_asked_too_late"))]
)
def test_the_notice_of_a_listed_extension_counts_working_days_with_make_up_days(
    notice: int, outcome: Any
) -> None:
    """From Monday 22 September: 23, 24, 25, 26, 28 (made up), 29, 30, then 9, 10, 11 (made up)."""
    asked = _TERM_END - 21 * DAY + 9
    facts = life_up_to("started", assigned={"due": _TERM_END})
    policy = FoldPolicy(listed_notice=notice, days=POLICY.days)
    longer = extension(asked + 48, _TERM_END + 30 * DAY, asked_at=asked)
    assert tell(*facts, ("listed", 5, LISTED), longer, policy=policy).last == outcome


def test_without_a_time_of_asking_an_extension_was_asked_for_when_it_was_granted() -> None:
    listed: Fact = ("listed", 5, LISTED)
    long = life_up_to("started", assigned={"due": 60 * DAY})
    assert tell(*long, listed, extension(DAY, 90 * DAY)).last == APPLIED
    late = tell(*long, listed, extension(55 * DAY, 90 * DAY))
    assert late.last == refused("extension_asked_too_late")


@pytest.mark.parametrize("due", [9_000 * 365 * DAY, -70 * 365 * DAY])
def test_a_date_beyond_every_calendar_does_not_stop_the_fold(due: float) -> None:
    facts = life_up_to("started", assigned={"due": 5_000 * 365 * DAY})
    told = tell(*facts, ("listed", 5, LISTED), extension(DAY, 20 * DAY, asked_at=due))
    assert told.last[0] in ("applied", "ineffective")


def test_a_move_to_another_town_may_reset_the_date_and_never_the_original() -> None:
    move = {"town_code": "330282003", "second_person": "Deputy Example"}
    told = tell(*life_up_to("started"), ("moved", 20, move))
    assert (told.now["due_at"], told.now["original_due_at"]) == (10 * DAY, 10 * DAY)
    told = tell(*life_up_to("started"), ("moved", 20, {**move, "due": 14 * DAY}))
    assert (told.now["due_at"], told.now["original_due_at"]) == (14 * DAY, 10 * DAY)
    assert (told.now["town_before"], told.now["town"]) == ("330282002", "330282003")
    assert told.now["town_found"] == "330282002"


def test_a_date_given_with_a_move_before_any_term_is_the_first_one() -> None:
    move = {"town_code": "330282003", "second_person": "Deputy Example", "due": 14 * DAY}
    told = tell(*life_up_to("verified"), ("moved", 2, move), ("assigned", 3, ASSIGNED),
                ("started", 4, TREATMENT))  # fmt: skip
    assert told.last == APPLIED
    assert (told.now["due_at"], told.now["original_due_at"]) == (14 * DAY, 14 * DAY)


def test_filing_a_date_does_not_move_one_that_is_in_force() -> None:
    told = tell(*life_up_to("started"), ("elements_filed", 9, {"due": 30 * DAY}))
    assert told.now["due_at"] == 10 * DAY


def test_a_bounce_clears_unit_and_date_and_the_next_assignment_sets_them() -> None:
    facts = [*life_up_to("assigned"), ("bounced", 5, {"reason": "not ours"})]
    told = tell(*facts)
    assert (told.now["due_at"], told.now["have"]) == (None, set())
    again: Fact = ("assigned", 9, {"responsible_unit": "Mill Two", "due": 12 * DAY})
    told = tell(*facts, again)
    assert (told.now["due_at"], told.now["original_due_at"]) == (12 * DAY, 12 * DAY)
    assert told.now["assigned_at"] == 2  # dispatch in time is about the first assignment
