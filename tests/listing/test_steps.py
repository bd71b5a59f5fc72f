"""A listing from its proposal to its closing, with its hazards, on a real store."""

import json

import pytest

from rules.listing_life import Said
from schemas.period import DAY_MS
from schemas.vocabulary import ListingLevel, ListingStep, State
from tasks.auditing import audit
from tasks.listing_file import CannotPropose, overview, propose, shown
from tasks.listing_steps import NoSuchListing, advance
from tasks.operators import NotProved
from tasks.papers_listing import notice
from tasks.supervising import SuperviseReport, supervise
from tests.listing.conftest import ACTOR, OFFICE, Desk, Proposed
from tests.store.tiny import MONDAY, finding, hazard, life, update

S = ListingStep


def rectified(desk: Desk, name: str) -> None:
    """Worked on and accepted by another organisation; closing is told too, and waits."""
    rest = [u for u in life(name, desk.at) if u["event"] != "verified"]
    desk.at += 10 * 3_600_000
    desk.tiny.bring(desk.at, [], rest)


def test_a_listing_goes_from_proposal_to_closing_and_its_hazards_with_it(desk: Desk) -> None:
    key = desk.proposed("F1", "F2", unit_name="虚构五金厂")
    number = desk.approve(key)
    assert number == "330282-county-2025-001"
    assert [desk.tiny.present(n)["listed_level"] for n in ("F1", "F2")] == [1, 1]
    for step, said in (
        (S.RECEIVED, {}),
        (S.PLAN_FILED, {"plan_reference": "治理方案-1"}),
        (S.PROGRESS, {"reason": "已停用并清空"}),
    ):
        assert desk.step(number, step, days=1, **said).ok
    for name in ("F1", "F2"):
        rectified(desk, name)
    assert desk.tiny.state("F1") is State.SUBMITTED  # accepted, and still listed
    assert desk.step(number, S.APPLIED, organisation="虚构五金厂").ok
    assert desk.step(number, S.PASSED, organisation=OFFICE, evidence="照片-9").ok
    assert desk.delist(number).ok
    assert [desk.tiny.state(n) for n in ("F1", "F2")] == [State.CLOSED, State.CLOSED]
    assert desk.step(number, S.CLOSED).ok
    assert audit(desk.tiny.county).ok
    steps = [s["step"] for s in shown(desk.tiny.county, number, desk.at)["steps"]]
    assert steps == [
        "listing_proposed", "listing_approved", "notice_received", "plan_filed",
        "progress_reported", "acceptance_applied", "opinion_passed", "listing_delisted",
        "listing_closed",
    ]  # fmt: skip


def test_the_hazards_of_one_unit_are_one_listing(desk: Desk) -> None:
    desk.proposed("F1", "F2", unit_name="虚构五金厂")
    rows = desk.tiny.query("SELECT stream_id FROM listing_hazard ORDER BY 1")
    assert sorted(r[0] for r in rows) == sorted([hazard("F1"), hazard("F2")])
    assert supervise(desk.tiny.county, desk.at) == SuperviseReport()


def test_only_a_leaders_code_lists(proposed: Proposed) -> None:
    desk, key = proposed, proposed.key
    with pytest.raises(NotProved):
        desk.step(key, S.APPROVED, by=desk.colleague)
    assert desk.tiny.present("F1")["listed_level"] == 0
    assert desk.step(key, S.APPROVED).missing == ("second_person",)
    assert desk.approve(key)


def test_a_wrong_code_changes_nothing(proposed: Proposed) -> None:
    desk, key = proposed, proposed.key
    stolen = type(desk.leader)(desk.leader.name, desk.colleague.secret)
    with pytest.raises(NotProved):
        desk.step(key, S.APPROVED, by=stolen)
    assert desk.tiny.query("SELECT state, number FROM listing") == [(1, None)]


def test_nothing_leaves_the_list_before_its_hazards_are_accepted(proposed: Proposed) -> None:
    desk, number = proposed, proposed.approve(proposed.key)
    assert desk.step(number, S.APPLIED, organisation="虚构五金厂F1").ok
    early = desk.step(number, S.PASSED, organisation=OFFICE, evidence="照片")
    assert (early.ok, early.reason) == (False, "hazards_not_accepted")
    assert desk.delist(number).reason == "not_from_this_state"


