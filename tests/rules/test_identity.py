"""Identity is a relation of contents: symmetric, the same in any order, bounded in cost."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from rules.identity import PAIR_COLUMNS, candidate_pairs, components, normalised
from schemas.period import DAY_MS
from schemas.policy import Identity

POLICY = Identity(window_days=14, text_similarity=85, block_cap=200)
TEXT = "二楼东侧安全出口被纸箱堵塞"


def findings(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"place_key": "P1", "category": "安全出口", "found_at": 0, "description": TEXT}
    return pd.DataFrame([{"stream_id": f"s{i}", **base, **row} for i, row in enumerate(rows)])


def joined(*rows: dict[str, Any], policy: Identity = POLICY) -> list[tuple[str, str]]:
    pairs = candidate_pairs(findings(*rows), policy)
    return list(zip(pairs["a"], pairs["b"], strict=True))


def test_the_same_place_category_and_text_within_the_window_is_one_hazard() -> None:
    pairs = candidate_pairs(findings({}, {"found_at": 14 * DAY_MS}), POLICY)
    assert pairs.to_dict("records") == [{"a": "s0", "b": "s1", "score": 100}]


@pytest.mark.parametrize(
    "other",
    [
        {"place_key": "P2"},
        {"category": "灭火器"},
        {"found_at": 14 * DAY_MS + 1},
        {"description": "配电箱内堆放杂物"},
        {"stream_id": "s0"},
    ],
)
def test_whatever_differs_keeps_two_findings_apart(other: dict[str, Any]) -> None:
    assert joined({}, other) == []


@pytest.mark.parametrize("blank", [{"place_key": ""}, {"category": ""}, {"description": "…"},
                                   {"place_key": None}])  # fmt: skip
def test_what_is_blank_matches_nothing(blank: dict[str, Any]) -> None:
    assert joined(blank, blank) == []


def test_marks_and_case_do_not_matter_and_chinese_letters_do() -> None:
    assert joined({}, {"description": f"（1）{TEXT}。"}) == [("s0", "s1")]
    assert normalised(pd.Series(["A-1 号_楼！"], dtype="str")).tolist() == ["a1号楼"]


def test_a_score_below_the_limit_is_not_rounded_up_to_it() -> None:
    a, b = "一二三四五六七八九十", "一二三四五六七八九百"
    assert fuzz.ratio(a, b) == 90
    strict = POLICY.model_copy(update={"text_similarity": 91})
    assert joined({"description": a}, {"description": b}, policy=strict) == []
    assert joined({"description": a}, {"description": b}) == [("s0", "s1")]


def test_no_findings_make_no_pairs() -> None:
    pairs = candidate_pairs(findings({}).iloc[:0], POLICY)
    assert list(pairs.columns) == PAIR_COLUMNS
    assert pairs.empty


def test_times_at_the_ends_of_the_calendar_do_not_overflow() -> None:
    early, late = -62_135_596_800_000, 253_402_300_800_000
    assert joined({"found_at": early}, {"found_at": late}, {"found_at": late}) == [("s1", "s2")]


def test_over_the_block_cap_only_identical_texts_are_joined_and_in_a_chain() -> None:
    small = POLICY.model_copy(update={"block_cap": 4})
    near = {"description": TEXT + "三处"}
    rows = [{"found_at": d * DAY_MS} for d in (0, 10, 20, 40)] + [near]
    assert joined(*rows, policy=small) == [("s0", "s1"), ("s1", "s2")]


def test_a_large_block_costs_a_chain_and_not_its_square() -> None:
    rows = findings(*({} for _ in range(3_000)))
    assert len(candidate_pairs(rows, POLICY)) == 2_999


def test_the_root_is_the_earliest_member_and_ties_go_to_the_lesser_id() -> None:
    keys = pd.DataFrame({"stream_id": ["c", "b", "a", "d"], "found_at": [5, 1, 1, 0]})
    pairs = pd.DataFrame({"a": ["a", "b"], "b": ["b", "c"], "score": [90, 90]})
    roots = components(pairs, keys)
    assert roots.to_dict("list") == {
        "stream_id": ["c", "b", "a", "d"],
        "root_id": ["a", "a", "a", "d"],
    }


def test_without_pairs_every_stream_is_its_own_root() -> None:
    keys = pd.DataFrame({"stream_id": ["b", "a"], "found_at": [1, 2]})
    none = pd.DataFrame({"a": [], "b": [], "score": []})
    assert components(none, keys)["root_id"].tolist() == ["b", "a"]
    assert components(none, keys.iloc[:0]).empty


def test_a_pair_with_an_unknown_or_the_same_stream_changes_nothing() -> None:
    keys = pd.DataFrame({"stream_id": ["a", "b"], "found_at": [1, 2]})
    pairs = pd.DataFrame({"a": ["a", "a"], "b": ["zz", "a"], "score": [90, 90]})
    assert components(pairs, keys)["root_id"].tolist() == ["a", "b"]


CONTENTS = st.lists(
    st.fixed_dictionaries(
        {
            "place_key": st.sampled_from(["P1", "P2", ""]),
            "category": st.sampled_from(["安全出口", "灭火器"]),
            "found_at": st.integers(0, 40).map(lambda d: d * DAY_MS),
            "description": st.sampled_from([TEXT, TEXT + "三处", TEXT[:9], "灭火器过期", ""]),
        }
    ),
    max_size=14,
)


@given(CONTENTS, st.randoms(use_true_random=False))
def test_any_order_of_the_findings_gives_the_same_pairs_and_roots(
    rows: list[dict[str, Any]], random: Any
) -> None:
    frame = findings(*rows) if rows else findings({}).iloc[:0]
    positions = list(range(len(frame)))
    random.shuffle(positions)
    shuffled = frame.iloc[positions]
    pairs, again = candidate_pairs(frame, POLICY), candidate_pairs(shuffled, POLICY)
    pd.testing.assert_frame_equal(pairs, again)
    roots = components(pairs, frame).set_index("stream_id")["root_id"]
    assert (
        components(again, shuffled).set_index("stream_id")["root_id"].to_dict() == roots.to_dict()
    )


@given(CONTENTS)
def test_the_pairs_are_those_of_the_definition(rows: list[dict[str, Any]]) -> None:
    frame = findings(*rows) if rows else findings({}).iloc[:0]
    frame["text"] = normalised(frame["description"])
    expected = {
        (a.stream_id, b.stream_id)
        for a, b in combinations(frame.sort_values("stream_id").itertuples(), 2)
        if a.place_key == b.place_key != ""
        and a.category == b.category
        and abs(a.found_at - b.found_at) <= POLICY.window_days * DAY_MS
        and a.text != "" != b.text
        and fuzz.ratio(a.text, b.text) >= POLICY.text_similarity
    }
    pairs = candidate_pairs(frame, POLICY)
    assert set(zip(pairs["a"], pairs["b"], strict=True)) == expected
    assert (pairs["a"] < pairs["b"]).all()
    assert np.all(pairs["score"] >= POLICY.text_similarity)
