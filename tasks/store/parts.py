"""PostgreSQL keeps what grows in parts, one per county; SQLite knows nothing of it.

Every statement names its county, so the database reads one county's part and its indexes alone,
and a county can be moved, vacuumed or dumped by itself. What belongs to no part yet lies in the
rest: nothing is refused for want of a part, and `open_county` (by `bihuan migrate`, as the owner)
takes a county's rows out of it. Parts lie in a schema of their own: nobody but the owner can enter
it, so whoever reads or writes goes through the table, under its rights and triggers.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine

from tasks.store import guards
from tasks.store.engine import writing

SCHEMA = "bihuan_parts"
PARTED = (
    "event",
    "finding",
    "identity_link",
    "hazard_span",
    "fact_note",
    "side_step",
    "place_span",
    "check_visit",
)
_COUNTY = re.compile(r"[0-9]{6}")

# Statement → its rows.
Ask = Callable[[str], list[Any]]


def open_county(engine: Engine, county: str) -> tuple[str, ...]:
    """Give a county its parts, with what of it lies in the rest; the tables that had none.

    Repeating it does nothing. Needs the tables' owner. Raises ValueError for what is no county.
    """
    if not _COUNTY.fullmatch(county):
        raise ValueError(f"{county!r} is no county's code of six digits, so it has no part")
    if engine.dialect.name != "postgresql":
        return ()
    with writing(engine) as connection:
        present = set(_parts(_asking(connection), None))
        new = tuple(t for t in PARTED if f"{t}_{county}" not in present)
        for table in new:
            _run(connection, _opened(_asking(connection), table, county))
        connection.commit()
    return new


def _opened(ask: Ask, table: str, county: str) -> Iterator[str]:
    part, rest = f"{SCHEMA}.{table}_{county}", _rest(table)
    made = f"CREATE TABLE {part} PARTITION OF {table} FOR VALUES IN ('{county}')"
    if ask(f"SELECT 1 FROM {rest} WHERE county = '{county}' LIMIT 1"):
        yield f"ALTER TABLE {table} DETACH PARTITION {rest}"  # its triggers go with that
        yield made
        yield f"INSERT INTO {part} SELECT * FROM {rest} WHERE county = '{county}'"
        yield f"DELETE FROM {rest} WHERE county = '{county}'"
        yield f"ALTER TABLE {table} ATTACH PARTITION {rest} DEFAULT"
    else:
        yield made
    if table in guards.APPEND_ONLY:
        yield guards.no_truncate(part, table)


def divide(connection: Connection) -> None:
    """Make the whole tables tables of parts; what is in them becomes the rest, and is not moved."""
    _run(connection, (guards.FUNCTION, f"CREATE SCHEMA {SCHEMA}"))
    for table in PARTED:
        _run(connection, _divided(_asking(connection), table))


def _divided(ask: Ask, table: str) -> Iterator[str]:
    keys = ask(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE conrelid = '{table}'::regclass AND contype IN ('p', 'u')"
    )
    indexes = ask(
        f"SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '{table}'::regclass"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"
    )
    if table in guards.APPEND_ONLY:
        yield from guards.off_postgres(table)
    yield f"ALTER TABLE {table} SET SCHEMA {SCHEMA}"  # with its indexes: their names are free
    yield f"ALTER TABLE {SCHEMA}.{table} RENAME TO {table}_rest"
    columns = f"LIKE {_rest(table)} INCLUDING DEFAULTS"
    yield f"CREATE TABLE {table} ({columns}) PARTITION BY LIST (county)"
    for name, definition in keys:
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    yield from (definition for (definition,) in indexes)  # as they were: they name the table
    yield f"ALTER TABLE {table} ATTACH PARTITION {_rest(table)} DEFAULT"
    if table in guards.APPEND_ONLY:
        yield from guards.on_postgres(table)
        yield guards.no_truncate(_rest(table), table)


def unite(connection: Connection) -> None:
    """The way back: every part's rows go into the rest, which is the table again."""
    ask = _asking(connection)
    for table in PARTED:
        _run(connection, _united(ask, table))
    connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA}")


def _united(ask: Ask, table: str) -> Iterator[str]:
    schema = ask("SELECT current_schema()")[0][0]
    names = ask(
        "SELECT c.relname, p.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " JOIN pg_class p ON p.oid = i.inhparent JOIN pg_index x ON x.indexrelid = c.oid"
        f" WHERE x.indrelid = '{_rest(table)}'::regclass"
    )
    if table in guards.APPEND_ONLY:
        yield from guards.off_postgres(table)
        yield f"DROP TRIGGER {table}_no_truncate ON {_rest(table)}"
    for part in _parts(ask, table):
        if part != f"{table}_rest":
            yield f"ALTER TABLE {table} DETACH PARTITION {SCHEMA}.{part}"
            yield f"INSERT INTO {_rest(table)} SELECT * FROM {SCHEMA}.{part}"
            yield f"DROP TABLE {SCHEMA}.{part}"
    yield f"ALTER TABLE {table} DETACH PARTITION {_rest(table)}"
    yield f"DROP TABLE {table}"
    yield from (
        f"ALTER INDEX {SCHEMA}.{own} RENAME TO {name}" for own, name in names if own != name
    )
    yield f"ALTER TABLE {_rest(table)} RENAME TO {table}"
    yield f"ALTER TABLE {SCHEMA}.{table} SET SCHEMA {schema}"
    if table in guards.APPEND_ONLY:
        yield from guards.on_postgres(table)


def _rest(table: str) -> str:
    return f"{SCHEMA}.{table}_rest"


def _parts(ask: Ask, table: str | None) -> list[str]:
    """The names of a table's parts; None: of all tables."""
    of_table = f" AND i.inhparent = '{table}'::regclass" if table else ""
    found = ask(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        f" WHERE c.relkind = 'r' AND c.relnamespace = '{SCHEMA}'::regnamespace{of_table}"
    )
    return [name for (name,) in found]


def _asking(connection: Connection) -> Ask:
    def ask(statement: str) -> list[Any]:
        return list(connection.exec_driver_sql(statement))

    return ask


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:  # a % in them is a %
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
