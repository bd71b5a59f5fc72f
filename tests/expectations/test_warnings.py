"""What is odd about a row is said and does not refuse it: dates out of order, steps, characters."""

from typing import Any

import pytest

from schemas.vocabulary import RecordKind
from tasks.intake.checking import check
from tests.expectations.test_check import HOUR, NOW, ORGANISATION, codes, frame, judge

DAY = 24 * HOUR
SUBMITTED = {"event": "submitted", "happened_at": NOW - HOUR}


def told(*updates: dict[str, Any], **finding: Any) -> list[str]:
    """The codes of each update that comes in one delivery with its finding, found two days ago."""
    checked = check(
        frame(RecordKind.UPDATE, *updates),
        RecordKind.UPDATE,
        received=NOW,
        organisation=ORGANISATION,
        place_classes=["factory"],
        findings=frame(RecordKind.FINDING, {"found_at": NOW - 2 * DAY} | finding),
    )
    assert checked.refused.empty
    said = dict(zip(checked.warned["line"], checked.warned["codes"], strict=True))
    return [said.get(line, "") for line in checked.accepted["line"]]


def step(event: str, hours_ago: int, **fields: Any) -> dict[str, Any]:
    blank = {"due_date": None, "funding_planned_fen": None}
    return blank | {"event": event, "happened_at": NOW - hours_ago * HOUR} | fields


@pytest.mark.parametrize(
    ("odd", "fine", "code"),
    [
        (SUBMITTED | {"finished_on": NOW - 3 * DAY}, SUBMITTED | {"finished_on": NOW}, "D005"),
        ({"due_date": NOW - DAY}, {"due_date": NOW}, "D006"),
        ({"happened_at": NOW - 3 * DAY}, {"happened_at": NOW - 2 * DAY}, "D008"),
    ],
)
def test_nothing_happens_to_a_hazard_before_it_was_found(
    odd: dict[str, Any], fine: dict[str, Any], code: str
) -> None:
    assert told(odd, fine) == [code, ""]


@pytest.mark.parametrize(
    ("odd", "fine", "code"),
    [
        (
            {"event": "extended", "asked_at": NOW},
            {"event": "extended", "asked_at": NOW - 2 * HOUR},
            "D009",
        ),
        (SUBMITTED | {"finished_on": NOW + 23 * HOUR + HOUR // 2}, SUBMITTED, "D010"),
    ],
)
def test_times_within_one_step_follow_each_other(
    odd: dict[str, Any], fine: dict[str, Any], code: str
) -> None:
    assert codes(RecordKind.UPDATE, **odd) == code
    assert codes(RecordKind.UPDATE, **fine) == ""


def test_a_place_ends_after_it_begins() -> None:
    assert codes(RecordKind.PLACE, active_to=NOW - 2 * HOUR) == "D007"
    assert codes(RecordKind.PLACE, active_to=NOW) == ""


PLAN = {
    "responsible_unit": "虚构厂",
    "measures": "清理",
    "due_date": NOW + DAY,
    "funding_planned_fen": 1,
    "funding_source": "自筹",
    "plan_reference": "预案一",
    "interim_control": "专人值守",
}


def test_a_major_hazard_starts_with_all_five_elements_wherever_they_were_filed() -> None:
    assert told(step("started", 9), severity="major") == ["E001"]
    assert told(step("started", 9)) == [""]
    assert told(step("started", 9, **PLAN), severity="major") == [""]
    assert told(step("elements_filed", 10, **PLAN), step("started", 9), severity="major") == [
        "",
        "",
    ]
    regraded = step("severity_changed", 10, severity="major")
    assert told(regraded, step("started", 9)) == ["", "E001"]


def test_the_elements_that_are_missing_are_named_and_pending_ones_are_not() -> None:
    plan = PLAN | {"plan_reference": "待编制", "measures": None, "happened_at": NOW - HOUR}
    started = {"event": "started", "town_code": "北镇"} | plan  # refused, so that faults are told
    checked = check(
        frame(RecordKind.UPDATE, started),
        RecordKind.UPDATE,
        received=NOW,
        organisation=ORGANISATION,
        place_classes=["factory"],
        findings=frame(RecordKind.FINDING, {"severity": "major"}),
    )
    assert checked.refused["faults"].tolist() == ["U001:update.town_code,E001:update.measures"]


def test_a_closure_without_an_acceptance_is_told_where_the_whole_life_is() -> None:
    assert told(step("closed", 1)) == ["E002"]
    assert told(step("acceptance_passed", 2), step("closed", 1)) == ["", ""]
    assert told(step("closed", 1, implied=True)) == [""]
    assert codes(RecordKind.UPDATE, event="closed") == "", "its acceptance may have come before"


def test_an_acceptance_follows_what_it_accepts() -> None:
    assert told(step("acceptance_passed", 3), step("submitted", 2)) == ["E003", ""]
    assert told(step("submitted", 4), step("acceptance_passed", 3)) == ["", ""]


def test_another_sources_hazard_is_not_judged_by_a_finding_with_the_same_number() -> None:
    assert told({"finding_source": "other", "happened_at": NOW - 9 * DAY}) == [""]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("示例\u200b厂", "T005"),
        ("示例\u202e厂", "T005"),
        ("示\u0007例厂", "T005"),
        ("AВC有限公司", "T006"),  # the middle letter is Cyrillic
        ("Н-001", "T006"),  # and here the first
        ("ABC有限公司", ""),
        ("φ50钢管、10μm、5kΩ", ""),
        ("两行\n文字", ""),
        ("Завод", ""),
    ],
)
def test_characters_that_deceive_are_a_warning(text: str, code: str) -> None:
    assert codes(RecordKind.FINDING, unit_name=text) == code


def test_the_field_with_the_odd_character_is_named() -> None:
    odd = {"unit_name": "示\u200b例", "place_id": "Р\u200b1", "town_code": "北镇"}
    checked = judge(RecordKind.FINDING, odd)
    assert checked.refused["faults"].tolist() == [
        "U001:finding.town_code,T005:finding.place_id,T005:finding.unit_name"
    ]


@pytest.mark.parametrize("kind", [RecordKind.FINDING, RecordKind.PLACE])
def test_coordinates_lie_in_the_county_where_its_extent_is_declared(kind: RecordKind) -> None:
    assert codes(kind, longitude="121.26", latitude="30.17") == ""
    assert codes(kind, longitude="30.17", latitude="121.26") == "G001"
    assert codes(kind, longitude="121.26") == "", "half a position is no position outside"
    assert codes(kind, longitude=None, longitude__raw="东经121度", latitude="30.17") == "N001"
