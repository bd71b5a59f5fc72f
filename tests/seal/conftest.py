"""A small county whose ledger was sealed twice and went on."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks.sealing import make
from tests.store.tiny import MONDAY, Tiny, finding, life


@dataclass(frozen=True)
class Office:
    """A home and the files of its seals, as somebody else holds them, oldest first."""

    tiny: Tiny
    held: tuple[Path, ...]


def bring(tiny: Tiny, day: int, *names: str) -> int:
    """Findings and their lives; when that was."""
    at = MONDAY + day * DAY_MS
    rows = [row for name in names for row in life(name, at, to="submitted")]
    tiny.bring(at + 12 * HOUR_MS, [finding(name, at) for name in names], rows)
    return at + 12 * HOUR_MS


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Office:
    tiny = Tiny.make(tmp_path_factory.mktemp("sealed"), migrated_file)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    held = []
    for day, names in enumerate((("F1", "F2"), ("F3", "F4", "F5"))):
        at = bring(tiny, day, *names)
        done = make(tiny.county, at + HOUR_MS, "封存员孙虚构")
        file = elsewhere / done.file.name
        file.write_bytes((tiny.county.home / done.file).read_bytes())
        held.append(file)
    bring(tiny, 2, "F6")
    return Office(tiny, tuple(held))


@pytest.fixture
def office(sealed_once: Office, tmp_path: Path) -> Office:
    return Office(sealed_once.tiny.copied(tmp_path / "office"), sealed_once.held)
