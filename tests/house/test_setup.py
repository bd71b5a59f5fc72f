"""Setting up: the right interpreter is chosen, and what is missing is said with the next step."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.code import ROOT


def _sh(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", ROOT / "tools" / script],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def only(tmp_path: Path) -> Path:
    """A folder that is the whole PATH, so far with a shell in it."""
    _program(tmp_path / "sh", 'exec /bin/sh "$@"')
    return tmp_path


def test_the_first_interpreter_that_runs_and_fits_is_chosen(only: Path) -> None:
    _program(only / "python3", "exit 127  # a shim of nothing")
    (only / "python3.12").symlink_to(sys.executable)
    assert _sh("python.sh", PATH=str(only)).stdout == "python3.12\n"


def test_no_fitting_interpreter_is_said_with_the_range_and_the_way_out(only: Path) -> None:
    _program(only / "python3", "exit 1  # too old")
    refused = _sh("python.sh", PATH=str(only))
    assert refused.returncode != 0
    assert ">=3.11,<3.15" in refused.stderr
    assert "make PYTHON=" in refused.stderr


def test_a_named_interpreter_that_does_not_fit_is_refused_by_its_name() -> None:
    refused = _sh("python.sh", PYTHON="/nowhere/python3")
    assert refused.returncode != 0
    assert "/nowhere/python3" in refused.stderr


def test_a_missing_ensurepip_is_said_with_what_to_install(tmp_path: Path) -> None:
    python = _program(
        tmp_path / "python", f'case "$2" in *ensurepip*) exit 1 ;; esac\nexec {sys.executable} "$@"'
    )
    refused = _sh("venv.sh", PYTHON=str(python), VENV=str(tmp_path / "venv"))
    assert refused.returncode != 0
    assert "python3-venv" in refused.stderr
    assert not (tmp_path / "venv").exists()
