"""Every act by hand that takes out, gives time, lowers, undoes or links stands in the register."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS
from tasks.hazard_register import register
from tasks.linking import link
from tests.hazard.conftest import OFFICE, enter
from tests.store.tiny import MONDAY, OTHER_TOWN, Tiny, finding, hazard, life, update

LI, SUN = "李虚构", "孙虚构"
AT = MONDAY + 3 * DAY_MS


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    tiny = Tiny.make(tmp_path_factory.mktemp("acted"), migrated_file)
    findings = [finding(f"F{n}") for n in range(1, 7)] + [finding("F7", severity="major")]
    under_way = [r for n in (4, 5) for r in life(f"F{n}", MONDAY, to="started")]
    tiny.bring(MONDAY + DAY_MS, findings, under_way)
    county, second = tiny.county, {"second_person": SUN}
    enter(county, "F1", "verified", AT, LI, **OFFICE)
    enter(county, "F2", "rejected", AT + 1, LI, reason="现场核查不属实", **OFFICE)
    enter(county, "F3", "merged", AT + 2, SUN, target="findings:F1", reason="同一处")
    enter(county, "F4", "moved", AT + DAY_MS, LI, town_code=OTHER_TOWN, **second)
    extension = {"due_date": AT + 40 * DAY_MS, "reason": "配件未到"}
    enter(county, "F5", "extended", AT + DAY_MS + 1, LI, **extension, **second)
    lowered = {"severity": "general", "reason": "重新判定"}
    enter(county, "F7", "severity_changed", AT + 2 * DAY_MS, SUN, second_person=LI, **lowered)
    raised = {"severity": "major", "reason": "重新判定"}
    enter(county, "F6", "severity_changed", AT + 2 * DAY_MS, LI, **raised)
    (target,) = tiny.query("SELECT source_id FROM event WHERE kind = 'verified' AND source ="
                           " 'operator'")[0]  # fmt: skip
    enter(county, "F1", "voided", AT + 2 * DAY_MS + 1, LI, target=target, reason="录错", **second)
    said = {"same": True, "reason": "同一处货物", "actor": SUN}
    link(county, hazard("F1"), hazard("F6"), now=AT + 2 * DAY_MS + 2, **said)  # type: ignore[arg-type]
    return tiny


def acts(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(a["actor"], a["act"], a["number"].removeprefix("findings:")) for a in found["acts"]]


def test_the_register_holds_each_such_act_by_person_with_its_reason_and_second_person(
    acted: Tiny,
) -> None:
    found = register(acted.county)
    (linked,) = {"F1", "F6"} & {number for _, act, number in acts(found) if act == "linked"}
    assert acts(found) == [
        (SUN, "merged", "F3"), (SUN, "downgraded", "F7"), (SUN, "linked", linked),
        (LI, "rejected", "F2"), (LI, "moved", "F4"), (LI, "extended", "F5"), (LI, "voided", "F1"),
    ]  # fmt: skip
    by_act = {a["act"]: a for a in found["acts"]}
    assert by_act["rejected"]["reason"] == "现场核查不属实"
    assert by_act["downgraded"]["second_person"] == LI
    assert (by_act["linked"]["reason"], by_act["linked"]["said"]["by"]) == (
        "同一处货物",
        "operator",
    )
    assert by_act["linked"]["said"]["to"] in ("findings:F1", "findings:F6")
    assert by_act["extended"]["entered_at"].startswith("2025-03-07")
    assert by_act["moved"]["said"]["town_code"] == OTHER_TOWN


def test_it_counts_what_each_person_did(acted: Tiny) -> None:
    assert register(acted.county)["people"] == [
        {"actor": SUN, "acts": {"merged": 1, "downgraded": 1, "linked": 1}},
        {"actor": LI, "acts": {"rejected": 1, "moved": 1, "extended": 1, "voided": 1}},
    ]


def test_what_is_entered_day_by_day_is_there_when_asked_for(acted: Tiny) -> None:
    everything = acts(register(acted.county, everything=True))
    assert set(everything) - set(acts(register(acted.county))) == {
        (LI, "verified", "F1"), (LI, "severity_changed", "F6"),
    }  # fmt: skip


def test_one_person_is_found_as_actor_and_as_second_person(acted: Tiny) -> None:
    assert {a[1] for a in acts(register(acted.county, by=SUN))} == {
        "merged", "downgraded", "linked", "moved", "extended", "voided",
    }  # fmt: skip
    assert acts(register(acted.county, by="无此人")) == []


def test_days_bound_when_it_was_entered(acted: Tiny) -> None:
    first = date(2025, 3, 7)
    assert {a[1] for a in acts(register(acted.county, first=first, last=first))} == {
        "moved", "extended",
    }  # fmt: skip


def test_what_sources_tell_is_no_act_by_hand(acted: Tiny, tmp_path: Path) -> None:
    acted = acted.copied(tmp_path / "copy")
    before = acts(register(acted.county, everything=True))
    fields = {"town_code": OTHER_TOWN, "second_person": SUN}
    told = update("F5", "moved", AT + 3 * DAY_MS, **fields)
    acted.bring(AT + 4 * DAY_MS, [], [told])
    assert acts(register(acted.county, everything=True)) == before


def test_an_act_that_lost_its_effect_says_why(acted: Tiny) -> None:
    """The void names the verification, so that has no effect any more."""
    found = {a["act"]: a for a in register(acted.county, everything=True)["acts"]}
    assert (found["verified"]["outcome"], found["verified"]["why_not"]) == ("ineffective", "voided")
    assert found["voided"]["outcome"] == "applied"
