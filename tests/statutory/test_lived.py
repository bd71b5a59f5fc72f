"""A fictitious city that lived for weeks: its tables pass the gate, a plain count agrees."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.world import build as build_world
from rules.gate_statutory import check_statutory
from rules.kinds import containing
from schemas.edition import Body
from schemas.period import FOREVER, Period
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.publication.body import build
from tasks.store import ledger
from tasks.store.engine import reading
from tests.truth.worlds import open_home, take_all_at_once


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home: Path = tmp_path_factory.mktemp("lived")
    county = open_home(home)
    world = build_world(seed=11, weeks=5, hazards=250)
    take_all_at_once(county, world)
    return county


def _rows(county: County, text: str) -> list[Any]:
    with reading(county.engine) as connection:
        return [dict(row) for row in connection.exec_driver_sql(text).mappings()]


def _months(county: County) -> list[Period]:
    found = _rows(county, "SELECT MIN(found_at) AS first, MAX(found_at) AS last FROM finding")[0]
    days = [county.days.day_of(found[end]) for end in ("first", "last")]
    kinds = [containing(EditionKind.STATUTORY, day, county.zone) for day in days]
    return list({period.code: period for period in kinds}.values())


def _body(county: County, period: Period) -> Body:
    with reading(county.engine) as connection:
        head = ledger.watermark(connection, county.code, None)
        return build(connection, county, period, head.seq, {})


def test_months_of_a_city_pass_the_gate_and_agree_with_a_plain_count(lived: County) -> None:
    spans = _rows(lived, f"SELECT * FROM hazard_span WHERE seq_to = {FOREVER}")
    money = _money(lived)
    found = spent = 0
    for period in _months(lived):
        body = _body(lived, period)
        assert list(check_statutory(body)) == []
        at_end = [s for s in spans if s["claimed_from"] < period.end <= s["claimed_to"]]
        own = [s for s in at_end if s["found_at"] >= period.start]
        major = [s for s in own if s["severity"] == 1]
        total = body["statutory"]["total"]["counts"]
        assert total["general_found"] + total["major_found"] == len(own)
        assert total["major_found"] == len(major)
        assert total["in_plan"] == sum(s["state"] != 6 for s in major)
        assert total["listed"] == sum(
            s["listed_level"] > 0 and 1 <= s["state"] <= 5 for s in at_end
        )
        told = sum(fen for at, fen in money if period.start <= at < period.end)
        assert total["funds_fen"] == told
        found, spent = found + len(own), spent + told
    assert found > 100
    assert spent > 0


def _money(county: County) -> list[tuple[int, int]]:
    """(claimed, fen) of every submission that applied, event by event."""
    noted = {
        row["event_seq"]
        for row in _rows(county, f"SELECT event_seq FROM fact_note WHERE seq_to = {FOREVER}")
    }
    last: dict[Any, Any] = {}
    for row in _rows(county, "SELECT * FROM event WHERE stream_kind = 'hazard' ORDER BY seq"):
        key = (row["source"], row["record"], row["source_id"])
        order = (row["sent_at"], row["row_digest"])
        if key not in last or order > last[key][0]:
            last[key] = (order, row)
    rows = [row for _, row in last.values() if row["kind"] == "submitted"]
    return [
        (row["claimed_at"], json.loads(row["payload"]).get("funding_spent_fen") or 0)
        for row in rows
        if row["seq"] not in noted
    ]
