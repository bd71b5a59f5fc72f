"""The floor: the same answer from both databases, balanced, and left alone."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bench.floor.measure import WEEK, read
from bench.floor.rows import Rows, tables
from bench.floor.stores import Postgres, Sqlite, Store
from bench.generate import END, generate
from tests.house.code import ROOT
from tools.postgres import driver_url

# What an ADR may change, and nothing else.
FROZEN = {
    "measure.py": "868439b06438289b",
    "rows.py": "da54d1601bde13c9",
    "schema.sql": "e9e5d14e600c1552",
    "stores.py": "084964421c91db19",
    "suite.py": "f6dc1e130e8c78fd",
    "weekly.sql": "8c5a489800ecc6c7",
}
COLUMNS = (
    *("town", "sector", "opening", "found", "reopened", "closed", "rejected", "closing", "due"),
    *("on_time", "overdue", "overdue_days", "acceptances", "reworked", "closures_90_days"),
    *("major_open", "campaign_found", "campaign_closed", "places_due", "places_checked"),
)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("world")
    generate(folder, scale=0.01)
    return read(folder)


def _weekly(store: Store, rows: dict[str, Rows]) -> list[dict[str, Any]]:
    store.write(rows)
    units = [dict(zip(COLUMNS, row, strict=True)) for row in store.weekly(WEEK)]
    store.close()
    return units


@pytest.fixture(scope="module")
def units(frames: Any, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    path = tmp_path_factory.mktemp("floor") / "floor.sqlite"
    return _weekly(Sqlite(path), tables(frames))


def test_both_databases_give_the_same_aggregates(
    units: list[dict[str, Any]], frames: Any, postgres_url: str
) -> None:
    assert _weekly(Postgres(driver_url(postgres_url)), tables(frames)) == units


def test_the_week_balances_in_every_unit(units: list[dict[str, Any]]) -> None:
    assert all(
        u["opening"] + u["found"] + u["reopened"] - u["closed"] - u["rejected"] == u["closing"]
        for u in units
    )


def test_the_totals_are_those_of_the_deliveries(units: list[dict[str, Any]], frames: Any) -> None:
    total = {name: sum(u[name] or 0 for u in units) for name in COLUMNS[2:]}
    updates = frames["updates"]
    week = updates[updates["happened_at"] >= "2025-05-26"]
    assert total["closed"] == (week["event"] == "closed").sum() > 0
    assert total["reworked"] == (week["event"] == "acceptance_failed").sum()
    assert total["campaign_found"] == len(frames["findings"])
    assert total["campaign_closed"] == (updates["event"] == "closed").sum()
    assert total["places_due"] == len(frames["places"])
    assert total["places_checked"] == frames["checks"]["place_id"].nunique()
    assert 0 < total["on_time"] < total["due"]


def test_the_measured_week_ends_where_the_world_does() -> None:
    assert WEEK["week_end"] == END * 1000


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_file_is_changed_only_by_an_adr(name: str) -> None:
    text = (ROOT / "bench" / "floor" / name).read_bytes()
    assert sha256(text).hexdigest()[:16] == FROZEN[name], "see bench/floor/README.md"


def test_the_floor_uses_nothing_of_the_product() -> None:
    from tests.house.code import PACKAGES, modules

    floor = [m for m in modules("bench") if Path(m.path).parent.name == "floor"]
    assert floor
    assert [m.path for m in floor if m.imports() & set(PACKAGES)] == []
