"""A day's updates on counties of several sizes: what one day costs must not grow with the county.

The last updates of some thousand findings are held back from the world's file and delivered as
days of their own. A county of several times the reference comes in as many deliveries, so that a
take is as large as the reference's. Try: `python -m bench.daily --sizes 1 2 --scale 0.1`
"""

import argparse
import json
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

UPDATES_A_DAY, DAYS = 5_000, 5
SEED = 5_000


def hold_back(world: Path, a_day: int, days: int = DAYS) -> list[Path]:
    """Take the last updates of `a_day` findings a day out of updates.csv; the files of the days."""
    table = _read(world / "updates.csv")
    last = _last_of_each(table["finding_id"])
    chosen = np.random.default_rng(SEED).permutation(last)[: a_day * days]
    kept = np.ones(len(table), dtype=bool)
    kept[chosen] = False
    pc_csv.write_csv(table.filter(pa.array(kept)), world / "updates.csv")
    found = []
    for number, rows in enumerate(np.array_split(chosen, days), 1):
        path = world / f"day-{number}-updates.csv"
        pc_csv.write_csv(table.take(pa.array(np.sort(rows))), path)
        found.append(path)
    return found


def parts(world: Path, count: int) -> None:
    """Cut findings.csv and updates.csv into `count` files each, a finding with its updates."""
    findings, updates = _read(world / "findings.csv"), _read(world / "updates.csv")
    part_of = np.arange(len(findings)) * count // len(findings)
    where = pc.index_in(updates["finding_id"], value_set=findings["source_id"]).to_numpy()
    for name, table, part in (
        ("findings", findings, part_of),
        ("updates", updates, part_of[where]),
    ):
        for number in range(count):
            rows = pa.array(np.flatnonzero(part == number))
            pc_csv.write_csv(table.take(rows), world / f"{number}-{name}.csv")
        (world / f"{name}.csv").unlink()


def _read(path: Path) -> pa.Table:
    names = path.open(encoding="utf-8").readline().strip().replace('"', "").split(",")
    kinds = pc_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return pc_csv.read_csv(path, convert_options=kinds)


def _last_of_each(ids: pa.ChunkedArray) -> np.ndarray:
    """Positions of the last row of every id."""
    codes = ids.combine_chunks().dictionary_encode().indices.to_numpy()
    last = np.zeros(codes.max() + 1, dtype=np.int64)
    last[codes] = np.arange(len(codes))
    return last


def day_passes(
    county: Any, drop: Path, days: list[Path], now: int
) -> tuple[list[float], list[float]]:
    """Seconds of collecting each day's file, one after the other: elapsed, and of work.

    The work is what the product does; what is elapsed also waits for the disk where the machine
    has given up the pages of a large database.
    """
    from tasks.intake.collect import collect_source

    seconds, work = [], []
    for path in days:
        (drop / path.name).write_bytes(path.read_bytes())
        start, began = perf_counter(), process_time()
        report = collect_source(county, "updates", now)
        seconds.append(perf_counter() - start)
        work.append(process_time() - began)
        if report.problem or report.taken == 0:
            raise RuntimeError(f"{path.name} was not taken: {report}")
    return seconds, work


def measure(folder: Path, size: float, scale: float) -> dict[str, Any]:
    """First pass and days of one county of `size` times the reference at `scale`, on SQLite."""
    from bench.generate import generate
    from bench.product import open_home
    from tasks.intake.collect import collect_source

    world = folder / f"world-{size:g}"
    manifest = generate(world, size * scale)
    days = hold_back(world, round(UPDATES_A_DAY * scale))
    pieces = max(1, round(size))
    parts(world, pieces)
    county, now = open_home(world, folder / f"home-{size:g}", None)
    drop = folder / f"home-{size:g}" / "drop"
    start = perf_counter()
    for source in ("places", "checks"):
        collect_source(county, source, now)
    for number in range(pieces):
        for source in ("findings", "updates"):
            name = f"{number}-{source}.csv"
            (drop / source / name).symlink_to((world / name).resolve())
            collect_source(county, source, now)
    first = perf_counter() - start
    spent, work = day_passes(county, drop / "updates", days, now)
    return {
        "size": size,
        "findings": manifest.findings,
        "first": first,
        "days": spent,
        "work": work,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="What a day's updates cost as a county grows.")
    parser.add_argument("--sizes", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the reference county")
    given = parser.parse_args()
    import great_expectations  # noqa: F401  its cold import is no part of a pass

    with tempfile.TemporaryDirectory(prefix="bihuan-daily-") as folder:
        found = [measure(Path(folder), size, given.scale) for size in given.sizes]
    base = found[0]
    for one in found:
        # The least: what the machine does besides, as writing back the first pass, only adds.
        one["day"] = min(one["days"])
        one["of_the_first_pass"] = one["day"] / one["first"]
        one["to_the_first_size"] = one["day"] / base["day"]
        one["work_to_the_first_size"] = min(one["work"]) / min(base["work"])
        print(
            f"x{one['size']:g}: {one['findings']:,} findings, first pass {one['first']:.1f} s,"
            f" a day {one['day']:.2f} s = {one['of_the_first_pass']:.1%} of it,"
            f" {one['to_the_first_size']:.2f} of the day at x{base['size']:g},"
            f" {one['work_to_the_first_size']:.2f} of its work"
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
