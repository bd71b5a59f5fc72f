"""Closures that people saw and that late facts undid are listed until somebody settles them."""

from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import State
from tasks.entering import prepare
from tasks.hazard_conflicts import conflicts
from tasks.linking import link
from tasks.store import editions
from tasks.store.engine import writing
from tests.hazard.conftest import enter
from tests.store.tiny import MONDAY, Row, Tiny, finding, hazard, iso, life, update

SEEN = MONDAY + 2 * DAY_MS
LATE = MONDAY + 4 * DAY_MS
# Claimed between the submission and the acceptance of `life`, told days later.
FAILED = update("F1", "acceptance_failed", MONDAY + 4 * HOUR_MS + 60_000, reason="照片不符")


@pytest.fixture(scope="module")
def closed_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    tiny = Tiny.make(tmp_path_factory.mktemp("closed"), migrated_file)
    tiny.bring(SEEN, [finding("F1")], _life("F1"))
    assert tiny.state("F1") is State.CLOSED
    return tiny


@pytest.fixture
def closed(closed_once: Tiny, tmp_path: Path) -> Tiny:
    return closed_once.copied(tmp_path / "copy")


def _life(name: str) -> list[Row]:
    """A whole life, accepted by another person than the one who handed it in."""
    other = {"acceptance_passed": {"person": "验收员周虚构"}}
    return [row | other.get(row["event"], {}) for row in life(name, MONDAY)]


def items(tiny: Tiny, now: int = LATE + DAY_MS) -> list[dict[str, Any]]:
    return list(conflicts(tiny.county, now)["items"])


def test_a_closure_that_nothing_undid_is_no_conflict(closed: Tiny) -> None:
    assert items(closed) == []


def test_a_late_fact_that_undoes_a_closure_is_named(closed: Tiny) -> None:
    closed.bring(LATE, [], [FAILED])
    assert closed.state("F1") is State.RECTIFYING
    (item,) = items(closed)
    assert (item["hazard"], item["number"]) == (hazard("F1"), "findings:F1")
    assert item["state"] == "rectifying"
    assert item["closed_at"] == "2025-03-03T06:00:00+08:00"
    assert item["undone_at"] == "2025-03-07T00:00:00+08:00"
    (event,) = item["undone_by"]
    assert (event["kind"], event["reason"]) == ("acceptance_failed", "照片不符")
    assert event["received_at"] == item["undone_at"]


def test_of_what_came_together_only_what_can_have_undone_it_is_named(closed: Tiny) -> None:
    later = update("F1", "elements_filed", LATE - HOUR_MS, measures="再清理")
    closed.bring(LATE, [], [FAILED, later])
    assert [e["kind"] for e in items(closed)[0]["undone_by"]] == ["acceptance_failed"]


def test_a_reopening_undoes_nothing(closed: Tiny) -> None:
    reopened = update("F1", "reopened", SEEN + HOUR_MS, reason="复查又堵")
    closed.bring(LATE, [], [reopened])
    assert closed.state("F1") is State.ASSIGNED
    assert items(closed) == []


def test_a_closure_undone_after_a_reopening_of_an_earlier_one_is_a_conflict(closed: Tiny) -> None:
    again = [
        update("F1", "reopened", MONDAY + 8 * HOUR_MS, reason="复查又堵"),
        *_later("F1", 8),
    ]
    closed.bring(SEEN + HOUR_MS, [], again)
    assert closed.state("F1") is State.CLOSED
    failed = update("F1", "acceptance_failed", MONDAY + 12 * HOUR_MS + 60_000, reason="照片不符")
    closed.bring(LATE, [], [failed])
    (item,) = items(closed)
    assert item["closed_at"] == "2025-03-03T14:00:00+08:00"


def _later(name: str, hours: int, skip: str = "") -> list[Row]:
    """Started to closed once more, so many hours later than `life` has them."""
    rows = [r for r in _life(name) if r["event"] not in ("verified", "assigned")]
    return [
        row
        | {"happened_at": iso(MONDAY + (step + hours) * HOUR_MS)}
        | {"source_id": f"{row['source_id']}+{hours}"}
        for step, row in enumerate(rows, 3)
        if row["event"] != skip
    ]


def test_closed_again_it_is_no_conflict_any_more(closed: Tiny) -> None:
    closed.bring(LATE, [], [FAILED])
    assert len(items(closed)) == 1
    again = _later("F1", 24, skip="started")
    closed.bring(LATE + HOUR_MS, [], again)
    assert closed.state("F1") is State.CLOSED
    assert items(closed) == []


