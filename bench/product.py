"""The product's whole first pass over a generated world, measured in a process of its own.

`product_pass` is the only thing to connect: land, map, check, identity, lifecycle, chain, store,
weekly edition as JSON. Until it is, the benchmark says "not connected" and prints no ratio; a
figure is never made up. Try: `python -m bench.product FOLDER --home HOME`
"""

import argparse
import json
import resource
import shutil
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
COUNTY = "reference"  # the folder of configuration that county_config writes
NOT_CONNECTED = 3  # exit code


def product_pass(world: Path, home: Path, database_url: str | None, week: str) -> dict[str, Any]:
    """Collect every delivery in `world` into a new home and make the edition of `week`.

    `database_url` None means SQLite in the home. Returns at least `seconds` (part → seconds, one
    of them per step) and `events` (how many the ledger holds). Imports and the making of the
    empty tables belong outside the measured seconds, as they do for the floor.
    """
    raise NotImplementedError("connect the product here: see the docstring")


def county_config(folder: Path) -> Path:
    """A configuration folder whose county `reference` has the world's sources; its path.

    Organisation and policy are the shipped ones without the filing calendar, whose lines name
    sources that this county does not have.
    """
    county = folder / COUNTY
    shutil.copytree(ROOT / "bench" / "sources", county / "sources")
    shipped = ROOT / "config" / "cixi"
    shutil.copy(shipped / "organisation.yaml", county)
    policy = yaml.safe_load((shipped / "policy.yaml").read_text("utf-8")) | {"calendar": []}
    (county / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True), "utf-8")
    return folder


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
    try:
        print(json.dumps(measured(arguments.world, arguments.home, arguments.database_url)))
    except NotImplementedError as error:
        print(error, file=sys.stderr)
        sys.exit(NOT_CONNECTED)


if __name__ == "__main__":
    main()
