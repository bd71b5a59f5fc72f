"""Empty stores on both databases, and drafts of events that need no intake."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

import schemas.tables_projections  # noqa: F401  declares its tables on the same metadata
from schemas.tables import metadata
from tasks.store import ledger
from tasks.store.engine import open_engine, sqlite_url
from tasks.store.schema import upgrade
from tools.postgres import fresh_database

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.sqlite")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    """A database without tables."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_database(_postgres: Any) -> Iterator[Engine]:
    """A PostgreSQL database with the present schema, emptied before every test."""
    with fresh_database(_postgres) as url:
        made = open_engine(url)
        upgrade(made)
        yield made
        made.dispose()


@pytest.fixture
def sqlite(tmp_path: Path, migrated_file: Path) -> Iterator[Engine]:
    path = shutil.copy(migrated_file, tmp_path / "store.sqlite")
    made = open_engine(sqlite_url(path))
    yield made
    made.dispose()


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database with the present schema and no rows, SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        made: Engine = request.getfixturevalue("sqlite")
        return made
    shared: Engine = request.getfixturevalue("migrated_database")
    names = ", ".join(metadata.tables)
    with shared.connect() as connection:  # as the owner, past the triggers
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(f"TRUNCATE {names}")
        connection.commit()
    return shared


def events(*streams: str, base: int = 0, **columns: Any) -> pd.DataFrame:
    """One draft per stream named."""
    row: dict[str, Any] = {
        "stream_kind": "figure",
        "kind": "figure_reported",
        "claimed_at": 1,
        "sent_at": 1,
        "received_at": 1,
        "file_by": 1,
        "actor": "test",
        "source": "test",
        "record": "figure",
        "row_digest": "",
        "delivery": "d",
        "payload": "{}",
        "base_version": base,
    }
    ids = [f"id-{s}-{base}" for s in streams]
    frame = pd.DataFrame({"stream_id": list(streams), "source_id": ids} | row | columns)
    return frame[list(ledger.DRAFT_COLUMNS)]


@pytest.fixture
def drafts() -> Callable[..., pd.DataFrame]:
    return events
