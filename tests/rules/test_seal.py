"""Canonical JSON and the hash chain, as anybody could recompute them from the published shape."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.seal import canonical, chain, digest
from schemas.events import EVENT_COLUMNS, GENESIS, HASHED_COLUMNS

ROW: dict[str, str | int] = {
    "county": "330282",
    "seq": 1,
    "stream_id": "hazard:0123456789abcdef",
    "version": 1,
    "stream_kind": "hazard",
    "kind": "registered",
    "claimed_at": 1_740_931_200_000,
    "sent_at": 1_740_931_200_001,
    "received_at": 1_740_931_200_002,
    "appended_at": 1_740_931_200_003,
    "file_by": 1_741_104_000_000,
    "actor": "inspection",
    "source": "inspection",
    "record": "finding",
    "source_id": "25-001",
    "row_digest": "0" * 16,
    "delivery": "d" * 64,
    "payload": '{"description":"二楼安全出口被堵"}',
}


@dataclass
class Thing:
    amount: float


def values(**changed: str | int) -> list[str | int]:
    return [(ROW | changed)[name] for name in HASHED_COLUMNS]


def published(value: Any) -> bytes:
    """Canonical JSON by the standard library alone."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_json_is_what_the_standard_library_writes_and_reads_back(value: Any) -> None:
    assert canonical(value) == published(value)
    assert json.loads(canonical(value)) == value


def test_keys_are_sorted_at_every_depth_and_text_stays_readable() -> None:
    value = {"b": [{"z": 1, "a": "隐患"}], "a": None, "C": True}
    assert canonical(value) == '{"C":true,"a":null,"b":[{"a":"隐患","z":1}]}'.encode()
    assert canonical(value) == published(value)


def test_the_order_in_which_a_dict_was_filled_leaves_no_trace() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize("value", [1.5, 1.0, float("nan"), {"rate": 0.1}, [[{"a": (2.0,)}]]])
def test_floats_are_refused_wherever_they_hide(value: Any) -> None:
    with pytest.raises(TypeError, match=r"is a float: write money in fen"):
        canonical(value)


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.5"),
        date(2025, 3, 3),
        datetime(2025, 3, 3, tzinfo=UTC),
        Thing(1.5),
        {1, 2},
        b"bytes",
        {1: "a key that is no text"},
        2**64,
        "\ud800",
    ],
)
def test_what_has_no_single_spelling_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value} if not isinstance(value, dict) else value)


def test_the_chain_is_what_a_dozen_lines_of_any_language_compute() -> None:
    previous, expected = GENESIS, []
    rows = [values(seq=seq) for seq in (1, 2, 3)]
    for row in rows:
        line = previous + json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(line.encode()).hexdigest()
        expected.append(previous)
    assert chain(GENESIS, rows) == expected


def test_an_empty_piece_adds_nothing_and_pieces_join_without_a_seam() -> None:
    rows = [values(seq=seq) for seq in range(1, 6)]
    whole = chain(GENESIS, rows)
    assert chain(GENESIS, []) == []
    first = chain(GENESIS, rows[:2])
    assert first + chain(first[-1], rows[2:]) == whole


def test_everything_an_event_says_is_hashed() -> None:
    assert set(EVENT_COLUMNS) - set(HASHED_COLUMNS) == {"prev_hash", "hash"}
    assert tuple(ROW) == HASHED_COLUMNS


@pytest.mark.parametrize("name", HASHED_COLUMNS)
def test_another_value_in_any_field_changes_every_hash_from_there_on(name: str) -> None:
    old = ROW[name]
    new = old + 1 if isinstance(old, int) else old + " "
    rows = [values(seq=1), values(seq=2), values(seq=3)]
    changed = [rows[0], values(**({"seq": 2} | {name: 9 if name == "seq" else new})), rows[2]]
    before, after = chain(GENESIS, rows), chain(GENESIS, changed)
    assert before[0] == after[0]
    assert before[1] != after[1]
    assert before[2] != after[2]


def test_text_and_number_of_the_same_look_are_different() -> None:
    assert chain(GENESIS, [values(seq=1)]) != chain(GENESIS, [values(seq="1")])


def test_moving_a_letter_from_one_field_to_the_next_is_seen() -> None:
    one = values(source="ab", record="c")
    other = values(source="a", record="bc")
    assert chain(GENESIS, [one]) != chain(GENESIS, [other])


def test_rows_in_another_order_or_one_left_out_end_in_another_head() -> None:
    rows = [values(seq=seq) for seq in (1, 2, 3)]
    heads = {chain(GENESIS, r)[-1] for r in (rows, rows[::-1], rows[1:], rows[:1] + rows[2:])}
    assert len(heads) == 4
    assert chain("1" * 64, rows) != chain(GENESIS, rows)
