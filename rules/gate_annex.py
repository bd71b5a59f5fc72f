"""The gate's own path to the annex: bands, score intervals and rank intervals, by whole numbers.

Shares no code with `rules.intervals` and `rules.annex`: Wilson's bounds are here the roots of the
quadratic, by integer square roots; what is printed is held against what they round to outwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

from rules.gate_refusal import Refusal, differ
from rules.gate_standing import FORMULA, Parts, number, printed_rate
from schemas.edition import Body, Unit
from schemas.edition_annex import Band, Uncertain

_SCALE = 10**30
# Rates of these scopes and with these denominators are no flows of their period: never summed.
_WHOLE_SCOPES = {"campaign", "year"}
_STOCKS = {"closing", "major_open", "closures_90_days", "places_due"}
_LONGEST = 12  # periods in a band


def check_annex(body: Body, parts: Parts, earlier: Sequence[Body] | None) -> Iterator[Refusal]:
    """Every figure of the annex that does not follow; nothing for a body without one."""
    formula = body["policy"].get("scoring")
    if "annex" not in body or not isinstance(formula, dict) or not formula.keys() >= FORMULA:
        return
    z = Fraction(body["annex"]["z"])
    for kind, units, rows in (
        ("towns", body["towns"], body["annex"]["towns"]),
        ("sectors", body["sectors"], body["annex"]["sectors"]),
    ):
        named = [row["code"] for row in rows]
        if named != [unit["code"] for unit in units]:
            yield Refusal(f"annex.{kind}", "annex_units", f"{len(units)} units", str(named))
            continue
        before = None if earlier is None else [_units(b, kind) for b in earlier[: _LONGEST - 1]]
        for unit, row in zip(units, rows, strict=True):
            cell = f"annex.{kind}.{unit['code']}"
            yield from _bands(cell, unit, row, formula[kind], parts, before)
            yield from _bounds(cell, z, parts, unit, row, formula[kind], formula["deductions"])
        yield from _ranks(f"annex.{kind}", units, rows)
        yield from _wilsons(f"annex.{kind}", rows, z)


def _units(body: Body, kind: str) -> dict[str, Unit]:
    return {u["code"]: u for u in (body["towns"] if kind == "towns" else body["sectors"])}


def _bands(
    cell: str,
    unit: Unit,
    row: Uncertain,
    indicators: Sequence[Any],
    parts: Parts,
    before: Sequence[Mapping[str, Unit]] | None,
) -> Iterator[Refusal]:
    """Numerators and denominators: this edition's and, of flows, those of the earlier ones."""
    named = {f"{i['scope']}.{i['of']}": i for i in indicators}
    yield from differ(f"{cell}.bands", "band", sorted(named), sorted(row["bands"]))
    for key in named.keys() & row["bands"].keys():
        scope, (above, below) = named[key]["scope"], parts[named[key]["of"]]
        summed = scope not in _WHOLE_SCOPES and below not in _STOCKS
        if before is None and summed:
            continue
        known = [b[unit["code"]] for b in (before or []) if summed and unit["code"] in b]
        counts = [c for u in (unit, *known) for c in [_counts(u, scope)] if below in c]
        expected = (len(counts), sum(c[above] for c in counts), sum(c[below] for c in counts))
        band = row["bands"][key]
        shown = (band["periods"], band["numerator"], band["n"])
        yield from differ(f"{cell}.{key}", "band", expected, shown)


def _counts(unit: Unit, scope: str) -> Mapping[str, int]:
    counts: Any = unit["counts"]
    found: Mapping[str, int] = counts[scope]["all"] if scope in counts else {}
    return found


def _wilsons(cell: str, rows: Sequence[Uncertain], z: Fraction) -> Iterator[Refusal]:
    for row in rows:
        for key, band in row["bands"].items():
            place = f"{cell}.{row['code']}.{key}"
            yield from differ(place, "band", _expected(band, z), _shown(band))


def _shown(band: Band) -> tuple[str, str, str]:
    return band["low"], band["value"], band["high"]


