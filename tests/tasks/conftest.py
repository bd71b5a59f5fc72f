"""A tiny county for the steps that a person or a clock runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.tiny import Tiny


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """An empty county on SQLite."""
    return Tiny.make(tmp_path)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Tiny]:
    """Counties whose policy differs from the shipped one in the sections named."""

    def make(**policy: dict[str, Any]) -> Tiny:
        return Tiny.make(tmp_path, **policy)

    return make
