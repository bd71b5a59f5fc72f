"""The shelf of a province's issues, the same as a county's: folders that appear whole.

    province/CODE/KIND/PERIOD/NUMBER/province.json, bulletin.zh.html, …, SHA256SUMS
    province/CODE/KIND/PERIOD/latest

`SHA256SUMS` is what `sha256sum -c` reads.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import orjson

from schemas.province import ProvinceEdition
from tasks.publication import shelf

ROOT, DOCUMENT, SUMS = "province", "province.json", "SHA256SUMS"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """One writer of a province's shelf at a time; whoever comes second waits."""
    folder = home / ROOT
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def folder_of(province: str, kind: str, period: str, number: int) -> Path:
    """Relative to the home."""
    return Path(ROOT) / province / kind / period / str(number)


def numbers(home: Path, province: str, kind: str, period: str) -> list[int]:
    """Numbers of the issues of a period, in order."""
    found = (home / folder_of(province, kind, period, 0)).parent.glob("*")
    return sorted(int(f.name) for f in found if f.name.isdigit() and f.is_dir())


def periods(home: Path, province: str) -> list[tuple[str, str]]:
    """(kind, period) of everything that is on the shelf."""
    found = (f.relative_to(home / ROOT / province) for f in (home / ROOT / province).glob("*/*"))
    return sorted((path.parts[0], path.parts[1]) for path in found)


def read(home: Path, folder: Path) -> ProvinceEdition:
    return cast(ProvinceEdition, orjson.loads((home / folder / DOCUMENT).read_bytes()))


def put(home: Path, folder: Path, files: Mapping[str, bytes]) -> None:
    """Folder first, then the pointer."""
    sums = "".join(f"{sha}  {name}\n" for name, sha in sorted(shelf.digests(files).items()))
    shelf.put(home, folder, {**files, SUMS: sums.encode()})
    shelf.point(home, folder)


def expected(home: Path, folder: Path) -> dict[str, str]:
    """File → digest, as they were published; empty where that is gone."""
    lines = shelf.read(home, str(folder), SUMS).decode("utf-8", "replace").splitlines()
    pairs = (line.split("  ", 1) for line in lines if "  " in line)
    return {name: sha for sha, name in pairs}
