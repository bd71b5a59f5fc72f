"""Self-check texts that themselves show to be worthless are refused by rule, by YAML alone.

The publisher's label 1 (a false or worthless report) is never mapped; it is only compared with
what the rules refused. What the text does not show, such as a training report handed in as a
hazard, stays for people: the rules are held to be right rather than complete.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.vocabulary import RecordKind
from tasks.intake.checking import Checked

FINDING = RecordKind.FINDING
ROWS, WORTHLESS = 12_000, 1_288
REFUSED_BY = {
    "R001": 89,  # no text at all
    "T001": 178,
    "T001,T002": 260,
    "T001,T004": 8,
    "T004": 415,
}
SAID_RECTIFIED = 1_165  # accepted with a warning
TERSE = 122  # accepted with a warning


@pytest.fixture(scope="module")
def shenzhen(real_county: Callable[[str], Any]) -> Any:
    return real_county("shenzhen")


@pytest.fixture(scope="module")
def rows(shared_data: Path, shenzhen: Any, deliver: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return deliver(shenzhen, shared_data / "shenzhen_selfcheck" / "train.csv")


@pytest.fixture(scope="module")
def checked(rows: pd.DataFrame, shenzhen: Any) -> Checked:
    judged: Checked = shenzhen.check(shenzhen.map(rows)[FINDING], FINDING)
    return judged


@pytest.fixture(scope="module")
def labels(rows: pd.DataFrame) -> pd.Series:
    return rows.set_index("id")["label"] == "1"


def test_accepted_and_refused_add_up_to_the_rows_delivered(
    rows: pd.DataFrame, checked: Checked
) -> None:
    assert len(rows) == ROWS
    assert len(checked.accepted) + len(checked.refused) == ROWS
    assert checked.refused["codes"].value_counts().to_dict() == REFUSED_BY
    assert checked.warned["codes"].value_counts().to_dict() == {
        "T002": SAID_RECTIFIED,
        "T008": TERSE,
    }


def test_every_branch_of_trade_finds_its_sector(checked: Checked) -> None:
    sectors = pd.concat([checked.accepted, checked.refused])["sector_code"]
    assert sectors.value_counts().to_dict() == {
        "industry": 8_744,
        "commerce": 2_367,
        "offices": 533,
        "small_places": 166,
        "transport": 121,
        "construction": 69,
    }


def test_what_is_refused_is_worthless_by_the_publishers_label_too(
    checked: Checked, labels: pd.Series
) -> None:
    assert int(labels.sum()) == WORTHLESS
    worthless = labels.reindex(checked.refused["source_id"]).to_numpy(dtype=bool)
    precision = worthless.mean()
    recall = worthless.sum() / WORTHLESS
    assert precision == pytest.approx(0.983, abs=0.001)
    assert recall == pytest.approx(0.725, abs=0.001)


@pytest.mark.parametrize(
    ("code", "refused", "least_precision"),
    [("R001", 89, 1.0), ("T001", 446, 0.99), ("T004", 423, 0.96)],
)
def test_each_rule_is_right_on_its_own(
    checked: Checked, labels: pd.Series, code: str, refused: int, least_precision: float
) -> None:
    hit = checked.refused[checked.refused["codes"].str.split(",").map(lambda c: code in c)]
    assert len(hit) == refused
    assert labels.reindex(hit["source_id"]).mean() >= least_precision


def test_a_text_that_tells_of_a_hazard_and_its_rectification_passes_with_a_warning(
    checked: Checked, labels: pd.Series
) -> None:
    rectified = checked.warned.loc[checked.warned["codes"].str.contains("T002"), "line"]
    warned = checked.accepted[checked.accepted["line"].isin(rectified)]
    assert labels.reindex(warned["source_id"]).mean() < 0.05
