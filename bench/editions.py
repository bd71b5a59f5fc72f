"""What editions cost beside the frozen plain SQL over the same ledger: one of them, and a year's.

The SQL is `bench/floor/weekly.sql`; everything is measured in one process over one home, so that
only ratios matter. `figures` are the counts, rates, scores and ranks that the bulletin prints;
`beside` is what policy adds to an internal edition (annex, signs of gaming); `check` is the gate's
own count; `items` lists what stands behind every cell; `renderings` are all files in both
languages. The year's editions are published one after the other, each over the whole county.

Try: `python -m bench.editions --scale 0.1 --weeks 4`
"""

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.product import ROOT, SOURCES, open_home

WEEKS, REPEATS = 52, 3


def measured(scale: float, weeks: int) -> dict[str, Any]:
    """Seconds and ratios of one edition, and of `weeks` published ones."""
    from bench.generate import generate
    from rules.periods import week
    from tasks.intake.collect import collect_source

    with tempfile.TemporaryDirectory(prefix="bihuan-editions-") as folder:
        manifest = generate(Path(folder) / "world", scale)
        county, now = open_home(Path(folder) / "world", Path(folder) / "home", None)
        for source in SOURCES:
            collect_source(county, source, now)
        period = week(manifest.week, county.zone)
        return one_edition(county, period) | many_editions(county, period, weeks)


def one_edition(county: Any, period: Any) -> dict[str, Any]:
    """Seconds of each part of the edition of `period`, best of several, and ratios to the SQL."""
    from tasks.publication import itemised
    from tasks.publication.body import build, counted
    from tasks.publication.files import render
    from tasks.store.engine import reading
    from tasks.store.ledger import read_head
    from tasks.store.recount import recount

    with reading(county.engine) as connection:
        seq = read_head(connection, county.code).seq
        at = (county.code, seq, period.start, period.end)
        edition = _edition(county, seq, build(connection, county, period, seq, {}))
        items = itemised.items(connection, county, period, seq)
        seconds = {
            "sql": least(lambda: _plain(county, seq, period)),
            "figures": least(lambda: counted(connection, county, period, seq, {})),
            "whole": least(lambda: build(connection, county, period, seq, {})),
            "check": least(lambda: recount(connection, *at)),
            "items": least(lambda: itemised.items(connection, county, period, seq)),
            "renderings": least(lambda: render(edition, items)),
        }
    seconds["beside"] = seconds.pop("whole") - seconds["figures"]
    return {
        "seconds": seconds,
        "ratios": {part: took / seconds["sql"] for part, took in seconds.items() if part != "sql"},
    }


def many_editions(county: Any, first: Any, weeks: int) -> dict[str, Any]:
    """Seconds of publishing `weeks` editions, each of a week later, and how the last stand to the
    first: every one counts the whole county, and the ones before lie beside it."""
    from rules.periods import cut_off, week_containing
    from tasks.publishing import publish

    seconds, period = [], first
    for _ in range(weeks):
        start = perf_counter()
        report = publish(county, period, cut_off(period, county.policy, county.days))
        seconds.append(perf_counter() - start)
        if not report.is_new:
            raise RuntimeError(f"{period.code} was published before: nothing was measured")
        period = week_containing(period.last_day + timedelta(days=1), county.zone)
    few = max(1, weeks // 8)
    grown = median(seconds[-few:]) / median(seconds[:few])
    return {"editions": weeks, "published_seconds": seconds, "last_to_first": grown}


def least(work: Callable[[], Any]) -> float:
    """The least seconds of several: what the machine does besides only ever adds."""
    took = []
    for _ in range(REPEATS):
        start = perf_counter()
        work()
        took.append(perf_counter() - start)
    return min(took)


def _plain(county: Any, seq: int, period: Any) -> list[Any]:
    from rules.periods import midnight
    from schemas.period import DAY_MS

    statement = (ROOT / "bench" / "floor" / "weekly.sql").read_text("utf-8")
    values = {
        "county": county.code,
        "watermark": seq,
        "week_start": period.start,
        "week_end": period.end,
        "closures_from": period.end - 90 * DAY_MS,
        "campaign_start": midnight(county.policy.campaign.start, county.zone),
    }
    with sqlite3.connect(county.engine.url.database) as connection:
        return connection.execute(statement, values).fetchall()


def _edition(county: Any, seq: int, body: Any) -> Any:
    from rules.seal import digest

    return {
        "edition": 1,
        "watermark": seq,
        "ledger_head": "",
        "policy_hash": county.policy_hash,
        "body_digest": digest(body),
        "body": body,
    }


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [f"{'frozen plain SQL':<24}{report['seconds']['sql']:>8.2f} s"]
    lines += [
        f"{part:<24}{report['seconds'][part]:>8.2f} s{ratio:>8.2f}"
        for part, ratio in report["ratios"].items()
    ]
    whole = sum(report["published_seconds"])
    lines.append(f"{report['editions']} editions{whole:>23.1f} s")
    lines.append(f"{'last to first':<24}{report['last_to_first']:>10.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="What editions cost beside the frozen SQL.")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the reference county")
    parser.add_argument("--weeks", type=int, default=WEEKS)
    given = parser.parse_args()
    report = measured(given.scale, given.weeks)
    print(table(report))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
