"""Another office's database, opened so that it cannot be written to.

SQLite files with mode=ro, PostgreSQL in READ ONLY transactions, MySQL and MariaDB in READ ONLY
sessions. A database that cannot be opened so, or whose driver is not installed, is refused with the
next step. Every connection has a time limit and none is kept.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from tasks.sources.base import PullRequest, SourceRefused
from tasks.sources.http_auth import token_of

# The driver that is taken where the url names none.
DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
PACKAGES = {"mysqldb": "mysqlclient"}  # where a driver's package has another name
READ_ONLY_SESSION = "SET SESSION TRANSACTION READ ONLY"


@dataclass(frozen=True)
class _Opening:
    """What makes a connection bounded and read only."""

    connect: dict[str, Any]
    execution: dict[str, Any] = field(default_factory=dict)


def read_only_engine(request: PullRequest) -> Engine:
    """An engine on the settings' url. Raises SourceRefused."""
    url = _url(request)
    opening = _opening(request, url.drivername.partition("+")[0])
    try:
        return create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args=opening.connect,
            execution_options=opening.execution,
        )
    except (ImportError, NoSuchModuleError):
        backend, _, driver = url.drivername.partition("+")
        reason = (
            f"no driver for {url.drivername} is installed here: pip install"
            f" {PACKAGES.get(driver, driver)}, or name another in {request.setting('url')}, like"
            f" {backend}+driver://…"
        )
        raise SourceRefused(request.name, reason, "settings") from None


def _opening(request: PullRequest, backend: str) -> _Opening:
    seconds = request.settings.timeout_seconds
    whole = max(1, int(seconds))
    if backend == "sqlite":
        return _Opening({"timeout": seconds})
    if backend == "postgresql":
        limit = f"-c statement_timeout={int(seconds * 1000)}"
        read_only = {"postgresql_readonly": True}
        return _Opening({"connect_timeout": whole, "options": limit}, read_only)
    if backend in ("mysql", "mariadb"):
        limits = {"connect_timeout": whole, "read_timeout": whole}
        return _Opening({**limits, "init_command": READ_ONLY_SESSION})
    reason = (
        f"a {backend} database cannot be opened read only here, so it is not opened; ask its owner"
        f" for a copy in sqlite, postgresql or mysql and name it in {request.setting('url')}"
    )
    raise SourceRefused(request.name, reason, "settings")


def _url(request: PullRequest) -> URL:
    """The settings' url, read only for SQLite; a configured token is the password."""
    try:
        url = make_url(request.settings.url or "")
    except ArgumentError:
        reason = f"{request.setting('url')} is not set to a database address like sqlite:////…"
        raise SourceRefused(request.name, reason, "settings") from None
    token = token_of(request)
    if token:
        url = url.set(password=token)
    backend, _, driver = url.drivername.partition("+")
    if not driver and backend in DRIVERS:
        return url.set(drivername=f"{backend}+{DRIVERS[backend]}")
    if backend != "sqlite" or not url.database:
        return url
    path = url.database.removeprefix("file:")
    return url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
