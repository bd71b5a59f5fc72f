"""The reference county: places, checks, findings and updates as CSV, at any scale, from a seed.

At scale 1: 200,000 places of which 168,611 are checked, 273,699 findings, about 1.1 M facts in
all. Columns are the canonical field names, so that the declarations in bench/sources map one to
one. The same scale and seed give the same bytes. Try: `python -m bench.generate FOLDER --scale 0.1`
"""

import argparse
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import yaml

from bench.columns import Ints, blank, credit_codes, instants, joined, numbered, only, pick
from bench.lives import live
from bench.updates import update_columns
from bench.words import CATEGORIES, DETAILS, ROOMS, SIDES
from bench.world import PLACE_CLASSES, Findings, Places
from schemas.organisation import Organisation
from schemas.records import CHECK, FINDING, PLACE, UPDATE, RecordShape
from schemas.vocabulary import ActorKind, Channel, CheckResult

ROOT = Path(__file__).resolve().parents[1]
SEED = 330282
START = int(datetime.fromisoformat("2025-01-01T00:00:00+08:00").timestamp())
END = int(datetime.fromisoformat("2025-06-02T00:00:00+08:00").timestamp())  # the end of 2025-W22
WEEK = "2025-W22"
MAJOR_SHARE, REFOUND_SHARE = 0.01, 0.01
ACTORS = tuple(ActorKind)
CHANNELS = tuple(Channel)
CHANNEL_SHARES = (0.05, 0.25, 0.05, 0.35, 0.02, 0.01, 0.02, 0.25)


@dataclass(frozen=True)
class Size:
    """How many rows of each kind a scale has."""

    places: int
    checks: int
    findings: int

    @classmethod
    def of(cls, scale: float) -> "Size":
        full = (200_000, 168_611, 273_699)
        return cls(*(max(10, round(n * scale)) for n in full))


@dataclass(frozen=True)
class Manifest:
    """What was written: rows per file, and the week whose bulletin is measured."""

    scale: float
    seed: int
    week: str
    places: int
    checks: int
    findings: int
    updates: int

    @property
    def rows(self) -> int:
        return self.places + self.checks + self.findings + self.updates

    @property
    def facts(self) -> int:
        return self.findings + self.updates


def organisation() -> Organisation:
    """The shipped county: its towns and sectors are the benchmark's."""
    text = (ROOT / "config" / "cixi" / "organisation.yaml").read_text("utf-8")
    return Organisation.model_validate(yaml.safe_load(text))


def generate(folder: Path, scale: float = 1.0, seed: int = SEED) -> Manifest:
    """Write places.csv, checks.csv, findings.csv, updates.csv and manifest.json to `folder`."""
    rng, size, county = np.random.default_rng(seed), Size.of(scale), organisation()
    folder.mkdir(parents=True, exist_ok=True)
    places = _places(rng, size, county)
    visited = rng.permutation(size.places)[: size.checks]
    findings = _findings(rng, size, visited)
    updates = live(rng, findings.found_at, ~findings.refound, END)
    _write(folder, PLACE, _place_columns(places, county))
    _write(folder, CHECK, _check_columns(rng, visited))
    _write(folder, FINDING, _finding_columns(rng, findings, places, county))
    _write(folder, UPDATE, update_columns(rng, updates, findings, places, county))
    manifest = Manifest(scale, seed, WEEK, **asdict(size), updates=len(updates.at))
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    return manifest


def _places(rng: np.random.Generator, size: Size, county: Organisation) -> Places:
    n = size.places
    return Places(
        rng.integers(len(county.towns), size=n),
        rng.integers(len(county.sectors), size=n),
        rng.choice(len(PLACE_CLASSES), size=n, p=[share for share, _ in PLACE_CLASSES.values()]),
    )


