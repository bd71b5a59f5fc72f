"""Identity is a relation of contents: symmetric, the same in any order, without a cap."""

import time
from functools import cache
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from rules.identity import CONTENT, PAIR_COLUMNS, candidate_pairs
from rules.identity_clusters import components
from rules.identity_names import KEYS
from rules.identity_texts import clauses, elsewhere, normalised, scores, spots
from schemas.period import DAY_MS
from schemas.policy import Identity

POLICY = Identity(window_days=14, text_similarity=85, unsure_similarity=60)
TEXT = "二楼安全出口被纸箱堵塞"


def findings(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"category": "安全出口", "found_at": 0, "description": TEXT} | dict.fromkeys(KEYS, "")
    made = [{"stream_id": f"s{i}", **base, "place_key": "P1", **r} for i, r in enumerate(rows)]
    return pd.DataFrame(made, columns=list(CONTENT))


def joined(*rows: dict[str, Any], policy: Identity = POLICY) -> list[tuple[str, str]]:
    pairs = candidate_pairs(findings(*rows), policy)
    return list(zip(pairs["a"], pairs["b"], strict=True))


def test_the_same_place_category_and_text_within_the_window_is_one_hazard() -> None:
    pairs = candidate_pairs(findings({}, {"found_at": 14 * DAY_MS}), POLICY)
    assert pairs.to_dict("records") == [{"a": "s0", "b": "s1", "score": 100, "by": "number"}]


@pytest.mark.parametrize(
    "other",
    [
        {"place_key": "P2"},
        {"category": "灭火器"},
        {"found_at": 14 * DAY_MS + 1},
        {"description": "配电箱内堆放杂物"},
        {"description": "三楼安全出口被纸箱堵塞"},
        {"stream_id": "s0"},
    ],
)
def test_whatever_differs_keeps_two_findings_apart(other: dict[str, Any]) -> None:
    assert joined({}, other) == []


@pytest.mark.parametrize("blank", [{"place_key": ""}, {"category": ""}, {"description": "…"},
                                   {"place_key": None}])  # fmt: skip
def test_what_is_blank_matches_nothing(blank: dict[str, Any]) -> None:
    assert joined(blank, blank) == []


BARE = {"place_key": ""}
AT = {"address_key": "t|灯塔街12号"}
NAMED = {"name_key": "t|星河五金厂"}
CODED = {"credit_key": "91999001MA2X00001K"}


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (BARE | CODED, BARE | CODED | NAMED, "credit_code"),
        (BARE | CODED | AT, BARE | CODED | {"address_key": "t|灯塔街14号"}, None),
        (BARE | NAMED, BARE | NAMED | AT, "name"),
        (BARE | NAMED | CODED, {"place_key": "P9"} | NAMED, "name"),
        (BARE | NAMED | AT, BARE | NAMED | {"address_key": "t|盐田路9号"}, None),
        (BARE | AT, BARE | AT | NAMED, "address"),
        (BARE | AT | {"name_key": "t|云帆餐馆"}, BARE | AT | NAMED, None),
        (CODED | NAMED, {"place_key": "P2"} | CODED | NAMED, None),
        (BARE | NAMED | CODED, BARE | NAMED | {"credit_key": "91999001MA2X00002H"}, None),
        (BARE | NAMED, BARE | {"name_key": "u|星河五金厂"}, None),
    ],
)
def test_the_strongest_name_that_both_give_says_whether_the_place_is_the_same(
    one: dict[str, Any], other: dict[str, Any], by: str | None
) -> None:
    for rows in ((one, other), (other, one)):
        found = candidate_pairs(findings(*rows), POLICY)["by"].tolist()
        assert found == ([by] if by else [])


def test_marks_case_and_numerals_do_not_matter_and_chinese_letters_do() -> None:
    assert joined({}, {"description": "（1）2楼 安全出口,被纸箱堵塞。"}) == [("s0", "s1")]
    assert normalised(pd.Series(["A-1 号_楼！三楼"], dtype="str")).tolist() == ["a1号楼3楼"]


