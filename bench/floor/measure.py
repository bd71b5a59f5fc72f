"""Measures the floor F of one generated world, on SQLite or PostgreSQL, in a process of its own.

F = read + validate + write + weekly, as README.md defines them. Prints one JSON object. Try:
`python -m bench.generate FOLDER --scale 0.1 && python -m bench.floor.measure FOLDER`
"""

import argparse
import json
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import pandas as pd

from bench.floor.rows import COUNTY, FOREVER, tables
from bench.floor.stores import Postgres, Sqlite, Store

FILES = ("places", "checks", "findings", "updates")
# The week of the world's end, 2025-W22, and the start of its campaign, in UTC ms.
WEEK = {
    "county": COUNTY,
    "watermark": FOREVER - 1,
    "week_start": 1_748_188_800_000,
    "week_end": 1_748_793_600_000,
    "closures_from": 1_748_793_600_000 - 90 * 86_400_000,
    "campaign_start": 1_735_660_800_000,
}
Result = TypeVar("Result")


def timed(seconds: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    start = perf_counter()
    result = work()
    seconds[name] = perf_counter() - start
    return result


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """Every delivered row, all as text."""
    return {
        name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in FILES
    }


def validate(context: Any, frames: dict[str, pd.DataFrame]) -> int:
    from bench.floor import suite

    return sum(suite.validate(context, frames[k], e) for k, e in suite.suites().items())


def measure(folder: Path, store: Store) -> dict[str, Any]:
    """Seconds of the four parts and their sum, with what was read, held and written."""
    from bench.floor import suite

    seconds: dict[str, float] = {}
    context = suite.context()
    frames = timed(seconds, "read", lambda: read(folder))
    validate(context, {name: frame.head(100) for name, frame in frames.items()})  # warm
    held = timed(seconds, "validate", lambda: validate(context, frames))
    rows = tables(frames)
    timed(seconds, "write", lambda: store.write(rows))
    units = timed(seconds, "weekly", lambda: store.weekly(WEEK))
    return {
        "seconds": seconds,
        "floor": sum(seconds.values()),
        "rows_read": sum(len(f) for f in frames.values()),
        "rows_written": {name: len(r) for name, r in rows.items()},
        "expectations_held": held,
        "units": len(units),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the floor of a generated world.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--postgres", help="URL of an empty database; without it SQLite")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bihuan-floor-") as scratch:
        url = arguments.postgres
        store: Store = Postgres(url) if url else Sqlite(Path(scratch) / "floor.sqlite")
        try:
            print(json.dumps(measure(arguments.folder, store)))
        finally:
            store.close()


if __name__ == "__main__":
    main()
