"""A county with reporters, lived once and copied."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.operators.people import LI, enrolled
from tests.store.tiny import Tiny
from tests.vault.reported import Reported, reported, with_reporters


@pytest.fixture(scope="module")
def _office(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Reported:
    folder = tmp_path_factory.mktemp("office")
    county, private = with_reporters(Tiny.make(folder, migrated_file), folder)
    return Reported(county, private, enrolled(county.county, LI))


@pytest.fixture(scope="module")
def _told(_office: Reported, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    own = replace(_office, tiny=_office.tiny.copied(tmp_path_factory.mktemp("told")))
    own.report(reported("F1"))
    return own


@pytest.fixture
def office(_office: Reported, tmp_path: Path) -> Reported:
    """Nothing was reported yet; somebody may approve."""
    return replace(_office, tiny=_office.tiny.copied(tmp_path))


@pytest.fixture
def told(_told: Reported, tmp_path: Path) -> Reported:
    """F1 was reported, with who reported it."""
    return replace(_told, tiny=_told.tiny.copied(tmp_path))
