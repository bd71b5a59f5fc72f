"""Leaving an expectation out is sound: whatever is proven, Great Expectations would pass too."""

from functools import cache
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.building import expectation
from expectations.screening import PROOFS, in_doubt, is_proven
from tasks.intake.checking import RESULT_FORMAT, _batches

TEXTS = st.lists(st.sampled_from([None, "甲", "乙", "无", "无隐患", "x1"]), min_size=1, max_size=6)
NUMBERS = st.lists(st.sampled_from([None, -5, 0, 7, 10**13]), min_size=1, max_size=6)

# Names and arguments: making them imports Great Expectations, which collecting must not.
PLAIN = [
    ("ExpectColumnValuesToNotBeNull", {"column": "text"}),
    ("ExpectColumnValuesToBeNull", {"column": "text"}),
    ("ExpectColumnValuesToBeInSet", {"column": "text", "value_set": ["甲", "乙"]}),
    ("ExpectColumnValuesToNotMatchRegex", {"column": "text", "regex": "^无"}),
    ("ExpectColumnValuesToBeBetween", {"column": "number", "min_value": 0}),
    ("ExpectColumnValuesToBeBetween", {"column": "number", "max_value": 7}),
    ("ExpectColumnValuesToNotBeNull", {"column": "number"}),
]
NOT_PLAIN = [
    ("ExpectColumnValuesToNotBeNull", {"column": "text", "mostly": 0.5}),
    ("ExpectColumnValuesToNotBeNull", {"column": "no_such"}),
    ("ExpectColumnValuesToBeUnique", {"column": "text"}),
    ("ExpectColumnValuesToNotMatchRegex", {"column": "text", "regex": "(x"}),
    ("ExpectColumnValuesToBeBetween", {"column": "text", "min_value": 0}),
    ("ExpectColumnValuesToBeBetween", {"column": "number", "min_value": 0, "strict_min": True}),
]


@cache
def expectations() -> list[Any]:
    return [expectation(name, "R001", **arguments) for name, arguments in PLAIN]


def by_great_expectations(frame: pd.DataFrame) -> list[bool]:
    plain = frame.astype({"number": "float64"})
    batch = _batches().get_batch(batch_parameters={"dataframe": plain})
    return [batch.validate(e, result_format=RESULT_FORMAT).success for e in expectations()]


@settings(max_examples=15)
@given(TEXTS, NUMBERS)
def test_the_screen_says_what_great_expectations_says(
    texts: list[str | None], numbers: list[int | None]
) -> None:
    rows = min(len(texts), len(numbers))
    frame = pd.DataFrame(
        {
            "text": pd.Series(texts[:rows], dtype="str"),
            "number": pd.Series(numbers[:rows], dtype="Int64"),
        }
    )
    assert [is_proven(e, frame) for e in expectations()] == by_great_expectations(frame)


def test_every_proof_is_tried_above() -> None:
    assert {name for name, _ in PLAIN} == set(PROOFS)


@pytest.mark.parametrize(("name", "arguments"), NOT_PLAIN)
def test_what_is_not_plain_is_left_to_great_expectations(
    name: str, arguments: dict[str, Any]
) -> None:
    frame = pd.DataFrame({"text": pd.Series(["甲"], dtype="str"), "number": [1]})
    doubtful = expectation(name, "R001", **arguments)
    assert in_doubt([doubtful], frame) == [doubtful]
