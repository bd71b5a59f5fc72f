"""A county with reporters."""

from pathlib import Path

import pytest

from tests.operators.people import LI, enrolled
from tests.store.tiny import Tiny
from tests.vault.reported import Reported, with_reporters


@pytest.fixture
def office(tiny: Tiny, tmp_path: Path) -> Reported:
    county, private = with_reporters(tiny, tmp_path)
    return Reported(county, private, enrolled(county.county, LI))
