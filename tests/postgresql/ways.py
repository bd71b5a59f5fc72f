"""What a test must say differently where every store is in PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from tasks.store.engine import open_engine, reading, sqlite_url
from tests.house.code import ROOT

if TYPE_CHECKING:
    from tests.store.tiny import Tiny

ON_POSTGRESQL = os.environ.get("BIHUAN_TEST_DATABASE") == "postgresql"
# For processes that tests start: ours, and what finds their stores.
PYTHON_PATH = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "postgresql")))
# Before a forgery, in its transaction: what somebody does who owns the database.
UNGUARDED = (
    ("SET LOCAL session_replication_role = replica",)
    if ON_POSTGRESQL
    else tuple(f"DROP TRIGGER event_no_{what}" for what in ("update", "delete", "replace"))
)


def forgetful(tiny: "Tiny") -> None:
    """Let this store's ledger be emptied, from now on."""
    if ON_POSTGRESQL:
        name = tiny.county.engine.url.database
        tiny.execute(f"ALTER DATABASE {name} SET session_replication_role = replica")
        tiny.county.engine.dispose()  # connections that are open are as they were
        return
    names = tiny.query("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    tiny.execute(*(f"DROP TRIGGER {name}" for (name,) in names))


def elsewhere(path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Every value of each table of the database that stands for this file."""
    engine = open_engine(sqlite_url(path))
    with reading(engine) as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
            yield table, [str(value).encode() for row in rows for value in row]
    engine.dispose()


def refusing(action: str, table: str) -> tuple[str, ...]:
    """Statements after which the database refuses to do that: an integrity error that says full."""
    if not ON_POSTGRESQL:
        raised = "BEGIN SELECT RAISE(ABORT, 'full'); END"
        return (f"CREATE TRIGGER refused BEFORE {action} ON {table} {raised}",)
    return (
        "CREATE FUNCTION refused() RETURNS trigger AS"
        " $$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'full'; END $$"
        " LANGUAGE plpgsql",
        f"CREATE TRIGGER refused BEFORE {action} ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refused()",
    )
