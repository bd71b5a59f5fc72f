"""Operators decide: with actor and reason, holding in any order, undone by a refold."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks.auditing import audit
from tasks.linking import LinkRefused, LinkReport, link, unsure
from tests.store.tiny import MONDAY, Tiny, finding, hazard, life

NOW = MONDAY + 9 * DAY_MS
PLACE = {"place_id": "P1", "description": "厂房消防通道被成品货物堵塞，无法通行"}
BLOCKED = finding("F1", **PLACE)
AGAIN = finding("F2", MONDAY + DAY_MS, **PLACE)
OTHERWISE = finding(
    "F3", MONDAY + 2 * DAY_MS, place_id="P1", description="厂房通道被货物堵住，走不通"
)
ELSEWHERE = finding("F4", MONDAY + 3 * DAY_MS, place_id="P2")


@pytest.fixture
def county(tiny: Tiny) -> Tiny:
    tiny.bring(NOW, [BLOCKED, AGAIN, OTHERWISE, ELSEWHERE], list(life("F1", MONDAY, to="started")))
    return tiny


def decide(tiny: Tiny, a: str, b: str, same: bool, now: int = NOW) -> LinkReport:
    return link(
        tiny.county, hazard(a), hazard(b), same=same, reason="现场看过", actor="李虚构", now=now
    )


def roots(tiny: Tiny) -> dict[str, str]:
    rows = tiny.query("SELECT source_id, root_id FROM finding")
    names = {hazard(s): s for s, _ in rows}
    return {s: names[r] for s, r in rows}


def everything(tiny: Tiny) -> list[Any]:
    tables = ("event", "finding", "identity_link", "hazard_span", "fact_note", "ledger_head")
    return [sorted(tiny.query(f"SELECT * FROM {table}")) for table in tables]


def test_an_unsure_pair_is_listed_with_its_score_and_reason_until_it_is_decided(
    county: Tiny,
) -> None:
    assert roots(county) == {"F1": "F1", "F2": "F1", "F3": "F3", "F4": "F4"}
    listed = unsure(county.county)
    assert {frozenset((p["a_number"], p["b_number"])) for p in listed} >= {
        frozenset(("findings:F2", "findings:F3"))
    }
    identity = county.county.policy.identity
    for pair in listed:
        assert identity.unsure_similarity <= int(pair["score"]) < identity.text_similarity
        assert pair["by"] == "number"
    decide(county, "F1", "F3", same=True)
    assert unsure(county.county) == []


def test_what_must_be_one_is_one_and_folds_as_one(county: Tiny) -> None:
    report = decide(county, "F4", "F1", same=True)
    assert report.roots == (hazard("F1"), hazard("F1")) and report.appended == 1
    assert roots(county) == {"F1": "F1", "F2": "F1", "F3": "F3", "F4": "F1"}
    assert county.state("F1").name == "RECTIFYING"
    assert audit(county.county).findings == []


def test_what_must_not_be_one_is_two_and_each_folds_its_own(county: Tiny) -> None:
    decide(county, "F1", "F2", same=False)
    assert roots(county)["F2"] == "F2"
    assert (county.state("F1").name, county.state("F2").name) == ("RECTIFYING", "REGISTERED")
    assert audit(county.county).findings == []


def test_the_opposite_takes_a_decision_back(county: Tiny) -> None:
    before = roots(county), sorted(county.query("SELECT root_id, state FROM hazard_span"
                                                " WHERE seq_to > 4000000000000000000"))  # fmt: skip
    decide(county, "F1", "F2", same=False)
    decide(county, "F1", "F2", same=True, now=NOW + 1)
    after = roots(county), sorted(county.query("SELECT root_id, state FROM hazard_span"
                                               " WHERE seq_to > 4000000000000000000"))  # fmt: skip
    assert after == before
    assert audit(county.county).findings == []


def test_a_decision_is_an_event_with_actor_and_reason_and_twice_is_once(county: Tiny) -> None:
    decide(county, "F1", "F2", same=False)
    ((kind, actor, payload),) = county.query(
        "SELECT kind, actor, payload FROM event WHERE source = 'operator'"
    )
    assert (kind, actor) == ("parted", "李虚构")
    assert json.loads(payload)["reason"] == "现场看过"
    before = everything(county)
    assert decide(county, "F2", "F1", same=False, now=NOW + 5).appended == 0
    assert everything(county) == before


def test_a_link_that_contents_made_keeps_its_score_and_what_the_place_was_known_by(
    county: Tiny,
) -> None:
    ((actor, payload),) = county.query("SELECT actor, payload FROM event WHERE kind = 'linked'")
    assert actor == "identity"
    said = json.loads(payload)
    assert (said["by"], said["score"]) == ("number", 100)
    assert said["to"] in (hazard("F1"), hazard("F2"))


def test_what_other_decisions_hold_against_is_refused_and_nothing_is_written(
    county: Tiny,
) -> None:
    decide(county, "F1", "F2", same=True)
    decide(county, "F2", "F3", same=True)
    before = everything(county)
    with pytest.raises(LinkRefused, match="decided to be one"):
        decide(county, "F1", "F3", same=False)
    assert everything(county) == before
    with pytest.raises(LinkRefused, match="no finding"):
        decide(county, "F1", "F9", same=True)
    with pytest.raises(LinkRefused, match="reason"):
        link(county.county, "x", "y", same=True, reason=" ", actor="x", now=NOW)


def test_findings_that_come_later_do_not_undo_a_decision(county: Tiny) -> None:
    decide(county, "F1", "F2", same=False)
    bridge = finding("F5", MONDAY + 12 * HOUR_MS, **PLACE)
    county.bring(NOW + DAY_MS, [bridge], [])
    found = roots(county)
    assert found["F1"] != found["F2"]
    assert found["F5"] in (found["F1"], found["F2"])
    assert audit(county.county).findings == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_arrival_ends_in_the_same_clusters(
    tmp_path: Path, migrated_file: Path, order: tuple[int, ...]
) -> None:
    """A number, a name and an address; the second finding gives the two others in common."""
    named = {"description": PLACE["description"], "place_id": "", "unit_name": ""}
    rows = [
        finding("F1", **named | {"place_id": "P1", "unit_name": "虚构五金厂有限公司"}),
        finding(
            "F2", MONDAY + DAY_MS, **named | {"unit_name": "虚构五金厂", "address": "灯塔街十二号"}
        ),
        finding("F3", MONDAY + 2 * DAY_MS, **named | {"address": "灯塔街12号"}),
    ]
    tiny = Tiny.make(tmp_path, migrated_file)
    for number in order:
        tiny.bring(NOW + number * HOUR_MS, [rows[number]], [])
    assert roots(tiny) == {"F1": "F1", "F2": "F1", "F3": "F1"}
    assert audit(tiny.county).findings == []
