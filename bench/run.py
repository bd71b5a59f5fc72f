"""The benchmark: the product against the frozen floor, in one run, on SQLite and PostgreSQL.

Targets are ratios taken in one run, never seconds: machines are noisy. Each measure is a process
of its own, so that its memory is its own. Try: `make bench SCALE=0.1`
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median_low
from time import perf_counter
from typing import Any

from bench.generate import ROOT, Manifest, generate

DATABASES = ("sqlite", "postgresql")


def bench(folder: Path, scale: float, databases: list[str], repeat: int) -> dict[str, Any]:
    """Generate a world in `folder`, measure floor and product on each database."""
    start = perf_counter()
    world = folder / "world"
    manifest = generate(world, scale)
    generated = perf_counter() - start
    say(f"generated {manifest.rows:,} rows ({manifest.facts:,} facts) in {generated:.1f} s")
    intake = measure_intake(world)
    results = {d: against(folder, world, manifest, d, repeat) for d in databases}
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "world": asdict(manifest) | {"rows": manifest.rows, "facts": manifest.facts},
        "intake": intake,
        "databases": results,
    }


def measure_intake(world: Path) -> dict[str, Any]:
    """Mapping and suites of the findings against their floors, and the ratios."""
    floor, product = (child("bench.intake", part, str(world)) for part in ("floor", "product"))
    least, took = floor["seconds"], product["seconds"]
    ratios = {
        "mapping": took["map_good"] / least["read"],
        "suites": took["check_good"] / least["validate_good"],
        "suites_all_bad": took["check_bad"] / least["validate_bad"],
    }
    say("intake: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))
    return {"floor": floor, "product": product, "ratios": ratios}


def against(
    folder: Path, world: Path, manifest: Manifest, database: str, repeat: int
) -> dict[str, Any]:
    """Floor, product and their ratio on one database; of several floors the median is taken."""
    floors = [measure_floor(folder, world, database) for _ in range(repeat)]
    floor = next(f for f in floors if f["floor"] == median_low(g["floor"] for g in floors))
    say(f"{database}: floor {floor['floor']:.1f} s")
    product = measure_product(folder, world, database)
    total = product["total"]
    return {
        "floor": floor,
        "product": product,
        "ratio": total / floor["floor"],
        "rows_per_second": manifest.rows / total,
    }


def measure_floor(folder: Path, world: Path, database: str) -> dict[str, Any]:
    with database_url(folder, database) as url:
        extra = ["--postgres", url.replace("+psycopg", "", 1)] if url else []
        return child("bench.floor.measure", str(world), *extra)


def measure_product(folder: Path, world: Path, database: str) -> dict[str, Any]:
    with (
        database_url(folder, database) as url,
        tempfile.TemporaryDirectory(prefix=f"home-{database}-", dir=folder) as home,
    ):
        extra = ["--database-url", url] if url else []
        return child("bench.product", str(world), "--home", home, *extra)


@contextmanager
def database_url(folder: Path, database: str) -> Iterator[str | None]:
    """The SQLAlchemy URL of an empty database on a fresh server; None for SQLite."""
    if database == "sqlite":
        yield None
        return
    from tools.postgres import fresh_database, throwaway_server

    with (
        tempfile.TemporaryDirectory(prefix="bihuan-pg-", ignore_cleanup_errors=True) as short,
        throwaway_server(Path(short) / "data") as server,
        fresh_database(server) as url,
    ):
        yield url


def child(module: str, *arguments: str) -> dict[str, Any]:
    """The JSON object on the last line that a module prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
    }


def table(report: dict[str, Any]) -> str:
    """The report for people: a column per database."""
    results = report["databases"]
    lines = [["", *results]]
    for part in ("read", "validate", "write", "weekly"):
        seconds = [f"{r['floor']['seconds'][part]:.2f} s" for r in results.values()]
        lines.append([f"floor {part}", *seconds])
    lines.append(["floor F", *(f"{r['floor']['floor']:.2f} s" for r in results.values())])
    lines.append(["floor memory", *(f"{r['floor']['peak_rss_mib']} MiB" for r in results.values())])
    lines += _product_lines(list(results.values()))
    lines += _intake_lines(report["intake"])
    return "\n".join(f"{line[0]:<24}" + "".join(f"{c:>18}" for c in line[1:]) for line in lines)


def _product_lines(results: list[dict[str, Any]]) -> list[list[str]]:
    steps = list(results[0]["product"]["seconds"])
    parts = [
        [f"product {s}", *(f"{r['product']['seconds'].get(s, 0):.2f} s" for r in results)]
        for s in steps
    ]
    return [
        *parts,
        ["product", *(f"{r['product']['total']:.2f} s" for r in results)],
        ["ratio to the floor", *(f"{r['ratio']:.2f}" for r in results)],
        ["rows per second", *(f"{r['rows_per_second']:,.0f}" for r in results)],
        ["product memory", *(f"{r['product']['peak_rss_mib']} MiB" for r in results)],
    ]


def _intake_lines(intake: dict[str, Any]) -> list[list[str]]:
    """Independent of the database: one column."""
    return [
        *([f"{name} to its floor", f"{ratio:.2f}"] for name, ratio in intake["ratios"].items()),
        ["intake memory", f"{intake['product']['peak_rss_mib']} MiB"],
    ]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the product against the frozen floor.")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the reference county")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--repeat", type=int, default=1, help="floors to take the median of")
    parser.add_argument("--json", type=Path, help="also write the report to this file")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="bihuan-bench-") as folder:
        report = bench(Path(folder), given.scale, given.databases, given.repeat)
    print(table(report))
    text = json.dumps(report, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
