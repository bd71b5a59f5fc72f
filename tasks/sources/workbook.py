"""Files dropped into a folder: one delivery per file, unit and period taken from its name.

The cursor is the greatest change time (ctime, which copying cannot set back) of what was taken:
files changed before it are not offered again, those changed at that very instant are, and landing
the same bytes again is nothing new. Files that Excel, WPS or a copying program still hold are left
for the next time. A file that cannot be read, or a table whose name says neither unit nor period,
does not stop the others: they are yielded first, then SourceDown names every file that gave
nothing, and the cursor stays before the first of them.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from schemas.connectors import Workbook
from tasks.intake.reading_files import probe
from tasks.intake.reading_malformed import Malformed
from tasks.sources.base import Media, Part, Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.correction import correction

# Names of locks and of files that are still being written.
HELD = re.compile(r"^(~\$|\.|~)|(~|\.(tmp|part|partial|crdownload|download|swp|lock))$", re.I)
MEDIA: dict[str, Media] = {
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".ods": "ods",
    ".csv": "csv",
    ".tsv": "tsv",
}
TABLE_SUFFIXES = (*MEDIA, ".xlsm", ".xlsb", ".et")
NAMED = 20  # files that a message names

_WEEK = re.compile(r"(\d{4})\s*[-_年]?\s*[Ww第]?\s*(\d{1,2})\s*周?")
_probed: dict[tuple[str, str, str], bool] = {}


def pull(request: PullRequest) -> Iterator[Pulled]:
    """Yield one delivery per readable file. Raises SourceDown, at the end, for the others."""
    bad: list[str] = []
    cursor = request.cursor
    for changed, path in _files(request):
        try:
            pulled = _pulled(path, request)
        except (Malformed, OSError) as error:
            reason = str(error) if isinstance(error, Malformed) else type(error).__name__
            bad.append(f"{path.name}: {reason}")
            continue
        cursor = cursor if bad else str(changed)
        if pulled is not None:
            yield replace(pulled, cursor_after=cursor)
    if bad:
        more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        reason = f"{len(bad)} file(s) could not be taken: {'; '.join(bad[:NAMED])}{more}"
        raise SourceDown(request.name, reason, "content")


def _files(request: PullRequest) -> list[tuple[int, Path]]:
    """(change time in ns, file) of what changed since the cursor, oldest change first."""
    folder = request.settings.folder
    if folder is None:
        raise SourceRefused(request.name, f"set {request.setting('folder')}", "settings")
    try:
        files = [
            p for p in folder.expanduser().iterdir() if p.is_file() and not HELD.search(p.name)
        ]
        since = int(request.cursor or 0)
        found = [(path.stat().st_ctime_ns, path) for path in files]
        return sorted((changed, path) for changed, path in found if changed >= since)
    except OSError as error:
        why = f"the folder cannot be read ({type(error).__name__})"
        reason = f"{why}; see {request.setting('folder')}"
        raise SourceDown(request.name, reason, "files") from None


def _pulled(path: Path, request: PullRequest) -> Pulled | None:
    """A file's delivery; None for a file that is no table at all."""
    connector = request.declaration.connector
    assert isinstance(connector, Workbook)
    if (returned := correction(path, request)) is not None:
        return returned
    found = re.search(connector.name, path.name)
    if found is None:
        _refuse_table(path)
        return None
    groups = found.groupdict()
    period = normal_period(groups["period"]) if groups.get("period") else None
    media = _media(path)
    content = _content(path, request)
    nil = _probe(content, media, connector)
    unit = groups.get("unit") or request.name
    return Pulled((Part(path.name, content),), media, unit, period, "", nil)


def _refuse_table(path: Path) -> None:
    if path.suffix.lower() in TABLE_SUFFIXES:
        raise Malformed("the name does not say who reports for when; rename it as agreed")


def _media(path: Path) -> Media:
    media = MEDIA.get(path.suffix.lower())
    if media is None:
        raise Malformed(f"{path.suffix or 'no suffix'} is not read; save it as .xlsx or .csv")
    return media


def _content(path: Path, request: PullRequest) -> bytes:
    size, limit = path.stat().st_size, request.settings.max_bytes
    if size > limit:
        raise Malformed(f"{size:,} bytes; {request.setting('max_bytes')} allows {limit:,}")
    content = path.read_bytes()
    if len(content) != size:
        raise Malformed("is still being written; it is taken at the next pull")
    return content


def _probe(content: bytes, media: Media, connector: Workbook) -> bool:
    """`probe`, remembered by content: the same files are offered at every pull."""
    key = (hashlib.sha256(content).hexdigest(), media, connector.model_dump_json())
    if key not in _probed:
        if len(_probed) >= 10_000:
            _probed.clear()
        _probed[key] = probe(content, media, connector)
    return _probed[key]


def normal_period(text: str) -> str:
    """A week as people write it (2025-W10, 2025W10, 2025年第10周, or any day in it) as `2025-W10`.

    Raises Malformed for what is neither.
    """
    try:
        return _week_code(text.strip())
    except ValueError:
        raise Malformed(f"{text!r} is no week; write it as 2025-W10") from None


def _week_code(text: str) -> str:
    found = _WEEK.fullmatch(text)
    if found is None:
        return _code(date.fromisoformat(text))
    return _code(date.fromisocalendar(int(found[1]), int(found[2]), 1))


def _code(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
