"""A source is late when it was not heard for as long as it declares, else as its cadence says."""

import dataclasses
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks.pulse import take
from tests.store.tiny import MONDAY, Tiny, finding


def lateness(tiny: Tiny, hours: int, **declared: Any) -> bool:
    """Whether `findings`, taken on Monday, is late so many hours afterwards."""
    source = tiny.county.sources["findings"].model_copy(update=declared)
    county = dataclasses.replace(tiny.county, sources=tiny.county.sources | {"findings": source})
    found = take(county, MONDAY + DAY_MS + hours * HOUR_MS).sources
    return next(one.is_late for one in found if one.source == "findings")


@pytest.mark.parametrize(
    ("declared", "longest"),
    [
        ({"cadence": "continuous"}, 25),
        ({"cadence": "weekly"}, 192),
        ({"cadence": "continuous", "late_after_hours": 6}, 6),
        ({"cadence": "weekly", "late_after_hours": 24}, 24),
    ],
)
def test_a_source_is_late_after_so_many_hours(
    tiny: Tiny, declared: dict[str, Any], longest: int
) -> None:
    tiny.bring(MONDAY + DAY_MS, [finding("F1")], [])
    assert lateness(tiny, longest, **declared) is False
    assert lateness(tiny, longest + 1, **declared) is True
