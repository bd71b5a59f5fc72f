"""The exchange database: enterprises' self-checks as a view in SQLite.

Promise: rows are only ever added, each with the next change_no, as they are written upstream. The
view is what the pipeline may read; the table behind it is named differently on purpose.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from demo.feeds import Feeds
from demo.servers.faults import Fault

VIEW = "v_selfcheck"
_TABLE = "exchange_rows"


class Exchange:
    """One SQLite file with one view."""

    def __init__(self, feeds: Feeds, path: Path) -> None:
        self.feeds, self.path = feeds, path
        self.written = 0

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path.as_posix()}"

    def create(self) -> None:
        columns = [f'"{c}" text' for c in self.feeds.columns[1:]]
        self.path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as database, database:
            keyed = ["change_no integer primary key", *columns]
            database.execute(f"create table {_TABLE} ({', '.join(keyed)})")
        self._view(self.feeds.columns)

    def write(self, now: int) -> int:
        """Add what was written upstream by now; how many rows that were."""
        rows = self.feeds.exchange(self.written, now)
        marks = ", ".join("?" * len(self.feeds.columns))
        with closing(sqlite3.connect(self._file())) as database, database:
            values = [tuple(row[c] for c in self.feeds.columns) for row in rows]
            database.executemany(f"insert into {_TABLE} values ({marks})", values)
        self.written += len(rows)
        return len(rows)

    def break_(self, fault: Fault) -> None:
        """down, hang, html: the file is gone; renamed_column; empty: the view shows no rows."""
        if fault == "renamed_column":
            shown = [f"{c} as {c}_name" if c == "town" else c for c in self.feeds.columns]
            self._view(shown)
        elif fault == "empty":
            self._view(self.feeds.columns, "where 1 = 0")
        elif self.path.exists():
            self.path.rename(self._away)

    def heal(self) -> None:
        if self._away.exists():
            self._away.rename(self.path)
        self._view(self.feeds.columns)

    @property
    def _away(self) -> Path:
        return self.path.with_suffix(".away")

    def _file(self) -> Path:
        return self._away if self._away.exists() else self.path

    def _view(self, columns: Iterable[str], where: str = "") -> None:
        with closing(sqlite3.connect(self._file())) as database, database:
            database.execute(f"drop view if exists {VIEW}")
            chosen = ", ".join(columns)
            database.execute(f"create view {VIEW} as select {chosen} from {_TABLE} {where}")
