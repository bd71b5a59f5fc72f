from typing import Any

import pytest

from demo.truth import truth
from demo.world import World, build


@pytest.fixture(scope="session")
def world() -> World:
    """Four weeks with something of everything."""
    return build(seed=7, weeks=4, hazards=900)


@pytest.fixture(scope="session")
def true(world: World) -> dict[str, Any]:
    return truth(world)
