"""Sample editions for the renderers; see sample.py."""

from collections.abc import Callable

import pytest

from schemas.edition import Edition
from tests.rendering import sample


@pytest.fixture
def make_edition() -> Callable[..., Edition]:
    """`make_edition(seed=7, revised=True, grouped=True)` → a valid edition of invented names."""
    return sample.edition


@pytest.fixture
def edition() -> Edition:
    return sample.edition()
