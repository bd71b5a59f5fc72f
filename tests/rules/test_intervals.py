"""Wilson against known values, MOVER against its extremes, and what rank intervals claim."""

import os
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.annex import score_bounds
from rules.intervals import (
    Interval,
    Part,
    outwards,
    printed,
    rank_interval,
    score_interval,
    wilson,
)
from rules.scoring import rank_units, rate
from schemas.edition import Unit
from schemas.policy import Scoring

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
WEEKS = 4_000 if NIGHTLY else 150
TOWNS = 18


# Newcombe 1998, table I (method 3), and R's prop.test(correct = FALSE).
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
        (29, 29, "0.8830", "1.0000"),
    ],
)
def test_wilson_is_the_published_interval(k: int, n: int, low: str, high: str) -> None:
    found = wilson(k, n)
    assert f"{float(found.low):.4f}" == low
    assert f"{float(found.high):.4f}" == high


def test_bounds_are_printed_outwards() -> None:
    third = Interval(Fraction(1, 3), Fraction(2, 3))
    rounded = outwards(third, 2)
    assert (printed(rounded.low, 2), printed(rounded.high, 2)) == ("0.33", "0.67")
    assert printed(outwards(Interval(Fraction(0), Fraction(100)), 1).high, 1) == "100.0"


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_lies_within_its_interval(k: int, n: int) -> None:
    found = wilson(k, n)
    assert 0 <= found.low <= Fraction(k, n) <= found.high
    assert found.low <= 1 and (k > n or found.high <= 1)


def test_nothing_to_divide_by_is_refused() -> None:
    with pytest.raises(ValueError, match="0 of 0"):
        wilson(0, 0)


_points = st.fractions(0, 100, max_denominator=997)


@given(st.lists(st.tuples(st.integers(1, 9), _points, _points, _points), min_size=1, max_size=7))
def test_a_score_lies_within_its_interval_and_that_within_its_extremes(
    drawn: list[tuple[int, Fraction, Fraction, Fraction]],
) -> None:
    parts = [Part(Fraction(w), sorted(ps)[1], Interval(min(ps), max(ps))) for w, *ps in drawn]
    weight = sum(p.weight for p in parts)
    found = outwards(score_interval(parts, Fraction(0)), 2)
    assert found.low <= sum(p.weight * p.points for p in parts) / weight <= found.high
    assert found.low >= sum(p.weight * p.bounds.low for p in parts) / weight - Fraction(1, 90)
    assert found.high <= sum(p.weight * p.bounds.high for p in parts) / weight + Fraction(1, 90)


def test_a_rank_interval_counts_who_surely_beats_whom() -> None:
    a, b, c = (Interval(Fraction(x), Fraction(y)) for x, y in ((80, 90), (60, 79), (70, 85)))
    assert [rank_interval(mine, [a, b, c]) for mine in (a, b, c)] == [(1, 2), (2, 3), (1, 3)]


SCORING = Scoring.model_validate(
    {
        "towns": [
            {"of": "rectification", "weight": 3, "floor": 50, "target": 100, "scope": "period"},
            {"of": "on_time", "weight": 3, "floor": 40, "target": 100, "scope": "period"},
            {"of": "rework", "weight": 1, "floor": 30, "target": 0, "scope": "period"},
            {"of": "dispatch", "weight": 1, "floor": 50, "target": 100, "scope": "period"},
        ],
        "sectors": [{"of": "on_time", "weight": 1, "floor": 0, "target": 100, "scope": "period"}],
        "sample_scope": "period",
        "small_sample_below": 10,
    }
)
RATES = ("rectification", "on_time", "rework", "dispatch")
Truth = dict[str, float]


def _town(rng: random.Random, code: str, items: int, true: Truth) -> Unit:
    """A town whose items go well or not by chance alone, each rate drawn on its own."""
    counts = {of: sum(rng.random() < true[of] for _ in range(items)) for of in RATES}
    rates = {of: rate(k, items) for of, k in counts.items()}
    unit = {"code": code, "group": "A", "rates": {"period": {"all": rates}}}
    measures = {"period": {"all": {"due": items}}, "campaign": {"all": {}}}
    return unit | {"counts": measures}  # type: ignore[return-value]


def _week(rng: random.Random, truths: list[Truth]) -> list[tuple[int, int, int]]:
    """(rank, best, worst) of every town in one week."""
    towns = [_town(rng, f"{i:02d}", rng.randint(4, 80), t) for i, t in enumerate(truths)]
    ranked = rank_units(towns, "towns", SCORING)
    bounds = [score_bounds(u, SCORING.towns, SCORING) for u in ranked]
    group = [b for b in bounds if b is not None]
    return [(u["rank"] or 0, *rank_interval(b, group)) for u, b in zip(ranked, group, strict=True)]


GOOD: Truth = {"rectification": 0.9, "on_time": 0.8, "rework": 0.08, "dispatch": 0.9}


def test_identical_towns_keep_their_true_rank_within_the_interval_as_claimed() -> None:
    rng = random.Random(20250303)
    weeks = [_week(rng, [GOOD] * TOWNS) for _ in range(WEEKS)]
    everyone = [town for week in weeks for town in week]
    covered = sum(best == 1 for _, best, _ in everyone)  # all are equal: all are first
    assert covered / len(everyone) >= 0.95
    assert all(best <= rank <= worst for rank, best, worst in everyone)
    spread = sum(abs(rank - 1) for rank, _, _ in everyone) / len(everyone)
    assert spread > 5, "the ranks themselves move by chance, else nothing is shown"


def test_different_towns_keep_theirs_too_and_the_best_and_the_worst_are_told_apart() -> None:
    rng = random.Random(42)
    covered, told = 0, 0
    for _ in range(WEEKS):
        truths = [{of: p + rng.uniform(-0.2, 0.08) for of, p in GOOD.items()} for _ in range(TOWNS)]
        week, true = _week(rng, truths), _true_ranks(truths)
        covered += sum(best <= t <= worst for (_, best, worst), t in zip(week, true, strict=True))
        told += any(best > 1 for _, best, _ in week)
    assert covered / (WEEKS * TOWNS) >= 0.95
    assert told / WEEKS > 0.5, "an interval that never tells anybody apart would cover as well"


def _true_ranks(truths: list[Truth]) -> list[int]:
    """Ranks by the scores that an endless week would give."""
    many = 10**6
    rates = [{of: rate(round(t[of] * many), many) for of in RATES} for t in truths]
    towns = [
        {
            "code": str(i),
            "group": "A",
            "rates": {"period": {"all": r}},
            "counts": {"period": {"all": {"due": many}}, "campaign": {"all": {}}},
        }
        for i, r in enumerate(rates)
    ]
    ranked = rank_units(towns, "towns", SCORING)  # type: ignore[arg-type]
    return [u["rank"] or 0 for u in ranked]


def test_intervals_that_are_too_narrow_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same simulation with a quantile of 0.5 instead of 1.96 must not cover."""
    monkeypatch.setattr("rules.intervals.Z", Decimal("0.5"))
    monkeypatch.setattr("rules.intervals._Z2", Fraction(1, 4))
    rng = random.Random(20250303)
    everyone = [town for _ in range(30) for town in _week(rng, [GOOD] * TOWNS)]
    assert sum(best == 1 for _, best, _ in everyone) / len(everyone) < 0.95
