"""Payloads of whole frames are byte for byte the canonical JSON of each row without its blanks."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.seal import canonical
from tasks.store.payload import encode

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
NAMES = ("source_id", "description", "town_code", "a", "Z")
NUMBERS = ("funding_spent_fen", "due_general")
FLAGS = ("implied",)


def row() -> st.SearchStrategy[dict[str, Any]]:
    texts = {n: st.none() | TEXT for n in NAMES}
    numbers = {n: st.none() | st.integers(-(2**53), 2**53) for n in NUMBERS}
    flags = {n: st.none() | st.booleans() for n in FLAGS}
    return st.fixed_dictionaries(texts | numbers | flags)


def framed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = dict.fromkeys(NAMES, "str") | dict.fromkeys(NUMBERS, "Int64")
    kinds |= dict.fromkeys(FLAGS, "boolean")
    return pd.DataFrame({n: pd.Series([r[n] for r in rows], dtype=k) for n, k in kinds.items()})


@given(rows=st.lists(row(), max_size=6))
def test_every_payload_is_the_canonical_json_of_its_row(rows: list[dict[str, Any]]) -> None:
    columns = [*NUMBERS, *NAMES, *FLAGS]
    expected = [canonical({k: v for k, v in r.items() if v is not None}).decode() for r in rows]
    assert encode(framed(rows), columns) == expected


def test_a_row_without_anything_is_an_empty_object() -> None:
    frame = framed([dict.fromkeys((*NAMES, *NUMBERS, *FLAGS))])
    assert encode(frame, list(NAMES)) == ["{}"]
    assert encode(frame, []) == ["{}"]


def test_columns_are_chosen_and_sorted_by_name() -> None:
    frame = pd.DataFrame({"b": ["2"], "a": ["1"], "c": ["3"]})
    assert encode(frame, ["b", "a"]) == ['{"a":"1","b":"2"}']


@pytest.mark.parametrize("value", [1.5, 1.0])
def test_a_float_has_no_canonical_spelling(value: float) -> None:
    with pytest.raises(TypeError, match="float"):
        encode(pd.DataFrame({"a": [value]}), ["a"])
