"""Indices of places: from ingredients to points, score, and the colour or grade they mean.

    lost  = min(cap, points_each · max(0, value − above))     half up to two decimals
    score = 100 − Σ lost, never below 0
    band  = the best one whose least score is reached, and no better than any rule that holds allows

All of a county at once. Values are fractions of integers, points and scores whole hundredths: no
floats, and the losses that are shown add up to the score that is shown. An ingredient with nothing
to divide by loses nothing. The order of rows has no effect. Why: `rules.indices_explained`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from schemas.policy_indices import AtBest, Loss, PlaceIngredient, Scale

FULL = 100_00  # hundredths of a point
_DAY_SECONDS = 86_400

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Measure:
    """value = scale · numerator / denominator, by columns of the ingredients; "": divided by 1."""

    numerator: str
    denominator: str = ""
    scale: Fraction = Fraction(1)

    def value(self, numerator: int, denominator: int) -> Fraction | None:
        return self.scale * Fraction(numerator, denominator) if denominator else None


MEASURES: Mapping[PlaceIngredient, Measure] = {
    PlaceIngredient.OPEN_MAJOR: Measure("open_major"),
    PlaceIngredient.OPEN_LISTED: Measure("open_listed"),
    PlaceIngredient.OPEN_GENERAL: Measure("open_general"),
    PlaceIngredient.OVERDUE: Measure("overdue"),
    PlaceIngredient.OVERDUE_MAJOR: Measure("overdue_major"),
    PlaceIngredient.REPEATS: Measure("repeats"),
    PlaceIngredient.SELF_CHECK_MISSED: Measure(
        "self_check_missed", "self_check_owed", Fraction(100)
    ),
    PlaceIngredient.PENALTIES: Measure("penalties"),
    PlaceIngredient.RECTIFY_DAYS: Measure(
        "rectify_seconds", "rectified", Fraction(1, _DAY_SECONDS)
    ),
}
# What a frame of ingredients holds, int64 each, a row for every place.
COLUMNS = tuple(
    dict.fromkeys(c for m in MEASURES.values() for c in (m.numerator, m.denominator) if c)
)


@dataclass(frozen=True)
class Scored:
    """One scale applied to a frame of ingredients, row by row of it; all in hundredths.

    lost: a column for each line of the scale, in its order; band: place in the scale's order.
    """

    lost: pd.DataFrame
    score: Whole
    band: Whole


def scored(ingredients: pd.DataFrame, scale: Scale) -> Scored:
    """ingredients: COLUMNS."""
    lost = pd.DataFrame(
        {str(line.of): _lost(ingredients, line) for line in scale.losses}, index=ingredients.index
    )
    score = np.maximum(FULL - lost.to_numpy(np.int64).sum(axis=1), 0)
    band = _reached(score, scale)
    for rule in scale.at_best:
        band = np.maximum(band, np.where(_holds(ingredients, rule), place_of(rule, scale), 0))
    return Scored(lost, score, band)


def points_lost(line: Loss, numerator: int, denominator: int) -> int:
    """Hundredths of a point that one value costs; 0 for nothing to divide by."""
    return price(line)(numerator, denominator)


def price(line: Loss) -> Callable[[int, int], int]:
    """(numerator, denominator) → hundredths of a point; everything but the two worked out once."""
    scale, each, above = MEASURES[line.of].scale, Fraction(line.points_each), Fraction(line.above)
    # lost = 100 · each · (scale · n / d − above) = (a · n − b · d) / (c · d)
    by_n, by_d = 100 * each * scale, 100 * each * above
    c = lcm(by_n.denominator, by_d.denominator)
    a, b, cap = int(by_n * c), int(by_d * c), int(line.cap * 100)

    def lost(n: int, d: int) -> int:
        if not d or a * n <= b * d:
            return 0
        return min((2 * (a * n - b * d) + c * d) // (2 * c * d), cap)

    return lost


def rule_holds(rule: AtBest, numerator: int, denominator: int) -> bool:
    """value >= at_least, without dividing; False for nothing to divide by."""
    scale, least_ = MEASURES[rule.of].scale, Fraction(rule.at_least)
    return denominator > 0 and scale * numerator >= least_ * denominator


def place_of(rule: AtBest, scale: Scale) -> int:
    return scale.order.index(rule.band)


def least(scale: Scale, band: int) -> int:
    """The least score that reaches a band, in hundredths; bands have two decimals."""
    return int(scale.bands[scale.order[band]] * 100)


def half_up(value: Fraction) -> int:
    """The nearest whole number, a half upwards; values here are never negative."""
    return int((value * 2 + 1) // 2)


def points(hundredths: int) -> Decimal:
    return Decimal(int(hundredths)).scaleb(-2)


def _reached(score: Whole, scale: Scale) -> Whole:
    """How many bands are too good for each score."""
    missed = [score < least(scale, band) for band in range(len(scale.order))]
    return np.asarray(np.sum(missed, axis=0), dtype=np.int64)


def _lost(ingredients: pd.DataFrame, line: Loss) -> Whole:
    where, pairs = _distinct(ingredients, MEASURES[line.of])
    lost = price(line)
    return np.array([lost(n, d) for n, d in pairs], dtype=np.int64)[where]


def _holds(ingredients: pd.DataFrame, rule: AtBest) -> NDArray[np.bool_]:
    where, pairs = _distinct(ingredients, MEASURES[rule.of])
    return np.array([rule_holds(rule, n, d) for n, d in pairs], dtype=bool)[where]


def _distinct(
    ingredients: pd.DataFrame, measure: Measure
) -> tuple[NDArray[np.intp], list[tuple[int, int]]]:
    """Each (numerator, denominator) once, and which of them every row has: values repeat."""
    numerator = ingredients[measure.numerator].to_numpy(np.int64)
    if not measure.denominator:
        values, where = np.unique(numerator, return_inverse=True)
        return where, [(n, 1) for n in values.tolist()]
    n, of_n = np.unique(numerator, return_inverse=True)
    d, of_d = np.unique(ingredients[measure.denominator].to_numpy(np.int64), return_inverse=True)
    pairs, where = np.unique(of_n * len(d) + of_d, return_inverse=True)
    both = zip(n[pairs // len(d)].tolist(), d[pairs % len(d)].tolist(), strict=True)
    return where, list(both)
