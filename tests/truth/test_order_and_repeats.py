"""Arrival order leaves no trace, and what came once is not taken twice."""

import shutil
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from demo.deliveries import Delivery, deliveries
from demo.world import World, build
from schemas.edition import Body
from schemas.period import FOREVER
from schemas.tables_projections import hazard_span
from tasks.auditing import audit
from tasks.county import County
from tasks.store.documents import adopt
from tasks.store.engine import reading
from tests.truth.worlds import (
    body_of,
    land_sent,
    live_through,
    open_home,
    reopen,
    take_sent,
)

LAST = "2025-W11"
Span = tuple[Any, ...]


@pytest.fixture(scope="module")
def world() -> World:
    return build(seed=21, weeks=2, hazards=120)


@pytest.fixture(scope="module")
def sent(world: World) -> list[Delivery]:
    return list(deliveries(world))


@pytest.fixture(scope="module")
def in_order(world: World, tmp_path_factory: pytest.TempPathFactory) -> County:
    county = open_home(tmp_path_factory.mktemp("in-order") / "home")
    live_through(county, world)
    return county


def spans(county: County) -> set[Span]:
    """What every hazard was, from when to when, as known now; without when it became known."""
    columns = [c for c in hazard_span.columns if c.name not in ("seq_from", "seq_to")]
    query = select(*columns).where(hazard_span.c.seq_to == FOREVER)
    with reading(county.engine) as connection:
        return {tuple(row) for row in connection.execute(query)}


def figures(county: County) -> Body:
    """All that is printed but what speaks of the arrival itself: the lots, drawn by the ledger's
    head, and how many rows of a delivery were new and good when it came."""
    body = body_of(county, LAST)
    body["watch"]["drawn"], body["watch"]["drawn_from"] = {}, ""
    for unit in (*body["towns"], body["total"]):
        for measure in ("rows_received", "rows_accepted"):
            unit["counts"]["period"]["all"].pop(measure)
        unit["rates"]["period"]["all"].pop("accepted_rows")
    return body


@pytest.fixture(scope="module")
def landed(sent: list[Delivery], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with everything landed and nothing taken, to be copied."""
    home = tmp_path_factory.mktemp("landed") / "home"
    county = open_home(home)
    adopt(county, min(s.received_at for s in sent))
    for each in sent:
        land_sent(county, each)
    county.engine.dispose()
    return home


def taken_in(order: list[Delivery], landed: Path, home: Path) -> County:
    shutil.copytree(landed, home)
    county = reopen(home)
    for _, batch in groupby(order, key=lambda s: s.source):
        take_sent(county, batch)
    return county


def shuffled(sent: list[Delivery], seed: int) -> list[Delivery]:
    """Deliveries in random order, in one run or two of each source: a run is one piece of work."""
    rng = Random(seed)
    runs: list[list[Delivery]] = []
    for source in sorted({s.source for s in sent}):
        own = [s for s in sent if s.source == source]
        rng.shuffle(own)
        cut = rng.randrange(len(own) + 1) if rng.random() < 0.3 else 0
        runs += [part for part in (own[:cut], own[cut:]) if part]
    rng.shuffle(runs)
    return [s for run in runs for s in run]


# Two permutations in every run, all fifty in the nightly profile.
PERMUTATIONS = [range(2), pytest.param(range(50), marks=pytest.mark.nightly)]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seeds", PERMUTATIONS, ids=len)
def test_any_order_of_arrival_ends_in_the_same_states_and_figures(
    seeds: range, sent: list[Delivery], in_order: County, landed: Path, tmp_path: Path
) -> None:
    expected, true_figures = spans(in_order), figures(in_order)
    for seed in seeds:
        county = taken_in(shuffled(sent, seed), landed, tmp_path / f"home-{seed}")
        assert spans(county) == expected, f"permutation {seed}"
        assert figures(county) == true_figures, f"permutation {seed}"


def test_the_same_deliveries_again_append_nothing(
    sent: list[Delivery], in_order: County, tmp_path: Path
) -> None:
    in_order.engine.dispose()  # so that everything is in the file
    shutil.copytree(in_order.home, tmp_path / "home")
    county = reopen(tmp_path / "home")
    before = spans(county)
    for _, batch in groupby(sent, key=lambda s: (s.received_at, s.source)):
        assert take_sent(county, batch) == 0
    assert spans(county) == before
    assert audit(county).ok
