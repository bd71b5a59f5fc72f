"""Counties side by side on Dask: each as if it were alone, once, whoever is killed meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from flows.side_by_side import Plan, run
from schemas.vocabulary import EditionKind
from tasks.backfilling import Asked, backfill_home
from tests.many.counties import copied, county, drop, editions, opened, province
from tests.postgresql.ways import PYTHON_PATH

WEEKLY = Asked((EditionKind.WEEKLY,))


def two(folder: Path, migrated: Path, lives: int = 5) -> list[Path]:
    found = []
    for code in ("330001", "330002"):
        home = county(folder / code, code, migrated)
        drop(home, lives + int(code[-1]))
        found.append(home)
    return found


def alone(homes: list[Path], folder: Path) -> list[dict[str, Any]]:
    """What the store of each county says when it is done by itself, elsewhere."""
    found = []
    for home in homes:
        copy = copied(home, folder / home.parent.name)
        assert backfill_home(copy, WEEKLY)["ok"]
        found.append(editions(copy))
    return found


def started(above: Path, *more: str) -> subprocess.Popen[str]:
    """`bihuan backfill` of a province, in a process of its own."""
    arguments = ["backfill", "--home", str(above), "--kind", "weekly", "--json", *more]
    return subprocess.Popen(
        [sys.executable, "-c", "from flows.cli.main import main; main()", *arguments],
        cwd=above,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH, "BIHUAN_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answered(process: subprocess.Popen[str], seconds: float = 400) -> dict[str, Any]:
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err[-3000:]
    answer: dict[str, Any] = json.loads(out)
    return answer


@pytest.mark.timeout(400)
def test_two_counties_side_by_side_are_each_as_if_it_were_alone_and_a_second_run_changes_nothing(
    tmp_path: Path, migrated_file: Path
) -> None:
    homes = two(tmp_path / "counties", migrated_file)
    expected = alone(homes, tmp_path / "alone")
    plan = Plan("dask", 2)
    first = run(plan, homes, WEEKLY, "en", with_prefect=False)
    assert [(r["ok"], r["published"]) for r in first] == [(True, 2), (True, 2)]
    assert [editions(home) for home in homes] == expected
    again = run(Plan("one_by_one"), homes, WEEKLY, "en", with_prefect=False)
    assert [(r["published"], r["kept"]) for r in again] == [(0, 2), (0, 2)]
    assert [editions(home) for home in homes] == expected


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_the_flow_runs_one_task_per_county_on_dask_and_names_the_one_that_failed(
    tmp_path: Path, migrated_file: Path
) -> None:
    homes = two(tmp_path / "counties", migrated_file)
    expected = alone(homes, tmp_path / "alone")
    broken = county(tmp_path / "counties" / "330003", "330003", migrated_file)
    (broken / "bihuan.sqlite").write_bytes(b"no database at all" * 100)
    above = province(tmp_path / "above", "../counties/*/home")
    process = started(above, "--workers", "2")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 1, err[-3000:]
    answer = json.loads(out)
    assert answer["how"]["way"] == "dask"
    assert [c["ok"] for c in answer["counties"]] == [True, True, False]
    assert answer["counties"][2]["problem"]
    assert [editions(home) for home in homes] == expected


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The cluster's worker processes: the nannies' children of the process that we started."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [c for c in children if "spawn_main" in " ".join(c.cmdline())]


def at_work(homes: list[Path], least: int = 1) -> bool:
    """Whether so many of the editions lie there, and not yet all."""
    done = sum(len(list(home.glob("editions/*/weekly/*/1/edition.json"))) for home in homes)
    return least <= done < 2 * len(homes)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("more", [("--no-prefect",), ()], ids=["direct", "prefect"])
def test_a_killed_worker_loses_nothing_and_has_every_effect_once(
    tmp_path: Path, migrated_file: Path, more: tuple[str, ...]
) -> None:
    homes = two(tmp_path / "counties", migrated_file, lives=400)
    expected = alone(homes, tmp_path / "alone")
    above = province(tmp_path / "above", "../counties/*/home")
    process = started(above, "--workers", "2", *more)
    until = time.monotonic() + 300
    killed: list[int] = []
    while process.poll() is None and time.monotonic() < until and not killed:
        if at_work(homes):
            busy = max(workers_of(process), key=lambda c: sum(c.cpu_times()[:2]))
            os.kill(busy.pid, signal.SIGKILL)
            killed.append(busy.pid)
        time.sleep(0.02)
    answer = answered(process)
    assert killed, "nothing was killed, so nothing was shown"
    assert [c["ok"] for c in answer["counties"]] == [True, True]
    assert [editions(home) for home in homes] == expected


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_backfill_that_is_killed_goes_on_where_it_stopped(
    tmp_path: Path, migrated_file: Path
) -> None:
    homes = two(tmp_path / "counties", migrated_file, lives=100)
    expected = alone(homes, tmp_path / "alone")
    above = province(tmp_path / "above", "../counties/*/home")
    process = started(above, "--no-prefect")
    until = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < until and not at_work(homes, 2):
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert at_work(homes), "it was over before it was killed"
    answer = answered(started(above, "--no-prefect"))
    assert sum(c["published"] for c in answer["counties"]) < 4
    assert [editions(home) for home in homes] == expected


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_without_the_extra_counties_are_done_in_processes_and_a_lost_one_stops_nobody(
    tmp_path: Path, migrated_file: Path
) -> None:
    homes = two(tmp_path / "counties", migrated_file)
    expected = alone(homes, tmp_path / "alone")
    found = run(Plan("processes", 2), homes, WEEKLY, "en", with_prefect=False)
    assert [r["published"] for r in found] == [2, 2]
    assert [editions(home) for home in homes] == expected


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_two_counties_share_one_postgresql_database(
    tmp_path: Path, migrated_file: Path, postgres_url: str
) -> None:
    from tasks.store.engine import open_engine
    from tasks.store.parts import open_county
    from tasks.store.schema import upgrade

    homes = two(tmp_path / "counties", migrated_file)
    expected = alone(homes, tmp_path / "alone")
    engine = open_engine(postgres_url)
    upgrade(engine)
    for home in homes:
        settings = home / "bihuan.toml"
        text = settings.read_text("utf-8")
        settings.write_text(f'database_url = "{postgres_url}"\n{text}', "utf-8")
        open_county(engine, home.parent.name)
    engine.dispose()
    first = run(Plan("dask", 2), homes, WEEKLY, "en", with_prefect=False)
    assert [(r["ok"], r["published"]) for r in first] == [(True, 2), (True, 2)], first
    tiny = opened(homes[0])
    for home, alone_there in zip(homes, expected, strict=True):
        rows = tiny.query(
            "SELECT kind, period, number, body_digest FROM edition"
            f" WHERE county = '{home.parent.name}' ORDER BY seq"
        )
        assert [list(row) for row in rows] == alone_there["editions"]
    tiny.county.engine.dispose()
