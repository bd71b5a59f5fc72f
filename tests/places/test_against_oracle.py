"""The whole way from SQL to bands against an oracle that takes one hazard at a time."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.product import COUNTY
from schemas.period import DAY_MS
from schemas.settings import Settings
from tasks.county import open_county
from tasks.places import cut_at, rows_of, table
from tasks.places_ground import ground
from tasks.places_shown import shown
from tasks.places_view import view
from tasks.store.engine import reading
from tasks.store.schema import upgrade
from tests.places.oracle import Oracle
from tests.places.random_places import LAST_SEQ, TABLES, World, instant, world
from tests.postgresql.ways import forgetful
from tests.store.tiny import MONDAY, Tiny

RANDOM = st.randoms(use_true_random=False)
ENDS = [MONDAY, MONDAY + 1, MONDAY - 100 * DAY_MS, MONDAY - 2 * DAY_MS]
COMPARED = ("status", "ingredients", "colour", "risk_score", "grade", "credit_score")
RICH = 26  # a seed whose world has something of everything
FEW = settings(max_examples=max(25, settings().max_examples // 100))
FEWER = settings(FEW, max_examples=FEW.max_examples // 2)  # each looks at every place of its world


class Store:
    """A county whose rows come from worlds; prints as little as a failing example needs."""

    def __init__(self, tiny: Tiny) -> None:
        self.tiny = tiny
        self.policy = tiny.county.policy.indices


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Store:
    tiny = Tiny.make(tmp_path_factory.mktemp("random"), migrated_file)
    forgetful(tiny)
    return Store(tiny)


def seen(tiny: Tiny, end: int, watermark: int) -> tuple[dict[str, dict[str, Any]], int]:
    with reading(tiny.county.engine) as connection:
        cut = cut_at(connection, tiny.county, end)
        at = type(cut)(cut.county, watermark, end, cut.starts, cut.dispatch_hours)
        found = view(connection, tiny.county, ground(connection, at))
    rows = {row["place_id"]: row for row in rows_of(table(found))}
    return {p: {name: row[name] for name in COMPARED} for p, row in rows.items()}, found.unplaced


def cut(random: Random) -> tuple[int, int]:
    return random.choice([*ENDS, instant(random)]), random.choice([LAST_SEQ, LAST_SEQ, 30, 10])


@FEW
@given(RANDOM)
def test_every_place_is_what_the_oracle_says_in_whatever_order_rows_lie(
    store: Store, random: Random
) -> None:
    made, (end, watermark) = world(random), cut(random)
    oracle = Oracle(made, store.policy, watermark, end)
    mixed = World({t.name: random.sample(made.of(t), len(made.of(t))) for t in TABLES})
    for rows in (made, mixed):
        rows.write(store.tiny)
        assert seen(store.tiny, end, watermark) == (oracle.places(), oracle.unplaced())


@FEWER
@given(RANDOM)
def test_a_place_that_is_shown_is_the_place_that_is_listed(store: Store, random: Random) -> None:
    tiny, head = store.tiny, f"VALUES ('{store.tiny.county.code}', {LAST_SEQ}, '')"
    world(random).write(tiny)
    tiny.execute("DELETE FROM ledger_head", f"INSERT INTO ledger_head (county, seq, hash) {head}")
    for place, row in seen(tiny, MONDAY, LAST_SEQ)[0].items():
        one, parts = shown(tiny.county, place, MONDAY), row["ingredients"]
        assert {name: one["place"][name] for name in COMPARED} == row
        assert len(one["open"]) == parts["open_major"] + parts["open_general"]
        assert len(one["repeats"]) == parts["repeats"]
        assert sum(m["owed"] is True for m in one["months"]) == parts["self_check_owed"]


def test_postgresql_says_the_same(store: Store, postgres_url: str, tmp_path: Path) -> None:
    settings = Settings.load(
        tmp_path,
        county=COUNTY,
        config_dir=store.tiny.county.settings.config_dir,
        database_url=postgres_url,
    )
    there = Tiny(open_county(settings))
    upgrade(there.county.engine)
    made = world(Random(RICH))
    made.fill(there)
    for end in ENDS:
        for watermark in (LAST_SEQ, 30):
            expected = Oracle(made, store.policy, watermark, end)
            assert seen(there, end, watermark) == (expected.places(), expected.unplaced())
