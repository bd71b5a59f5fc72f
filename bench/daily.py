"""A day's updates on counties of several sizes: what one day costs must not grow with the county.

The last updates of some thousand findings are held back from the world's file and delivered as
days of their own, by turns over all sizes. A county of several times the reference comes in as many
deliveries, so that a take is as large as the reference's.
Try: `python -m bench.daily --sizes 1 2 --scale 0.1`
"""

import argparse
import json
import tempfile
from dataclasses import dataclass, field
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


@dataclass
class Grown:
    """A county of `size` times the reference after its first pass, and the days that wait."""

    size: float
    findings: int
    county: Any
    now: int
    days: list[Path]
    first: float
    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    def take_a_day(self) -> None:
        """Collect the next day's file: seconds elapsed, and of work.

        The county's file is read through before, so that it is in memory as it is on a machine
        that serves the county: what has given up its pages since (some machines do so within
        minutes) would be measured as the product's waiting for the disk.
        """
        from tasks.intake.collect import collect_source

        home = self.county.home
        path = self.days[len(self.seconds)]
        (home / "drop" / "updates" / path.name).write_bytes(path.read_bytes())
        with (home / "bihuan.sqlite").open("rb") as file:
            while file.read(1 << 22):
                pass
        start, began = perf_counter(), process_time()
        report = collect_source(self.county, "updates", self.now)
        self.seconds.append(perf_counter() - start)
        self.work.append(process_time() - began)
        if report.problem or report.taken == 0:
            raise RuntimeError(f"{path.name} was not taken: {report}")


def grown(folder: Path, size: float, scale: float) -> Grown:
    """The first pass of one county of `size` times the reference at `scale`, on SQLite."""
    from bench.generate import generate
    from bench.product import open_home
    from tasks.intake.collect import collect_source

    world, home = folder / f"world-{size:g}", folder / f"home-{size:g}"
    manifest = generate(world, size * scale)
    days = hold_back(world, round(UPDATES_A_DAY * scale))
    pieces = max(1, round(size))
    parts(world, pieces)
    county, now = open_home(world, home, None)
    start = perf_counter()
    for source in ("places", "checks"):
        collect_source(county, source, now)
    for number in range(pieces):
        for source in ("findings", "updates"):
            name = f"{number}-{source}.csv"
            (home / "drop" / source / name).symlink_to((world / name).resolve())
            collect_source(county, source, now)
    return Grown(size, manifest.findings, county, now, days, perf_counter() - start)


def told(one: Grown, base: Grown) -> dict[str, Any]:
    """Figures and ratios of one size: the least of its days, for other work only adds."""
    day, work = min(one.seconds), min(one.work)
    return {
        "size": one.size,
        "findings": one.findings,
        "first": one.first,
        "days": one.seconds,
        "work": one.work,
        "day": day,
        "of_the_first_pass": day / one.first,
        "to_the_first_size": day / min(base.seconds),
        "work_to_the_first_size": work / min(base.work),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="What a day's updates cost as a county grows.")
    parser.add_argument("--sizes", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the reference county")
    given = parser.parse_args()
    import great_expectations  # noqa: F401  its cold import is no part of a pass

    with tempfile.TemporaryDirectory(prefix="bihuan-daily-") as folder:
        counties = [grown(Path(folder), size, given.scale) for size in given.sizes]
        for _ in range(DAYS):
            for county in counties:  # by turns: what else the machine does meets all of them
                county.take_a_day()
        found = [told(one, counties[0]) for one in counties]
    for one in found:
        print(
            f"x{one['size']:g}: {one['findings']:,} findings, first pass {one['first']:.1f} s,"
            f" a day {one['day']:.2f} s = {one['of_the_first_pass']:.1%} of it,"
            f" {one['to_the_first_size']:.2f} of the day at x{given.sizes[0]:g},"
            f" {one['work_to_the_first_size']:.2f} of its work"
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
