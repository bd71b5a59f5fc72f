"""Operator actions: shown before they are done, refused by name, done once."""

import re
from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import State
from tasks.acting import act
from tasks.acting_values import DATA_FIELDS, ActRefused
from tasks.auditing import audit
from tests.store.tiny import MONDAY, Tiny, faster, finding, hazard, iso, life, update

NOW = MONDAY + 3 * DAY_MS
VERIFY = {"organisation": "虚构市工业专委办"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    """F1 is registered, F2 is submitted, F3 is a re-find that was joined to F1."""
    tiny = Tiny.make(tmp_path_factory.mktemp("act"), migrated_file)
    findings = [
        finding("F1", place_id="P1", description="一号厂房消防通道被成品货物堵塞，无法通行"),
        finding("F3", MONDAY + DAY_MS, place_id="P1", description="一号厂房消防通道被成品货物堵塞"),
        finding("F2"),
    ]
    tiny.bring(MONDAY + 2 * DAY_MS, findings, list(life("F2", MONDAY, to="submitted")))
    return tiny


@pytest.fixture
def county(built: Tiny, tmp_path: Path) -> Tiny:
    return built.copied(tmp_path)


def do(tiny: Tiny, name: str, event: str, dry_run: bool = False, **data: str) -> Any:
    return act(tiny.county, name, event, data, NOW, actor="操作员李虚构", dry_run=dry_run)


def everything(tiny: Tiny) -> list[Any]:
    tables = ("event", "hazard_span", "fact_note", "ledger_head", "ledger_slice", "outbox")
    return [sorted(tiny.query(f"SELECT * FROM {table}")) for table in tables]


def test_a_dry_run_shows_the_states_and_writes_nothing(county: Tiny) -> None:
    before = everything(county)
    report = do(county, hazard("F1"), "verified", dry_run=True, **VERIFY)
    assert (report.ok, report.dry_run, report.appended) == (True, True, 0)
    assert (report.state_before, report.state_after) == ("registered", "verified")
    assert everything(county) == before


def test_a_dry_run_is_the_default(county: Tiny) -> None:
    before = everything(county)
    assert act(county.county, hazard("F1"), "verified", VERIFY, NOW, actor="x").dry_run
    assert everything(county) == before


def test_an_applied_act_changes_the_state_and_is_an_event_under_the_actors_name(
    county: Tiny,
) -> None:
    report = do(county, hazard("F1"), "verified", **VERIFY)
    assert (report.ok, report.appended, report.dry_run) == (True, 1, False)
    assert (report.state_before, report.state_after) == ("registered", "verified")
    assert county.state("F1") is State.VERIFIED
    query = "SELECT source, actor, stream_id, claimed_at FROM event WHERE kind = 'verified'"
    assert ("operator", "操作员李虚构", hazard("F1"), NOW) in county.query(query)
    assert audit(county.county).ok


def test_what_lacks_data_is_refused_naming_all_that_is_missing(county: Tiny) -> None:
    before = everything(county)
    report = do(county, hazard("F1"), "rejected")
    assert (report.ok, report.outcome, report.reason) == (False, "pending", "lacks_data")
    assert set(report.missing) == {"organisation", "reason"}
    assert report.state_before == report.state_after == "registered"
    assert everything(county) == before


def test_what_the_state_does_not_allow_is_refused_naming_the_guard(county: Tiny) -> None:
    before = everything(county)
    report = do(county, hazard("F1"), "closed")
    assert (report.ok, report.outcome) == (False, "ineffective")
    assert report.reason
    assert (report.state_before, report.state_after) == ("registered", "registered")
    assert everything(county) == before


def test_closing_before_anybody_accepted_is_refused_naming_the_acceptance(county: Tiny) -> None:
    report = do(county, hazard("F2"), "closed")
    assert (report.ok, report.missing) == (False, ("acceptance",))
    accepted = do(county, hazard("F2"), "acceptance_passed", **VERIFY)
    assert accepted.ok
    later = act(
        county.county, hazard("F2"), "closed", {}, NOW + 1, actor="操作员李虚构", dry_run=False
    )
    assert (later.ok, later.state_after) == (True, "closed")
    assert county.state("F2") is State.CLOSED


def test_the_unit_itself_may_not_accept_what_it_rectified(county: Tiny) -> None:
    report = do(county, hazard("F2"), "acceptance_passed", organisation="虚构五金厂F2")
    assert not report.ok
    assert county.state("F2") is State.SUBMITTED


def test_a_hazard_is_known_with_and_without_its_prefix_and_by_a_finding_joined_to_it(
    county: Tiny,
) -> None:
    short = hazard("F1").removeprefix("hazard:")
    names = (hazard("F1"), short, hazard("F3"))
    reports = [do(county, name, "verified", dry_run=True, **VERIFY) for name in names]
    assert {r.hazard for r in reports} == {hazard("F1")}


def test_an_act_in_the_past_that_leaves_the_present_as_it_is_says_so(county: Tiny) -> None:
    """Closed on paper before it was closed by its source, and reopened since: still open."""
    told = [*life("F2", MONDAY), update("F2", "reopened", MONDAY + DAY_MS, reason="又堆上了")]
    county.bring(MONDAY + 2 * DAY_MS, [], told)
    earlier = iso(MONDAY + 5 * HOUR_MS + HOUR_MS // 2)
    report = do(county, hazard("F2"), "closed", happened_at=earlier, **VERIFY)
    assert (report.ok, report.appended) == (True, 1)
    present = county.state("F2").name.lower()
    assert present != "closed"
    assert (report.state_before, report.state_after) == (present, present)


def test_the_same_act_to_the_letter_says_the_same_and_appends_nothing(county: Tiny) -> None:
    first = do(county, hazard("F1"), "verified", **VERIFY)
    before = everything(county)
    again = do(county, hazard("F1"), "verified", **VERIFY)
    assert (first.ok, first.appended) == (again.ok, again.appended + 1) == (True, 1)
    assert again.state_after == "verified"
    assert everything(county) == before


def test_the_same_act_at_another_hour_is_refused_and_appends_nothing(county: Tiny) -> None:
    assert do(county, hazard("F1"), "verified", **VERIFY).ok
    before = everything(county)
    later = act(
        county.county,
        hazard("F1"),
        "verified",
        VERIFY,
        NOW + 1,
        actor="操作员李虚构",
        dry_run=False,
    )
    assert (later.ok, later.reason, later.appended) == (False, "not_from_this_state", 0)
    assert everything(county) == before


@pytest.mark.parametrize(
    ("name", "event", "data", "said"),
    [
        ("hazard:0000000000000000", "verified", {}, "is no hazard of this county"),
        ("", "verified", {}, "is no hazard of this county"),
        ("F1", "exploded", {}, "there are: verified"),
        ("F1", "registered", {}, "is not something that can be entered"),
        ("F1", "verified", {"colour": "red"}, r"unknown data colour; .*organisation"),
        ("F1", "assigned", {"due_date": "2025-02-30"}, "a day like 2025-03-10"),
        ("F1", "started", {"funding_planned_fen": "12.50"}, "a whole number of fen"),
        ("F1", "verified", {"happened_at": "yesterday"}, "a day like 2025-03-10"),
    ],
)
def test_what_cannot_even_be_tried_is_refused_with_the_value_and_what_would_do(
    county: Tiny, name: str, event: str, data: dict[str, str], said: str
) -> None:
    before = everything(county)
    with pytest.raises(ActRefused, match=said) as caught:
        do(county, hazard(name) if name == "F1" else name, event, **data)
    assert re.search("[\u4e00-\u9fff]", caught.value.said("zh"))
    assert everything(county) == before


def test_no_field_lets_an_operator_pretend_to_be_another_source() -> None:
    assert not {"source_id", "finding_source", "finding_id", "sent_at", "event"} & set(DATA_FIELDS)


def test_a_due_date_is_the_end_of_its_day(county: Tiny) -> None:
    county.bring(NOW, [], [update("F1", "verified", MONDAY + 2 * DAY_MS)])
    report = do(
        county, hazard("F1"), "assigned", responsible_unit="虚构五金厂F1", due_date="2025-03-10",
        responsible_lead="负责人钱虚构", supervising_department="虚构市工业专委办",
    )  # fmt: skip
    assert report.ok, report
    assert county.present("F1")["due_at"] == MONDAY + 8 * DAY_MS


def test_what_is_entered_for_a_time_long_past_is_marked_as_told_late(county: Tiny) -> None:
    """Only 48 hours are allowed: entering by hand is received when it is entered."""
    late = NOW + 30 * DAY_MS
    data = VERIFY | {"happened_at": "2025-03-06"}
    report = act(
        county.county, hazard("F2"), "acceptance_passed", data, late, actor="x", dry_run=False
    )
    assert report.ok
    present = county.present("F2")
    assert present["accepted_at"] <= present["due_at"]
    assert present["backdated"] == 1


@pytest.mark.parametrize("before", [1])
def test_another_writer_in_between_is_no_obstacle(county: Tiny, before: int) -> None:
    with faster(county, before) as came:
        report = do(county, hazard("F1"), "verified", **VERIFY)
    assert came == [before]
    assert (report.ok, report.appended) == (True, 1)
    assert county.state("F1") is State.VERIFIED
    assert audit(county.county).ok


def test_acts_at_the_same_hour_of_two_hazards_are_two_events(county: Tiny) -> None:
    county.bring(NOW, [finding("F9", MONDAY + HOUR_MS)], [])
    assert do(county, hazard("F1"), "verified", **VERIFY).ok
    assert do(county, hazard("F9"), "verified", **VERIFY).ok
    ids = county.query("SELECT source_id FROM event WHERE source = 'operator'")
    assert len(set(ids)) == 2