def test_a_score_below_the_limit_is_not_rounded_up_to_it() -> None:
    a, b = "甲乙丙丁戊己庚辛壬癸", "甲乙丙丁戊己庚辛壬子"
    assert fuzz.ratio(a, b) == 90
    strict = POLICY.model_copy(update={"text_similarity": 91})
    assert joined({"description": a}, {"description": b}, policy=strict) == []
    assert joined({"description": a}, {"description": b}) == [("s0", "s1")]


def scored(a: str, b: str, least: int = 1, same_words: Any = ()) -> int:
    said = clauses(pd.Series([a, b], dtype="str"), same_words).to_numpy(dtype=object)
    return int(scores(said, np.array([0]), np.array([1]), least)[0])


def test_only_the_same_words_score_a_hundred() -> None:
    assert scored("甲区安全出口上锁", "甲区，安全出口上锁。") == 100
    assert scored("安全出口被货物上锁，灭火器过期", "灭火器过期，安全出口被货物上锁") == 99
    assert scored("安全出口被货物堵塞上锁，灭火器过期", "安全出口被货物堵塞上锁") == 96
    assert scored("上锁，灭火器过期而且数量不够", "上锁") < 60  # too short to be a part


def test_words_that_mean_the_same_are_one_word_where_the_policy_says_so() -> None:
    a, b = "防护装置缺失", "防护装置没有"
    assert scored(a, b) < 85
    assert scored(a, b, same_words=(("缺失", "没有"),)) == 100


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("2号楼东侧", "3号楼东侧", True),
        ("二号楼", "2幢", False),
        ("甲区", "乙区", True),
        ("一号区域东侧", "一号区域西侧", True),
        ("一号区域", "1号区域东侧", False),  # only one says on which side
        ("三楼", "3层", False),
        ("底层", "一楼", False),
        ("301室", "302室", True),
        ("Apt 4B", "apt. 4C", True),
        ("灭火器3具", "灭火器5具", False),  # how many, not where
    ],
)
def test_two_spots_within_a_place_are_told_apart(one: str, other: str, differ: bool) -> None:
    found = spots(pd.Series([one, other], dtype="str"))
    assert elsewhere(found[:1], found[1:]).tolist() == [differ]


def test_no_findings_make_no_pairs() -> None:
    pairs = candidate_pairs(findings({}).iloc[:0], POLICY)
    assert list(pairs.columns) == PAIR_COLUMNS
    assert pairs.empty


def test_times_at_the_ends_of_the_calendar_do_not_overflow() -> None:
    early, late = -62_135_596_800_000, 253_402_300_800_000
    assert joined({"found_at": early}, {"found_at": late}, {"found_at": late}) == [("s1", "s2")]


def test_what_is_repeated_is_joined_in_a_chain_and_compared_once() -> None:
    near = {"description": TEXT + "三处", "found_at": 11 * DAY_MS}
    rows = [{"found_at": d * DAY_MS} for d in (0, 10, 20, 40)] + [near]
    found = joined(*rows)
    assert len(found) == 3
    assert {("s0", "s1"), ("s1", "s2")} <= set(found)


def test_a_thousand_repetitions_cost_a_chain_and_not_their_square() -> None:
    rows = findings(*({"found_at": i} for i in range(20_000)))
    began = time.process_time()
    assert len(candidate_pairs(rows, POLICY)) == 19_999
    assert time.process_time() - began < 10


CONTENTS = st.lists(
    st.fixed_dictionaries(
        {
            "place_key": st.sampled_from(["P1", "P2", "", ""]),
            "credit_key": st.sampled_from(["", "", CODED["credit_key"]]),
            "name_key": st.sampled_from(["", "n1", "n2"]),
            "address_key": st.sampled_from(["", "", "a1", "a2"]),
            "category": st.sampled_from(["安全出口", "灭火器"]),
            "found_at": st.integers(0, 40).map(lambda d: d * DAY_MS),
            "description": st.sampled_from(
                [TEXT, TEXT + "三处", TEXT[:9], "三楼安全出口被纸箱堵塞", "灭火器过期", ""]
            ),
        }
    ),
    max_size=14,
)


