"""Empty stores on both databases, and drafts of events that need no intake."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from tasks.store import ledger
from tasks.store.engine import open_engine, sqlite_url
from tasks.store.schema import upgrade

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


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """A database with the present schema."""
    upgrade(empty)
    return empty


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(sqlite_url(tmp_path / "only.sqlite"))
    upgrade(made)
    yield made
    made.dispose()


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
