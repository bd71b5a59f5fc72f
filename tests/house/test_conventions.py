"""Conventions that a reader relies on, and what must never be in the repository."""

import os
import re

import pytest

from tests.house.code import PACKAGES, ROOT, modules, text_files

# Bracketed letters, so that this file does not find itself.
ADDRESSES = re.compile(
    r"py[p]i\.(org|python)|python[h]osted\.org|registry\.n[p]mjs|deb\.de[b]ian\.org"
    r"|archive\.u[b]untu\.com|--(extra-)?index-u[r]l|--trusted-h[o]st"
)
MACHINE_PATHS = re.compile(r"(?<![\w.:/*$}-])/(home|root|Users|tmp|work)/[\w.]")


def test_every_module_opens_with_its_contract() -> None:
    bare = [m.path for m in modules(*PACKAGES, "bench", "tools") if not _docstring(m.text)]
    assert bare == []


def _docstring(text: str) -> bool:
    return text.lstrip().startswith(('"""', 'r"""'))


def test_every_package_file_is_empty_and_tests_have_none() -> None:
    inits = [p for name in PACKAGES for p in (ROOT / name).rglob("__init__.py")]
    assert [str(p) for p in inits if p.read_bytes()] == []
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_a_package_with_modules_is_a_package(package: str) -> None:
    # Alembic loads its files by path.
    files = (p for p in (ROOT / package).rglob("*.py") if "migrations" not in p.parts)
    folders = {p.parent for p in files}
    assert [str(f) for f in folders if not (f / "__init__.py").exists()] == []


def test_no_file_names_a_package_registry_or_how_to_reach_one() -> None:
    assert _hits(ADDRESSES) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert _hits(MACHINE_PATHS) == []
    assert _hits(re.compile(re.escape(str(ROOT)) + r"\b")) == []


def _hits(words: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number} {line.strip()[:80]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if words.search(line)
    ]


def test_a_registry_address_would_be_found() -> None:
    assert ADDRESSES.search("https://" + "py" + "pi.org/simple")
    assert MACHINE_PATHS.search("home = '" + "/ho" + "me/li/data'")
    assert not MACHINE_PATHS.search("https://city.example/home/page/1")


def test_every_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE))
    assert targets - explained == set()


def test_ci_runs_the_tests_the_way_a_developer_does() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert "set -euo pipefail" in text
    for target in ("test", "lint", "types", "contracts"):
        assert re.search(rf"^make {target}\b", text, re.MULTILINE), target