def _expected(band: Band, z: Fraction) -> tuple[str, str, str]:
    value = printed_rate(band["numerator"], band["n"])
    if not band["n"]:
        return "/", value, "/"
    low, high = _wilson(band["numerator"], band["n"], z)
    return _tenths(1000 * low // 1), value, _tenths(-(-1000 * high // 1))


def _tenths(count: int) -> str:
    return f"{count // 10}.{count % 10}"


def _wilson(numerator: int, n: int, z: Fraction) -> tuple[Fraction, Fraction]:
    """The roots p of (k − n·p)² = z²·n·p·(1 − p)."""
    k = min(numerator, n)
    a, b, c = n + z * z, 2 * k + z * z, Fraction(k * k, n)
    root = _root(b * b - 4 * a * c)
    low = Fraction(0) if k == 0 else (b - root) / (2 * a)
    return low, Fraction(numerator, n) if k == n else (b + root) / (2 * a)


def _root(value: Fraction) -> Fraction:
    return Fraction(isqrt(value.numerator * _SCALE * _SCALE // value.denominator), _SCALE)


def _bounds(
    cell: str,
    z: Fraction,
    parts: Parts,
    unit: Unit,
    row: Uncertain,
    indicators: Sequence[Any],
    deductions: Sequence[Any],
) -> Iterator[Refusal]:
    """The score's interval from the counts of this edition alone."""
    shown = (row["score_low"], row["score_high"])
    if unit["score"] is None:
        yield from differ(f"{cell}.score", "score_interval", (None, None), shown)
        return
    made = [p for i in indicators for p in _points(unit, i, parts, z)]
    weight = sum((w for w, _, _, _ in made), Fraction(0))
    losses = sum((_loss(unit, d) for d in deductions), Fraction(0))
    middle = sum((w * p for w, p, _, _ in made), Fraction(0)) / weight - losses
    down = _joined([w * (p - least) / weight for w, p, least, _ in made])
    up = _joined([w * (most - p) / weight for w, p, _, most in made])
    low, high = _percent(middle - down), _percent(middle + up)
    expected = (_hundredths(100 * low // 1), _hundredths(-(-100 * high // 1)))
    yield from differ(f"{cell}.score", "score_interval", expected, shown)


def _points(
    unit: Unit, indicator: Mapping[str, Any], parts: Parts, z: Fraction
) -> Iterator[tuple[Fraction, Fraction, Fraction, Fraction]]:
    """(weight, points, fewest points, most points) of an indicator that has a denominator."""
    above, below = parts[indicator["of"]]
    counts = _counts(unit, indicator["scope"])
    if counts.get(below):
        floor, target = Fraction(str(indicator["floor"])), Fraction(str(indicator["target"]))
        low, high = _wilson(counts[above], counts[below], z)
        shares = (Fraction(counts[above], counts[below]), low, high)
        p, one, other = (
            min(max((100 * s - floor) / (target - floor), Fraction(0)), Fraction(1)) * 100
            for s in shares
        )
        yield Fraction(str(indicator["weight"])), p, min(one, other), max(one, other)


def _loss(unit: Unit, deduction: Mapping[str, Any]) -> Fraction:
    each, cap = Fraction(str(deduction["points_each"])), Fraction(str(deduction["cap"]))
    return min(_counts(unit, "campaign")[deduction["of"]] * each, cap)


def _percent(value: Fraction) -> Fraction:
    return min(max(value, Fraction(0)), Fraction(100))


def _joined(parts: Sequence[Fraction]) -> Fraction:
    """The root of the sum of squares, to the twelve decimals that decide."""
    fine = 10**12
    return Fraction(round(_root(sum((p * p for p in parts), Fraction(0))) * fine), fine)


def _hundredths(count: int) -> str:
    return f"{count // 100}.{count % 100:02d}"


def _ranks(cell: str, units: Sequence[Unit], rows: Sequence[Uncertain]) -> Iterator[Refusal]:
    """Ranks from the printed score intervals; every rank lies within its own."""
    bounds = {r["code"]: (number(r["score_low"]), number(r["score_high"])) for r in rows}
    for unit, row in zip(units, rows, strict=True):
        place = f"{cell}.{unit['code']}.rank"
        shown = (row["rank_low"], row["rank_high"])
        if unit["rank"] is None:
            yield from differ(place, "rank_interval", (None, None), shown)
            continue
        low, high = bounds[unit["code"]]
        others = [bounds[u["code"]] for u in units if u["group"] == unit["group"] and u["score"]]
        above = sum(
            1 for least, _ in others if least is not None and high is not None and least > high
        )
        below = sum(1 for _, most in others if most is not None and low is not None and most < low)
        expected = (1 + above, len(others) - below)
        yield from differ(place, "rank_interval", expected, shown)
        if not expected[0] <= unit["rank"] <= expected[1]:
            yield Refusal(place, "rank_interval", f"{expected}", str(unit["rank"]))
