"""Counties that live at random: 200 lives of 30 steps in every run, 10,000 of 50 every night.

How to see a failure again stands in `tests.machine.counties`.
"""

import os

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.counties import HAZARDS, Counties

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
LIVES, STEPS = (10_000, 50) if NIGHTLY else (200, 30)


@pytest.mark.timeout(10 * 3600 if NIGHTLY else 600)
def test_counties_that_live_at_random_keep_every_law() -> None:
    examples = LIVES // HAZARDS + 1  # the first example is the shortest there is
    run_state_machine_as_test(
        Counties,
        settings=settings(max_examples=examples, stateful_step_count=STEPS, print_blob=True),
    )
    assert Counties.steps * HAZARDS >= LIVES * STEPS
