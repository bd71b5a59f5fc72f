"""Who may accept what, and what undoes it, one short life at a time (domain section 3)."""

from typing import Any

import pytest

from tests.rules.facts_of_lives import (
    APPLIED,
    DAY,
    OFFICE,
    SUBMITTED,
    UNIT,
    Fact,
    fold_rows,
    life_up_to,
    refused,
    rows_of,
    tell,
    waits_for,
)


def acceptance(data: dict[str, Any], severity: str = "general", channel: str = "media") -> Any:
    by = {"person": "A. Example"}
    facts = life_up_to("submitted", severity, channel, submitted=by)
    return tell(*facts, ("acceptance_passed", 9, data)).last


def test_the_rectifier_does_not_accept_its_own_work() -> None:
    assert acceptance({**UNIT, "person": "B. Example"}) == refused("accepted_by_rectifier")
    assert acceptance(OFFICE) == APPLIED


@pytest.mark.parametrize(
    ("severity", "person", "outcome"),
    [
        ("general", "B. Example", APPLIED),
        ("general", "A. Example", refused("accepted_by_rectifier")),
        ("general", None, refused("accepted_by_rectifier")),
        ("major", "B. Example", refused("accepted_by_rectifier")),
    ],
)
def test_a_general_self_check_item_is_accepted_by_a_second_named_person_of_the_same_enterprise(
    severity: str, person: str | None, outcome: Any
) -> None:
    assert acceptance({**UNIT, "person": person}, severity, "self_check") == outcome


def test_without_a_named_first_person_there_is_no_second_one() -> None:
    facts = life_up_to("submitted", channel="self_check")
    told = tell(*facts, ("acceptance_passed", 9, {**UNIT, "person": "B. Example"}))
    assert told.last == refused("accepted_by_rectifier")


@pytest.mark.parametrize("how", ["in the acceptance itself", "by filing it before"])
def test_naming_another_responsible_unit_after_the_work_does_not_make_it_another_ones(
    how: str,
) -> None:
    facts = life_up_to("submitted")
    other = {"responsible_unit": "Mill Two"}
    if how == "by filing it before":
        facts.append(("elements_filed", 8, other))
        assert tell(*facts, ("acceptance_passed", 9, UNIT)).last == refused("accepted_by_rectifier")
    else:
        told = tell(*facts, ("acceptance_passed", 9, {**UNIT, **other}))
        assert told.last == refused("accepted_by_rectifier")


@pytest.mark.parametrize(
    ("severity", "channel", "outcome"),
    [
        ("general", "grid_patrol", APPLIED),
        ("major", "grid_patrol", refused("implied_acceptance")),
        ("general", "public_report", refused("implied_acceptance")),
    ],
)
def test_an_acceptance_read_out_of_a_status_is_not_enough_for_major_and_public_items(
    severity: str, channel: str, outcome: Any
) -> None:
    assert acceptance({**OFFICE, "implied": 1}, severity, channel) == outcome


@pytest.mark.parametrize(
    ("by", "person", "outcome"),
    [
        (UNIT, "A. Example", refused("accepted_by_requester")),
        (UNIT, "B. Example", APPLIED),
        (OFFICE, "A. Example", APPLIED),  # a clerk who entered what the unit had done
    ],
)
def test_who_handed_the_work_in_for_the_unit_does_not_accept_it_for_another_one(
    by: dict[str, str], person: str, outcome: Any
) -> None:
    facts = life_up_to("submitted", submitted={**by, "person": "A. Example"})
    told = tell(*facts, ("acceptance_passed", 9, {**OFFICE, "person": person}))
    assert told.last == outcome


def test_a_failed_acceptance_asks_for_everything_to_be_handed_in_again() -> None:
    told = tell(*life_up_to("submitted"), ("acceptance_failed", 8, {**OFFICE, "evidence": "photo"}),
                ("submitted", 9, {}))  # fmt: skip
    assert told.state == "rectifying"
    assert told.last == waits_for("finished_on", "work_done", "funding_spent", "evidence")
    assert {"measures", "responsibility"} <= told.now["have"]


def test_an_acceptance_that_failed_later_is_no_acceptance() -> None:
    told = tell(*life_up_to("acceptance_passed"), ("acceptance_failed", 8, OFFICE),
                ("submitted", 9, SUBMITTED), ("closed", 10, {}))  # fmt: skip
    assert told.last == waits_for("acceptance")
    assert told.now["accepted_at"] is None


