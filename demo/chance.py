"""What chance can do to a rate, a score and a rank, by hand: the annex of an edition.

Promise: the formulas of docs/honest-ranks.md, written here a second time: Wilson's interval as the
roots of its quadratic, the score's by the root of summed squares, ranks by who surely beats whom.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import Any

from demo.marks import NOTHING, RATES, Page, Scoring, losses, percent, points, share

Z = Fraction("1.959963984540054")
# Rates whose items are there again in the next period: they stand as they are now.
_STANDING = ("closing", "major_open", "closures_90_days", "places_due")
_DIGITS = 10**40
Ends = tuple[Fraction, Fraction]


def annex(units: dict[str, Page], scoring: Scoring, earlier: Sequence[dict[str, Page]]) -> Page:
    """A row for every unit. `earlier`: the units of each edition before, the nearest first."""
    bounds = {code: _score_ends(unit, scoring) for code, unit in units.items()}
    made = {}
    for code, unit in units.items():
        mine = bounds[code]
        group = [b for c, b in bounds.items() if units[c]["group"] == unit["group"] and b]
        row = {"code": code, **dict.fromkeys(("rank_low", "rank_high", "score_low", "score_high"))}
        if mine:
            row["score_low"], row["score_high"] = _printed(mine, 2)
            if unit["rank"] is not None:
                row["rank_low"] = 1 + sum(_whole(b[0], 2) > -_whole(-mine[1], 2) for b in group)
                surely_below = sum(-_whole(-b[1], 2) < _whole(mine[0], 2) for b in group)
                row["rank_high"] = len(group) - surely_below
        before = [units[code] for units in earlier]
        made[code] = row | {"bands": _bands([unit, *before], scoring)}
    return made


def wilson(part: int, whole: int) -> Ends:
    """The shares p with (part/whole - p)² = z² p (1 - p) / whole."""
    k, n = min(part, whole), whole
    # (n + z²) p² - (2k + z²) p + k²/n = 0
    a, b, c = n + Z**2, 2 * k + Z**2, Fraction(k * k, n)
    root = _root(b * b - 4 * a * c)
    low = Fraction(0) if k == 0 else (b - root) / (2 * a)
    high = Fraction(part, n) if k == n else (b + root) / (2 * a)
    return low, high


def _score_ends(unit: Page, scoring: Scoring) -> Ends | None:
    if unit["score"] is None:
        return None
    parts = []
    for indicator in scoring.indicators:
        part, whole = share(unit, indicator)
        if whole:
            ends = sorted(points(end, indicator) for end in wilson(part, whole))
            weight = Fraction(str(indicator["weight"]))
            parts.append((weight, points(Fraction(part, whole), indicator), *ends))
    zero = Fraction(0)
    total = sum((w for w, *_ in parts), zero)
    made = sum((w * p for w, p, *_ in parts), zero) / total
    mean = made - sum(losses(unit, scoring).values(), zero)
    down = _root(sum((w / total * (p - low)) ** 2 for w, p, low, _ in parts))
    up = _root(sum((w / total * (high - p)) ** 2 for w, p, _, high in parts))
    return max(mean - down, zero), min(mean + up, Fraction(100))


def _bands(units: Sequence[Page], scoring: Scoring) -> Page:
    made = {}
    for indicator in scoring.indicators:
        scope, of = indicator["scope"], indicator["of"]
        flows = scope == "period" and RATES[of][1] not in _STANDING
        seen = [u for u in (units if flows else units[:1]) if of in u["rates"][scope]["all"]]
        shares = [share(u, indicator) for u in seen]
        part, whole = sum(s[0] for s in shares), sum(s[1] for s in shares)
        ends: tuple[str, str] = (NOTHING, NOTHING)
        if whole:
            low, high = wilson(part, whole)
            ends = _printed((100 * low, 100 * high), 1)
        made[f"{scope}.{of}"] = {
            "periods": len(seen),
            "numerator": part,
            "n": whole,
            "value": percent(part, whole),
            "low": ends[0],
            "high": ends[1],
        }
    return made


def _whole(number: Fraction, decimals: int) -> int:
    """Rounded down, in units of the last decimal; what two roots may differ by is not looked at."""
    near = Fraction(round(number * 10**12), 10**12)
    return floor(near * 10**decimals)


def _printed(ends: Ends, decimals: int) -> tuple[str, str]:
    """Outwards."""
    low, high = _whole(ends[0], decimals), -_whole(-ends[1], decimals)
    return str(Decimal(low).scaleb(-decimals)), str(Decimal(high).scaleb(-decimals))


def _root(square: Any) -> Fraction:
    number = Fraction(square)
    return Fraction(isqrt(ceil(number * _DIGITS**2)), _DIGITS)
