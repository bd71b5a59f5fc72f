"""What one county costs beside others: 1, 4, 16 of them, and several at once on Dask.

Every county gets the same world under a code of its own, collects it and publishes some weeks of
its history: `bihuan backfill`, called as the flow calls it. Counties one by one share a process
(and with --postgresql one database of parts): the seconds and the work of a county must stay as
they are with one. Side by side the same counties run on 1, 2, … workers of one Dask cluster. Not
measured: generating, empty tables, process start, imports.

Try: `python -m bench.counties --counties 1 2 --hazards 1000 --workers 1 2`
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import yaml

from bench.product import COUNTY, SOURCES, county_config

REFERENCE = 273_699  # hazards of bench.generate's world at scale 1
NOW, LAST_WEEK = "2025-06-03T12:00:00+08:00", date(2025, 5, 26)  # the day after the world's end
WEEKS = 4


@dataclass(frozen=True)
class OneByOne:
    """So many counties in one process, one after the other."""

    counties: int
    seconds: float  # of a county, the mean
    work: float  # processor seconds of a county, the mean
    worst: float
    peak_rss_mib: int

    def to(self, first: "OneByOne") -> dict[str, float]:
        return {
            "seconds_to_first": self.seconds / first.seconds,
            "work_to_first": self.work / first.work,
        }


@dataclass(frozen=True)
class SideBySide:
    """The same counties on so many workers."""

    workers: int
    counties: int
    seconds: float  # of all
    peak_rss_mib: int  # of the largest worker


def world(folder: Path, hazards: int) -> Path:
    """The deliveries of one county; every county of a run gets these."""
    from bench.generate import generate

    generate(folder, hazards / REFERENCE)
    return folder


def homes(folder: Path, deliveries: Path, count: int, database_url: str = "") -> list[Path]:
    """So many homes of counties with codes of their own, their tables made and still empty."""
    return [
        _home(folder / f"{n:03d}", deliveries, f"99{n:04d}", database_url) for n in range(count)
    ]


def _home(home: Path, deliveries: Path, code: str, database_url: str) -> Path:
    from schemas.settings import Settings
    from tasks.county import open_county
    from tasks.store import parts, vault
    from tasks.store.schema import upgrade

    config = county_config(home / "config")
    path = config / COUNTY / "organisation.yaml"
    organisation = yaml.safe_load(path.read_text("utf-8"))
    organisation |= {"code": code, "name": {"zh": f"虚构县{code}", "en": f"Fictitious {code}"}}
    path.write_text(yaml.safe_dump(organisation, allow_unicode=True), "utf-8")
    (home / "bihuan.toml").write_text(_toml(home, config, deliveries, database_url), "utf-8")
    vault.establish(home / "vault")
    county = open_county(Settings.load(home))
    upgrade(county.engine)
    parts.open_county(county.engine, county.code)
    county.engine.dispose()
    return home


def _toml(home: Path, config: Path, deliveries: Path, database_url: str) -> str:
    lines = ["demo = true", f'now = "{NOW}"', f'county = "{COUNTY}"', f'config_dir = "{config}"']
    lines += [f'database_url = "{database_url}"'] if database_url else []
    for source in SOURCES:
        drop = home / "drop" / source
        drop.mkdir(parents=True)
        (drop / f"{source}.csv").symlink_to((deliveries / f"{source}.csv").resolve())
        lines += [f"[sources.{source}]", f'folder = "{drop}"']
    return "\n".join(lines) + "\n"


def _asked(weeks: int) -> Any:
    from schemas.vocabulary import EditionKind
    from tasks.backfilling import Asked

    return Asked((EditionKind.WEEKLY,), since=LAST_WEEK - timedelta(weeks=weeks - 1))


def _require_done(reports: list[dict[str, Any]], weeks: int) -> None:
    for report in reports:
        if not report["ok"] or report["published"] != weeks:
            raise RuntimeError(f"not a whole backfill was measured: {report}")


def one_by_one(found: list[Path], weeks: int, warm: Path) -> OneByOne:
    """Backfill these counties in this process, after a tiny one that pays for its imports."""
    from flows.side_by_side import Plan, run

    seconds, work = [], []
    for home in (warm, *found):
        start, began = perf_counter(), process_time()
        _require_done(
            run(Plan("one_by_one"), [home], _asked(weeks), "en", with_prefect=False), weeks
        )
        seconds.append(perf_counter() - start)
        work.append(process_time() - began)
    n, seconds, work = len(found), seconds[1:], work[1:]
    return OneByOne(n, sum(seconds) / n, sum(work) / n, max(seconds), _peak())


def _peak() -> int:
    """Peak memory of this process, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def side_by_side(found: list[Path], workers: int, weeks: int, warm: list[Path]) -> SideBySide:
    """Backfill these counties on a cluster of so many workers, each of which did a tiny one."""
    from distributed import Client, LocalCluster

    from flows.side_by_side import Plan, cluster_settings, run
    from tasks.backfilling import backfill_home

    with LocalCluster(**cluster_settings(workers)) as cluster, Client(cluster) as client:
        for worker, home in zip(client.scheduler_info(-1)["workers"], warm, strict=True):
            client.run(backfill_home, home, _asked(weeks), workers=[worker])
        start = perf_counter()
        plan = Plan("dask", workers, cluster.scheduler_address)
        _require_done(run(plan, found, _asked(weeks), "en", with_prefect=False), weeks)
        seconds = perf_counter() - start
        peaks = client.run(_peak)
    return SideBySide(workers, len(found), seconds, max(peaks.values()))


