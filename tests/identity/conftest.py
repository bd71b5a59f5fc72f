"""The tiny county of tests/store, for what is held against the ledger."""

from pathlib import Path

import pytest

from tasks.store.engine import open_engine, sqlite_url
from tasks.store.schema import upgrade
from tests.store.tiny import Tiny


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the present schema, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite"
    made = open_engine(sqlite_url(path))
    upgrade(made)
    made.dispose()
    return path


@pytest.fixture
def tiny(tmp_path: Path, migrated_file: Path) -> Tiny:
    """An empty county on SQLite."""
    return Tiny.make(tmp_path, migrated_file)