# -- reopening, severity, listing ----------------------------------------------------------------

REOPENED: Fact = ("reopened", 20, {"reason": "it leaks again", "due": 15 * DAY})


def test_a_reopening_starts_a_new_term_and_keeps_the_earlier_closure_on_record() -> None:
    told = tell(*life_up_to("closed"), REOPENED)
    now = told.now
    assert (now["state"], now["due_at"], now["original_due_at"]) == ("assigned", 15 * DAY, 15 * DAY)
    assert (now["accepted_at"], now["closed_at"]) == (None, None)
    assert told.spans[-2]["closed_at"] == 6
    told = tell(*life_up_to("closed"), REOPENED, ("started", 21, {}), ("submitted", 22, {}))
    assert told.outcomes[-2:] == [
        APPLIED,
        waits_for("finished_on", "work_done", "funding_spent", "evidence"),
    ]


def test_who_is_named_with_the_reopening_rectifies_and_does_not_accept() -> None:
    reopened = {**REOPENED[2], "responsible_unit": "Mill Two", "evidence": "photo of the leak"}
    facts = [*life_up_to("closed"), ("reopened", 20, reopened), ("started", 21, {})]
    assert tell(*facts, ("submitted", 22, {})).last[2][-1] == "evidence"
    facts += [("submitted", 22, SUBMITTED), ("acceptance_passed", 23, {"organisation": "Mill Two"})]
    assert tell(*facts).last == refused("accepted_by_rectifier")


@pytest.mark.parametrize("under_way", ["assigned", "started", "submitted", "acceptance_passed"])
def test_an_upgrade_under_way_returns_to_assigned_and_voids_the_work(under_way: str) -> None:
    told = tell(*life_up_to(under_way), ("severity_changed", 9, {"severity": "major"}))
    assert (told.state, told.now["severity"], told.now["accepted_at"]) == ("assigned", 1, None)
    assert not told.now["have"] & {"finished_on", "work_done", "funding_spent", "evidence"}
    assert told.now["due_at"] == 10 * DAY


def test_an_upgrade_before_the_assignment_keeps_the_state() -> None:
    told = tell(*life_up_to("verified"), ("severity_changed", 9, {"severity": "major"}))
    assert (told.state, told.now["severity"]) == ("verified", 1)


DOWN = {
    "severity": "general", "reason": "criteria misread", "person": "A. Example",
    "second_person": "B. Example",
}  # fmt: skip


def test_a_downgrade_keeps_the_state() -> None:
    told = tell(*life_up_to("submitted", "major"), ("severity_changed", 9, DOWN))
    assert (told.state, told.now["severity"]) == ("submitted", 0)


def test_a_major_hazard_is_taken_down_with_a_reason_by_a_second_person() -> None:
    life = life_up_to("verified", "major")
    told = tell(*life, ("severity_changed", 9, {"severity": "general"}))
    assert (told.last, told.now["severity"]) == (waits_for("reason", "second_person"), 1)
    alone = DOWN | {"second_person": "A. Example"}
    assert tell(*life, ("severity_changed", 9, alone)).last == refused("same_person")


@pytest.mark.parametrize("severity", ["general", "major"])
def test_a_change_to_the_same_severity_is_none(severity: str) -> None:
    change: Fact = ("severity_changed", 9, DOWN | {"severity": severity})
    assert tell(*life_up_to("submitted", severity), change).last == refused("same_severity")


def test_a_closing_told_before_the_acceptance_waits_for_it() -> None:
    told = tell(*life_up_to("submitted"), ("closed", 8, {}))
    assert (told.last, told.state) == (waits_for("acceptance"), "submitted")
    told = tell(*life_up_to("submitted"), ("closed", 8, {}), ("acceptance_passed", 9, OFFICE))
    assert (told.state, told.now["closed_at"]) == ("closed", 9)


def test_an_acceptance_received_after_its_filing_deadline_is_backdated() -> None:
    facts = life_up_to("submitted")
    rows = rows_of([*facts, ("acceptance_passed", 9, OFFICE), ("closed", 10, {})])
    assert fold_rows(rows)["h"].now["backdated"] == 0
    rows[-2]["received_at"] = rows[-2]["file_by"] + 1
    assert fold_rows(rows)["h"].now["backdated"] == 1
