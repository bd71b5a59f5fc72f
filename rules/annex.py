"""The annex of an edition: rank and score intervals, and the bands of the scored rates.

A band sums a rate's numerators and denominators over this edition and the earlier ones (at most 12
periods), never averages. What is no flow of its period is not summed, because the same items would
count again each week: figures of a cumulative scope hold their past already, and stocks (what is
open at the end, places) stand as they are now. See `rules.intervals` for the method and its limits.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from rules.counting import RATES
from rules.intervals import (
    NOTHING,
    Interval,
    Part,
    Z,
    outwards,
    printed,
    rank_interval,
    score_interval,
    wilson,
)
from rules.scoring import points_at, rate, taken
from schemas.edition import Body, Rate, Unit
from schemas.edition_annex import Annex, Band, Uncertain
from schemas.policy import Indicator, Scoring

Kind = Literal["towns", "sectors"]

PERIODS = 12
CUMULATIVE_SCOPES = ("campaign", "year")
STOCKS = ("closing", "major_open", "closures_90_days", "places_due")


def annex(body: Body, earlier: Sequence[Body], scoring: Scoring) -> Annex:
    """The annex of a body whose units are ranked. `earlier`: one body for each earlier period."""
    known = earlier[: PERIODS - 1]
    return Annex(
        z=str(Z),
        periods=1 + len(known),
        towns=_uncertain("towns", body, known, scoring),
        sectors=_uncertain("sectors", body, known, scoring),
    )


def score_bounds(unit: Unit, indicators: Sequence[Indicator], scoring: Scoring) -> Interval | None:
    """Between what a unit's score lies, as printed; None for a unit without a score."""
    if unit["score"] is None:
        return None
    parts = [p for p in (_part(unit, i) for i in indicators) if p is not None]
    counts = unit["counts"]["campaign"]["all"]
    losses = sum((taken(counts[d.of], d) for d in scoring.deductions), Fraction(0))
    return outwards(score_interval(parts, losses), 2)


def is_flow(indicator: Indicator) -> bool:
    """Whether a rate's items differ from period to period, so that periods may be summed."""
    return indicator.scope not in CUMULATIVE_SCOPES and RATES[indicator.of][1] not in STOCKS


def _uncertain(
    kind: Kind, body: Body, earlier: Sequence[Body], scoring: Scoring
) -> list[Uncertain]:
    units: list[Unit] = body[kind]
    indicators = scoring.towns if kind == "towns" else scoring.sectors
    bounds = {u["code"]: score_bounds(u, indicators, scoring) for u in units}
    before = [{u["code"]: u for u in b[kind]} for b in earlier]
    return [
        _row(
            unit,
            bounds[unit["code"]],
            _of_group(unit["group"], units, bounds),
            _bands(unit, before, indicators),
        )
        for unit in units
    ]


def _of_group(
    group: str, units: Sequence[Unit], bounds: Mapping[str, Interval | None]
) -> list[Interval]:
    found = (bounds[u["code"]] for u in units if u["group"] == group)
    return [b for b in found if b is not None]


def _row(
    unit: Unit, mine: Interval | None, group: Sequence[Interval], bands: dict[str, Band]
) -> Uncertain:
    shown = mine is not None and unit["rank"] is not None
    best, worst = rank_interval(mine, group) if mine is not None and shown else (None, None)
    return Uncertain(
        code=unit["code"],
        rank_low=best,
        rank_high=worst,
        score_low=printed(mine.low, 2) if mine else None,
        score_high=printed(mine.high, 2) if mine else None,
        bands=bands,
    )


def _part(unit: Unit, indicator: Indicator) -> Part | None:
    of = _rate_of(unit, indicator)
    if of is None or of["denominator"] == 0:
        return None
    share = Fraction(of["numerator"], of["denominator"])
    bounds = wilson(of["numerator"], of["denominator"])
    ends = sorted(points_at(end, indicator) for end in (bounds.low, bounds.high))
    return Part(Fraction(indicator.weight), points_at(share, indicator), Interval(*ends))


def _bands(
    unit: Unit, before: Sequence[Mapping[str, Unit]], indicators: Sequence[Indicator]
) -> dict[str, Band]:
    units = [unit, *(b[unit["code"]] for b in before if unit["code"] in b)]
    return {f"{i.scope}.{i.of}": _band(units if is_flow(i) else units[:1], i) for i in indicators}


def _band(units: Sequence[Unit], indicator: Indicator) -> Band:
    found = [r for r in (_rate_of(u, indicator) for u in units) if r is not None]
    numerator = sum(r["numerator"] for r in found)
    n = sum(r["denominator"] for r in found)
    low, high = (NOTHING, NOTHING) if n == 0 else _percent(wilson(numerator, n))
    value = rate(numerator, n)["value"]
    return Band(periods=len(found), numerator=numerator, n=n, value=value, low=low, high=high)


def _rate_of(unit: Unit, indicator: Indicator) -> Rate | None:
    """A unit's rate; None in an edition of a time when it was not counted."""
    return unit["rates"].get(indicator.scope, {}).get("all", {}).get(indicator.of)


def _percent(share: Interval) -> tuple[str, str]:
    bounds = outwards(Interval(share.low * 100, share.high * 100), 1)
    return printed(bounds.low, 1), printed(bounds.high, 1)
