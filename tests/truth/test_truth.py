"""The pipeline's figures equal the truth that the demo city wrote down by its own arithmetic.

So does every single hazard at the end: state, town, severity, dates, level, and which facts did
not simply apply.
"""

from itertools import islice
from pathlib import Path

import pytest

from demo.truth import truth
from demo.world import build
from tasks.auditing import audit
from tests.truth.lives import lives_that_differ
from tests.truth.worlds import (
    body_of,
    disagreements,
    live_through,
    open_home,
    take_all_at_once,
)

SHOWN = 10
# One world in every run, all five in the nightly profile.
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in (2, 3, 4, 5))]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
def test_sixty_weeks_end_in_the_figures_that_are_true(tmp_path: Path, seed: int) -> None:
    """Every figure of every week of a 60-week world, once everything has come."""
    world = build(seed=seed, weeks=60, hazards=1_500)
    county = open_home(tmp_path / "home")
    take_all_at_once(county, world)
    true = truth(world)
    wrong = [
        f"{code} {text}"
        for code, known in true["weeks"].items()
        for text in disagreements(body_of(county, code), known["final"])
    ]
    assert wrong[:SHOWN] == []
    assert list(islice(lives_that_differ(county, world, true), SHOWN)) == []
    assert audit(county).ok


@pytest.mark.timeout(900)
def test_each_week_as_first_published_and_as_finally_known_is_true(tmp_path: Path) -> None:
    """Four weeks collected twice a week: what was known by each cut-off, and in the end.

    Seed 12 has a major hazard whose contingency plan comes late, and one whose plan never comes.
    """
    world = build(seed=12, weeks=4, hazards=400)
    county = open_home(tmp_path / "home")
    live_through(county, world)
    true = truth(world)
    wrong = []
    for code, known in true["weeks"].items():
        first = body_of(county, code, known["first_collect"])
        wrong += [f"{code} first {text}" for text in disagreements(first, known["first"])]
        wrong += [
            f"{code} final {text}" for text in disagreements(body_of(county, code), known["final"])
        ]
    assert wrong[:SHOWN] == []
    assert list(islice(lives_that_differ(county, world, true), SHOWN)) == []
