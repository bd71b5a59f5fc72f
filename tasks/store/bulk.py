"""Moving frames in and out of the store: tuples to the driver, COPY on PostgreSQL, no ORM.

A key set is joined through a temporary table, never through a long IN list.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pandas as pd
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    String,
    Table,
)
from sqlalchemy import select as select_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from tasks.store.engine import translated

_FETCH_ROWS = 100_000
_WANTED = Table("wanted", MetaData(), Column("key", String))
_GONE = "DROP TABLE wanted"


def insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert tuples in the order of the table's columns."""
    if not rows:
        return
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, columns, rows)
        return
    marks = ", ".join("?" * len(table.columns))
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', rows)


def _copy(
    connection: Connection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    cursor = connection.connection.cursor()
    statement = f'COPY "{table}" ({columns}) FROM STDIN'
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(connection, statement, error) from None


def insert_if_absent(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert one row unless its key is there; of two at once the second waits and leaves it be."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())


def insert_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert a frame that has every column of the table (others are ignored)."""
    insert(connection, table, tuples(frame, [c.name for c in table.columns]))


def tuples(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows as tuples of plain Python values, the driver's fastest food."""
    return list(zip(*(frame[c].tolist() for c in columns), strict=True))


def select(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """A query's rows as a frame; text columns are `str` with None for NULL."""
    result = connection.execute(query)
    names = list(result.keys())
    chunks = []
    while rows := result.cursor.fetchmany(_FETCH_ROWS):
        chunks.append(pd.DataFrame.from_records(rows, columns=names))
    result.close()
    return pd.concat(chunks, ignore_index=True) if chunks else pd.DataFrame(columns=names)


@contextmanager
def keys(connection: Connection, values: Iterable[str]) -> Iterator[Select[tuple[str]]]:
    """A set of keys to look up, as a subquery: `column.in_(wanted)`; gone when the block ends.

    An IN over a temporary table lets both databases probe their index once per key, whatever they
    know of the tables' sizes; as a join SQLite would scan the other table instead.
    """
    connection.exec_driver_sql("CREATE TEMPORARY TABLE wanted (key VARCHAR)")
    try:
        insert(connection, _WANTED, [(v,) for v in dict.fromkeys(values)])
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE wanted")
        yield select_(_WANTED.c.key)
    except BaseException:
        with suppress(DBAPIError):  # PostgreSQL refuses it after an error, which must be seen
            connection.exec_driver_sql(_GONE)
        raise
    connection.exec_driver_sql(_GONE)
