"""A tiny county for the steps that a person or a clock runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.tiny import Tiny


@pytest.fixture
def made(tmp_path: Path, migrated_file: Path) -> Callable[..., Tiny]:
    """Counties whose policy differs from the shipped one in the sections named."""

    def make(**policy: Any) -> Tiny:
        return Tiny.make(tmp_path, migrated_file, **policy)

    return make