def _findings(rng: np.random.Generator, size: Size, visited: Ints) -> Findings:
    """Found evenly over the months; each re-find copies an earlier finding a few days on."""
    n = size.findings
    found_at = np.sort(rng.integers(START, END - 3600, size=n))
    place, category = rng.choice(visited, size=n), rng.integers(len(CATEGORIES), size=n)
    wording, refound = rng.integers(2**31, size=n), rng.random(n) < REFOUND_SHARE
    refound[: n // 20] = False
    copies = np.flatnonzero(refound)
    originals = np.maximum(copies - rng.integers(1, max(2, n // 30), size=len(copies)), 0)
    originals = np.where(refound[originals], 0, originals)
    for column in (place, category, wording):
        column[copies] = column[originals]
    return Findings(place, category, found_at, rng.random(n) < MAJOR_SHARE, wording, refound)


def _place_columns(places: Places, county: Organisation) -> dict[str, pa.Array]:
    n = len(places.town)
    index = np.arange(n)
    since = np.full(n, START - 365 * 86_400, dtype=np.int64)
    return {
        "source_id": numbered("P", index),
        "name": places.names(county, index),
        "place_class": pick(tuple(PLACE_CLASSES), places.kind),
        "town_code": pick(county.town_codes(), places.town),
        "sector_code": pick(county.sector_codes(), places.sector),
        "credit_code": only(places.kind == 0, credit_codes(index)),
        "active_from": instants(since),
        "sent_at": instants(since),
    }


def _check_columns(rng: np.random.Generator, visited: Ints) -> dict[str, pa.Array]:
    n = len(visited)
    at = np.sort(rng.integers(START, END - 7200, size=n))
    actor = rng.integers(len(ACTORS), size=n)
    # One channel per actor kind, in the order of ActorKind.
    by_actor = ("professional_inspection", "grid_patrol", "undercover_visit", "self_check")
    return {
        "source_id": numbered("C", np.arange(n)),
        "place_id": numbered("P", visited),
        "checked_at": instants(at),
        "channel": pick(by_actor, actor),
        "actor_kind": pick(ACTORS, actor),
        "result": pick(tuple(CheckResult), rng.integers(2, size=n)),
        "sent_at": instants(at + 3600),
    }


def _finding_columns(
    rng: np.random.Generator, f: Findings, places: Places, county: Organisation
) -> dict[str, pa.Array]:
    n = len(f.place)
    return {
        "source_id": numbered("F", np.arange(n)),
        "place_id": numbered("P", f.place),
        "unit_name": places.names(county, f.place),
        "town_code": pick(county.town_codes(), places.town[f.place]),
        "sector_code": pick(county.sector_codes(), places.sector[f.place]),
        "category": pick(CATEGORIES, f.category),
        "description": _descriptions(f),
        "severity": pick(("general", "major"), f.major.astype(np.int64)),
        "channel": pick(CHANNELS, rng.choice(len(CHANNELS), size=n, p=CHANNEL_SHARES)),
        "found_at": instants(f.found_at),
        "sent_at": instants(f.found_at + rng.integers(60, 3600, size=n)),
    }


def _descriptions(f: Findings) -> pa.Array:
    w = f.wording
    return joined(
        numbered("", w % 19 + 1, 1),
        "号楼",
        pick(SIDES, w // 19 % len(SIDES)),
        pick(ROOMS, w // 152 % len(ROOMS)),
        pick(CATEGORIES, f.category),
        "，",
        pick(DETAILS, w // 1520 % len(DETAILS)),
        "，",
        pick(DETAILS, w // 18240 % len(DETAILS)),
        pick(("。", "，再次发现。"), f.refound.astype(np.int64)),
    )


def _write(folder: Path, shape: RecordShape, columns: dict[str, pa.Array]) -> None:
    """The record's CSV with every canonical column, blank where the world says nothing."""
    rows = len(columns["source_id"])
    table = pa.table({name: columns.get(name, blank(rows)) for name in shape.names})
    pc_csv.write_csv(table, folder / f"{shape.kind}s.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the reference county as CSV.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    print(generate(arguments.folder, arguments.scale, arguments.seed))


if __name__ == "__main__":
    main()
