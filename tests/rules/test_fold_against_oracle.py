"""The fold of whole frames against a plain oracle that takes one hazard at a time."""

from collections import defaultdict
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.fold import REASONS
from schemas.vocabulary import FactKind, Mark, State
from tests.rules import oracle
from tests.rules.facts_of_lives import Told, fold_rows, hour
from tests.rules.random_lives import batch

Row = dict[str, Any]
RANDOM = st.randoms(use_true_random=False)
UNTOLD: oracle.Verdict = ("superseded", frozenset(), frozenset())


def differences(rows: list[Row]) -> list[str]:
    """Where fold and oracle disagree, one line each."""
    told, expected = fold_rows(rows), oracle.lives(rows)
    found, of_root = [], defaultdict(list)
    for row in rows:
        of_root[row["root_id"]].append(row)
    for root, life in told.items():
        hazard = expected[root] if root in expected else oracle.Hazard()
        for row, outcome in zip(of_root[root], life.outcomes, strict=True):
            wanted = hazard.verdicts.get(id(row), UNTOLD)
            if not agrees(outcome, wanted):
                found.append(f"{root} {row['source_id']} {row['kind']}: {outcome} not {wanted}")
        found += _span_differences(root, life, hazard.spans)
    return found


def agrees(outcome: tuple[str, str, tuple[str, ...]], wanted: oracle.Verdict) -> bool:
    """Of several reasons that hold, any may be the one that is spoken."""
    verdict, reasons, missing = wanted
    spoken = outcome[1] in reasons if reasons else outcome[1] == ""
    return outcome[0] == verdict and spoken and set(outcome[2]) == missing


def _span_differences(root: str, life: Told, wanted: list[Row]) -> list[str]:
    spans = [_like_the_fold(span) for span in wanted]
    if life.spans == spans:
        return []
    pairs = zip([*life.spans, {}], [*spans, {}], strict=False)
    got, want = next((g, w) for g, w in pairs if g != w)
    keys = sorted(k for k in {*got, *want} if got.get(k) != want.get(k))
    return [f"{root}: {[(k, got.get(k), want.get(k)) for k in keys]}"]


def _like_the_fold(span: Row) -> Row:
    """Hours for instants and the empty text for blanks, as `Told` has them."""
    blanks = {k: span[k] or "" for k in ("town", "town_before", "town_found", "sector")}
    return span | blanks | {k: hour(v) for k, v in span.items() if k == "at" or k.endswith("_at")}


@given(RANDOM, st.integers(1, 4))
def test_the_fold_is_what_the_oracle_lives_through(rng: Random, hazards: int) -> None:
    assert differences(batch(rng, hazards)) == []


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_arrival_leaves_no_trace(seed: int) -> None:
    rng = Random(seed)
    rows = batch(rng, 100)
    first = fold_rows(rows)
    again = rows[:]
    rng.shuffle(again)
    second = fold_rows(again)
    assert {r: t.spans for r, t in first.items()} == {r: t.spans for r, t in second.items()}
    assert _by_row(rows, first) == _by_row(again, second)


def _by_row(rows: list[Row], told: dict[str, Told]) -> dict[int, Any]:
    outcomes = {root: iter(life.outcomes) for root, life in told.items()}
    return {id(row): next(outcomes[row["root_id"]]) for row in rows}


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_hazards_at_once_are_folded_as_one_by_one(seed: int) -> None:
    rows = batch(Random(seed), 1_000)
    assert differences(rows)[:5] == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_thousand_hazards_are_folded_as_one_by_one(seed: int) -> None:
    assert differences(batch(Random(seed), 5_000))[:5] == []


def test_the_random_lives_reach_every_state_mark_outcome_reason_and_kind() -> None:
    """Else agreement would say little."""
    rows = batch(Random(1), 2_000)
    told = fold_rows(rows)
    of_row = _by_row(rows, told)
    spans = [span for life in told.values() for span in life.spans]
    assert {span["state"] for span in spans} == {s.name.lower() for s in State if s}
    assert set().union(*(span["marks"] for span in spans)) == {m.name.lower() for m in Mark}  # type: ignore[union-attr]
    assert {reason for _, reason, _ in of_row.values()} == set(REASONS)
    outcomes = {"applied", "pending", "ineffective", "superseded", "beside"}
    assert {outcome for outcome, _, _ in of_row.values()} == outcomes
    applied = {row["kind"] for row in rows if of_row[id(row)][0] == "applied"}
    assert applied == set(map(str, FactKind))
