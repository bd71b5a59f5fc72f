"""Moving frames in and out of the store: tuples to the driver, COPY on PostgreSQL, no ORM.

A key set is joined through a temporary table, never through a long IN list.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    Text,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy import select as select_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

_FETCH_ROWS = 100_000
_WANTED = Table("wanted", MetaData(), Column("key", String))
# Not bound: SQLite would look a parameter up for every row. [measured]
_COMMA = literal_column("','", Text)
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
    with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


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


def arrays(connection: Connection, query: Select[Any], texts: Sequence[str] = ()) -> dict[str, Any]:
    """A query's columns as int64 arrays, `texts` (codes) as categoricals of one vocabulary.

    For what a county is counted by: a column comes as one text, because an object of Python for
    every value costs more than the scan and the counting together. [measured] All columns are
    gathered in one pass over the same rows, so they stay side by side. Raises ValueError where a
    value is NULL or has a comma.
    """
    columns = query.subquery().c
    # SQLite writes a number as it is; PostgreSQL wants to be asked for a text.
    plain = connection.dialect.name == "sqlite"
    texts_of = (type_coerce(c, Text) if plain else cast(c, Text) for c in columns)
    gathered = [func.aggregate_strings(c, _COMMA) for c in texts_of]  # type: ignore[arg-type]
    row = connection.execute(select_(*gathered, func.count())).one()
    said = {c.key: text for c, text in zip(columns, row, strict=False)}  # None for no rows at all
    numbers = (name for name in said if name not in texts)
    found: dict[str, Any] = {n: np.fromstring(said[n] or "", np.int64, sep=",") for n in numbers}
    found |= _coded({name: said[name] for name in texts})
    if lost := [name for name, column in found.items() if len(column) != row[-1]]:
        raise ValueError(f"NULL or a comma among the values of {lost}")
    return found


def _coded(texts: dict[str, str | None]) -> dict[str, Any]:
    split = [[] if text is None else text.split(",") for text in texts.values()]
    codes, words = pd.factorize(np.array(list(chain(*split)), dtype=object))
    vocabulary = pd.Index(words, dtype=object)
    parts = np.split(codes, np.cumsum([len(values) for values in split])[:-1])
    return {
        name: pd.Categorical.from_codes(part, vocabulary)
        for name, part in zip(texts, parts, strict=True)
    }


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
