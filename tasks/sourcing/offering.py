"""What a source gives, for looking at only: landed into a folder that is thrown away.

Reporters are replaced by a word before anything is written, as landing would seal them; the vault,
the landing folder and the cursor are not touched.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from schemas.connectors import Open311, Workbook
from schemas.source import SourceDeclaration
from tasks.county import County
from tasks.intake.landing import Delivery, SealRequest, land
from tasks.sources.base import Media, Part, Pulled, PullRequest
from tasks.sources.registry import puller
from tasks.sources.workbook import MEDIA
from tasks.store import submissions
from tasks.store.engine import reading

SEALED = "sealed"
_FEEDS: dict[str, Media] = {".json": "json", ".xml": "xml"}
SUFFIXES = (*MEDIA, *_FEEDS)


class SampleRefused(Exception):
    """A sample that cannot be used; the message says why and what to do."""


def files_of(sample: Path) -> list[Path]:
    """The files that a sample consists of: itself, or those of its folder. Raises SampleRefused."""
    if not sample.exists():
        raise SampleRefused(f"{sample} does not exist; name a file, or a folder of files")
    found = sorted(p for p in sample.iterdir() if p.is_file()) if sample.is_dir() else [sample]
    usable = [p for p in found if p.suffix.lower() in SUFFIXES and p.is_file()]
    if not usable:
        raise SampleRefused(
            f"{sample} holds no file that can be read; known: {', '.join(SUFFIXES)}"
        )
    return usable


def media_of(path: Path) -> Media:
    return {**_FEEDS, **MEDIA}[path.suffix.lower()]


@contextmanager
def laid_out(
    declaration: SourceDeclaration, offered: Iterator[Pulled], now: int, county: str
) -> Iterator[tuple[Delivery, ...]]:
    """The deliveries as landing would store them, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="bihuan-") as folder:
        yield tuple(
            land(Path(folder), declaration, pulled, now, 0, seal=_no_vault, county=county)
            for pulled in offered
        )


def pulled_now(county: County, declaration: SourceDeclaration, now: int) -> Iterator[Pulled]:
    """What the source would give the next collect. Raises SourceDown, ConfigurationError."""
    with reading(county.engine) as connection:
        cursor, _ = submissions.cursor(connection, county.code, declaration.name)
    settings = county.source_settings(declaration.name)
    yield from puller(declaration)(PullRequest(declaration, settings, cursor, now))


def sampled(declaration: SourceDeclaration, sample: Path) -> Iterator[Pulled]:
    """A file, or the files of a folder, as if the source had given them. Raises SampleRefused."""
    for path in files_of(sample):
        pulled = Pulled(
            (Part(_part_name(declaration, path), path.read_bytes()),),
            media_of(path),
            declaration.name,
            None,
            "",
        )
        yield _as_reported(declaration, path, pulled)


def _as_reported(declaration: SourceDeclaration, path: Path, pulled: Pulled) -> Pulled:
    """A workbook's unit, where the file's name says it."""
    if not isinstance(declaration.connector, Workbook):
        return pulled
    found = re.search(declaration.connector.name, path.name)
    unit = found.groupdict().get("unit") if found else None
    return replace(pulled, reporting_unit=unit or declaration.name)


def _part_name(declaration: SourceDeclaration, path: Path) -> str:
    """A GeoReport page is told by its name: requests, or the updates of requests."""
    if isinstance(declaration.connector, Open311):
        return "update-1" if "update" in path.stem.lower() else "request-1"
    return path.name


def _no_vault(requests: list[SealRequest]) -> list[str]:
    return [SEALED] * len(requests)
