"""Lots for re-inspection: the size that hits, the same draw from the same head, equal chances."""

from collections import Counter
from hashlib import sha256
from math import comb

import pytest

from rules.inspection import draw, sample_size


def test_of_20_closures_16_hit_one_false_in_ten_with_95_percent() -> None:
    assert sample_size(20, 10, 95) == 16


@pytest.mark.parametrize("closures", [1, 2, 9, 10, 11, 57, 300])
def test_a_sample_is_the_least_that_hits(closures: int) -> None:
    n, false = sample_size(closures, 10, 95), -(-closures // 10)
    missed = [comb(closures - false, k) / comb(closures, k) for k in (n, n - 1) if k >= 0]
    assert missed[0] <= 0.05 < missed[1]


def test_nothing_closed_nothing_drawn() -> None:
    assert sample_size(0, 10, 95) == 0
    assert draw("ab", [], 5) == []


CLOSED = [f"grid:H{i}" for i in range(20)]


def test_the_draw_follows_from_the_head_alone() -> None:
    head = sha256(b"head").hexdigest()
    drawn = draw(head, CLOSED, 16)
    assert draw(head, reversed(CLOSED), 16) == drawn
    assert len(set(drawn)) == 16 and set(drawn) <= set(CLOSED)
    assert draw(sha256(b"other head").hexdigest(), CLOSED, 16) != drawn


def test_one_more_closure_does_not_choose_who_else_is_drawn() -> None:
    """Nobody steers the others' lots by adding hazards of his own."""
    drawn = draw("ab", CLOSED, 20)
    assert [d for d in draw("ab", [*CLOSED, "grid:new"], 21) if d != "grid:new"] == drawn


def test_everybody_has_the_same_chance() -> None:
    heads = [sha256(str(i).encode()).hexdigest() for i in range(2_000)]
    hits = Counter(one for head in heads for one in draw(head, CLOSED, 5))
    assert set(hits) == set(CLOSED)
    assert all(abs(n - 500) < 100 for n in hits.values())  # 5 standard deviations
