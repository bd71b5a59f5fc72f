"""A county on both databases, with people who may be enrolled in it."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from tasks.county import County
from tests.operators.people import LI, Device, enrolled
from tests.store.conftest import engine, migrated_database, sqlite  # noqa: F401  fixtures
from tests.store.tiny import Tiny


@pytest.fixture
def county(tiny: Tiny, engine: Engine) -> County:  # noqa: F811
    """A home whose store is SQLite and PostgreSQL in turn, nobody enrolled."""
    return replace(tiny.county, engine=engine)


@pytest.fixture
def li(county: County) -> Device:
    """What 李虚构, a leader, has on the telephone."""
    return enrolled(county, LI)


@pytest.fixture
def demo(county: County) -> County:
    return replace(county, settings=county.settings.model_copy(update={"demo": True}))
