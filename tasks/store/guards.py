"""Append-only by the database's own hand: triggers that refuse to change what was written.

SQLite's INSERT OR REPLACE slips past a delete trigger, so an insert of an existing key is refused
as well; PostgreSQL also refuses TRUNCATE, of a county's part too (`parts`).
"""

from collections.abc import Iterator
from typing import Any

APPEND_ONLY = {
    "event": ("county", "stream_id", "version"),
    "ledger_slice": ("county", "last_seq"),
    "document": ("county", "digest"),
}


def create(dialect: str) -> Iterator[str]:
    for table, key in APPEND_ONLY.items():
        yield from _sqlite(table, key) if dialect == "sqlite" else _postgres(table)


def drop(dialect: str) -> Iterator[str]:
    for table in APPEND_ONLY:
        if dialect == "sqlite":
            for action in ("update", "delete", "replace"):
                yield f"DROP TRIGGER IF EXISTS {table}_no_{action}"
        else:
            yield from off_postgres(table)
    if dialect != "sqlite":
        yield "DROP FUNCTION IF EXISTS bihuan_append_only()"


def _sqlite(table: str, key: tuple[str, ...]) -> Iterator[str]:
    for action in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN"
            f" SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    yield (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN"
        f" SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _postgres(table: str) -> Iterator[str]:
    if table == next(iter(APPEND_ONLY)):
        yield FUNCTION
    yield from on_postgres(table)


# In a part the trigger's own table is the part: what is refused is named by the argument.
FUNCTION = (
    "CREATE OR REPLACE FUNCTION bihuan_append_only() RETURNS trigger AS $$ BEGIN"
    " RAISE EXCEPTION '% is append-only', coalesce(TG_ARGV[0], TG_TABLE_NAME); END $$"
    " LANGUAGE plpgsql"
)


def on_postgres(table: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION bihuan_append_only('{table}')"
    )
    yield no_truncate(table, table)


def no_truncate(part: str, table: str) -> str:
    """Of `table` or of a part of it: triggers of statements are not handed down to parts."""
    return (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {part}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION bihuan_append_only('{table}')"
    )


def off_postgres(table: str) -> Iterator[str]:
    for name in ("change", "truncate"):
        yield f"DROP TRIGGER IF EXISTS {table}_no_{name} ON {table}"


def run(operations: Any, statements: Iterator[str]) -> None:
    for statement in statements:
        operations.execute(statement)
