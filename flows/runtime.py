"""Where a run happens: which home, which moment, and a Prefect that stays in it and is silent.

`prepare` must be called before prefect is imported: Prefect reads its settings at import. After
it, Prefect keeps its database, profiles and logs under HOME/prefect, never ours, starts a server
of its own when nobody serves one, tells nobody, and needs no network.

    settings = Settings.load(home)
    prepare(settings)                 # then: from flows.collect import collect
    county, now = opened(), moment()
"""

import gc
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import access
from flows.logs import keep_log
from schemas.settings import Settings, default_home

if TYPE_CHECKING:
    from tasks.county import County

# A first start migrates Prefect's database: 7 to 37 s were seen, and the default allows 20.
_STARTUP_SECONDS = 120
QUIET = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # it asks an outside host for its configuration
    "PREFECT_SERVER_UI_API_URL": "/api",  # else remote browsers are sent to 127.0.0.1
    "PREFECT_CLI_PROMPT": "false",
}
OWN_LOGGERS = ("flows", "tasks", "rules")


def environment(settings: Settings, console: str = "CRITICAL") -> dict[str, str]:
    """The variables under which Prefect runs for a home; analytics off, its own SQLite.

    `console`: the least level of Prefect's log lines on stderr; its own pages show all of them.
    """
    folder = settings.home / "prefect"
    return {
        **QUIET,
        "BIHUAN_HOME": str(settings.home),
        "PREFECT_HOME": str(folder),
        "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": _database(settings),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(_STARTUP_SECONDS),
        # A request that met a locked SQLite hung for the default 60 s; it is asked again.
        "PREFECT_API_REQUEST_TIMEOUT": "20",
        "PREFECT_LOGGING_EXTRA_LOGGERS": ",".join(OWN_LOGGERS),
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": console,
    }


def _database(settings: Settings) -> str:
    """A Prefect database that an operator has chosen stays chosen (production: PostgreSQL)."""
    chosen = os.environ.get("BIHUAN_PREFECT_DATABASE_URL")
    return chosen or f"sqlite+aiosqlite:///{settings.home / 'prefect' / 'prefect.db'}"


def prepare(settings: Settings, console: str = "CRITICAL") -> None:
    """Put this process into a home. Call before prefect is imported."""
    (settings.home / "prefect").mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(settings, console))
    _no_proxy()
    _choose_server(settings)


def _choose_server(settings: Settings) -> None:
    """A server that somebody else configured for this shell is not ours to write to."""
    if settings.prefect_api_url is None:
        os.environ.pop("PREFECT_API_URL", None)
        return
    os.environ["PREFECT_API_URL"] = settings.prefect_api_url
    if known := access.password(settings):
        os.environ.setdefault("PREFECT_API_AUTH_STRING", known)


def _no_proxy() -> None:
    """Loopback is spoken to directly, whatever proxy this shell was given."""
    for name in ("NO_PROXY", "no_proxy"):
        known = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*known, "127.0.0.1", "localhost"]))


@contextmanager
def server_ahead() -> Iterator[None]:
    """Prefect's own server starts while the block imports and prepares; it answers afterwards.

    Both take about ten seconds. Nothing happens where a served one is named. Raises what the start
    raised.
    """
    if "PREFECT_API_URL" in os.environ:
        yield
        return
    from prefect.server.api.server import SubprocessASGIServer

    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(SubprocessASGIServer().start)
        yield
        started.result()


@contextmanager
def without_heartbeat() -> Iterator[None]:
    """Runs that a person waits for need no heartbeat, and ending one costs a second each time."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def warm() -> None:
    """Import what a collect needs and a flow's module must not: seconds, once per process.

    The libraries' hundreds of thousands of objects stay; the garbage collector need not walk them
    again each time that frames have come and gone.
    """
    from expectations.building import gx

    gx()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def opened() -> "County":
    """The county of this process's home, its store at the version this program needs."""
    settings = Settings.load(default_home())
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    county = _county(settings.home, settings.county, settings.config_dir, url)
    return replace(county, settings=settings)


@cache
def _county(home: Path, county: str, config: Path | None, url: str) -> "County":
    """Opened once per process: a run's tasks share one engine. The arguments are the key.

    What the process says is kept in the home's log from then on.
    """
    from tasks.county import open_county
    from tasks.store.schema import require_current

    opened_county = open_county(Settings.load(home))
    require_current(opened_county.engine)
    keep_log(home, opened_county.code)
    return opened_county


def moment() -> int:
    """The present as UTC ms; BIHUAN_NOW stands it still, in demo homes only."""
    return opened().now()


def asked_at() -> int:
    """When this run was asked for (UTC ms): the same however often it is carried out.

    The present outside of a run, and where a clock stands still.
    """
    from prefect.runtime import flow_run

    county = opened()
    if county.settings.now is not None:
        return county.now()
    return min(county.now(), int(flow_run.scheduled_start_time.timestamp() * 1000))


@contextmanager
def standing_at(now: int | None) -> Iterator[None]:
    """Let the clock of a demo home stand at `now` (UTC ms); None leaves it alone."""
    if now is None:
        yield
        return
    before = os.environ.get("BIHUAN_NOW")
    os.environ["BIHUAN_NOW"] = datetime.fromtimestamp(now / 1000, UTC).isoformat()
    try:
        yield
    finally:
        if before is None:
            del os.environ["BIHUAN_NOW"]
        else:
            os.environ["BIHUAN_NOW"] = before


_TRANSIENT = {"OperationalError", "InterfaceError", "LeaseHeld"}


def is_transient(error: BaseException | None) -> bool:
    """Whether the same step may succeed a moment later without anybody doing anything."""
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    return bool(_TRANSIENT & {kind.__name__ for kind in type(error).__mro__})


def retry_transient(_task: Any, _run: Any, state: Any) -> bool:
    """`retry_condition_fn` of every task: steps are idempotent, but a wrong input stays wrong."""
    try:
        state.result()
    except Exception as error:
        return is_transient(error)
    return False


def step(name: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """@task as every step here is declared: no cache, named runs, transient errors tried again.

    A step has no tags: Prefect asks its server for a slot under each tag of each task (0.3 s), and
    the run around it carries them already.
    """
    from prefect import task
    from prefect.cache_policies import NO_CACHE
    from prefect.context import TagsContext

    declared = task(
        name=name,
        cache_policy=NO_CACHE,
        retries=2,
        retry_delay_seconds=[5, 30],
        retry_condition_fn=retry_transient,
        **options,
    )

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        run = declared(function)

        @wraps(function)
        def untagged(*arguments: Any, **named: Any) -> Any:
            with TagsContext(current_tags=set()):
                return run(*arguments, **named)

        return untagged

    return made