def test_only_the_level_that_listed_delists(proposed: Proposed) -> None:
    desk, number = proposed, proposed.approve(proposed.key)
    rectified(desk, "F1")
    assert desk.step(number, S.APPLIED, organisation="虚构五金厂F1").ok
    assert desk.step(number, S.PASSED, organisation=OFFICE, evidence="照片").ok
    assert desk.delist(number, ListingLevel.CITY).reason == "delisted_by_other_level"
    assert desk.tiny.present("F1")["listed_level"] == 1
    assert desk.delist(number).ok


def test_raising_gives_a_number_of_the_higher_level_and_the_old_one_is_not_given_again(
    proposed: Proposed,
) -> None:
    desk, number = proposed, proposed.approve(proposed.key)
    raised = desk.step(number, S.RAISED, by=desk.colleague, level=ListingLevel.CITY)
    assert (raised.ok, raised.number) == (True, "330282-city-2025-001")
    assert desk.tiny.present("F1")["listed_level"] == 2
    desk.tiny.bring(
        desk.at, [finding("F9", severity="major")], list(life("F9", MONDAY, to="verified"))
    )
    supervise(desk.tiny.county, desk.at)
    (key,) = [r[0] for r in desk.tiny.query("SELECT listing_id FROM listing WHERE number IS NULL")]
    assert desk.approve(key) == "330282-county-2025-002"


def test_an_extension_moves_listing_and_hazards_and_leaves_the_original_dates(
    proposed: Proposed,
) -> None:
    desk, number = proposed, proposed.approve(proposed.key)
    told = [
        u | ({"due_date": "2025-05-10"} if u["event"] == "assigned" else {})
        for u in life("F1", desk.at, to="started")
        if u["event"] != "verified"
    ]
    desk.at += DAY_MS
    desk.tiny.bring(desk.at, [], told)
    before, notice_before = desk.tiny.present("F1"), notice(desk.tiny.county, number, "zh")
    (listed,) = desk.tiny.query("SELECT due_at FROM listing")
    later = listed[0] + 30 * DAY_MS
    asked = {"reason": "设备定制", "due_at": later, "interim_control": "停用"}
    assert desk.step(number, S.EXTENSION_ASKED, **asked).ok
    own = desk.step(number, S.EXTENDED, by=desk.colleague, person=desk.colleague.name, due_at=later)
    assert own.reason == "same_person"
    granted = desk.step(number, S.EXTENDED, by=desk.colleague, **asked)
    assert granted.ok, granted
    after = desk.tiny.present("F1")
    assert (before["due_at"] < later, after["due_at"]) == (True, later)
    assert after["original_due_at"] == before["original_due_at"]
    assert notice(desk.tiny.county, number, "zh") == notice_before  # what was served stays so
    assert audit(desk.tiny.county).ok


def test_a_listing_from_above_is_taken_over_with_its_number_and_ends_when_it_is_lifted(
    desk: Desk,
) -> None:
    theirs = "虚构委挂〔2025〕7号"
    findings = [finding(n, severity="major") for n in ("F1", "F2")]
    updates = [u for n in ("F1", "F2") for u in life(n, MONDAY, to="verified")]
    listed = [
        update(n, "listed", MONDAY + DAY_MS, listing_number=theirs, listing_level="city")
        for n in ("F1", "F2")
    ]
    desk.tiny.bring(desk.at, findings, [*updates, *listed])
    report = supervise(desk.tiny.county, desk.at)
    assert (report.adopted, report.proposals, report.listed) == ([theirs], 0, [])
    found = shown(desk.tiny.county, theirs, desk.at)
    assert (found["listing"]["level"], len(found["hazards"])) == ("city", 2)
    assert supervise(desk.tiny.county, desk.at) == SuperviseReport()
    for name in ("F1", "F2"):
        rectified(desk, name)
    off = [
        update(n, "delisted", desk.at, listing_number=theirs, listing_level="city")
        for n in ("F1", "F2")
    ]
    desk.tiny.bring(desk.at, [], off)
    supervise(desk.tiny.county, desk.at)
    assert shown(desk.tiny.county, theirs, desk.at)["listing"]["state"] == "delisted"
    assert audit(desk.tiny.county).ok


