"""The clocks: each rung once per due date, numbered listings, messages that leave exactly once."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import State
from tasks.auditing import audit
from tasks.supervising import SuperviseReport, supervise
from tests.store.tiny import MONDAY, Tiny, faster, finding, hazard, life, update

DUE = MONDAY + 7 * DAY_MS  # the day: Monday 2025-03-10; its 24:00 is the deadline
MORNING = 8 * HOUR_MS
# Working days from the due day on; 15 and 16 March are a weekend.
REMINDED = MONDAY + 2 * DAY_MS
URGED, SUPERVISED, WARNED = (MONDAY + days * DAY_MS for days in (8, 10, 14))


def assigned(tiny: Tiny, *names: str, due: int = DUE, **fields: str) -> None:
    findings = [finding(n, **fields) for n in names]
    updates = [u for n in names for u in life(n, MONDAY, to="assigned", due=due)]
    tiny.bring(MONDAY + 12 * HOUR_MS, findings, updates)


def majors(tiny: Tiny, *names: str, **fields: str) -> None:
    findings = [finding(n, severity="major", **fields) for n in names]
    updates = [u for n in names for u in life(n, MONDAY, to="verified")]
    tiny.bring(MONDAY + 12 * HOUR_MS, findings, updates)


def run(tiny: Tiny, at: int) -> SuperviseReport:
    return supervise(tiny.county, at + MORNING)


def messages(tiny: Tiny) -> dict[str, dict[str, Any]]:
    """What lies in the folder of the outbox, by file name."""
    return {p.name: json.loads(p.read_text("utf-8")) for p in tiny.county.outbox.iterdir()}


def rungs(tiny: Tiny) -> list[tuple[Any, ...]]:
    return sorted(tiny.query("SELECT rung, due_at FROM rung"))


# the ladder


def test_every_rung_fires_on_its_day_and_once(tiny: Tiny) -> None:
    assigned(tiny, "F1")
    fired = {}
    for day in range(30):
        report = supervise(tiny.county, MONDAY + day * DAY_MS)
        assert not set(report.fired) & set(fired)
        fired |= dict.fromkeys(report.fired, day)
    assert fired == {
        "remind": 2,
        "urge": 8,
        "supervise": 10,
        "warn": 14,
        "criticise": 14,
        "interview": 21,
        "raise_level": 28,
    }
    assert len(rungs(tiny)) == len(fired)


def test_a_second_run_of_the_same_moment_does_nothing(tiny: Tiny) -> None:
    assigned(tiny, "F1")
    first = run(tiny, URGED)
    assert (first.fired, first.appended, first.messages) == ({"urge": 1}, 1, 1)
    assert run(tiny, URGED) == SuperviseReport()


def test_a_run_that_was_missed_is_made_up_for_but_no_reminder_comes_too_late(tiny: Tiny) -> None:
    assigned(tiny, "F1")
    report = run(tiny, WARNED)
    assert report.fired == {"urge": 1, "supervise": 1, "warn": 1, "criticise": 1}
    assert report.proposals == 2


def test_a_recipient_gets_one_digest_per_rung_and_day_for_all_his_hazards(tiny: Tiny) -> None:
    assigned(tiny, "F1", "F2", "F3", unit_name="虚构五金厂")
    assigned(tiny, "F4", unit_name="虚构塑料厂")
    report = run(tiny, URGED)
    assert (report.fired, report.messages) == ({"urge": 4}, 2)
    sizes = {m["recipient"]: len(m["items"]) for m in messages(tiny).values()}
    assert sizes == {"unit:虚构五金厂": 3, "unit:虚构塑料厂": 1}


def test_what_comes_later_on_the_same_day_is_a_message_of_its_own(tiny: Tiny) -> None:
    assigned(tiny, "F1", unit_name="虚构五金厂")
    run(tiny, URGED)
    assigned(tiny, "F2", unit_name="虚构五金厂")
    assert supervise(tiny.county, URGED + 20 * HOUR_MS).messages == 1
    told = [i["root_id"] for m in messages(tiny).values() for i in m["items"]]
    assert sorted(told) == sorted([hazard("F1"), hazard("F2")])


def test_an_extension_starts_a_new_ladder(tiny: Tiny) -> None:
    assigned(tiny, "F1")
    run(tiny, REMINDED)
    new = DUE + 7 * DAY_MS
    extended = update(
        "F1", "extended", MONDAY + 3 * DAY_MS, reason="设备未到货", second_person="复核员孙虚构",
        due_date="2025-03-17", interim_control="专人值守",
    )  # fmt: skip
    tiny.bring(MONDAY + 4 * DAY_MS, [], [extended])
    assert run(tiny, URGED).fired == {}
    assert run(tiny, new - 5 * DAY_MS).fired == {"remind": 1}
    assert rungs(tiny) == [("remind", DUE + DAY_MS), ("remind", new + DAY_MS)]
    assert run(tiny, new + DAY_MS).fired == {"urge": 1}


def test_a_hazard_that_was_accepted_is_left_in_peace_until_it_is_reopened(tiny: Tiny) -> None:
    tiny.bring(MONDAY + 12 * HOUR_MS, [finding("F1")], list(life("F1", MONDAY, due=DUE)))
    assert run(tiny, WARNED).fired == {}
    reopened = update("F1", "reopened", WARNED, reason="回头看仍未整改", due_date="2025-03-18")
    tiny.bring(WARNED + HOUR_MS, [], [reopened])
    assert run(tiny, MONDAY + 16 * DAY_MS).fired == {"urge": 1}


def test_the_rungs_are_events_of_their_hazards_and_the_audit_agrees(tiny: Tiny) -> None:
    assigned(tiny, "F1", "F2")
    run(tiny, SUPERVISED)
    query = "SELECT stream_id, kind FROM event WHERE kind = 'rung_fired'"
    assert Counter(s for s, _ in tiny.query(query)) == {hazard("F1"): 2, hazard("F2"): 2}
    assert audit(tiny.county).ok


# listing


def test_each_major_hazard_is_listed_once_with_a_number_of_its_level_and_year(
    made: Callable[..., Tiny],
) -> None:
    tiny = made(listing={"approval": "at_once"})
    majors(tiny, "F1", "F2")
    majors(tiny, "F3", sector_code="hazardous_chemicals")
    first = run(tiny, REMINDED)
    assert sorted(first.listed) == [
        "330282-city-2025-001",
        "330282-county-2025-001",
        "330282-county-2025-002",
    ]
    assert first.proposals == 0
    assert run(tiny, REMINDED) == SuperviseReport()
    majors(tiny, "F4")
    assert run(tiny, REMINDED).listed == ["330282-county-2025-003"]
    majors(tiny, "F5")
    assert run(tiny, MONDAY + 320 * DAY_MS).listed == ["330282-county-2026-001"]
    numbers = [n for (n,) in tiny.query("SELECT number FROM listing")]
    assert len(set(numbers)) == len(numbers) == 5


def test_a_proposal_lists_nothing_before_a_leader_has_approved_it(tiny: Tiny) -> None:
    majors(tiny, "F1")
    run(tiny, REMINDED)
    assert tiny.present("F1")["listed_level"] == 0
    (told,) = [m for m in messages(tiny).values() if m["kind"] != "listing_duty"]
    assert (told["recipient"], told["kind"]) == ("leader", "listing_proposed")
    assert (told["hazards"], "number" in told) == ([hazard("F1")], False)
    assert run(tiny, REMINDED) == SuperviseReport()


def test_listed_at_once_the_hazard_is_listed_and_closes_only_after_it_was_delisted(
    made: Callable[..., Tiny],
) -> None:
    tiny = made(listing={"approval": "at_once"})
    majors(tiny, "F1")
    report = run(tiny, MONDAY + DAY_MS)
    assert (report.listed, report.appended) == (["330282-county-2025-001"], 2)
    assert tiny.present("F1")["listed_level"] == 1
    rest = [u for u in life("F1", MONDAY + 2 * DAY_MS) if u["event"] != "verified"]
    tiny.bring(MONDAY + 3 * DAY_MS, [], rest)
    assert tiny.state("F1") is State.SUBMITTED
    off = update("F1", "delisted", MONDAY + 4 * DAY_MS, listing_level="county")
    tiny.bring(MONDAY + 5 * DAY_MS, [], [off])
    assert tiny.state("F1") is State.CLOSED
    assert tiny.present("F1")["listed_level"] == 0
    assert run(tiny, WARNED).listed == []
    assert audit(tiny.county).ok


# who did not report


def test_who_owes_a_week_is_named_once_its_deadline_has_passed(made: Callable[..., Tiny]) -> None:
    line = {"source": "findings", "units": "source", "period": "week", "due_hours": 8}
    tiny = made(calendar=[line | {"nil_return": True}])
    due = MONDAY + 7 * DAY_MS + 8 * HOUR_MS
    assert supervise(tiny.county, due).missing == []
    (missing,) = supervise(tiny.county, due + 1).missing
    assert (missing["source"], missing["unit"], missing["period"]) == (
        "findings",
        "findings",
        "2025-W10",
    )
    tiny.drop("findings", finding("F1"))
    tiny.collect("findings", due - HOUR_MS)
    assert supervise(tiny.county, due + 1).missing == []


# the outbox


def test_every_message_is_a_file_once_and_is_not_written_again(tiny: Tiny) -> None:
    assigned(tiny, "F1", "F2")
    majors(tiny, "F3")
    report = run(tiny, WARNED)
    files = {p: p.stat().st_mtime_ns for p in tiny.county.outbox.iterdir()}
    keys = [k for (k,) in tiny.query("SELECT key FROM outbox WHERE sent_at IS NOT NULL")]
    assert len(files) == len(keys) == report.messages
    assert {m["key"] for m in messages(tiny).values()} == set(keys)
    run(tiny, WARNED)
    assert {p: p.stat().st_mtime_ns for p in tiny.county.outbox.iterdir()} == files


def test_a_crash_between_file_and_mark_sends_the_same_message_under_the_same_key(
    tiny: Tiny,
) -> None:
    assigned(tiny, "F1")
    run(tiny, URGED)
    before = {p: p.read_bytes() for p in tiny.county.outbox.iterdir()}
    tiny.execute("UPDATE outbox SET sent_at = NULL")
    report = run(tiny, URGED)
    assert (report.messages, report.appended) == (1, 0)
    assert {p: p.read_bytes() for p in tiny.county.outbox.iterdir()} == before
    assert run(tiny, URGED).messages == 0


def test_a_crash_before_the_file_loses_no_message(tiny: Tiny) -> None:
    assigned(tiny, "F1")
    run(tiny, URGED)
    (path,) = tiny.county.outbox.iterdir()
    content = path.read_bytes()
    path.unlink()
    tiny.execute("UPDATE outbox SET sent_at = NULL")
    assert run(tiny, URGED).messages == 1
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["虚构/五金厂", "../五金厂", "五" * 200, "a:b\nc"])
def test_a_unit_of_any_name_gets_its_message_inside_the_outbox(tiny: Tiny, name: str) -> None:
    assigned(tiny, "F1", unit_name=name.replace("\n", " "))
    assert run(tiny, URGED).messages == 1
    (path,) = tiny.county.outbox.iterdir()
    assert path.parent == Path(tiny.county.outbox)


# beside others


@pytest.mark.parametrize("before", [1, 2, 3, 4])
def test_another_writer_in_between_stops_no_clock_and_doubles_no_rung(
    made: Callable[..., Tiny], before: int
) -> None:
    tiny = made(listing={"approval": "at_once"})
    assigned(tiny, "F1")
    majors(tiny, "F2")
    with faster(tiny, before) as came:
        report = run(tiny, URGED)
    assert came == [before]
    # the urging, the notice, and that the major hazard was not reported upward in time
    assert (report.fired, len(report.listed), report.messages) == ({"urge": 1}, 1, 3)
    assert run(tiny, URGED) == SuperviseReport()
    assert audit(tiny.county).ok
