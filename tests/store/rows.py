"""A row of every table, whatever its columns: what a migration must carry along."""

from typing import Any

from sqlalchemy import Boolean, Column, Connection, Engine, Integer, String, Table
from sqlalchemy.types import Text

import schemas.tables_projections  # noqa: F401  declares its tables on the same metadata
from schemas.tables import metadata
from tasks.store.engine import reading, writing

Rows = dict[str, list[tuple[Any, ...]]]


def fill(engine: Engine, *counties: str) -> None:
    """Two rows in every table for each county, one where the county is the whole key."""
    with writing(engine) as connection:
        for number, county in enumerate(counties):
            for table in metadata.tables.values():
                for n in range(1, min(2, len(table.primary_key)) + 1):
                    _insert(connection, table, county, 2 * number + n)
        connection.commit()


def _insert(connection: Connection, table: Table, county: str, n: int) -> None:
    values = {c.name: county if c.name == "county" else _value(c, n) for c in table.columns}
    connection.execute(table.insert().values(**values))


def _value(column: Column[Any], n: int) -> Any:
    if isinstance(column.type, Boolean):
        return n % 2 == 0
    if isinstance(column.type, Integer):  # of any size
        return n
    assert isinstance(column.type, String | Text)
    return f"值{n}"[: column.type.length or None]


def everything(engine: Engine) -> Rows:
    """All rows of all tables, in the order of their text."""
    with reading(engine) as connection:
        return {
            name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for name, table in metadata.tables.items()
        }
