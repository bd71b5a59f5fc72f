"""The office of tests/listing, and a county whose weekly draft waits for its leader."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks.publishing import publish
from tests.listing.conftest import desk, opened, proposed, proposed_once
from tests.publishing.county import FIRST, week
from tests.store.tiny import MONDAY, Tiny, finding, life

__all__ = ["desk", "drafted", "opened", "proposed", "proposed_once"]


@pytest.fixture
def drafted(tmp_path: Path, migrated_file: Path) -> Iterator[Tiny]:
    """A county with a draft of 2025-W10 that may be signed at once."""
    policy = {"approval": "required", "preview_hours": 0, "kinds": {}}
    tiny = Tiny.make(tmp_path, migrated_file, bulletin=policy)
    found = [finding("N1"), finding("N2")]
    steps = [
        *life("N1", MONDAY + HOUR_MS, to="closed"),
        *life("N2", MONDAY + HOUR_MS, to="started"),
    ]
    tiny.bring(MONDAY + 5 * DAY_MS, found, steps)
    assert publish(tiny.county, week(), FIRST).state == "draft"
    yield tiny
    tiny.county.engine.dispose()
