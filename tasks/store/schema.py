"""The store's schema: Alembic migrations, from the first table on, on both databases.

`upgrade` is idempotent; `is_current` is what every command checks before it touches the store.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from tasks.store.engine import reading, writing

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaOutdated(Exception):
    """The database is not at the version this program needs; the message says what to run."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> str:
    """Bring the schema up; returns the version reached."""
    with writing(engine) as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()
    return version(engine)


def downgrade(engine: Engine, revision: str) -> str:
    with writing(engine) as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()
    return version(engine)


def version(engine: Engine) -> str:
    """The version the database is at, "" for an empty database."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


@cache
def latest() -> str:
    """The version of this program; every command asks, and Alembic imports all migrations."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def require_current(engine: Engine) -> None:
    """Raises SchemaOutdated unless the database is at the latest version."""
    found, wanted = version(engine), latest()
    if found != wanted:
        raise SchemaOutdated(
            f"the store is at version {found or 'none'}, this program needs {wanted}: run"
            " `bihuan migrate` (after a backup)"
        )
