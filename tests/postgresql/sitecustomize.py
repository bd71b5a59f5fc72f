"""Every store of a test lies in PostgreSQL: the switch BIHUAN_TEST_DATABASE=postgresql.

A home keeps its `bihuan.sqlite`, but what is in it is the name of a database on the tests' server.
So whatever a test does to the file happens to the store: where there is none, a database is made;
who copies the file, or the home around it, has a copy of the database once it is opened; who
deletes it begins anew. Databases whose home has gone are dropped.

Python imports a module of this name by itself when its folder is on PYTHONPATH: thus the commands
and the processes that tests start and kill do the same. In use only where SERVER is set.
"""

import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any
from uuid import uuid4

SERVER = "BIHUAN_TEST_SERVER"  # libpq's address of the server's own database
_ENGINE = "tasks.store.engine"
_SWEPT_EVERY = 8
_made = [0]


class _Redirecting(MetaPathFinder):
    """Stands before the store's engine while it is imported."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name == _ENGINE else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            opened = module.open_engine
            module.open_engine = lambda url: opened(elsewhere(url))

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def elsewhere(url: str) -> str:
    """The address of the PostgreSQL database that stands for a file of SQLite."""
    server = os.environ.get(SERVER)
    if server is None or not url.startswith("sqlite:///"):
        return url
    path = Path(url.removeprefix("sqlite:///"))
    known = json.loads(path.read_text()) if path.exists() and path.stat().st_size else None
    if known is None or known["path"] != str(path):
        known = {"name": _create(server, path, known), "path": str(path)}
        path.write_text(json.dumps(known))
    head, query = server.split("?", 1) if "?" in server else (server, "")
    address = head.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://", 1)
    return f"{address}/{known['name']}?{query}"


def _create(server: str, path: Path, copied: dict[str, str] | None) -> str:
    import psycopg

    name, template = f"h{uuid4().hex}", copied["name"] if copied else "template0"
    with psycopg.connect(server, autocommit=True) as connection:
        if _made[0] % _SWEPT_EVERY == 0:
            _sweep(connection)
        _made[0] += 1
        if copied:  # idle connections of pools; who comes back connects anew
            leave = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname=%s"
            connection.execute(leave, (template,))
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        connection.execute(f"COMMENT ON DATABASE {name} IS '{path}'")
    return name


def _sweep(connection: Any) -> None:
    """Drop the databases whose home has gone."""
    query = (
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname ~ '^h[0-9a-f]{32}$'"
    )
    for name, path in connection.execute(query).fetchall():
        if path and not Path(path).parent.exists():
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


sys.meta_path.insert(0, _Redirecting())
