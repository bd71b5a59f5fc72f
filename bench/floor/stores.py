"""The raw drivers: write tuples into the frozen tables in one transaction, ask the one statement.

Nothing between us and the driver: sqlite3 executemany in WAL mode, psycopg COPY. Tables and
indexes are made before the clock starts.
"""

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import psycopg

from bench.floor.rows import TABLES, Rows

HERE = Path(__file__).parent
SCHEMA = (HERE / "schema.sql").read_text()
WEEKLY = (HERE / "weekly.sql").read_text()
CACHE_KIB = 262_144  # the default of 2 MiB would thrash in random index pages and raise the floor


class Store(Protocol):
    def write(self, tables: Mapping[str, Rows]) -> None: ...
    def weekly(self, parameters: Mapping[str, Any]) -> Rows: ...
    def close(self) -> None: ...


class Sqlite:
    """A new file in WAL mode."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self.connection.executescript(SCHEMA)

    def write(self, tables: Mapping[str, Rows]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for name in TABLES:
            places = ",".join("?" * len(tables[name][0]))
            self.connection.executemany(f"INSERT INTO {name} VALUES ({places})", tables[name])
        self.connection.execute("COMMIT")

    def weekly(self, parameters: Mapping[str, Any]) -> Rows:
        return self.connection.execute(WEEKLY, parameters).fetchall()

    def close(self) -> None:
        self.connection.close()


class Postgres:
    """An empty database of a running server, by libpq URL."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute(SCHEMA.encode())

    def write(self, tables: Mapping[str, Rows]) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for name in TABLES:
                with cursor.copy(f"COPY {name} FROM STDIN".encode()) as copy:
                    for row in tables[name]:
                        copy.write_row(row)

    def weekly(self, parameters: Mapping[str, Any]) -> Rows:
        without_comments = re.sub(r"--.*", "", WEEKLY)
        statement = re.sub(r":(\w+)", r"%(\1)s", without_comments)
        return self.connection.execute(statement.encode(), parameters).fetchall()

    def close(self) -> None:
        self.connection.close()
