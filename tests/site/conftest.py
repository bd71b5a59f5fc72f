"""One lived county per test run; tests that change a site take a copy of its home."""

import shutil
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
    own = Story(story.tiny.copied(tmp_path / "copy"))
    for left in ("site", "site-internal", ".sites"):  # a copy has folders where links were
        shutil.rmtree(own.county.home / left)
    return own
