"""The store as one file, taken while it is in use, and put back into an empty place.

SQLite is copied by its own `VACUUM INTO`, PostgreSQL by pg_dump in its custom format: both give
the store as it was at one moment. A password never stands on a command line: it goes through the
environment of pg_dump and pg_restore, as libpq reads it.
"""

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, inspect

from tasks.store.engine import reading

SQLITE, POSTGRES = "store.sqlite", "store.dump"
_TABLE = "event"


class DumpFailed(Exception):
    """The store could not be copied or put back; the message says why and what to do."""


def dump(engine: Engine, folder: Path) -> Path:
    """The store's file in `folder`. Raises DumpFailed."""
    if engine.dialect.name == "sqlite":
        path = folder / SQLITE
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.connection.cursor().execute("VACUUM INTO ?", (str(path),))
        return path
    path = folder / POSTGRES
    _run(engine, "pg_dump", "--format=custom", f"--file={path}", "--no-password")
    return path


def restore(engine: Engine, path: Path) -> None:
    """Fill the empty database of `engine` from a file of `dump`, or leave it empty.

    Owner and rights are those of whoever connects: `bihuan migrate` shares them again. Raises
    DumpFailed.
    """
    require_fitting(engine, path)
    if engine.dialect.name == "sqlite":
        shutil.copyfile(path, str(engine.url.database))
        return
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(engine, "pg_restore", "--no-password", *options, str(path))


def require_fitting(engine: Engine, path: Path) -> None:
    """Raises DumpFailed where the file is of the other database, or where this one is not empty."""
    wanted = SQLITE if engine.dialect.name == "sqlite" else POSTGRES
    if path.name != wanted:
        raise DumpFailed(
            f"{path.name} cannot be put into {engine.dialect.name}, which takes a {wanted}: set"
            " database_url to what the back-up was made from"
        )
    if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
        return
    with reading(engine) as connection:
        if inspect(connection).has_table(_TABLE):
            raise DumpFailed(
                f"{engine.url.render_as_string()} has a ledger already, which is not written over:"
                " create an empty database and name it by BIHUAN_DATABASE_URL"
            )


def _run(engine: Engine, program: str, *options: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise DumpFailed(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's"
            " version or newer"
        )
    url = engine.url
    known = url.translate_connect_args(username="user", database="dbname")
    password = known.pop("password", None)
    address = make_conninfo("", **(dict(url.query) | known))
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    command = [found, *options[:-1], f"--dbname={address}", options[-1]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(done.stderr.split())[-500:]
        raise DumpFailed(f"{program} ended with {done.returncode}: {reason}")
