"""One hazard's file holds everything the store has of it, and says what the fold says."""

import json
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import State
from tasks.hazard_file import NoSuchHazard, hazard_file
from tasks.linking import link
from tests.hazard.conftest import NOW, OFFICE, enter
from tests.store.tiny import MONDAY, OTHER_TOWN, TOWN, Tiny, hazard, life

NAMES = ("A1", "B1", "C1", "D1", "E1", "G1", "H1")


def shown(tiny: Tiny, name: str, now: int = NOW) -> dict[str, Any]:
    return hazard_file(tiny.county, f"findings:{name}", now)


def of_kind(file: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event for event in file["events"] if event["kind"] == kind]


@pytest.mark.parametrize("name", NAMES)
def test_every_event_of_every_member_is_told_once_in_claimed_order(
    told_once: Tiny, name: str
) -> None:
    file = shown(told_once, name)
    members = "', '".join(f["hazard"] for f in file["findings"])
    stored = told_once.query(f"SELECT seq FROM event WHERE stream_id IN ('{members}')")
    assert sorted(e["seq"] for e in file["events"]) == sorted(seq for (seq,) in stored)
    claimed = [e["claimed_at"] for e in file["events"]]
    assert claimed == sorted(claimed)


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_where_the_store_says(told_once: Tiny, name: str) -> None:
    file, present = shown(told_once, name), told_once.present(name)
    assert file["state"] == State(int(present["state"])).name.lower()
    assert file["town_code"] == present["town_code"]
    applied = [e for e in file["events"] if e["outcome"] == "applied"]
    by_effect = sorted(applied, key=lambda e: e["effective_at"])
    assert by_effect[-1]["state_after"] == file["state"]
    assert json.loads(json.dumps(file)) == file


def test_an_event_has_its_three_times_its_people_its_source_and_its_data(told_once: Tiny) -> None:
    (moved,) = of_kind(shown(told_once, "C1"), "moved")
    assert moved["claimed_at"] == "2025-03-13T01:00:00+08:00"
    assert (moved["sent_at"], moved["received_at"]) == (
        "2025-03-13T01:00:00+08:00", "2025-03-17T00:00:00+08:00",
    )  # fmt: skip
    assert (moved["person"], moved["second_person"]) == ("核查员赵虚构", "副主任孙虚构")
    assert (moved["organisation"], moved["source"]) == ("虚构市工业专委办", "updates")
    assert moved["source_id"].startswith("C1-moved")
    assert moved["said"] == {"town_code": OTHER_TOWN}
    submitted = of_kind(shown(told_once, "A1"), "submitted")[0]
    assert submitted["evidence"] == "photo/A1"
    assert submitted["said"]["funding_spent_fen"] == 9000
    assert submitted["said"]["finished_on"] == "2025-03-03"


def test_what_waited_says_when_it_took_effect_and_what_waits_says_what_it_lacks(
    told_once: Tiny,
) -> None:
    (started,) = of_kind(shown(told_once, "B1"), "started")
    assert (started["outcome"], started["state_after"]) == ("applied", "rectifying")
    assert started["claimed_at"] == "2025-03-03T04:00:00+08:00"
    assert started["effective_at"] == "2025-03-06T01:00:00+08:00"
    (closed,) = of_kind(shown(told_once, "H1"), "closed")
    assert (closed["outcome"], closed["reason"]) == ("ineffective", "not_from_this_state")
    assert closed["state_after"] == "registered"


def test_a_revision_stands_beside_the_one_it_replaced(told_once: Tiny) -> None:
    checks = of_kind(shown(told_once, "D1"), "interim_checked")
    assert sorted(c["outcome"] for c in checks) == ["applied", "superseded"]
    assert {c["said"].get("reason") for c in checks if c["outcome"] == "applied"} == {"现场看过"}


def test_what_was_voided_and_steps_beside_the_life_are_told_apart(told_once: Tiny) -> None:
    (voided,) = of_kind(shown(told_once, "B1"), "penalised")
    assert (voided["outcome"], voided["reason"]) == ("ineffective", "voided")
    file = shown(told_once, "G1")
    steps = [e for e in file["events"] if e["seq"] in file["side_steps"]]
    assert [(e["kind"], e["outcome"]) for e in steps] == [
        ("report_accepted", "recorded"), ("penalised", "recorded"),
    ]  # fmt: skip
    assert steps[1]["said"] == {"amount_fen": 2_000_050}


def test_elements_are_told_version_by_version_with_what_is_missing(told_once: Tiny) -> None:
    versions = shown(told_once, "C1")["elements"]["versions"]["responsibility"]
    assert [(v["standing"], v["values"]["responsible_unit"]) for v in versions] == [
        ("replaced", "虚构五金厂C1"), ("in_force", "虚构五金厂C1二厂"),
    ]  # fmt: skip
    (plan,) = shown(told_once, "B1")["elements"]["versions"]["plan"]
    assert (plan["evidence"], plan["filed_by"]) == ("scan/7", "elements_filed")
    assert shown(told_once, "B1")["elements"]["missing"] == []
    assert shown(told_once, "G1")["elements"]["missing"] == [
        "responsibility", "measures", "deadline",
    ]  # fmt: skip


