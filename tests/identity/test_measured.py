"""Identity finds what is one hazard and little else, on worlds it was not tuned on."""

import pytest

from tests.identity.measured import HELD_OUT, LEAST_PRECISION, LEAST_RECALL, TUNING, measure

IN_EVERY_RUN = HELD_OUT[:2]


@pytest.mark.parametrize(
    "seed",
    [*IN_EVERY_RUN, *(pytest.param(n, marks=pytest.mark.nightly) for n in HELD_OUT[2:])],
)
def test_precision_and_recall_on_a_world_not_tuned_on(seed: int) -> None:
    found = measure(seed)
    assert found.true > 40
    assert found.precision >= LEAST_PRECISION
    assert found.recall >= LEAST_RECALL


def test_no_seed_that_is_judged_on_was_tuned_on() -> None:
    assert not set(TUNING) & set(HELD_OUT)
    assert len(HELD_OUT) == 20
