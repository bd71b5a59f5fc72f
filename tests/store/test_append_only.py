"""The database itself refuses to change what was written, whoever asks."""

from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from schemas.events import Head
from tasks.store import ledger
from tasks.store.engine import reading, writing
from tasks.store.guards import APPEND_ONLY
from tasks.store.ledger import Stamp

COUNTY = "330282"
# A column of each table that a forger would like to write.
COLUMNS = {"event": "payload", "ledger_slice": "received_at", "document": "text"}


@pytest.fixture
def written(engine: Engine, drafts: Callable[..., pd.DataFrame]) -> Engine:
    """A store with one row in every guarded table."""
    with writing(engine) as connection:
        ledger.append(connection, COUNTY, Head(), drafts("figure:a"), Stamp(1, 1, "d"))
        connection.exec_driver_sql(
            f"INSERT INTO document VALUES ('{COUNTY}', 'digest', 'policy', 'policy', '1')"
        )
        connection.commit()
    return engine


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as connection:
        return {
            t: [tuple(r) for r in connection.exec_driver_sql(f"SELECT * FROM {t}")]
            for t in APPEND_ONLY
        }


def attempt(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(statement)
        connection.commit()


def test_every_guarded_table_is_tried_here() -> None:
    assert set(COLUMNS) == set(APPEND_ONLY)


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("statement", ["UPDATE {t} SET {c} = '2'", "DELETE FROM {t}"])
def test_a_written_row_can_neither_be_changed_nor_deleted(
    written: Engine, table: str, statement: str
) -> None:
    before = contents(written)
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        attempt(written, statement.format(t=table, c=COLUMNS[table]))
    assert contents(written) == before
    assert len(before[table]) == 1


@pytest.mark.parametrize("table", COLUMNS)
def test_postgresql_refuses_to_empty_a_guarded_table(
    request: pytest.FixtureRequest, written: Engine, table: str
) -> None:
    if written.dialect.name != "postgresql":
        return  # SQLite has no TRUNCATE
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        attempt(written, f"TRUNCATE {table}")


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("statement", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
def test_sqlite_refuses_to_replace_a_row_by_its_key(
    written: Engine, table: str, statement: str
) -> None:
    if written.dialect.name != "sqlite":
        return  # PostgreSQL has no REPLACE; ON CONFLICT DO UPDATE is an update there
    before = contents(written)
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        attempt(written, f"{statement} INTO {table} SELECT * FROM {table}")
    assert contents(written) == before


def test_postgresql_refuses_an_insert_that_becomes_an_update(written: Engine) -> None:
    if written.dialect.name != "postgresql":
        return
    key = ", ".join(APPEND_ONLY["event"])
    with pytest.raises(DBAPIError, match="event is append-only"):
        attempt(
            written,
            f"INSERT INTO event SELECT * FROM event ON CONFLICT ({key})"
            " DO UPDATE SET payload = '2'",
        )


@pytest.mark.parametrize("number", [1, 2])
def test_a_second_event_of_a_number_or_a_version_is_refused(written: Engine, number: int) -> None:
    columns = "claimed_at, sent_at, received_at, appended_at, file_by, actor, source, record,"
    columns += " source_id, row_digest, delivery, payload, prev_hash, hash"
    stream, seq = ("figure:a", 2) if number == 1 else ("figure:b", 1)
    with pytest.raises(DBAPIError):
        attempt(
            written,
            f"INSERT INTO event SELECT county, {seq}, '{stream}', version, stream_kind, kind,"
            f" {columns} FROM event",
        )
