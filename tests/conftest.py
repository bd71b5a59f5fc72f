"""What every test may lean on: a real PostgreSQL, the shared real data, Hypothesis profiles.

Nothing here patches anything.
"""

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tasks.store.engine import open_engine, sqlite_url
from tasks.store.schema import upgrade
from tests.store.tiny import Tiny
from tools.postgres import fresh_database, throwaway_server

ROOT = Path(__file__).resolve().parents[1]

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that holds what may take longest starts first.

    One file is one worker's (`--dist loadfile`): its fixtures are made once, its story is told in
    order, and no worker is left alone with a long one at the end.
    """
    longest: dict[Path, float] = {}
    for item in items:
        longest[item.path] = max(longest.get(item.path, 0), _allowed_seconds(item))
    items.sort(key=lambda item: -longest[item.path])


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
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(_postgres: Any) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database, dropped after the test."""
    with fresh_database(_postgres) as url:
        yield url


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