def test_what_should_be_listed_and_is_not_is_counted_after_its_days(proposed: Proposed) -> None:
    desk, key = proposed, proposed.key
    assert overview(desk.tiny.county, desk.at)["unlisted"] == []
    late = desk.at + 20 * DAY_MS
    assert overview(desk.tiny.county, late)["unlisted"] == [hazard("F1")]
    desk.approve(key)
    found = overview(desk.tiny.county, late)
    assert found["unlisted"] == []
    assert found["counts"] == [{"sector": "industry", "level": "county", "count": 1}]


def test_a_refused_proposal_is_not_made_again_by_the_clock(proposed: Proposed) -> None:
    desk, key = proposed, proposed.key
    assert desk.step(key, S.REFUSED, reason="降为一般隐患办理").ok
    desk.at += DAY_MS
    assert supervise(desk.tiny.county, desk.at).proposals == 0


def test_a_person_may_propose_what_no_clock_would_but_not_what_is_listed(desk: Desk) -> None:
    desk.tiny.bring(desk.at, [finding("F1"), finding("F2")], [])
    made = propose(
        desk.tiny.county, [hazard("F1")], ListingLevel.COUNTY, reason="屡改屡犯", actor=ACTOR,
        now=desk.at,
    )  # fmt: skip
    assert desk.approve(made)
    for hazards, said in (([hazard("F1")], "already"), (["hazard:none"], "no hazards")):
        with pytest.raises(CannotPropose, match=said):
            propose(
                desk.tiny.county, hazards, ListingLevel.COUNTY, reason="x", actor=ACTOR,
                now=desk.at,
            )  # fmt: skip


def test_a_dry_run_shows_the_step_and_writes_nothing(proposed: Proposed) -> None:
    desk, key = proposed, proposed.key
    before = desk.tiny.query("SELECT * FROM listing")
    said = Said(desk.at, person=ACTOR, second_person=desk.leader.name)
    report = advance(desk.tiny.county, key, S.APPROVED, said, actor=ACTOR, now=desk.at)
    assert (report.ok, report.dry_run, report.appended) == (True, True, 0)
    assert (report.state_after, report.number) == ("in_force", "330282-county-2025-001")
    assert desk.tiny.query("SELECT * FROM listing") == before


def test_an_unknown_listing_is_named(desk: Desk) -> None:
    with pytest.raises(NoSuchListing, match="no listing"):
        desk.step("none", S.CLOSED)


def test_each_numbered_notice_is_one_message(proposed: Proposed) -> None:
    desk, number = proposed, proposed.approve(proposed.key)
    told = [json.loads(p.read_text("utf-8")) for p in desk.tiny.county.outbox.glob("listing*.json")]
    (notice,) = told
    assert (notice["number"], notice["recipient"]) == (number, "town:330282104")


def test_what_a_listing_owes_and_has_not_done_is_told_once(proposed: Proposed) -> None:
    desk, number = proposed, proposed.approve(proposed.key)
    late = desk.at + 20 * DAY_MS
    assert supervise(desk.tiny.county, late).messages >= 1
    assert supervise(desk.tiny.county, late).messages == 0
    told = [json.loads(p.read_text("utf-8")) for p in desk.tiny.county.outbox.glob("duty*.json")]
    assert {m["duty"]: m["recipient"] for m in told} == {
        "plan": "unit:虚构五金厂F1", "publish": "leader", "report_up": "leader",
    }  # fmt: skip
    assert {m["number"] for m in told if m["duty"] != "report_up"} == {number}
    desk.at = late
    assert desk.step(number, S.PLAN_FILED, plan_reference="治理方案-1").ok
    assert supervise(desk.tiny.county, late + DAY_MS).messages == 0
