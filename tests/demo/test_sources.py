from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from demo.clock import Clock
from demo.deliveries import Delivery, deliveries
from demo.model import TAKEN, Row, Value
from demo.world import SOURCES, World, build
from schemas.records import SHAPES
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.configuration import read_sources
from tasks.intake.landing import land
from tasks.intake.mapping import map_rows, unmapped
from tasks.intake.reading import read_rows

SAME = ("", "full_width_digits", "odd_spaces", "duplicate_row")


@pytest.fixture(scope="module")
def world() -> World:
    return build(seed=5, weeks=2, hazards=260)


@pytest.fixture(scope="module")
def declarations(root: Path) -> dict[str, SourceDeclaration]:
    return read_sources(root / "config" / "cixi" / "sources")


def canonical(
    folder: Path, world: World, delivery: Delivery, declaration: SourceDeclaration
) -> dict[RecordKind, pd.DataFrame]:
    """A delivery through the pipeline's own landing, reading and mapping."""
    landed = land(
        folder,
        declaration,
        delivery,  # type: ignore[arg-type]
        received_at=delivery.received_at,
        previous_pull_at=delivery.previous_pull_at,
        county=world.organisation.code,
        seal=lambda asked: [f"token{n}" for n, _ in enumerate(asked)],
    )
    rows = read_rows(landed, declaration)
    if rows.empty:
        return {}
    frames = map_rows(rows, declaration, world.organisation)
    assert unmapped(rows, frames.values()).empty
    return frames


def test_the_shipped_sources_are_six_and_the_demo_speaks_for_each(
    declarations: dict[str, SourceDeclaration],
) -> None:
    assert sorted(declarations) == sorted(SOURCES)


def test_the_shipped_mappings_find_every_field_the_world_wrote(
    world: World, declarations: dict[str, SourceDeclaration], tmp_path: Path
) -> None:
    written = defaultdict(list)
    for row in world.rows:
        written[row.source, row.record, row.id].append(row)
    for delivery in deliveries(world):
        frames = canonical(tmp_path, world, delivery, declarations[delivery.source])
        for kind, frame in frames.items():
            for read in frame.to_dict("records"):
                rows = written[delivery.source, kind.value, str(read["source_id"])]
                if all(r.dirt in SAME and r.expect != "A001" for r in rows) or not rows:
                    assert any(says(read, r, world.weeks.clock) for r in rows), read


def says(read: dict[Any, Any], row: Row, clock: Clock) -> bool:
    kinds = {f.name: f.kind for f in SHAPES[RecordKind(row.record)].fields}
    unsaid = ("finding_source", "target", "reason", "unit_name", "severity", "channel")
    for name, value in row.fields.items():
        if name not in read or (row.source == "complaints" and name in unsaid):
            continue
        if name not in ("finding_source", "target") and not same(
            read[name], value, kinds[name], clock
        ):
            return False
    return True


def same(read: object, value: Value, kind: str, clock: Clock) -> bool:
    found = None if pd.isna(read) or read == "" else read  # type: ignore[call-overload]
    if value in (None, ""):
        return found is None
    if kind == "date":
        return found == clock.end_of(pd.Timestamp(str(value)).date())
    return bool(found == value)


def test_every_ledger_is_delivered_at_the_collect_its_rows_expect(world: World) -> None:
    expected = {
        (row.receipt.file, row.receipt.received)
        for row in world.of_source("grid")
        if row.receipt.file
    }
    delivered = {
        (d.parts[0].name.rpartition(".")[0], d.received_at): d.nil_return
        for d in deliveries(world, ("grid",))
    }
    assert expected <= {key for key, is_nil in delivered.items() if not is_nil}


def test_rows_taken_are_the_bulk_and_every_source_has_some(world: World) -> None:
    taken = defaultdict(int)
    for row in world.rows:
        taken[row.source] += row.expect == TAKEN
    assert all(taken[s] for s in SOURCES)
