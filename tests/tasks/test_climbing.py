"""Proposals of the ladder wait for a person; pauses and pending extensions halt it."""

import json
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks.auditing import audit
from tasks.climbing import NoSuchProposal, decide, proposals
from tasks.linking import link
from tasks.supervising import supervise
from tests.store.tiny import MONDAY, Tiny, finding, hazard, life, update

DUE = MONDAY + 7 * DAY_MS
WARNED = MONDAY + 14 * DAY_MS + 8 * HOUR_MS


def overdue(tiny: Tiny, *names: str) -> None:
    updates = [u for n in names for u in life(n, MONDAY, to="started", due=DUE)]
    tiny.bring(MONDAY + 12 * HOUR_MS, [finding(n) for n in names], updates)


def told(tiny: Tiny) -> list[dict[str, Any]]:
    return [json.loads(p.read_text("utf-8")) for p in tiny.county.outbox.glob("*.json")]


def test_what_is_proposed_is_told_to_nobody_before_somebody_confirms_it(tiny: Tiny) -> None:
    overdue(tiny, "F1", "F2")
    report = supervise(tiny.county, WARNED)
    assert report.proposals == 4  # warn and criticise, two items each
    assert {m["rung"] for m in told(tiny)} == {"urge", "supervise"}
    waiting = {p["rung"]: p for p in proposals(tiny.county)}
    assert set(waiting) == {"warn", "criticise"}
    done = decide(
        tiny.county, waiting["warn"]["key"], confirm=True, reason="屡催不改", actor="周虚构",
        now=WARNED + HOUR_MS,
    )  # fmt: skip
    assert (done.decision, done.items, done.messages) == ("confirmed", 2, 1)
    (sent,) = [m for m in told(tiny) if m["rung"] == "warn"]
    assert (sent["recipient"], len(sent["items"])) == ("town:330282104", 2)
    assert [p["rung"] for p in proposals(tiny.county)] == ["criticise"]
    assert audit(tiny.county).ok


def test_a_dropped_proposal_is_not_sent_and_not_made_again(tiny: Tiny) -> None:
    overdue(tiny, "F1")
    supervise(tiny.county, WARNED)
    for waiting in proposals(tiny.county):
        decide(tiny.county, waiting["key"], confirm=False, reason="已约定", actor="x", now=WARNED)
    assert supervise(tiny.county, WARNED + HOUR_MS).proposals == 0
    assert proposals(tiny.county) == []
    assert {m["rung"] for m in told(tiny)} == {"urge", "supervise"}


def test_what_was_accepted_meanwhile_lapses(tiny: Tiny) -> None:
    overdue(tiny, "F1", "F2")
    supervise(tiny.county, WARNED)
    rest = [u for u in life("F1", WARNED) if u["event"] in ("submitted", "acceptance_passed")]
    tiny.bring(WARNED + 8 * HOUR_MS, [], rest)
    (warn,) = [p for p in proposals(tiny.county) if p["rung"] == "warn"]
    assert (len(warn["items"]), warn["still_open"]) == (2, 1)
    done = decide(
        tiny.county, warn["key"], confirm=True, reason="x", actor="y", now=WARNED + 9 * HOUR_MS
    )
    assert (done.items, done.lapsed) == (1, 1)
    (sent,) = [m for m in told(tiny) if m["rung"] == "warn"]
    assert [i["root_id"] for i in sent["items"]] == [hazard("F2")]


def test_a_proposal_is_decided_once(tiny: Tiny) -> None:
    overdue(tiny, "F1")
    supervise(tiny.county, WARNED)
    key = proposals(tiny.county)[0]["key"]
    decide(tiny.county, key, confirm=True, reason="x", actor="y", now=WARNED)
    with pytest.raises(NoSuchProposal, match="ladder list"):
        decide(tiny.county, key, confirm=True, reason="x", actor="y", now=WARNED)


def test_a_pending_extension_holds_the_ladder_for_the_days_to_decide_it_and_no_longer(
    tiny: Tiny,
) -> None:
    overdue(tiny, "F1")
    asked = update(
        "F1", "extension_asked", MONDAY + 6 * DAY_MS, reason="设备未到", due_date="2025-04-10",
        interim_control="专人值守",
    )  # fmt: skip
    tiny.bring(MONDAY + 7 * DAY_MS, [], [asked])
    assert supervise(tiny.county, WARNED).fired == {}
    days = tiny.county.policy.extension.decide_within_working_days
    last = tiny.county.days.add(tiny.county.days.day_of(MONDAY + 6 * DAY_MS), days)
    end = MONDAY + (last.toordinal() - tiny.county.days.day_of(MONDAY).toordinal() + 1) * DAY_MS
    assert supervise(tiny.county, end - 1).fired == {}
    assert supervise(tiny.county, end).fired["urge"] == 1


def test_a_paused_rectification_climbs_no_further_until_it_goes_on(tiny: Tiny) -> None:
    overdue(tiny, "F1")
    paused = update(
        "F1", "suspended", MONDAY + 3 * DAY_MS, reason="法院查封", second_person="复核员孙虚构"
    )
    tiny.bring(MONDAY + 4 * DAY_MS, [], [paused])
    assert supervise(tiny.county, WARNED).fired == {}
    goes_on = update("F1", "continued", WARNED, second_person="复核员孙虚构", due_date="2025-04-10")
    tiny.bring(WARNED + HOUR_MS, [], [goes_on])
    assert supervise(tiny.county, WARNED + 2 * HOUR_MS).fired == {}
    assert tiny.present("F1")["due_at"] > WARNED
    assert supervise(tiny.county, MONDAY + 50 * DAY_MS).fired["urge"] == 1


def test_a_hazard_joined_to_another_has_climbed_with_it(tiny: Tiny) -> None:
    """The root changes with a must-link; what fired under the old name does not fire again."""
    overdue(tiny, "F1", "F2")
    first = supervise(tiny.county, WARNED)
    assert first.fired["urge"] == 2
    link(
        tiny.county, hazard("F1"), hazard("F2"), same=True, reason="同一处", actor="x",
        now=WARNED + HOUR_MS,
    )  # fmt: skip
    assert supervise(tiny.county, WARNED + 2 * HOUR_MS).fired == {}


def test_what_is_owed_to_a_reporter_and_late_is_told_to_the_town_once(tiny: Tiny) -> None:
    tiny.bring(MONDAY + HOUR_MS, [finding("F1", channel="public_report"), finding("F2")], [])
    late = MONDAY + 9 * DAY_MS
    assert supervise(tiny.county, late).fired == {"report_accepted": 1}
    assert supervise(tiny.county, late + DAY_MS).fired == {}
    (sent,) = told(tiny)
    assert (sent["recipient"], sent["items"][0]["root_id"]) == ("town:330282104", hazard("F1"))
    assert audit(tiny.county).ok
