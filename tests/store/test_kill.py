"""Nothing is lost and nothing doubled when an ingest is killed with -9 at any point.

Four points for each database in `make test`, 20 and 200 nightly, by the same code. The broken
order (what was read is ticked off before its rows are committed) is caught by the same comparison.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.code import ROOT
from tests.store.kill_world import SCALE_OF_20_000_ROWS, make_world

Answer = dict[str, Any]
Driver = Callable[..., Answer]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A driver process in a session of its own; jobs go in, answers come out."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "tests.store.kill_driver"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as process:
        assert process.stdin and process.stdout
        _say(process, scratch=str(folder / "scratch"))

        def ask(**job: Any) -> Answer:
            name = f"job-{len(list(folder.iterdir()))}"
            _say(process, homes=str(folder / name), **job)
            (folder / name).mkdir()
            answer: Answer = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return answer

        yield ask
        process.stdin.close()
        process.wait(timeout=30)


def _say(process: subprocess.Popen[str], **job: Any) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(job) + "\n")
    process.stdin.flush()


def faults(answer: Answer) -> list[str]:
    """What a killed and ended ingest has, lacks or has twice, compared with the unkilled one."""
    expected = answer["reference"]
    found = [f for run in answer["series"] for f in _differences(expected, run)]
    return found + [f"after {kill}" for kill in answer["kills"] if not _whole(kill["whole"])]


def _differences(expected: Answer, run: Answer) -> Iterator[str]:
    for name, (rows, digest) in ((n, v) for n, v in expected.items() if isinstance(v, list) and v):
        if run[name] != [rows, digest]:
            change = run[name][0] - rows
            word = "lost" if change < 0 else "doubled" if change else "changed"
            yield f"{name}: {abs(change)} {word}"
    if run["distinct"] != run["events"][0]:
        yield f"events: {run['events'][0] - run['distinct']} ids doubled"
    yield from (f"audit: {finding}" for finding in run["audit"])


def _whole(state: dict[str, int]) -> bool:
    """Head, events and slices agree: a slice is there whole, with all it changed, or not at all."""
    agree = {state[n] for n in ("head", "events", "last", "slices", "in_slices")}
    return len(agree) == 1 and state["beyond"] == 0


def _kill(driver: Driver, tmp_path: Path, url: str, kills: int) -> Answer:
    rows = make_world(tmp_path / "world", SCALE_OF_20_000_ROWS)
    assert rows >= 20_000
    answer = driver(world=str(tmp_path / "world"), url=url, kills=kills, seed=kills, broken=False)
    assert answer["reference"]["events"][0] >= rows
    assert answer["reference"]["waiting"][0] == 0
    assert len(answer["kills"]) == kills
    return answer


POINTS = [
    pytest.param(4, marks=pytest.mark.timeout(900)),
    pytest.param(20, marks=[pytest.mark.nightly, pytest.mark.timeout(900)]),
    pytest.param(200, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
]


@pytest.mark.parametrize("kills", POINTS)
def test_an_ingest_killed_on_sqlite_loses_and_doubles_nothing(
    driver: Driver, tmp_path: Path, kills: int
) -> None:
    assert faults(_kill(driver, tmp_path, "", kills)) == []


@pytest.mark.parametrize("kills", POINTS)
def test_an_ingest_killed_on_postgresql_loses_and_doubles_nothing(
    driver: Driver, tmp_path: Path, postgres_url: str, kills: int
) -> None:
    assert faults(_kill(driver, tmp_path, postgres_url, kills)) == []


def test_ticking_off_before_the_rows_are_committed_is_caught_losing_rows(
    driver: Driver, tmp_path: Path
) -> None:
    make_world(tmp_path / "world", 0.002)
    answer = driver(world=str(tmp_path / "world"), url="", kills=3, seed=1, broken=True)
    found = faults(answer)
    assert any(f.startswith("events: ") and f.endswith(" lost") for f in found), found
