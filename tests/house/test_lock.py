"""The lock: pinned, hashed, without an address, and in step with pyproject.toml."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.code import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]+\])?==([^ ;\\]+)", re.MULTILINE)


def _pins() -> dict[str, list[Version]]:
    """A name may be pinned more than once, under markers that exclude each other."""
    pins: dict[str, list[Version]] = {}
    for name, version in PINS.findall(LOCK):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    return pins


def test_the_lock_names_no_address() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*--(?!hash=)", LOCK, re.MULTILINE)


def test_every_pin_has_a_hash() -> None:
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", LOCK)[1:]
    assert len(blocks) > 100
    assert [b.splitlines()[0] for b in blocks if "--hash=sha256:" not in b] == []


def _wanted() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]


@pytest.mark.parametrize("line", _wanted())
def test_the_lock_satisfies_what_the_project_asks_for(line: str) -> None:
    wanted = Requirement(line)
    pinned = _pins().get(canonicalize_name(wanted.name), [])
    assert pinned, f"{wanted.name} is not in the lock: make lock"
    assert all(wanted.specifier.contains(v, prereleases=True) for v in pinned)


def test_the_two_pins_without_which_prefect_is_silently_broken_hold() -> None:
    pins = _pins()
    # Under 2.1 Prefect's scheduler creates no run; from 0.151 on nobody has tried its server.
    assert all(v < Version("2.1") for v in pins["sqlalchemy"])
    assert all(v < Version("0.151") for v in pins["fastapi"])


def test_the_project_itself_carries_the_two_pins() -> None:
    ranges = {Requirement(d).name: Requirement(d).specifier for d in PROJECT["dependencies"]}
    assert not ranges["sqlalchemy"].contains("2.1.0")
    assert not ranges["fastapi"].contains("0.151.0")
