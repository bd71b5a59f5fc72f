"""The safety-development index of towns (镇街安全发展指数), 0 to 100.

    lost  = 100 · weight / Σ weight · clip((value − target) / (floor − target), 0, 1)
    score = 100 − Σ lost, never below 0

Σ weight is over the ingredients that have something to divide by. Each loss is worked out exactly
and rounded once, half up to two decimals, so that what is shown adds up to the score. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from rules.counting import RATES
from rules.indices import FULL, half_up, points
from schemas.policy_indices import TownIngredient, TownWeight

NOTHING = "/"

# ingredient → (numerator, denominator): rates of the bulletin, and those that places give
TOWN_RATES: Mapping[TownIngredient, tuple[str, str]] = {
    **{of: RATES[of.value] for of in TownIngredient if of.value in RATES},
    TownIngredient.REPEAT_SHARE: ("repeats", "found"),
    TownIngredient.SELF_CHECK: ("self_checks", "self_check_owed"),
    TownIngredient.AT_RISK_SHARE: ("at_risk", "graded"),
}


@dataclass(frozen=True)
class TownLine:
    """An ingredient of a town: how it stands and what it lost; value "/" and 0 where left out."""

    of: TownIngredient
    numerator: int
    denominator: int
    value: str
    weight: Decimal
    floor: Decimal
    target: Decimal
    lost: Decimal


@dataclass(frozen=True)
class TownIndex:
    """score is None for a town with nothing to divide by anywhere."""

    score: Decimal | None
    lines: tuple[TownLine, ...]


def town_index(counts: Mapping[str, int], weights: Sequence[TownWeight]) -> TownIndex:
    """counts: the measures that TOWN_RATES names; one that is absent counts 0."""
    pairs = [_pair(counts, line.of) for line in weights]
    whole = sum(
        (Fraction(w.weight) for w, (_, of) in zip(weights, pairs, strict=True) if of), Fraction(0)
    )
    costs = [_cost(line, *pair, whole) for line, pair in zip(weights, pairs, strict=True)]
    lines = tuple(
        TownLine(w.of, n, d, _text(n, d), w.weight, w.floor, w.target, points(cost))
        for w, (n, d), cost in zip(weights, pairs, costs, strict=True)
    )
    return TownIndex(points(max(FULL - sum(costs), 0)) if whole else None, lines)


def _pair(counts: Mapping[str, int], of: TownIngredient) -> tuple[int, int]:
    numerator, denominator = TOWN_RATES[of]
    return int(counts.get(numerator, 0)), int(counts.get(denominator, 0))


def _cost(line: TownWeight, numerator: int, denominator: int, whole: Fraction) -> int:
    """Hundredths of a point."""
    if not denominator:
        return 0
    value = Fraction(100 * numerator, denominator)
    target, floor = Fraction(line.target), Fraction(line.floor)
    share = min(max((value - target) / (floor - target), Fraction(0)), Fraction(1))
    return half_up(FULL * Fraction(line.weight) / whole * share)


def _text(numerator: int, denominator: int) -> str:
    if not denominator:
        return NOTHING
    return str(points(half_up(Fraction(100_00 * numerator, denominator))))
