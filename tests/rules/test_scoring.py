from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.scoring import (
    UnknownIndicator,
    competition_ranks,
    points,
    rank_units,
    rate,
    rounded,
    score,
)
from schemas.policy import Deduction, Indicator
from tests.rules.bodies import SCORING, valid_body


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [
        (911, 972, "93.72"),  # Tianmen, December 2016: closed of due
        (737, 972, "75.82"),  # … and on time
        (33_928, 36_314, "93.43"),  # Fuzhou, May 2015
        (272_703, 273_699, "99.64"),  # Cixi, January to May 2022
        (0, 7, "0.00"),
        (7, 7, "100.00"),
        (3, 2, "150.00"),  # reopenings may be more than closures
        (1, 32, "3.13"),  # 3.125, half up
        (0, 0, "/"),
        (5, 0, "/"),
    ],
)
def test_published_rates_are_reproduced(numerator: int, denominator: int, printed: str) -> None:
    assert rate(numerator, denominator)["value"] == printed


@given(st.fractions(min_value=0, max_value=10**6))
def test_rounding_is_half_up_and_never_more_than_half_a_hundredth_away(value: Fraction) -> None:
    away = Fraction(rounded(value)) - value
    assert Fraction(-1, 200) < away <= Fraction(1, 200)


@given(st.decimals(0, 1000, places=4))
def test_rounding_agrees_with_decimal_half_up(value: Decimal) -> None:
    expected = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert str(rounded(Fraction(value))) == str(expected)


def _indicator(of: str, floor: int, target: int, weight: str = "1") -> Indicator:
    return Indicator(
        of=of, weight=Decimal(weight), floor=Decimal(floor), target=Decimal(target), scope="period"
    )


@pytest.mark.parametrize(
    ("part", "whole", "floor", "target", "made"),
    [
        (90, 100, 80, 100, 50),
        (80, 100, 80, 100, 0),
        (10, 100, 80, 100, 0),
        (100, 100, 80, 100, 100),
        (95, 100, 80, 90, 100),
        (5, 100, 20, 0, 75),  # lower is better
        (0, 100, 20, 0, 100),
        (30, 100, 20, 0, 0),
    ],
)
def test_points_run_from_floor_to_target(
    part: int, whole: int, floor: int, target: int, made: int
) -> None:
    assert points(rate(part, whole), _indicator("on_time", floor, target)) == made


def _rates(**rates: tuple[int, int]) -> Any:
    return {"period": {"all": {k: rate(*v) for k, v in rates.items()}}}


def _counts(**counts: int) -> Any:
    return {"campaign": {"all": counts}}


def test_an_indicator_without_denominator_leaves_with_its_weight() -> None:
    indicators = [_indicator("a", 0, 100, "3"), _indicator("b", 0, 100, "1")]
    both = score(_rates(a=(1, 2), b=(1, 1)), indicators, _counts(), [])
    one = score(_rates(a=(1, 2), b=(0, 0)), indicators, _counts(), [])
    none = score(_rates(a=(0, 0), b=(0, 0)), indicators, _counts(), [])
    assert (both.score, one.score, none.score) == (Decimal("62.50"), Decimal("50.00"), None)
    assert one.points == {"period.a": "50.00", "period.b": "/"}


def test_deductions_are_capped_and_a_score_stays_within_0_and_100() -> None:
    cause = Deduction(of="overdue_major", points_each=Decimal("1.5"), cap=Decimal(4))
    indicators = [_indicator("a", 0, 100)]
    some = score(_rates(a=(9, 10)), indicators, _counts(overdue_major=2), [cause])
    many = score(_rates(a=(9, 10)), indicators, _counts(overdue_major=200), [cause])
    low = score(_rates(a=(1, 100)), indicators, _counts(overdue_major=200), [cause])
    assert (some.score, some.deductions) == (Decimal("87.00"), {"overdue_major": "3.00"})
    assert (many.score, many.deductions) == (Decimal("86.00"), {"overdue_major": "4.00"})
    assert low.score == 0


