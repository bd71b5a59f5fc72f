"""The shelf of published editions: immutable folders that appear whole or not at all.

    editions/<county>/<kind>/<period>/<number>/edition.json, bulletin.zh.html, …
    editions/<county>/<kind>/<period>/latest        the number of the latest edition

Files are written aside, fsynced and renamed as a folder; then the ledger row is committed; then
the pointer is renamed. A folder without a ledger row was left by a crash and is replaced.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

POINTER = "latest"
MAKING = ".making-"  # how folders begin that nobody reads
DOCUMENT, ITEMS = "edition.json", "items.json"


def folder_of(county: str, kind: str, period: str, number: int) -> Path:
    """Relative to the home."""
    return Path("editions") / county / kind / period / str(number)


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def put(home: Path, folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder appear with these files, replacing what a crash left there."""
    target = home / folder
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(home, folder)
    aside = Path(mkdtemp(prefix=MAKING, dir=target.parent))
    for name, content in files.items():
        _write(aside / name, content)
    sync(aside)
    aside.chmod(0o755)
    left = Path(mkdtemp(prefix=MAKING, dir=target.parent))
    if target.exists():  # taken away whole: a folder half removed could be read
        target.rename(left / target.name)
    aside.rename(target)
    sync(target.parent)
    shutil.rmtree(left)


def read(home: Path, folder: str, name: str) -> bytes:
    """A file as it lies there, empty where it is missing."""
    path = home / folder / name
    return path.read_bytes() if path.is_file() else b""


def point(home: Path, folder: Path) -> None:
    """Say that this edition is the latest of its period."""
    target = home / folder.parent / POINTER
    aside = target.with_suffix(".new")
    _write(aside, f"{folder.name}\n".encode())
    aside.rename(target)
    sync(target.parent)


def is_latest(home: Path, folder: Path) -> bool:
    """Whether the pointer names this edition."""
    target = home / folder.parent / POINTER
    return target.is_file() and target.read_text("utf-8") == f"{folder.name}\n"


def sweep(home: Path, folder: Path) -> None:
    """Remove what a crash left half-made beside an edition."""
    for left in (home / folder.parent).glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)


def damaged(home: Path, folder: str, expected: Mapping[str, str]) -> list[str]:
    """Names of files that are missing or are not what was published."""
    return [
        name
        for name, digest in expected.items()
        if not (home / folder / name).is_file()
        or hashlib.sha256((home / folder / name).read_bytes()).hexdigest() != digest
    ]


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
