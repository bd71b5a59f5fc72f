"""One lived county per test run; who changes a site takes a copy of its home."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.site.county import Story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Story:
    """Four weeks published, one corrected, both sites built after every edition. Only read it."""
    lived = Story.make(tmp_path_factory.mktemp("site"), migrated_file)
    lived.live()
    return lived


@pytest.fixture
def copied(story: Story, tmp_path: Path) -> Story:
    """The same home elsewhere, without its sites."""
    return Story(story.tiny.copied(tmp_path / "copy", "site", "site-internal", ".sites"))


@pytest.fixture
def grown(story: Story, tmp_path: Path) -> Story:
    """The same home elsewhere, with its sites as they were built last."""
    return Story(story.tiny.copied(tmp_path / "grown"))


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """axe-core's script, fetched for this run."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core cannot be had: there is no npm here")
    packed = subprocess.run(
        [npm, "pack", "axe-core@4", "--silent"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if packed.returncode:
        reason = packed.stderr.strip().splitlines()[-1:] or ["no answer"]
        pytest.skip(f"axe-core cannot be had: {reason[0][:200]}")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return folder / "package" / "axe.min.js"
