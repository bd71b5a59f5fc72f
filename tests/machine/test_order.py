"""Arrival leaves no trace: the same rows in any order and any deliveries end in the same store."""

import os
from random import Random
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.tables_projections import hazard_span
from tasks.intake.collect import collect_source
from tests.machine.counties import fresh
from tests.machine.county import SOURCES, Home, Row
from tests.machine.oracle_of_store import FOREVER, disagreements
from tests.machine.rows_of_lives import delivered
from tests.store.tiny import MONDAY

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
NOW = MONDAY + 400 * DAY_MS  # everything is received at once, so nothing is told late in one only
_FACT = "e.source, e.source_id, e.row_digest"
_JOINED = "JOIN event e ON e.county = t.county AND e.seq = t.event_seq WHERE t." + FOREVER


def contents(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """What is known of every hazard, without when it became known."""
    columns = [column.name for column in hazard_span.columns]
    lasting = ", ".join(name for name in columns if name not in ("seq_from", "seq_to"))
    notes = "t.root_id, t.outcome, t.reason, t.missing, t.state"
    beside = "t.stream_id, t.kind, t.claimed_at, t.amount_fen"
    queries = {
        "hazard_span": f"SELECT {lasting} FROM hazard_span WHERE {FOREVER}",
        "fact_note": f"SELECT {_FACT}, {notes} FROM fact_note t {_JOINED}",
        "side_step": f"SELECT {_FACT}, {beside} FROM side_step t {_JOINED}",
        "finding": "SELECT stream_id, root_id FROM finding",
        "waiting": f"SELECT source, cells_digest, codes FROM quarantine WHERE {FOREVER}",
    }
    return {name: sorted(home.query(query)) for name, query in queries.items()}


def in_any_order(rng: Random, rows: dict[str, list[Row]]) -> list[tuple[str, list[Row]]]:
    """The rows of each source in several deliveries, some rows in two of them."""
    deliveries = []
    for source in SOURCES:
        mine = rows[source] + rng.choices(rows[source], k=len(rows[source]) // 10)
        rng.shuffle(mine)
        cuts = sorted(rng.sample(range(len(mine) + 1), k=min(rng.randint(0, 3), len(mine))))
        pieces = zip([0, *cuts], [*cuts, len(mine)], strict=True)
        deliveries += [(source, mine[a:b]) for a, b in pieces if a < b]
    rng.shuffle(deliveries)
    return deliveries


def after(deliveries: list[tuple[str, list[Row]]]) -> Home:
    home = fresh()
    for source in SOURCES:  # an earlier pull, so that no delivery is the first one of its source
        collect_source(home.county, source, NOW - HOUR_MS)
    for source, rows in deliveries:
        home.deliver(source, rows, NOW)
    return home


@pytest.mark.timeout(10 * 3600 if NIGHTLY else 300)
@pytest.mark.parametrize("seed", range(300 if NIGHTLY else 2))
def test_any_order_and_any_deliveries_end_in_the_same_store(seed: int) -> None:
    rng = Random(seed)
    rows = delivered(rng, 60)
    first, other = after(list(rows.items())), after(in_any_order(rng, rows))
    try:
        assert contents(other) == contents(first)
        assert disagreements(first)[:5] == []
    finally:
        first.gone()
        other.gone()