def test_thirds_add_up_exactly_before_they_are_rounded() -> None:
    """A mean of exactly 50.005 prints 50.01, whatever binary or decimal digits would say."""
    indicators = [_indicator("a", 0, 100), _indicator("b", 0, 100)]
    rates = _rates(a=(1, 3), b=(20_003, 30_000))
    assert Fraction(1, 3) + Fraction(20_003, 30_000) == Fraction("1.0001")
    assert score(rates, indicators, _counts(), []).score == Decimal("50.01")


def test_the_policy_may_only_score_what_there_is() -> None:
    with pytest.raises(UnknownIndicator, match="happiness"):
        score(_rates(a=(1, 2)), [_indicator("happiness", 0, 100)], _counts(), [])
    cause = Deduction(of="luck", points_each=Decimal(1), cap=Decimal(1))
    with pytest.raises(UnknownIndicator, match="luck"):
        score(_rates(a=(1, 2)), [], _counts(), [cause])


def test_a_duty_that_is_not_complete_is_left_out_with_its_weight() -> None:
    duty = _indicator("quarterly_coverage", 0, 100)
    indicators = [_indicator("a", 0, 100), duty]
    week, quarter = _rates(a=(1, 2)), _rates(a=(1, 2), quarterly_coverage=(9, 10))
    found = score(week, indicators, _counts(), [])
    assert (found.score, found.points[f"{duty.scope}.quarterly_coverage"]) == (
        Decimal("50.00"),
        "/",
    )
    assert score(quarter, indicators, _counts(), []).score == Decimal("70.00")


def test_equal_scores_share_a_rank_and_the_next_is_skipped() -> None:
    scores = {k: Decimal(v) for k, v in {"a": 70, "b": 90, "c": 90, "d": 95, "e": "70.00"}.items()}
    assert competition_ranks(scores) == {"d": 1, "b": 2, "c": 2, "a": 4, "e": 4}
    assert competition_ranks({}) == {}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.decimals(0, 9, places=0)))
def test_a_rank_is_one_more_than_the_number_of_better_ones(scores: dict[str, Decimal]) -> None:
    ranks = competition_ranks(scores)
    assert ranks == {k: 1 + sum(o > v for o in scores.values()) for k, v in scores.items()}


def _towns() -> list[Any]:
    return list(valid_body(3)["towns"])


def test_a_unit_with_nothing_due_is_named_and_not_ranked() -> None:
    towns = _towns()
    towns[1]["counts"]["period"]["all"]["due"] = 0
    ranked = rank_units(towns, "towns", SCORING)
    assert [u["code"] for u in ranked] == [u["code"] for u in towns]
    assert ranked[1]["rank"] is None and ranked[1]["score"] is None
    assert ranked[1]["unranked_because"] == "nothing_due"
    assert sorted(u["rank"] for u in ranked if u["rank"]) == [1, 2]


def test_few_items_are_marked_as_a_small_sample() -> None:
    towns = _towns()
    for town, due in zip(towns, (0, 9, 10), strict=True):
        town["counts"]["period"]["all"]["due"] = due
    assert [u["small_sample"] for u in rank_units(towns, "towns", SCORING)] == [False, True, False]


def test_ranks_run_within_a_group() -> None:
    towns = _towns()
    towns[0]["group"] = "B"
    ranked = rank_units(towns, "towns", SCORING)
    assert ranked[0]["rank"] == 1
    assert sorted(u["rank"] or 0 for u in ranked[1:]) == [1, 2]


def test_the_last_rank_is_carried_and_hidden_with_the_ranks() -> None:
    towns, before = _towns(), {"330282002": 2, "330282003": None}
    shown = rank_units(towns, "towns", SCORING, before)
    assert [u["last_rank"] for u in shown] == [2, None, None]
    hidden = rank_units(towns, "towns", SCORING.model_copy(update={"show_ranks": False}), before)
    assert {(u["rank"], u["last_rank"], u["unranked_because"]) for u in hidden} == {
        (None, None, "hidden")
    }
    assert all(u["score"] for u in hidden)


def test_ranking_leaves_what_it_was_given_as_it_was() -> None:
    towns = _towns()
    before = [dict(u) for u in towns]
    rank_units(towns, "towns", SCORING.model_copy(update={"show_ranks": False}))
    assert towns == before