def test_settled_by_an_operator_it_leaves_the_list_until_it_happens_again(closed: Tiny) -> None:
    closed.bring(LATE, [], [FAILED])
    enter(closed.county, "F1", "conflict_settled", LATE + HOUR_MS, "李虚构", reason="已告知镇街")
    assert items(closed) == []
    again = _later("F1", 24, skip="started")
    closed.bring(LATE + 2 * HOUR_MS, [], again)
    failed = update("F1", "acceptance_failed", MONDAY + 28 * HOUR_MS + 60_000, reason="仍不符")
    closed.bring(LATE + 3 * HOUR_MS, [], [failed])
    (item,) = items(closed)
    assert item["closed_at"] == "2025-03-04T06:00:00+08:00"


def test_a_void_that_undoes_a_closure_is_named_whenever_it_is_claimed(closed: Tiny) -> None:
    passed = next(r for r in _life("F1") if r["event"] == "acceptance_passed")["source_id"]
    void = {"target": passed, "reason": "验收单系误传", "second_person": "副主任孙虚构"}
    closed.bring(LATE, [], [update("F1", "voided", LATE - HOUR_MS, **void)])
    assert closed.state("F1") is State.SUBMITTED
    assert [e["kind"] for e in items(closed)[0]["undone_by"]] == ["voided"]


PLACE = {"place_id": "P-A", "description": "一号厂房消防通道被成品货物堵塞，无法通行"}


def test_a_decision_by_hand_that_takes_a_closure_away_is_named(tiny: Tiny) -> None:
    """F1 is closed by what was told of F2; then they are decided to be two."""
    rows = [r | {"finding_id": "F2"} for r in _life("F1")]
    later = finding("F2", MONDAY + HOUR_MS // 2, **PLACE)
    tiny.bring(SEEN, [finding("F1", **PLACE), later], rows)
    assert tiny.state("F1") is State.CLOSED
    a, b = hazard("F1"), hazard("F2")
    link(tiny.county, a, b, same=False, reason="两处不同", actor="李虚构", now=LATE)
    (item,) = items(tiny)
    assert (item["hazard"], item["state"]) == (a, "registered")
    assert [(e["kind"], e["actor"], e["reason"]) for e in item["undone_by"]] == [
        ("parted", "李虚构", "两处不同")
    ]


def test_a_closed_hazard_joined_to_an_open_one_is_a_conflict_of_the_open_one(tiny: Tiny) -> None:
    tiny.bring(SEEN, [finding("F2", MONDAY + HOUR_MS // 2)], _life("F2"))
    tiny.bring(SEEN + HOUR_MS, [finding("F1", MONDAY, town_code="330282108")], [])
    a, b = hazard("F1"), hazard("F2")
    link(tiny.county, a, b, same=True, reason="同一处", actor="李虚构", now=LATE)
    assert tiny.state("F1") is State.CLOSED  # folded from both, in order
    assert items(tiny) == []


def test_editions_made_while_it_was_known_as_closed_are_named(closed: Tiny) -> None:
    head = closed.query("SELECT seq FROM ledger_head")[0][0]
    _publish(closed, "2025-W10", 1, head)
    _publish(closed, "2025-W09", 1, head)  # of a week before it was closed
    closed.bring(LATE, [], [FAILED])
    _publish(closed, "2025-W10", 2, closed.query("SELECT seq FROM ledger_head")[0][0])
    assert items(closed)[0]["editions"] == [{"kind": "weekly", "period": "2025-W10", "number": 1}]


def _publish(tiny: Tiny, period: str, number: int, watermark: int) -> None:
    row = {
        "kind": "weekly", "period": period, "number": number, "watermark": watermark,
        "policy_hash": "", "body_digest": "", "folder": "", "files": "{}", "published_at": 0,
    }  # fmt: skip
    with writing(tiny.county.engine) as connection:
        editions.add(connection, tiny.county.code, watermark, row)
        connection.commit()


def test_facts_entered_by_hand_undo_as_well(closed: Tiny) -> None:
    row = {
        "stream_id": hazard("F1"), "event": "acceptance_failed", "reason": "照片不符",
        "happened_at": MONDAY + 4 * HOUR_MS + 60_000, "organisation": "虚构市应急局",
    }  # fmt: skip
    prepare(closed.county, "operator", [row], LATE, "李虚构").commit()
    (event,) = items(closed)[0]["undone_by"]
    assert (event["source"], event["actor"]) == ("operator", "李虚构")