@given(CONTENTS, st.randoms(use_true_random=False))
def test_any_order_of_the_findings_gives_the_same_pairs_and_roots(
    rows: list[dict[str, Any]], random: Any
) -> None:
    frame = findings(*rows)
    positions = list(range(len(frame)))
    random.shuffle(positions)
    shuffled = frame.iloc[positions]
    pairs, again = candidate_pairs(frame, POLICY), candidate_pairs(shuffled, POLICY)
    pd.testing.assert_frame_equal(pairs, again)
    assert rooted(pairs, frame) == rooted(again, shuffled)


@given(CONTENTS, st.integers(0, 14), st.randoms(use_true_random=False))
def test_findings_that_come_in_two_deliveries_end_in_the_clusters_of_all_at_once(
    rows: list[dict[str, Any]], cut: int, random: Any
) -> None:
    """Each delivery's pairs are those with a new end, recorded for good."""
    frame = findings(*rows)
    positions = list(range(len(frame)))
    random.shuffle(positions)
    first = frame.iloc[positions[:cut]]
    pairs, later = candidate_pairs(first, POLICY), candidate_pairs(frame, POLICY)
    known = later["a"].isin(first["stream_id"]) & later["b"].isin(first["stream_id"])
    assert rooted(pd.concat([pairs, later[~known]]), frame) == rooted(later, frame)


@given(CONTENTS)
def test_the_clusters_are_those_of_the_definition(rows: list[dict[str, Any]]) -> None:
    frame = findings(*rows)
    expected = [
        {"a": a.stream_id, "b": b.stream_id, "score": 100}
        for a, b in combinations(frame.sort_values("stream_id").itertuples(), 2)
        if is_one(a, b)
    ]
    pairs = candidate_pairs(frame, POLICY)
    whole = pd.DataFrame(expected, columns=["a", "b", "score"])
    assert set(zip(pairs["a"], pairs["b"], strict=True)) <= {(e["a"], e["b"]) for e in expected}
    assert rooted(pairs, frame) == rooted(whole, frame)
    assert (pairs["a"] < pairs["b"]).all()
    assert np.all(pairs["score"] >= POLICY.text_similarity)


def rooted(pairs: pd.DataFrame, frame: pd.DataFrame) -> dict[str, str]:
    found = components(pairs, frame)
    return dict(zip(found["stream_id"], found["root_id"], strict=True))


def is_one(a: Any, b: Any) -> bool:
    """The definition, read aloud."""
    return (
        is_one_place(a, b)
        and a.category == b.category
        and abs(a.found_at - b.found_at) <= POLICY.window_days * DAY_MS
        and say_the_same(a.description, b.description)
    )


@cache
def say_the_same(one: str, other: str) -> bool:
    words = pd.Series([one, other], dtype="str")
    spot = spots(words)
    return (
        all(normalised(words))
        and not elsewhere(spot[:1], spot[1:])[0]
        and scored(one, other) >= POLICY.text_similarity
    )


def is_one_place(a: Any, b: Any) -> bool:
    address = a.address_key and b.address_key
    not_two_addresses = not address or a.address_key == b.address_key
    if a.place_key and b.place_key:
        return bool(a.place_key == b.place_key)
    if a.credit_key and b.credit_key:
        return bool(a.credit_key == b.credit_key and not_two_addresses)
    if a.name_key and b.name_key:
        return bool(a.name_key == b.name_key and not_two_addresses)
    return bool(address and not_two_addresses)


PLACES = [dict(zip(KEYS, k, strict=True)) for k in product("P ", "C ", "N ", "A ")]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_the_same_as_itself_where_anything_names_it(place: dict[str, str]) -> None:
    named = {k: v.strip() for k, v in place.items()}
    assert joined(named, named) == ([("s0", "s1")] if any(named.values()) else [])
