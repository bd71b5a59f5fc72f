from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from rules.gate_laws import RATES
from schemas.edition import MEASURES
from schemas.organisation import Organisation
from schemas.policy import Policy
from schemas.vocabulary import Rung

CIXI = Path(__file__).resolve().parents[2] / "config" / "cixi"


def _read(name: str) -> Any:
    return yaml.safe_load((CIXI / f"{name}.yaml").read_text("utf-8"))


POLICY = Policy.model_validate(_read("policy"))
CIXI_ORGANISATION = Organisation.model_validate(_read("organisation"))


def test_cixi_has_one_committee_ten_sectors_and_eighteen_towns() -> None:
    assert CIXI_ORGANISATION.code == "330282"
    assert len(CIXI_ORGANISATION.sectors) == 10
    assert len(CIXI_ORGANISATION.towns) == 18
    assert all(code.startswith("330282") for code in CIXI_ORGANISATION.town_codes())


def test_the_towns_are_those_of_2023_without_andong_and_the_zones(shared_data: Path) -> None:
    lines = (shared_data / "cixi_divisions" / "cixi_towns_modood_2023.csv").read_text("utf-8")
    rows = [line.split(",")[:2] for line in lines.splitlines()]
    real = {code: name.strip('"') for code, name in rows if code[6] != "4"}
    real.pop("330282118")
    assert {t.code: t.name.zh for t in CIXI_ORGANISATION.towns} == real


def test_every_town_is_in_one_of_two_groups() -> None:
    groups = [town.group for town in CIXI_ORGANISATION.towns]
    assert {group: groups.count(group) for group in groups} == {"A": 9, "B": 9}


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("观海卫镇", "330282107"),
        ("观海卫", "330282107"),
        ("慈溪市观海卫镇", "330282107"),
        ("330282107000", "330282107"),
        ("Guanhaiwei Town", "330282107"),
    ],
)
def test_usual_spellings_of_a_town_are_known(spelling: str, code: str) -> None:
    assert CIXI_ORGANISATION.town_words()[spelling] == code


def test_a_spelling_that_names_two_towns_is_refused() -> None:
    raw = _read("organisation")
    raw["towns"][0]["aliases"].append("坎墩")
    with pytest.raises(ValidationError, match="坎墩"):
        Organisation.model_validate(raw)


def test_the_policy_scores_rates_and_counts_that_exist() -> None:
    scoring = POLICY.scoring
    assert {i.of for i in (*scoring.towns, *scoring.sectors)} <= set(RATES)
    assert {d.of for d in scoring.deductions} <= set(MEASURES)


@pytest.mark.parametrize("kind", ["towns", "sectors"])
def test_the_weights_add_up_to_100(kind: str) -> None:
    assert sum(i.weight for i in getattr(POLICY.scoring, kind)) == 100


def test_the_ladder_climbs_in_the_order_of_its_rungs() -> None:
    rungs = [step.rung for step in POLICY.ladder]
    assert rungs == list(Rung)
    offsets = [step.offset_days for step in POLICY.ladder]
    assert offsets == sorted(offsets)
    assert all(s.proposal for s in POLICY.ladder if s.rung not in ("remind", "urge", "supervise"))


def test_the_policy_names_only_sectors_of_the_county() -> None:
    assert set(POLICY.listing.level_by_sector) <= set(CIXI_ORGANISATION.sector_codes())


def test_the_grid_owes_a_ledger_per_town_and_may_return_nil() -> None:
    grid = next(due for due in POLICY.calendar if due.source == "grid")
    assert (grid.units, grid.nil_return) == ("towns", True)


def test_a_filing_deadline_after_the_cut_off_is_refused() -> None:
    raw = _read("policy")
    raw["calendar"][0]["due_hours"] = raw["bulletin"]["cut_off_hours"] + 1
    with pytest.raises(ValidationError, match="cut-off"):
        Policy.model_validate(raw)


def test_a_rung_that_stands_twice_is_refused() -> None:
    raw = _read("policy")
    raw["ladder"].append(raw["ladder"][0])
    with pytest.raises(ValidationError, match="remind"):
        Policy.model_validate(raw)


@pytest.mark.parametrize("name", ["policy", "organisation"])
def test_a_key_that_nobody_reads_is_refused(name: str) -> None:
    model = {"policy": Policy, "organisation": Organisation}[name]
    with pytest.raises(ValidationError, match="bogus"):
        model.model_validate(_read(name) | {"bogus": 1})


def test_no_number_of_the_policy_is_a_binary_fraction() -> None:
    """Fractions are written as text in YAML, so that the policy's digest is the same everywhere."""
    assert not [v for v in _values(_read("policy")) if isinstance(v, float)]


def _values(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [v for inner in node.values() for v in _values(inner)]
    if isinstance(node, list):
        return [v for inner in node for v in _values(inner)]
    return [node]
