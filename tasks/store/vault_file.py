"""The vault's SQLite file: its table, its transactions, and that nothing erased stays in it.

Deleted content is overwritten (`secure_delete`). What a page keeps of rows that were moved about in
it is not, so a file that must forget is written anew (`scrub`): then it holds what its table holds.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tasks.store.vault_keys import VaultError

_TABLE = """
CREATE TABLE IF NOT EXISTS sealed (
    token TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    row_digest TEXT NOT NULL,
    ephemeral BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    UNIQUE (source, row_digest)
) STRICT, WITHOUT ROWID
"""
# Columns that came later; a vault of before gets them when it is first written to.
_LATER = {
    "commitment": "TEXT NOT NULL DEFAULT ''",  # SHA-256 of salt and clear text; '': none was made
    "key_id": "TEXT NOT NULL DEFAULT ''",  # '': the only key there was
    "report": "TEXT NOT NULL DEFAULT ''",
    "sealed_at": "INTEGER NOT NULL DEFAULT 0",
    "erased_at": "INTEGER NOT NULL DEFAULT 0",
}
_INDEX = "CREATE INDEX IF NOT EXISTS sealed_report ON sealed (source, report)"
_BUSY_SECONDS = 60


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction, committed at the end of the block. Raises VaultError."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with _connected(path) as database:
        database.execute("BEGIN IMMEDIATE")
        _upgrade(database)
        yield database
        database.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One view of a vault that is there. Raises VaultError."""
    if not path.exists():
        raise VaultError(f"{path} does not exist: nothing was ever sealed in this vault")
    with _connected(path) as database:
        if not _is_current(database):
            database.execute("BEGIN IMMEDIATE")
            _upgrade(database)
            database.execute("COMMIT")
        database.execute("BEGIN")
        yield database


def scrub(path: Path) -> None:
    """Write the file anew from what its table holds."""
    with _connected(path) as database:
        database.execute("VACUUM")


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that leaves nothing behind; it rolls back what was not committed."""
    try:
        with closing(
            sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        ) as database:
            for pragma in ("synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
                database.execute(f"PRAGMA {pragma}")
            yield database
    except sqlite3.OperationalError:
        raise  # locked or no room: the same may succeed a moment later
    except sqlite3.DatabaseError as error:
        raise VaultError(f"{path} cannot be used ({error}); restore it from a backup") from None


def _upgrade(database: sqlite3.Connection) -> None:
    database.execute(_TABLE)
    present = _columns(database)
    for name, kind in _LATER.items():
        if name not in present:
            database.execute(f"ALTER TABLE sealed ADD COLUMN {name} {kind}")
    database.execute(_INDEX)


def _is_current(database: sqlite3.Connection) -> bool:
    return set(_LATER) <= _columns(database)


def _columns(database: sqlite3.Connection) -> set[str]:
    return {row[1] for row in database.execute("PRAGMA table_info(sealed)")}
