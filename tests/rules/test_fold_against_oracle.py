"""The fold of whole frames against a plain oracle that takes one hazard at a time."""

from collections import defaultdict
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import oracle
from tests.rules.facts_of_lives import SUPERSEDED, Told, fold_rows, hour
from tests.rules.random_lives import batch

Row = dict[str, Any]
RANDOM = st.randoms(use_true_random=False)


def differences(rows: list[Row]) -> list[str]:
    """Where fold and oracle disagree, one line each."""
    told, expected = fold_rows(rows), oracle.lives(rows)
    found, of_root = [], defaultdict(list)
    for row in rows:
        of_root[row["root_id"]].append(row)
    for root, life in told.items():
        hazard = expected[root] if root in expected else oracle.Hazard()
        for row, outcome in zip(of_root[root], life.outcomes, strict=True):
            wanted = hazard.verdicts.get(id(row), SUPERSEDED)
            if (*outcome[:2], set(outcome[2])) != (*wanted[:2], set(wanted[2])):
                found.append(f"{root} {row['source_id']} {row['kind']}: {outcome} not {wanted}")
        found += _span_differences(root, life, hazard.spans)
    return found


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


def test_the_random_lives_reach_every_state_outcome_and_reason() -> None:
    """Else agreement would say little."""
    told = fold_rows(batch(Random(1), 1_000)).values()
    seen = {(o, r) for life in told for o, r, _ in life.outcomes}
    assert len({s["state"] for life in told for s in life.spans}) == 9
    assert {r for _, r in seen} >= {
        "not_from_this_state", "left_meanwhile", "accepted_by_rectifier", "implied_acceptance",
        "extension_after_expiry", "extension_asked_too_late", "same_severity",
    }  # fmt: skip
    assert {o for o, _ in seen} == {"applied", "pending", "ineffective", "superseded"}
