"""Rates, points, scores and ranks by hand: what an edition makes of its counts (domain section 5).

Promise: plain fractions of what is counted, rounded once; weights and floors come from the policy
as written. A unit is its code, group and counts (scope → split → measure).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

RATES = {
    "rectification": ("found_closed", "found"),
    "on_time": ("on_time", "due"),
    "on_time_original": ("on_time_original", "due"),
    "rework": ("reworked", "acceptances"),
    "reopen": ("reopened", "closures_90_days"),
    "five_elements": ("major_complete", "major_open"),
    "dispatch": ("dispatched_in_time", "verified"),
    "overdue_share": ("overdue", "closing"),
    "coverage": ("places_checked", "places_due"),
    "self_check_coverage": ("self_checks_kept", "self_checks_due"),
    "quarterly_coverage": ("quarter_checked", "quarter_due"),
    "timeliness": ("submissions_in_time", "submissions_owed"),
    "accepted_rows": ("rows_accepted", "rows_received"),
    "completeness": ("fields_given", "fields_asked"),
    "discovery": ("found_outside", "found"),
}
NOTHING = "/"
Counts = dict[str, dict[str, dict[str, int]]]  # scope → split → measure
Page = dict[str, Any]


@dataclass(frozen=True)
class Scoring:
    """The policy's `scoring`, for one kind of unit in one kind of edition."""

    rule: dict[str, Any]
    indicators: list[dict[str, Any]]
    is_shown: bool

    @classmethod
    def of(cls, policy: dict[str, Any], units: str, kind: str) -> "Scoring":
        """units: "towns" or "sectors"."""
        own = policy["bulletin"]["kinds"].get(kind, {})
        rule = policy["scoring"]
        return cls(rule, rule[units], rule["show_ranks"] and own.get("show_ranks", True))


def half_up(number: Fraction, decimals: int = 2) -> str:
    whole = (number * 10**decimals * 2 + 1) // 2
    return str(Decimal(whole).scaleb(-decimals))


def percent(part: int, whole: int, decimals: int = 2) -> str:
    return half_up(Fraction(100 * part, whole), decimals) if whole else NOTHING


def rates(counts: Counts) -> Page:
    """Every rate of which both parts are counted."""
    return {
        scope: {
            split: {
                name: {"numerator": n[a], "denominator": n[b], "value": percent(n[a], n[b])}
                for name, (a, b) in RATES.items()
                if a in n and b in n
            }
            for split, n in splits.items()
        }
        for scope, splits in counts.items()
    }


def share(unit: Page, indicator: dict[str, Any]) -> tuple[int, int]:
    """Numerator and denominator of a scored rate; 0, 0 where there is no such thing to count."""
    counts = unit["counts"][indicator["scope"]]["all"]
    part, whole = RATES[indicator["of"]]
    return counts.get(part, 0), counts.get(whole, 0)


def points(of: Fraction, indicator: dict[str, Any]) -> Fraction:
    """0 at the floor, 100 at the target."""
    floor, target = (Fraction(str(indicator[end])) for end in ("floor", "target"))
    way = (100 * of - floor) / (target - floor)
    return 100 * min(max(way, Fraction(0)), Fraction(1))


def losses(unit: Page, scoring: Scoring) -> dict[str, Fraction]:
    counts = unit["counts"]["campaign"]["all"]
    return {
        d["of"]: min(counts[d["of"]] * Fraction(str(d["points_each"])), Fraction(str(d["cap"])))
        for d in scoring.rule["deductions"]
    }


def score(unit: Page, scoring: Scoring) -> Page:
    """score, points and deductions as printed; nothing where nothing was due."""
    due = unit["counts"][scoring.rule["sample_scope"]]["all"]["due"]
    small = 0 < due < scoring.rule["small_sample_below"]
    made = {f"{i['scope']}.{i['of']}": _points(unit, i) for i in scoring.indicators}
    weights = [Fraction(str(i["weight"])) for i in scoring.indicators]
    scored = [(w, p) for w, p in zip(weights, made.values(), strict=True) if p is not None]
    if not due or not scored:
        return {"score": None, "points": {}, "deductions": {}, "small_sample": small}
    lost = losses(unit, scoring)
    zero, hundred = Fraction(0), Fraction(100)
    mean = sum((w * p for w, p in scored), zero) / sum((w for w, _ in scored), zero)
    return {
        "score": half_up(min(max(mean - sum(lost.values(), zero), zero), hundred)),
        "points": {k: NOTHING if p is None else half_up(p) for k, p in made.items()},
        "deductions": {k: half_up(n) for k, n in lost.items()},
        "small_sample": small,
    }


def _points(unit: Page, indicator: dict[str, Any]) -> Fraction | None:
    part, whole = share(unit, indicator)
    return points(Fraction(part, whole), indicator) if whole else None


def ranked(units: dict[str, Page], scoring: Scoring, last: dict[str, int | None]) -> None:
    """Fill in score and rank: one more than there are of its group with a greater score."""
    for unit in units.values():
        unit |= score(unit, scoring)
    for code, unit in units.items():
        mine = unit["score"]
        rivals = [u["score"] for u in units.values() if u["group"] == unit["group"] and u["score"]]
        is_ranked = mine is not None and scoring.is_shown
        above = sum(Decimal(r) > Decimal(mine) for r in rivals) if is_ranked else 0
        reason = "hidden" if mine is not None else "nothing_due"
        unit["rank"] = 1 + above if is_ranked else None
        unit["unranked_because"] = None if is_ranked else reason
        unit["last_rank"] = last.get(code) if scoring.is_shown else None
