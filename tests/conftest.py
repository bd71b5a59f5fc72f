"""What every test may lean on: a real PostgreSQL, the shared real data, Hypothesis profiles.

Nothing here patches anything, but where BIHUAN_TEST_DATABASE=postgresql puts the store of every
home into PostgreSQL (`tests.postgresql.sitecustomize`).
"""

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import tests.postgresql.sitecustomize  # before anything of the store is

# isort: split
import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tasks.store.engine import open_engine, sqlite_url
from tasks.store.schema import upgrade
from tests.store.tiny import Tiny
from tools.postgres import fresh_database, throwaway_server, unlasting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ON_POSTGRESQL = os.environ.get("BIHUAN_TEST_DATABASE", "sqlite") == "postgresql"

# No deadline: two workers on a shared machine say nothing about one example's speed.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "nightly", settings.get_profile("ci"), derandomize=False, max_examples=10_000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The file that holds what may take longest starts first.

    One file is one worker's (`--dist loadfile`): its fixtures are made once, its story is told in
    order, and no worker is left alone with a long one at the end.
    """
    if ON_POSTGRESQL:
        _leave_out(config, items)
    longest: dict[Path, float] = {}
    for item in items:
        longest[item.path] = max(longest.get(item.path, 0), _allowed_seconds(item))
    items.sort(key=lambda item: -longest[item.path])


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL nothing is said of SQLite: neither of its own ways, nor a second time."""
    left = [item for item in items if item.get_closest_marker("sqlite") or "sqlite" in _given(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _given(item: pytest.Item) -> set[str]:
    """The texts among an item's parameters."""
    params = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    return {value for value in params.values() if isinstance(value, str)}


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _allowed_seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Any]:
    # A short path of its own: a socket's path may have 107 bytes, and as root the server runs as
    # another user, who must be able to walk to it.
    folder = Path(tempfile.mkdtemp(prefix="bihuan-pg-"))
    try:
        with throwaway_server(folder / "data") as server:
            # A pool of every home that was ever opened would be too many connections.
            unlasting(
                server.get_uri(), **({"idle_session_timeout": "20s"} if ON_POSTGRESQL else {})
            )
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _stores_in_postgresql(request: pytest.FixtureRequest) -> None:
    """Where the whole run is on PostgreSQL: this process and those it starts know the server."""
    if ON_POSTGRESQL:
        server = request.getfixturevalue("_postgres")
        os.environ[tests.postgresql.sitecustomize.SERVER] = server.get_uri()
        folders = (str(ROOT / "tests" / "postgresql"), os.environ.get("PYTHONPATH", ""))
        os.environ["PYTHONPATH"] = os.pathsep.join(f for f in folders if f)


@pytest.fixture
def postgres_url(_postgres: Any) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database, dropped after the test."""
    with fresh_database(_postgres) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A headless browser for one file of tests.

    Not longer, and defined here alone: Playwright's loop runs in this thread as long as the
    browser is open, and neither a second browser nor `asyncio.run` works beside it.
    """
    from playwright.sync_api import sync_playwright

    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") != "true":
        pytest.skip("pages cannot be looked at here: no chromium found")
    assert found, "chromium is expected here"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data beside the repository; tests only read it."""
    folder = ROOT.parent / "shared" / "data"
    if folder.is_dir():
        return folder
    reason = "no real data: the public data sets are expected in ../shared/data"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the present schema, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite"
    made = open_engine(sqlite_url(path))
    upgrade(made)
    made.dispose()
    return path


@pytest.fixture
def tiny(tmp_path: Path, migrated_file: Path) -> Tiny:
    """An empty county on SQLite."""
    return Tiny.make(tmp_path, migrated_file)


@pytest.fixture
def own_environment() -> Iterator[None]:
    """Commands change this process's environment and speak English; the test's end undoes it."""
    before = dict(os.environ)
    os.environ["BIHUAN_LANG"] = "en"
    yield
    os.environ.clear()
    os.environ.update(before)