def _in_a_process_of_its_own(work: Callable[..., Any], *arguments: Any) -> Any:
    """So that peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(work, arguments)


@contextmanager
def _database(postgresql: bool, folder: Path) -> Iterator[str]:
    """The address of an empty database for all counties; "" for a SQLite file in each home."""
    if not postgresql:
        yield ""
        return
    from tools.postgres import fresh_database, throwaway_server

    with throwaway_server(folder / "server") as server, fresh_database(server) as url:
        yield url


def measured(
    counties: list[int], hazards: int, workers: list[int], weeks: int, postgresql: bool = False
) -> dict[str, Any]:
    """Every number of counties one by one, then the largest up to 4 on every number of workers."""
    with tempfile.TemporaryDirectory(prefix="bihuan-counties-") as name:
        folder = Path(name)
        deliveries, tiny = world(folder / "world", hazards), world(folder / "tiny", 50)
        alone, beside = [], []
        for n in counties:
            with (
                _fresh(folder, tiny, 1, False, "warm") as [warm],
                _fresh(folder, deliveries, n, postgresql) as found,
            ):
                alone.append(_in_a_process_of_its_own(one_by_one, found, weeks, warm))
        at_once = max([n for n in counties if n <= 4], default=min(counties))
        for n in workers:
            with (
                _fresh(folder, tiny, n, False, "warm") as warmed,
                _fresh(folder, deliveries, max(at_once, n), postgresql) as found,
            ):
                beside.append(side_by_side(found, n, weeks, warmed))
    return {
        "hazards": hazards,
        "editions": weeks,
        "store": "postgresql" if postgresql else "sqlite",
        "one_by_one": [asdict(one) | one.to(alone[0]) for one in alone],
        "side_by_side": [
            asdict(one) | {"speed_to_first": _speed(one) / _speed(beside[0])} for one in beside
        ],
    }


def _speed(one: SideBySide) -> float:
    """Counties a second: a run has at least as many counties as workers."""
    return one.counties / one.seconds


@contextmanager
def _fresh(
    folder: Path, deliveries: Path, count: int, postgresql: bool, name: str = "homes"
) -> Iterator[list[Path]]:
    with _database(postgresql, folder) as url:
        yield homes(folder / name, deliveries, count, url)
        shutil.rmtree(folder / name)


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [
        f"{one['counties']:>3} counties of {report['hazards']:,}: {one['seconds']:.1f} s each"
        f" ({one['seconds_to_first']:.2f} of the first, work {one['work_to_first']:.2f}),"
        f" at most {one['worst']:.1f} s, peak {one['peak_rss_mib']:,} MiB"
        for one in report["one_by_one"]
    ]
    lines += [
        f"{one['counties']:>3} counties on {one['workers']} workers: {one['seconds']:.1f} s in all,"
        f" {one['speed_to_first']:.2f} of the first's speed, peak of a worker"
        f" {one['peak_rss_mib']:,} MiB"
        for one in report["side_by_side"]
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a county costs beside others.")
    parser.add_argument("--counties", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--hazards", type=int, default=20_000, help="of each county")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--weeks", type=int, default=WEEKS, help="editions of each county")
    parser.add_argument("--postgresql", action="store_true", help="all counties in one database")
    given = parser.parse_args()
    report = measured(given.counties, given.hazards, given.workers, given.weeks, given.postgresql)
    print(table(report))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
