"""Why one place has its colour or grade, and what would make it better by one band.

Every ingredient with its value, its price and what it lost; the rules that hold; and two answers to
"what would it take": for each ingredient the value that would do it alone, and a way, line by line,
that does it. Each change is worked out by itself: closing an overdue major hazard lowers three
ingredients at once, so a way is enough, never the least. Promise: 100 − Σ lost = score unless that
is below 0; a way, taken, reaches the band it names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from rules.indices import (
    FULL,
    MEASURES,
    half_up,
    least,
    place_of,
    points,
    points_lost,
    rule_holds,
)
from schemas.policy_indices import AtBest, Loss, PlaceIngredient, Scale

NOTHING = "/"  # an ingredient with nothing to divide by

# What can be lowered by acting now; the rest is of the past and only ages.
_BY_ACTING = (
    PlaceIngredient.OPEN_MAJOR,
    PlaceIngredient.OPEN_LISTED,
    PlaceIngredient.OPEN_GENERAL,
    PlaceIngredient.OVERDUE,
    PlaceIngredient.OVERDUE_MAJOR,
)

Row = Mapping[str, int]  # COLUMNS of `rules.indices` of one place


@dataclass(frozen=True)
class Line:
    """An ingredient of one scale. `enough`: the value that alone reaches the next band, or None."""

    of: PlaceIngredient
    value: str
    points_each: Decimal
    above: Decimal
    cap: Decimal
    lost: Decimal
    enough: str | None


@dataclass(frozen=True)
class Rule:
    """A rule that holds whatever the score: `value` is at least `at_least`."""

    of: PlaceIngredient
    value: str
    at_least: Decimal
    band: str


@dataclass(frozen=True)
class Step:
    """One line of a way; `takes_time`: what is past and can only age, not be mended."""

    of: PlaceIngredient
    value: str
    to: str
    takes_time: bool


@dataclass(frozen=True)
class Explained:
    """`better`: the next better band, None for the best; `short`: points to be won back for it."""

    score: Decimal
    band: str
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...]
    better: str | None
    short: Decimal
    way: tuple[Step, ...]


def explained(row: Row, scale: Scale) -> Explained:
    """One place under one scale."""
    costs = {line.of: points_lost(line, *_pair(row, line.of)) for line in scale.losses}
    score = max(FULL - sum(costs.values()), 0)
    band = _band(row, score, scale)
    better = band - 1 if band else None
    lines = tuple(_line(row, line, costs, scale, better) for line in scale.losses)
    return Explained(
        points(score),
        scale.order[band],
        lines,
        tuple(_rule(row, rule) for rule in scale.at_best if rule_holds(rule, *_pair(row, rule.of))),
        None if better is None else scale.order[better],
        points(0 if better is None else max(_excess(row, scale, better), 0)),
        () if better is None else tuple(_way(row, scale, better)),
    )


def after(row: Row, steps: Mapping[PlaceIngredient, int]) -> dict[str, int]:
    """The row with other numerators."""
    return dict(row) | {MEASURES[of].numerator: numerator for of, numerator in steps.items()}


def way(row: Row, scale: Scale, band: int) -> dict[PlaceIngredient, int]:
    """Numerators that reach `band`: first what rules ask, then what acting now can lower, then the
    rest, in the scale's order."""
    found: dict[PlaceIngredient, int] = {}
    for rule in _binding(row, scale, band):
        found[rule.of] = min(found.get(rule.of, _numerator(row, rule.of)), _under(row, rule))
    excess = _excess(after(row, found), scale, band)
    for line in sorted(scale.losses, key=lambda line: line.of not in _BY_ACTING):
        now = after(row, found)
        lost = points_lost(line, *_pair(now, line.of))
        if excess > 0 and lost:
            found[line.of] = _at_most(row, line, max(lost - excess, 0))
            excess = _excess(after(row, found), scale, band)
    return found


