"""A submission is compared as a whole with its unit's earlier ones, and never refused for it."""

from typing import Any

from expectations.batch import DRIFT, ENOUGH, FEW, MORE_BLANKS, TIMES, Profile, remarks

FIELD = "finding.category"


def profile(rows: int, blank: int = 0, **words: int) -> Profile:
    return {
        "rows": rows,
        "filled": {FIELD: rows - blank},
        "blank": {FIELD: blank},
        "words": {FIELD: words} if words else {},
    }


def codes(now: Profile, *earlier: Profile) -> list[Any]:
    return [remark["code"] for remark in remarks(now, earlier)]


USUAL = [profile(100, 5, fire=60, power=40)] * ENOUGH


def test_far_more_or_fewer_rows_are_remarked() -> None:
    assert codes(profile(100 * TIMES + 1), *USUAL) == ["B001"]
    assert codes(profile(0), *USUAL) == ["B001"]
    assert codes(profile(100 * TIMES), *USUAL) == []


def test_a_small_unit_may_send_a_few_more_or_none() -> None:
    assert codes(profile(FEW), *[profile(1)] * ENOUGH) == []


def test_far_more_blanks_are_remarked_with_the_field_and_both_shares() -> None:
    now = profile(100, int(100 * (0.05 + MORE_BLANKS)) + 1)
    assert remarks(now, USUAL) == [{"code": "B002", "field": FIELD, "is": 0.26, "usual": 0.05}]
    assert codes(profile(100, 20), *USUAL) == []


def test_words_that_are_spread_unlike_usual_are_remarked() -> None:
    assert codes(profile(100, fire=29, power=71), *USUAL) == ["B003"]
    assert codes(profile(100, fire=31, power=69), *USUAL) == []
    assert DRIFT == 0.3


def test_nothing_is_usual_before_there_are_enough() -> None:
    assert codes(profile(9_999, 9_000), *USUAL[1:]) == []
