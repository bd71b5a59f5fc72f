"""A migrated store to copy, and the dangerous cases run once, in a process of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.intake.collect import SourceReport
from tests.hostile.county import Seen
from tests.hostile.running import Stage, run_rows, staged
from tests.house.code import ROOT


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Stage]:
    """One county for all that is refused as a whole: nothing of it is left for the next case."""
    with staged(tmp_path_factory.mktemp("stage"), migrated_file) as made:
        yield made


@pytest.fixture(scope="session")
def rows(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> tuple[Seen, SourceReport]:
    """What became of every row that is judged for itself, and of the quiet source beside them."""
    return run_rows(tmp_path_factory.mktemp("rows"), migrated_file)


@pytest.fixture(scope="session")
def dangerous(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> dict[str, dict[str, Any]]:
    """What was measured of each dangerous case, by its claim."""
    folder = tmp_path_factory.mktemp("dangerous")
    command = [sys.executable, "-m", "tests.hostile.running", str(folder), str(migrated_file)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = map(json.loads, done.stdout.splitlines())
    return {line["claim"]: line for line in lines}
