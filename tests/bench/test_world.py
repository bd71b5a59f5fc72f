"""The benchmark's world: reproducible, legal, and readable by the shipped kinds of declaration."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from bench.generate import Manifest, generate, organisation
from bench.lives import PLANS
from bench.product import county_config
from schemas.policy import Policy
from schemas.records import SHAPES
from schemas.source import SourceDeclaration
from tests.house.code import ROOT

SOURCES = sorted((ROOT / "bench" / "sources").glob("*.yaml"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("world")
    return folder, generate(folder, scale=0.005)


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def test_the_same_scale_and_seed_give_the_same_bytes(
    world: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, manifest = world
    assert generate(tmp_path, scale=0.005) == manifest
    names = {p.name for p in folder.iterdir()}
    assert all((folder / n).read_bytes() == (tmp_path / n).read_bytes() for n in names)


def test_about_four_facts_belong_to_a_hazard_as_in_the_reference_county(
    world: tuple[Path, Manifest],
) -> None:
    _, manifest = world
    assert manifest.findings == 1368
    assert 3.8 < manifest.facts / manifest.findings < 4.2


def test_every_life_is_one_of_the_declared_ones_up_to_the_worlds_end(
    world: tuple[Path, Manifest],
) -> None:
    updates = _read(world[0], "updates")
    assert updates["happened_at"].is_monotonic_increasing
    lives = {tuple(events) for _, events in updates.groupby("finding_id")["event"]}
    legal = {tuple(map(str, plan[:n])) for _, plan in PLANS for n in range(1, len(plan) + 1)}
    assert lives <= legal


def test_every_update_belongs_to_a_finding_and_comes_after_it(
    world: tuple[Path, Manifest],
) -> None:
    found = _read(world[0], "findings").set_index("source_id")["found_at"]
    updates = _read(world[0], "updates")
    assert set(updates["finding_id"]) <= set(found.index)
    assert (updates["happened_at"] > updates["finding_id"].map(found)).all()


def test_units_are_those_of_the_shipped_county(world: tuple[Path, Manifest]) -> None:
    findings, county = _read(world[0], "findings"), organisation()
    assert set(findings["town_code"]) == set(county.town_codes())
    assert set(findings["sector_code"]) == set(county.sector_codes())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_a_declaration_is_valid_and_its_columns_are_those_of_the_file(
    path: Path, world: tuple[Path, Manifest]
) -> None:
    declaration = SourceDeclaration.model_validate(yaml.safe_load(path.read_text("utf-8")))
    assert declaration.name == path.stem
    mapping = declaration.records[0]
    coordinates = {"longitude", "latitude"}
    assert set(mapping.fields) == set(SHAPES[mapping.record].names) - coordinates
    wanted = {c for spec in mapping.specs().values() for c in spec.columns()}
    assert wanted <= set(_read(world[0], path.stem).columns)


def test_the_reference_countys_configuration_is_complete(tmp_path: Path) -> None:
    county = county_config(tmp_path) / "reference"
    policy = yaml.safe_load((county / "policy.yaml").read_text("utf-8"))
    assert Policy.model_validate(policy).calendar == ()
    assert len(list((county / "sources").iterdir())) == 4
