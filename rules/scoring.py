"""Rates, scores and ranks: from a unit's counts to its place in the bulletin (domain §5).

p = 100·clip((v − floor)/(target − floor), 0, 1); score = Σ w·p / Σ w over the indicators that have
something to divide by, − capped deductions, within 0 and 100; competition ranks (1, 2, 2, 4) per
group. Everything is computed exactly, as fractions of integers, and rounded once, half up to two
decimals, where it is printed; a rank compares printed scores. No floats anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from schemas.edition import DUTY_RATES, Rate, Scope, Split, Unit
from schemas.policy import Deduction, Indicator, Scoring

NOTHING = "/"  # what a rate or an indicator without a denominator prints
HUNDRED = Fraction(100)

Rates = Mapping[Scope, Mapping[Split, Mapping[str, Rate]]]
Counts = Mapping[Scope, Mapping[Split, Mapping[str, int]]]


class UnknownIndicator(KeyError):
    """The policy scores a rate or measure that this unit does not have."""


@dataclass(frozen=True)
class Scored:
    """A unit's score and what it is made of, all in points; score is None for nothing to score."""

    score: Decimal | None
    points: dict[str, str]  # "scope.rate" → points before weighting, "/" for nothing to divide by
    deductions: dict[str, str]  # measure → points taken


def rate(numerator: int, denominator: int) -> Rate:
    """A rate in percent with two decimals, half up; "/" for a zero denominator."""
    if denominator == 0:
        return Rate(numerator=numerator, denominator=0, value=NOTHING)
    value = str(_half_up(100 * numerator, denominator))
    return Rate(numerator=numerator, denominator=denominator, value=value)


def rounded(value: Fraction) -> Decimal:
    """Half up to two decimals, exactly: 2.345 → 2.35. Values here are never negative."""
    return _half_up(value.numerator, value.denominator)


def _half_up(numerator: int, denominator: int) -> Decimal:
    # In integers: a bulletin has thousands of rates, and fractions reduce themselves at every step.
    return Decimal((200 * numerator + denominator) // (2 * denominator)).scaleb(-2)


def points(of: Rate, indicator: Indicator) -> Fraction | None:
    """0 at the floor, 100 at the target, linear between; None where there is no denominator."""
    if of["denominator"] == 0:
        return None
    return points_at(Fraction(of["numerator"], of["denominator"]), indicator)


def points_at(share: Fraction, indicator: Indicator) -> Fraction:
    """The points of a share (0 to 1) of which the counts are not known."""
    value = HUNDRED * share
    floor, target = Fraction(indicator.floor), Fraction(indicator.target)
    return HUNDRED * min(max((value - floor) / (target - floor), Fraction(0)), Fraction(1))


def taken(count: int, deduction: Deduction) -> Fraction:
    """The points one cause takes from a score, never more than its cap."""
    return min(count * Fraction(deduction.points_each), Fraction(deduction.cap))


def score(
    rates: Rates,
    indicators: Sequence[Indicator],
    counts: Counts,
    deductions: Sequence[Deduction],
) -> Scored:
    """One unit's score from its rates and counts (split "all"); see the module for the formula.

    Raises UnknownIndicator when the policy names a rate or measure the unit does not have.
    """
    made = [(i, points(_rate_of(rates, i), i)) for i in indicators]
    losses = {d.of: taken(_count_of(counts, d), d) for d in deductions}
    counted = [(Fraction(i.weight), p) for i, p in made if p is not None]
    return Scored(
        _total(counted, sum(losses.values(), Fraction(0))),
        {f"{i.scope}.{i.of}": NOTHING if p is None else str(rounded(p)) for i, p in made},
        {of: str(rounded(loss)) for of, loss in losses.items()},
    )


def competition_ranks(scores: Mapping[str, Decimal]) -> dict[str, int]:
    """1 for the greatest; equal scores share a rank and the next ranks are skipped: 1, 2, 2, 4."""
    ordered = sorted(scores.values(), reverse=True)
    first: dict[Decimal, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return {unit: first[value] for unit, value in scores.items()}


def rank_units(
    units: Sequence[Unit],
    kind: Literal["towns", "sectors"],
    scoring: Scoring,
    last_ranks: Mapping[str, int | None] | None = None,
) -> list[Unit]:
    """The units, in the order given, with score, points, deductions, rank and marks filled in.

    Each needs code, group, counts and rates. Ranks run within a group. A unit with nothing due in
    `scoring.sample_scope` is named, not ranked. `last_ranks`: code → rank in the edition before.
    """
    scored = [_scored(unit, kind, scoring) for unit in units]
    ranks: dict[str, int] = {}
    for group in {unit["group"] for unit in scored}:
        ranks |= competition_ranks(
            {u["code"]: Decimal(u["score"]) for u in scored if u["group"] == group and u["score"]}
        )
    before = last_ranks or {}
    return [_placed(unit, ranks, before, scoring.show_ranks) for unit in scored]


def _scored(unit: Unit, kind: Literal["towns", "sectors"], scoring: Scoring) -> Unit:
    due = unit["counts"][scoring.sample_scope]["all"]["due"]
    indicators = scoring.towns if kind == "towns" else scoring.sectors
    made = score(unit["rates"], indicators, unit["counts"], scoring.deductions)
    if due == 0 or made.score is None:
        made = Scored(None, {}, {})
    result = unit.copy()
    result["score"] = None if made.score is None else str(made.score)
    result["points"], result["deductions"] = made.points, made.deductions
    result["small_sample"] = 0 < due < scoring.small_sample_below
    return result


def _placed(
    unit: Unit, ranks: Mapping[str, int], before: Mapping[str, int | None], shown: bool
) -> Unit:
    result = unit.copy()
    ranked = unit["score"] is not None
    result["rank"] = ranks[unit["code"]] if ranked and shown else None
    result["last_rank"] = before.get(unit["code"]) if shown else None
    result["unranked_because"] = None if ranked and shown else _why(ranked)
    return result


def _why(ranked: bool) -> str:
    return "hidden" if ranked else "nothing_due"


def _total(counted: list[tuple[Fraction, Fraction]], losses: Fraction) -> Decimal | None:
    if not counted:
        return None
    weight = sum((w for w, _ in counted), Fraction(0))
    mean = sum((w * p for w, p in counted), Fraction(0)) / weight
    return rounded(min(max(mean - losses, Fraction(0)), HUNDRED))


def _rate_of(rates: Rates, indicator: Indicator) -> Rate:
    known = rates[indicator.scope]["all"]
    if indicator.of in DUTY_RATES and indicator.scope == "period":
        return known.get(indicator.of, rate(0, 0))  # no whole month or quarter: nothing is due
    if indicator.of not in known:
        raise UnknownIndicator(
            f"indicator {indicator.scope}.{indicator.of} is no rate of this unit; "
            f"it has {sorted(known)}: correct scoring in the policy"
        )
    return known[indicator.of]


def _count_of(counts: Counts, deduction: Deduction) -> int:
    known = counts["campaign"]["all"]
    if deduction.of not in known:
        raise UnknownIndicator(
            f"deduction {deduction.of} is no measure of this unit; "
            f"it has {sorted(known)}: correct scoring in the policy"
        )
    return known[deduction.of]
