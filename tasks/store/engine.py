"""Connections to the store: SQLite by default, PostgreSQL in production, the same SQL on both.

Promise: every write transaction takes the writer's place at once (BEGIN IMMEDIATE on SQLite), so
that it never fails half-way for a lock; leaving the block without `commit` rolls back. No error
quotes a row, neither its parameters nor what the database says of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError

_BUSY_SECONDS = 60
_OF_VALUES = "22"  # SQLSTATE's class of data that do not fit their column


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def open_engine(url: str) -> Engine:
    """An engine that never prints parameters (they may hold people's data)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    event.listens_for(engine, "handle_error")(_without_rows)
    return engine


def _without_rows(context: ExceptionContext) -> None:
    """PostgreSQL quotes the row it refuses; who reads an error may not be who may read the row."""
    known = context.sqlalchemy_exception
    if known is not None and _shorten(context.original_exception):
        error = context.original_exception
        known.args = (f"({type(error).__module__}.{type(error).__name__}) {error}",)


def _shorten(error: BaseException) -> bool:
    """Leave an error of psycopg its first line, or its name where that quotes a value too.

    Whether it is one of a statement.
    """
    diagnosis = getattr(error, "diag", None)
    said, state = (getattr(diagnosis, n, None) for n in ("message_primary", "sqlstate"))
    if said is None or state is None:
        return False
    error.args = (f"{type(error).__name__}, {state}" if state.startswith(_OF_VALUES) else said,)
    return True


def translated(connection: Connection, statement: str, error: Exception) -> Exception:
    """What SQLAlchemy would have raised had it run the statement, without the row."""
    _shorten(error)
    base = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        statement, None, error, base, hide_parameters=True, dialect=connection.dialect
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {_BUSY_SECONDS * 1000}",
            "temp_store = MEMORY",
            "cache_size = -262144",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("bihuan_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the store, however many queries are asked of it."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # SQLite's transactions are such views anyway
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection
        connection.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction; only an explicit `connection.commit()` keeps it."""
    with engine.connect().execution_options(bihuan_writes=True) as connection:
        connection.begin()
        yield connection
        if connection.in_transaction():
            connection.rollback()
