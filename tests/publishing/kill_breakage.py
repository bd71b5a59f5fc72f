"""Broken ways of publishing that the kill test must catch; only its children install them."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def in_place() -> None:
    """An edition's files are written where they are read."""
    from tasks.publication import shelf

    def put(home: Path, folder: Path, files: Mapping[str, bytes]) -> None:
        target = home / folder
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name, content in files.items():
            (target / name).write_bytes(content)

    shelf.put = put


def pointer_first() -> None:
    """The latest edition is named before the ledger knows it."""
    from tasks.publication import releasing, shelf

    enter = releasing.enter

    def too_late(county: Any, edition: Any, folder: str, *rest: Any, **more: Any) -> None:
        shelf.point(county.home, Path(folder))
        enter(county, edition, folder, *rest, **more)

    releasing.enter = too_late


BREAKAGES = {"in_place": in_place, "pointer_first": pointer_first}