def _band(row: Row, score: int, scale: Scale) -> int:
    reached = sum(score < least(scale, band) for band in range(len(scale.order)))
    holding = (place_of(r, scale) for r in scale.at_best if rule_holds(r, *_pair(row, r.of)))
    return max(reached, *holding, 0)


def _line(
    row: Row, line: Loss, costs: Mapping[PlaceIngredient, int], scale: Scale, better: int | None
) -> Line:
    alone = None if better is None else _alone(row, line, scale, better)
    return Line(
        line.of,
        value_text(row, line.of),
        line.points_each,
        line.above,
        line.cap,
        points(costs[line.of]),
        None if alone is None else _target_text(after(row, {line.of: alone}), line.of),
    )


def _rule(row: Row, rule: AtBest) -> Rule:
    return Rule(rule.of, value_text(row, rule.of), rule.at_least, rule.band)


def _way(row: Row, scale: Scale, better: int) -> Iterator[Step]:
    steps = way(row, scale, better)
    then = after(row, steps)
    for of in steps:
        yield Step(of, value_text(row, of), _target_text(then, of), of not in _BY_ACTING)


def _alone(row: Row, line: Loss, scale: Scale, band: int) -> int | None:
    """The numerator of this ingredient that reaches the band with all others as they are."""
    binding = _binding(row, scale, band)
    if any(rule.of is not line.of for rule in binding):
        return None
    lost, excess = points_lost(line, *_pair(row, line.of)), _excess(row, scale, band)
    if excess > lost or (excess <= 0 and not binding):
        return None
    allowed = [_under(row, rule) for rule in binding]
    return min([*allowed, _at_most(row, line, lost - excess)] if excess > 0 else allowed)


def _binding(row: Row, scale: Scale, band: int) -> list[AtBest]:
    """The rules that hold and keep a place out of the band."""
    return [
        rule
        for rule in scale.at_best
        if place_of(rule, scale) > band and rule_holds(rule, *_pair(row, rule.of))
    ]


def _excess(row: Row, scale: Scale, band: int) -> int:
    """Hundredths lost beyond what the band allows; negative: room that is left."""
    lost = sum(points_lost(line, *_pair(row, line.of)) for line in scale.losses)
    return lost - (FULL - least(scale, band))


def _under(row: Row, rule: AtBest) -> int:
    """The greatest numerator at which the rule does not hold."""
    return _below(row, rule.of, Fraction(rule.at_least))


def _at_most(row: Row, line: Loss, lost: int) -> int:
    """The greatest numerator that loses no more than `lost` hundredths, rounding included."""
    half_more = Fraction(2 * lost + 1, 200)  # in points
    return _below(row, line.of, Fraction(line.above) + half_more / Fraction(line.points_each))


def _below(row: Row, of: PlaceIngredient, value: Fraction) -> int:
    """The greatest numerator whose value is less than `value` (above 0)."""
    measure = MEASURES[of]
    return ceil(value * _denominator(row, of) / measure.scale) - 1


def _value(row: Row, of: PlaceIngredient) -> Fraction | None:
    return MEASURES[of].value(*_pair(row, of))


def _pair(row: Row, of: PlaceIngredient) -> tuple[int, int]:
    return _numerator(row, of), _denominator(row, of)


def _numerator(row: Row, of: PlaceIngredient) -> int:
    return int(row[MEASURES[of].numerator])


def _denominator(row: Row, of: PlaceIngredient) -> int:
    name = MEASURES[of].denominator
    return int(row[name]) if name else 1


def value_text(row: Row, of: PlaceIngredient) -> str:
    """A count as it is, a share in percent and a mean in days to two decimals, half up."""
    value = _value(row, of)
    if value is None:
        return NOTHING
    return str(points(half_up(value * 100))) if MEASURES[of].denominator else str(int(value))


def _target_text(row: Row, of: PlaceIngredient) -> str:
    """The same rounded down: what is named as enough must be enough."""
    value = _value(row, of) or Fraction(0)
    return str(points(int(value * 100))) if MEASURES[of].denominator else str(int(value))
