"""What chance alone can do to a rate, a score and a rank: Wilson, MOVER, and who surely beats whom.

**Rate.** The Wilson score interval (95 %, `Z`) of numerator of denominator. A rate above 100 %
(reopenings may outnumber closings) is no share: its upper bound is the rate itself.

**Score.** Each scored rate's bounds go through the scoring formula, which gives bounds around its
points; they are joined by the method of variance estimates recovery (MOVER, Zou and Donner 2008):
score − √Σ (w/Σw · (p − p_low))², the same upwards. Deductions are counts, not samples, and stay.

**Rank.** One unit is surely above another when their score intervals do not overlap. Of n ranked
units of a group the ranks compatible with chance are 1 + (surely above me) … n − (surely below me).

**Limits.** Items are taken as independent draws and a unit's rates as independent of each other:
hazards of one factory, or one late delivery that spoils two rates, make true intervals wider. Not
overlapping is a stricter test than a difference (about 0.6 % instead of 5 % of identical pairs),
which pays for comparing with a whole group at once: among 18 identical units at least 95 % keep
their true rank within their interval (tests/rules/test_intervals.py). What is counted in full and
owes nothing to chance, such as one ledger filed or not, is widened all the same.

Exact: fractions of integers and square roots of fixed precision, no floats, so the same counts
print the same bounds everywhere. Printed bounds are rounded outwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

Z = Decimal("1.959963984540054")  # 95 %, two-sided
NOTHING = "/"

_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_FINE = 10**12  # a spread is rounded to this, so that two ways to it agree on every printed digit
_Z2 = Fraction(Z) ** 2


@dataclass(frozen=True)
class Interval:
    """Closed, low <= high."""

    low: Fraction
    high: Fraction

    def within(self, least: int, most: int) -> "Interval":
        return Interval(_clipped(self.low, least, most), _clipped(self.high, least, most))


@dataclass(frozen=True)
class Part:
    """One indicator's share in a score: its weight, its points and the bounds of its points."""

    weight: Fraction
    points: Fraction
    bounds: Interval


def wilson(numerator: int, denominator: int) -> Interval:
    """The interval of a share, 0 to 1. Raises ValueError without anything to divide by."""
    if denominator <= 0 or numerator < 0:
        raise ValueError(f"{numerator} of {denominator} is no share: count something first")
    k, n = min(numerator, denominator), denominator
    spread = _root(Fraction(k * (n - k), n) + _Z2 / 4) * Fraction(Z)
    middle, whole = k + _Z2 / 2, n + _Z2
    low = Fraction(0) if k == 0 else (middle - spread) / whole
    high = Fraction(numerator, n) if k == n else (middle + spread) / whole
    return Interval(low, high)


def score_interval(parts: Sequence[Part], losses: Fraction) -> Interval:
    """Around Σ w·p / Σ w − losses, within 0 and 100. At least one part."""
    weight = sum((p.weight for p in parts), Fraction(0))
    made = sum((p.weight * p.points for p in parts), Fraction(0)) / weight - losses
    down = _spread([p.weight / weight * (p.points - p.bounds.low) for p in parts])
    up = _spread([p.weight / weight * (p.bounds.high - p.points) for p in parts])
    return Interval(made - down, made + up).within(0, 100)


def rank_interval(mine: Interval, group: Sequence[Interval]) -> tuple[int, int]:
    """The best and the worst rank; `group`: the intervals of all ranked units, mine among them."""
    above = sum(other.low > mine.high for other in group)
    below = sum(other.high < mine.low for other in group)
    return 1 + above, len(group) - below


def outwards(interval: Interval, decimals: int) -> Interval:
    """The bounds as they are printed: the lower one rounded down, the upper one up."""
    unit = 10**decimals
    return Interval(
        Fraction(interval.low * unit // 1, unit), Fraction(-(-interval.high * unit // 1), unit)
    )


def printed(value: Fraction, decimals: int) -> str:
    """A bound that `outwards` has rounded."""
    return str(Decimal(int(value * 10**decimals)).scaleb(-decimals))


def _spread(parts: Sequence[Fraction]) -> Fraction:
    return Fraction(round(_root(sum((d * d for d in parts), Fraction(0))) * _FINE), _FINE)


def _root(value: Fraction) -> Fraction:
    quotient = _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Fraction(_CONTEXT.sqrt(quotient))


def _clipped(value: Fraction, least: int, most: int) -> Fraction:
    return min(max(value, Fraction(least)), Fraction(most))
