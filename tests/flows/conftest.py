"""Homes to work in."""

import os
from pathlib import Path

import pytest

from flows.cli.homes import make_home


@pytest.fixture(autouse=True)
def _environment(own_environment: None) -> None:
    """Every test here may run commands."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh home with the shipped configuration; this process is in it."""
    folder = tmp_path / "home"
    make_home(folder, "cixi")
    os.environ["BIHUAN_HOME"] = str(folder)
    return folder
