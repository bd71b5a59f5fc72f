"""The gate's own path to rates, points, scores and ranks: from counts and the printed formula.

The formula is read from the body (`policy.scoring`, as an office printed it), so that a table from
outside can be checked too.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from rules.gate_refusal import Refusal, differ
from schemas.edition import Body, Unit

Parts = Mapping[str, tuple[str, str]]  # rate → (measure above the line, measure below it)

FORMULA = {"towns", "sectors", "deductions", "sample_scope", "small_sample_below", "show_ranks"}


def printed_rate(numerator: int, denominator: int) -> str:
    """Percent with two decimals, half up, by whole numbers alone; "/" for nothing to divide by."""
    if denominator == 0:
        return "/"
    return _hundredths((20_000 * numerator + denominator) // (2 * denominator))


def check_standing(body: Body, parts: Parts, last: Body | None) -> Iterator[Refusal]:
    """Every point, deduction, score, mark and rank that does not follow from the counts."""
    formula = body["policy"].get("scoring")
    if not isinstance(formula, dict) or not formula.keys() >= FORMULA:
        yield Refusal("policy.scoring", "no_formula", f"all of {sorted(FORMULA)}", str(formula))
        return
    for kind, units in (("towns", body["towns"]), ("sectors", body["sectors"])):
        for unit in units:
            yield from _made(f"{kind}.{unit['code']}", unit, formula[kind], formula, parts)
        yield from _ranked(kind, units, bool(formula["show_ranks"]))
        yield from _last_ranks(kind, units, last, bool(formula["show_ranks"]))
    for rank in ("rank", "last_rank"):  # the county as a whole competes with nobody
        yield from differ(f"total.{rank}", rank, None, body["total"].get(rank))


def _made(
    cell: str, unit: Unit, indicators: Sequence[Any], formula: Mapping[str, Any], parts: Parts
) -> Iterator[Refusal]:
    points = {f"{i['scope']}.{i['of']}": _points(unit, i, parts) for i in indicators}
    losses = {d["of"]: _loss(unit, d) for d in formula["deductions"]}
    due = unit["counts"][formula["sample_scope"]]["all"]["due"]
    score = _score(indicators, points, losses) if due else None
    if score is None:
        points, losses = {}, {}
    shown = {key: "/" if p is None else _two(p) for key, p in points.items()}
    yield from differ(f"{cell}.points", "points", shown, unit["points"])
    taken = {key: _two(loss) for key, loss in losses.items()}
    yield from differ(f"{cell}.deductions", "deduction", taken, unit["deductions"])
    expected = None if score is None else _two(score)
    yield from differ(f"{cell}.score", "score", expected, unit["score"])
    small = 0 < due < formula["small_sample_below"]
    yield from differ(f"{cell}.small_sample", "small_sample", small, unit["small_sample"])


def _points(unit: Unit, indicator: Mapping[str, Any], parts: Parts) -> Fraction | None:
    """How far from floor to target, in percent of that way; outside it, the nearer end."""
    above, below = parts.get(indicator["of"], ("", ""))
    counts = unit["counts"][indicator["scope"]]["all"]
    if not counts.get(below):
        return None
    floor, target = Fraction(str(indicator["floor"])), Fraction(str(indicator["target"]))
    gone = Fraction(100 * counts[above], counts[below]) - floor
    way = target - floor
    if gone * way <= 0:
        return Fraction(0)
    return Fraction(100) if abs(gone) >= abs(way) else 100 * gone / way


def _loss(unit: Unit, deduction: Mapping[str, Any]) -> Fraction:
    count = unit["counts"]["campaign"]["all"][deduction["of"]]
    each, cap = Fraction(str(deduction["points_each"])), Fraction(str(deduction["cap"]))
    return cap if count * each > cap else count * each


def _score(
    indicators: Sequence[Any],
    points: Mapping[str, Fraction | None],
    losses: Mapping[str, Fraction],
) -> Fraction | None:
    weight = total = Fraction(0)
    for indicator in indicators:
        made = points[f"{indicator['scope']}.{indicator['of']}"]
        if made is not None:
            weight += Fraction(str(indicator["weight"]))
            total += Fraction(str(indicator["weight"])) * made
    if not weight:
        return None
    left = total / weight - sum(losses.values())
    return Fraction(0) if left < 0 else left


def _ranked(kind: str, units: Sequence[Unit], shown: bool) -> Iterator[Refusal]:
    """A rank is one more than the number of units of the group that have a greater score."""
    for unit in units:
        cell = f"{kind}.{unit['code']}"
        reason = ("hidden" if unit["score"] else "nothing_due") if _no_rank(unit, shown) else None
        yield from differ(f"{cell}.unranked_because", "unranked", reason, unit["unranked_because"])
        rank = None if reason else 1 + sum(_beats(other, unit) for other in units)
        yield from differ(f"{cell}.rank", "rank", rank, unit["rank"])


def _no_rank(unit: Unit, shown: bool) -> bool:
    return unit["score"] is None or not shown


def _beats(other: Unit, unit: Unit) -> bool:
    theirs, ours = number(other["score"]), number(unit["score"])
    if other["group"] != unit["group"] or theirs is None or ours is None:
        return False
    return theirs > ours


def _last_ranks(
    kind: str, units: Sequence[Unit], last: Body | None, shown: bool
) -> Iterator[Refusal]:
    if last is None:
        return
    before = {u["code"]: u["rank"] for u in (last["towns"] if kind == "towns" else last["sectors"])}
    for unit in units:
        expected = before.get(unit["code"]) if shown else None
        cell = f"{kind}.{unit['code']}.last_rank"
        yield from differ(cell, "last_rank", expected, unit["last_rank"])


def number(text: str | None) -> Fraction | None:
    """A printed figure as an exact number; None where nothing readable is printed."""
    try:
        return None if text is None else Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def _two(value: Fraction) -> str:
    """Two decimals, half up; `value` is never negative here."""
    return _hundredths((200 * value.numerator + value.denominator) // (2 * value.denominator))


def _hundredths(count: int) -> str:
    return f"{count // 100}.{count % 100:02d}"
