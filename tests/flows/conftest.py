"""Homes to work in. Commands change this process's environment; every test gets it back."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli.homes import make_home


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    os.environ["BIHUAN_LANG"] = "en"
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh home with the shipped configuration; this process is in it."""
    folder = tmp_path / "home"
    make_home(folder, "cixi")
    os.environ["BIHUAN_HOME"] = str(folder)
    return folder
