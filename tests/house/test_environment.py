"""What verifies the environment finds what differs from the lock."""

import base64
import hashlib
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from tools.verify_environment import files, versions, wanted


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, Distribution]:
    """One distribution with one module, as a wheel leaves it."""
    module = tmp_path / "thing.py"
    module.write_text("ANSWER = 42\n")
    digest = hashlib.sha256(module.read_bytes()).digest()
    hashed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    about = tmp_path / "thing-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (about / "RECORD").write_text(f"thing.py,sha256={hashed},12\nthing-1.0.dist-info/RECORD,,\n")
    return {"thing": Distribution.at(about)}


def test_an_environment_that_is_as_locked_has_no_finding(
    installed: dict[str, Distribution],
) -> None:
    assert [*versions({"thing": "1.0"}, installed), *files(installed)] == []


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ({"thing": "1.1"}, "thing is 1.0, the lock says 1.1"),
        ({}, "thing 1.0 is installed and not in the lock"),
        ({"thing": "1.0", "other": "2.0"}, "other 2.0 is in the lock and not installed"),
    ],
)
def test_what_is_not_as_locked_is_named(
    installed: dict[str, Distribution], lock: dict[str, str], said: str
) -> None:
    (found,) = versions(lock, installed)
    assert found.startswith(said)


def test_a_file_that_was_changed_or_taken_away_is_named(
    installed: dict[str, Distribution], tmp_path: Path
) -> None:
    (tmp_path / "thing.py").write_text("ANSWER = 43\n")
    (changed,) = files(installed)
    assert "thing.py was changed" in changed
    (tmp_path / "thing.py").unlink()
    (missing,) = files(installed)
    assert "thing.py is missing" in missing


def test_lines_whose_markers_do_not_hold_here_are_not_wanted() -> None:
    lock = (
        'one==1.0 ; python_version >= "3" \\\n    --hash=sha256:00\n'
        'two[extra]==2.0 ; python_version < "3" \\\n    --hash=sha256:00\n'
        "    # via one\nthree==3.0 \\\n    --hash=sha256:00\n"
    )
    assert wanted(lock) == {"one": "1.0", "three": "3.0"}
