"""Mapping and suites over a generated world's findings, against their floor, good rows and bad.

The floor of mapping is pandas' read of the file as text; the floor of the suites is the frozen
validation of the same rows. `product` and `floor` are processes of their own, so that the product's
peak memory is its own. Try: `python -m bench.intake product FOLDER`
"""

import argparse
import gc
import json
import os
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

# What makes each row bad, and breaks four of the frozen expectations as well.
SPOILED = {
    "town_code": "nowhere",
    "severity": "?",
    "found_at": "2025-02-30T08:00:00+08:00",
    "description": "",
}


def read(world: Path) -> pd.DataFrame:
    return pd.read_csv(world / "findings.csv", dtype=str, keep_default_na=False)


def spoiled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**SPOILED)


def product(world: Path) -> dict[str, Any]:
    """Seconds of mapping and of checking, good and bad, and the peak memory of both."""
    from bench.product import COUNTY, county_config
    from schemas.vocabulary import RecordKind
    from tasks.configuration import read_county
    from tasks.intake.checking import check
    from tasks.intake.mapping import map_rows

    organisation, policy, sources = read_county(county_config(world / "config") / COUNTY)
    kind, declaration = RecordKind.FINDING, sources["findings"]
    now = int(pd.Timestamp("2025-06-02T00:00:00Z").timestamp() * 1000)

    def checked(frame: pd.DataFrame) -> Any:
        return check(
            frame,
            kind,
            received=now,
            organisation=organisation,
            place_classes=policy.campaign.place_classes,
        )

    seconds: dict[str, float] = {}
    rows = read(world)
    rows["line"] = range(2, len(rows) + 2)
    checked(map_rows(rows.head(100), declaration, organisation)[kind])  # warm
    gc.freeze()  # as every run of the product does after its imports
    refused = {}
    for name, given in (("good", rows), ("bad", spoiled(rows))):
        mapping = partial(map_rows, given, declaration, organisation)
        frames = _timed(seconds, f"map_{name}", mapping)
        result = _timed(seconds, f"check_{name}", partial(checked, frames[kind]))
        refused[name] = len(result.refused)
        del frames, result
    return _report(rows, seconds) | {"refused": refused}


def floor(world: Path) -> dict[str, Any]:
    """Seconds of reading and of the frozen validation of the same rows."""
    from bench.floor import suite

    seconds: dict[str, float] = {}
    context, expectations = suite.context(), suite.suites()["findings"]
    rows = _timed(seconds, "read", lambda: read(world))
    suite.validate(context, rows.head(100), expectations)  # warm
    gc.freeze()
    for name, given in (("good", rows), ("bad", spoiled(rows))):
        validating = partial(suite.validate, context, given, expectations)
        _timed(seconds, f"validate_{name}", validating)
    return _report(rows, seconds)


def _timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    start = perf_counter()
    result = work()
    seconds[name] = perf_counter() - start
    return result


def _report(rows: pd.DataFrame, seconds: dict[str, float]) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"rows": len(rows), "seconds": seconds, "peak_rss_mib": peak}


def main() -> None:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    parser = argparse.ArgumentParser(description="Measure mapping and suites on the findings.")
    parser.add_argument("part", choices=("product", "floor"))
    parser.add_argument("world", type=Path)
    arguments = parser.parse_args()
    print(json.dumps((product if arguments.part == "product" else floor)(arguments.world)))


if __name__ == "__main__":
    main()
