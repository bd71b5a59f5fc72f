"""The tree and the seals over a ledger, on both databases: read, walked, and found when forged."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from rules.merkle import leaves, root_of
from schemas.events import Head
from schemas.seals import Seal
from tasks.auditing_ledger import Walked, outside, walk
from tasks.store import ledger, seals
from tasks.store.engine import reading, writing
from tasks.store.ledger import Stamp

COUNTY, OTHER = "330282", "330281"
Drafts = Callable[..., pd.DataFrame]


@pytest.fixture
def written(engine: Engine, drafts: Drafts) -> Engine:
    """Two counties of 1, 4 and 8 events, in three slices each."""
    with writing(engine) as connection:
        for county in (OTHER, COUNTY):
            head = Head()
            for number, count in enumerate((1, 3, 4)):
                made = drafts(*(f"figure:{number}-{n}" for n in range(count)))
                head = ledger.append(connection, county, head, made, Stamp(1, 1, "d"))
        connection.commit()
    return engine


def walked(engine: Engine, *given: Seal) -> Walked:
    with reading(engine) as connection:
        head = ledger.read_head(connection, COUNTY)
        return walk(connection, COUNTY, head, outside(given))


def seal_of(engine: Engine, size: int) -> Seal:
    with reading(engine) as connection:
        hashes = seals.hashes(connection, COUNTY, size)
    assert len(hashes) == size
    return Seal(COUNTY, size, root_of(leaves(hashes)).hex(), hashes[-1], 0)


def test_a_ledger_nobody_touched_is_what_was_sealed_at_any_size(written: Engine) -> None:
    for size in range(1, 9):
        found = walked(written, seal_of(written, size))
        assert (found.findings, found.held, found.last.seq) == ([], size, 8)


def test_the_root_at_the_end_of_a_slice_is_that_of_its_events(written: Engine) -> None:
    with reading(written) as connection:
        for size in (1, 4, 8):
            assert ledger.root_at(connection, COUNTY, size) == seal_of(written, size).root


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        ("UPDATE event SET actor = 'x' WHERE seq = 3", {"chain"}),
        ("UPDATE ledger_head SET frontier = ''", {"tree"}),
        ("UPDATE ledger_slice SET root = hash WHERE last_seq = 4", {"tree"}),
        ("DELETE FROM event WHERE seq > 4", {"chain", "seal"}),
    ],
)
def test_what_is_changed_by_hand_is_found(written: Engine, change: str, checks: set[str]) -> None:
    seal = seal_of(written, 6)
    as_owner(written, change)
    assert {f.check for f in walked(written, seal).findings} == checks


def as_owner(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            unguard(connection)
        connection.exec_driver_sql(statement)
        connection.commit()


def unguard(connection: Any) -> None:
    for table in ("event", "ledger_slice"):
        for action in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{action}")
