"""The lock of a machine without a network: what running needs, nothing for developers alone."""

import tomllib
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.code import ROOT
from tools.runtime_lock import blocks, kept, name_of

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
KEPT = kept(LOCK, PROJECT["dependencies"])
NAMES = {name_of(block) for block in KEPT}


def test_it_is_a_part_of_the_lock_with_its_hashes() -> None:
    assert set(KEPT) < set(blocks(LOCK))
    assert all("--hash=sha256:" in block for block in KEPT)


def test_what_developers_need_alone_is_left_out() -> None:
    asked = {name_of(line) for line in PROJECT["dependencies"]}
    wanted = {name_of(line) for line in PROJECT["optional-dependencies"]["dev"]}
    assert asked <= NAMES
    assert {"pytest", "mypy", "ruff", "hypothesis", "playwright"} <= wanted - NAMES


def test_whatever_a_kept_package_asks_for_here_is_kept() -> None:
    """By the installed packages' own word, not by the lock's."""
    pinned = {name_of(block) for block in blocks(LOCK)}
    missing = []
    for block in KEPT:
        for line in _asked(name_of(block)):
            wanted = Requirement(line)
            applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            name = canonicalize_name(wanted.name)
            if applies and name in pinned - NAMES:
                missing.append((name_of(block), name))
    assert missing == []


def _asked(name: str) -> list[str]:
    try:
        return requires(name) or []
    except ModuleNotFoundError:  # for another system or Python
        return []