def test_the_original_deadline_stands_beside_the_one_in_force(told_once: Tiny) -> None:
    clocks = shown(told_once, "D1")["clocks"]
    assert (clocks["original_due_on"], clocks["due_on"]) == ("2025-03-14", "2025-05-03")
    assert (clocks["is_extended"], clocks["is_overdue"]) == (True, False)
    # Qingming on 4 April, Labour Day 1 to 5 May; 27 April is worked.
    assert clocks["working_days_left"] == 20
    assert clocks["working_days_overdue"] is None


def test_overdue_days_stay_with_the_town_in_which_they_arose(told_once: Tiny) -> None:
    """Due on 8 March to 24:00, moved on the 13th at 01:00, looked at on 2 April."""
    clocks = shown(told_once, "C1")["clocks"]
    assert clocks["is_overdue"]
    assert clocks["overdue_days_by_town"] == {TOWN: 4, OTHER_TOWN: 20}
    assert clocks["overdue_days"] == 24
    assert clocks["working_days_overdue"] == 18


def test_a_clock_that_stopped_counts_no_further(told_once: Tiny) -> None:
    clocks = shown(told_once, "A1")["clocks"]
    assert (clocks["is_running"], clocks["is_overdue"], clocks["overdue_days"]) == (False, False, 0)


def test_interim_control_is_told_with_its_checks(told_once: Tiny) -> None:
    control = shown(told_once, "D1")["interim_control"]
    assert control["in_force"]
    assert control["checked"] == ["2025-03-08T00:00:00+08:00"]
    assert control["missed"] == ["2025-03-15", "2025-03-22", "2025-03-29"]
    assert (control["next_check_due"], control["check_is_overdue"]) == ("2025-03-15", True)
    assert shown(told_once, "A1")["interim_control"]["in_force"] is False


def test_rungs_that_fired_and_messages_that_name_it_are_there(told_once: Tiny) -> None:
    file = shown(told_once, "C1")
    fired = {rung["rung"]: rung for rung in file["rungs"]}
    assert {"urge", "supervise"} <= set(fired)
    assert fired["urge"]["due_on"] == "2025-03-08"
    sent = {m["key"]: m["sent_at"] for m in file["messages"]}
    assert sent[fired["urge"]["message"]] == file["as_of"]
    assert [r["decision"] for r in file["rungs"] if r["proposal"]] == [""] * sum(
        r["proposal"] for r in file["rungs"]
    )


def test_a_listing_that_was_proposed_is_there_with_its_message(told_once: Tiny) -> None:
    file = shown(told_once, "B1")
    (listing,) = file["listings"]
    assert (listing["state"], listing["level"]) == ("proposed", "county")
    assert "listing_proposed" in {m["kind"] for m in file["messages"]}


def test_a_member_shows_its_hazard_with_the_reason_why_they_are_one(told_once: Tiny) -> None:
    file = shown(told_once, "A2")
    assert (file["number"], file["asked"]) == ("findings:A1", hazard("A2"))
    assert [f["number"] for f in file["findings"]] == ["findings:A1", "findings:A2"]
    (why,) = file["links"]
    assert (why["score"], why["by"], why["actor"]) == (100, "number", "identity")
    again = [e for e in of_kind(file, "registered") if e["hazard"] == hazard("A2")]
    assert [e["outcome"] for e in again] == ["ineffective"]


def test_a_decision_by_hand_says_who_and_why(told: Tiny) -> None:
    a, b = hazard("A1"), hazard("A2")
    said = {"same": False, "reason": "两处不同", "actor": "李虚构"}
    link(told.county, a, b, now=NOW, **said)  # type: ignore[arg-type]
    (why,) = shown(told, "A1")["links"]
    assert (why["score"], why["by"], why["reason"], why["actor"]) == (
        0, "operator", "两处不同", "李虚构",
    )  # fmt: skip
    assert len(shown(told, "A1")["findings"]) == 1


def test_an_act_by_hand_shows_who_entered_it(told: Tiny) -> None:
    enter(told.county, "H1", "verified", NOW - DAY_MS, "李虚构", **OFFICE)
    (verified,) = of_kind(shown(told, "H1"), "verified")
    assert (verified["actor"], verified["person"]) == ("李虚构", "核查员赵虚构")
    assert verified["source"] == "operator"


def test_what_was_told_after_its_filing_deadline_is_marked(told: Tiny) -> None:
    late = list(life("H1", MONDAY + 4 * DAY_MS, to="verified"))
    told.bring(NOW, [], late)
    (verified,) = of_kind(shown(told, "H1"), "verified")
    assert verified["filed_late"]
    assert not of_kind(shown(told, "H1"), "registered")[0]["filed_late"]


@pytest.mark.parametrize("name", ["findings:Z9", "hazard:nothing", "', '"])
def test_an_unknown_hazard_is_refused_and_named(told_once: Tiny, name: str) -> None:
    with pytest.raises(NoSuchHazard, match="bihuan hazard list"):
        hazard_file(told_once.county, name, NOW + HOUR_MS)
