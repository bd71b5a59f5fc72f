"""The product's whole first pass over a generated world, measured in a process of its own.

Land, map, check, identity, lifecycle, chain, store, weekly edition as JSON.
Try: `python -m bench.product FOLDER --home HOME`
"""

import argparse
import json
import resource
import shutil
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
_SHIPPED = ROOT / "config" / "cixi"
COUNTY = "reference"  # the folder of configuration that county_config writes
SOURCES = ("places", "findings", "updates", "checks")


def product_pass(world: Path, home: Path, database_url: str | None, week: str) -> dict[str, Any]:
    """Collect every delivery in `world` into a new home and make the edition of `week`.

    `database_url` None means SQLite in the home. Returns `seconds` (part → seconds) and `events`
    (how many the ledger holds). Imports and the making of the empty tables lie outside the
    measured seconds, as they do for the floor.
    """
    import great_expectations  # noqa: F401  its cold import is no part of a pass

    from rules.periods import week as named_week
    from tasks.intake.collect import collect_source
    from tasks.store.engine import reading
    from tasks.store.ledger import read_head

    county, now = open_home(world, home, database_url)
    seconds: dict[str, float] = {}
    for source in SOURCES:
        start = perf_counter()
        report = collect_source(county, source, now)
        seconds[source] = perf_counter() - start
        if report.problem or report.received == 0:
            raise RuntimeError(f"{source} was not taken whole: {report}")
    start = perf_counter()
    edition_json(county, named_week(week, county.zone))
    seconds["edition"] = perf_counter() - start
    with reading(county.engine) as connection:
        return {"seconds": seconds, "events": read_head(connection, county.code).seq}


def open_home(world: Path, home: Path, database_url: str | None) -> tuple[Any, int]:
    """A new home over the world's files, its tables made; and the instant of the collect."""
    from rules.periods import week as named_week
    from schemas.period import HOUR_MS
    from schemas.settings import Settings, SourceSettings
    from tasks.county import open_county
    from tasks.store import vault
    from tasks.store.schema import upgrade

    home.mkdir(parents=True, exist_ok=True)
    settings = Settings.load(
        home,
        county=COUNTY,
        config_dir=county_config(home / "config"),
        database_url=database_url,
        sources={n: SourceSettings(folder=_dropped(world, home, n)) for n in SOURCES},
    )
    vault.establish(home / "vault")
    county = open_county(settings)
    upgrade(county.engine)
    week = json.loads((world / "manifest.json").read_text())["week"]
    return county, named_week(week, county.zone).end + HOUR_MS


def _dropped(world: Path, home: Path, source: str) -> Path:
    """A drop folder that holds this source's file only, where the world has it in one piece."""
    folder = home / "drop" / source
    folder.mkdir(parents=True)
    if (world / f"{source}.csv").exists():
        (folder / f"{source}.csv").symlink_to((world / f"{source}.csv").resolve())
    return folder


def edition_json(county: Any, period: Any) -> bytes:
    """The weekly edition's canonical JSON as it would be published, gate not included."""
    from rules.seal import canonical
    from tasks.publication.body import build
    from tasks.store.engine import reading
    from tasks.store.ledger import read_head

    with reading(county.engine) as connection:
        head = read_head(connection, county.code)
        return canonical(build(connection, county, period, head.seq, {}))


def county_config(folder: Path) -> Path:
    """A configuration folder whose county `reference` has the world's sources; its path.

    Organisation and policy are the shipped ones without the filing calendar, whose lines name
    sources that this county does not have.
    """
    county = folder / COUNTY
    shutil.copytree(ROOT / "bench" / "sources", county / "sources")
    shutil.copy(_SHIPPED / "organisation.yaml", county)
    (county / "policy.yaml").write_text(_policy(), "utf-8")
    return folder


@cache
def _policy() -> str:
    """Written once per process: tests make hundreds of counties."""
    policy = yaml.safe_load((_SHIPPED / "policy.yaml").read_text("utf-8")) | {"calendar": []}
    return yaml.safe_dump(policy, allow_unicode=True)


def measured(world: Path, home: Path, database_url: str | None) -> dict[str, Any]:
    """`product_pass` with its total and the process's peak memory."""
    week = json.loads((world / "manifest.json").read_text())["week"]
    start = perf_counter()
    result = product_pass(world, home, database_url, week)
    parts = result["seconds"]
    return result | {
        "total": sum(parts.values()),
        "wall": perf_counter() - start,  # set-up included
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the product over a generated world.")
    parser.add_argument("world", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--database-url")
    arguments = parser.parse_args()
    print(json.dumps(measured(arguments.world, arguments.home, arguments.database_url)))


if __name__ == "__main__":
    main()
