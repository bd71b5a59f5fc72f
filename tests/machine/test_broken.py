"""The random counties find a rule that is broken: else their silence would say little."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import rules.fold
from rules.elements import Need
from rules.guards import GUARDS, Guard
from rules.lifecycle import NEEDS
from rules.lives import EFFECTS
from schemas.vocabulary import FACT_RANK, FactKind
from tests.machine.counties import Counties

Break = Callable[[pytest.MonkeyPatch], None]


class Small(Counties):
    """Enough hazards for every kind of fact to happen to some."""

    hazards = 40


def without_guard(reason: str) -> Break:
    def is_broken(patch: pytest.MonkeyPatch) -> None:
        left: Mapping[int, tuple[Guard, ...]] = {
            kind: tuple(guard for guard in guards if guard.reason != reason)
            for kind, guards in GUARDS.items()
        }
        patch.setattr(rules.fold, "GUARDS", left)

    return is_broken


def without_need(kind: FactKind, need: Need) -> Break:
    def is_broken(patch: pytest.MonkeyPatch) -> None:
        left = NEEDS.copy()
        left[FACT_RANK[kind]] &= ~int(need)
        patch.setattr(rules.fold, "NEEDS", left)

    return is_broken


def with_original_date_rewritten(patch: pytest.MonkeyPatch) -> None:
    extended = EFFECTS[FACT_RANK[FactKind.EXTENDED]]

    def rewritten(life: rules.fold.Lives, streams: np.ndarray, *more: np.ndarray) -> None:
        extended(life, streams, *more)
        life["original_due_at"][streams] = life["due_at"][streams]

    patch.setattr(rules.fold, "EFFECTS", EFFECTS | {FACT_RANK[FactKind.EXTENDED]: rewritten})


BROKEN = [
    pytest.param(with_original_date_rewritten, "the original date", id="original date"),
    pytest.param(
        without_need(FactKind.STARTED, Need.PLAN), "a major hazard started", id="plan",
        marks=pytest.mark.nightly,
    ),
    pytest.param(
        without_guard("accepted_by_rectifier"), "who rectified it", id="own acceptance",
        marks=pytest.mark.nightly,
    ),
    pytest.param(
        without_need(FactKind.CLOSED, Need.ACCEPTANCE), "closed without an acceptance",
        id="acceptance", marks=pytest.mark.nightly,
    ),
]  # fmt: skip


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("broken", "said"), BROKEN)
def test_a_broken_rule_is_found_within_a_few_counties(
    broken: Break, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    few = settings(
        max_examples=4,
        stateful_step_count=30,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError, match=said):
        run_state_machine_as_test(Small, settings=few)
