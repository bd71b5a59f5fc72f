"""The shipped indices, and what a policy may not say about them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from rules.counting import RATES
from rules.identity_names import KEYS
from rules.indices import COLUMNS, MEASURES
from rules.indices_towns import TOWN_RATES
from rules.placing import BY, PlaceStatus
from rules.repeats import AFTER_CLOSING, AGAIN
from schemas import policy_indices
from schemas.policy_indices import CreditGrade, Indices, PlaceIngredient, RiskColour, TownIngredient
from tasks.rendering.catalogue import LANGUAGES, known, word

CIXI = Path(__file__).resolve().parents[2] / "config" / "cixi" / "policy.yaml"
RAW = yaml.safe_load(CIXI.read_text("utf-8"))["indices"]


def changed(path: str, value: Any) -> dict[str, Any]:
    """The shipped section with one value replaced; `path` like risk.bands.blue."""
    raw: dict[str, Any] = yaml.safe_load(yaml.safe_dump(RAW))
    *way, last = path.split(".")
    node: Any = raw
    for step in way:
        node = node[int(step)] if step.isdigit() else node[step]
    node[int(last) if last.isdigit() else last] = value
    return raw


def test_the_shipped_policy_has_four_colours_five_grades_and_weights_of_100() -> None:
    indices = Indices.model_validate(RAW)
    assert tuple(indices.risk.bands) == tuple(RiskColour) == ("blue", "yellow", "orange", "red")
    assert tuple(indices.credit.bands) == tuple(CreditGrade) == ("A", "B", "C", "D", "E")
    assert sum(line.weight for line in indices.towns) == 100


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("risk.bands.yellow", 85, "should fall"),
        ("risk.bands.red", 1, "should fall"),
        ("risk.bands.blue", 101, "should fall"),
        ("risk.bands", {"blue": 85, "red": 0}, "orange"),
        ("risk.bands.green", 10, "green"),
        ("credit.bands.A", "90.005", "two decimals"),
        ("risk.at_best.0.band", "blue", "blue"),
        ("credit.at_best.0.band", "red", "red"),
        ("risk.losses.1.of", "open_major", "open_major"),
        ("risk.losses.1.of", "charm", "charm|Input should be"),
        ("risk.losses.0.cap", "60.001", "decimal places"),
        ("risk.losses.0.points_each", 0, "greater than 0"),
        ("towns.1.of", "rectification", "rectification"),
        ("towns.0.floor", 100, "rectification"),
        ("lookback_days", 0, "greater than or equal to 1"),
        ("self_check.bogus", 1, "bogus"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(path: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Indices.model_validate(changed(path, value))


@pytest.mark.parametrize("key", list(RAW))
def test_nothing_is_decided_by_a_default(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        Indices.model_validate({k: v for k, v in RAW.items() if k != key})


# Rates of deliveries and of duties over windows, and a share that is neither good nor bad.
OF_DELIVERIES = {
    *("timeliness", "accepted_rows", "completeness", "discovery"),
    *("self_check_coverage", "quarterly_coverage"),
}


def test_every_ingredient_is_measured() -> None:
    assert set(MEASURES) == set(PlaceIngredient)
    assert set(TOWN_RATES) == set(TownIngredient)
    assert {of.value for of in TownIngredient} >= set(RATES) - {"on_time_original"} - OF_DELIVERIES
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert len(BY) == len(KEYS)


def test_every_word_has_wording_in_both_languages() -> None:
    kinds = [PlaceStatus, *vars(policy_indices).values()]
    members = [m for kind in kinds if hasattr(kind, "__members__") for m in kind]
    members = [m for m in members if type(m).__name__ != "StrEnum"]
    assert len(members) > 30
    assert all(word(member, lang) for member in members for lang in LANGUAGES)
    assert known(f"repeat.{AFTER_CLOSING}") and known(f"repeat.{AGAIN}")
