"""A list that is whole each time: one delivery per snapshot, from a URL or from files by name.

Rows are what a snapshot lists. A row like the last time is nothing new, a changed one is a revision
(both by the ledger's own digests), and a row that is missing means nothing: what left the list may
be done, hidden or forgotten, and when it comes back it is the hazard it was. Gzip is taken off
before landing, because the same list compressed twice is not the same bytes.

From a URL, a list that has not changed since (304) is a delivery without rows. From a folder, files
come in the order of their names; the cursor is a change time (ctime, ns) before which nothing is
left to take, so a file that arrives late under an early name is still taken. A file that cannot be
read does not stop the others: SourceDown names it at the end, and the cursor stays before it.
"""

import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from schemas.connectors import Snapshot
from tasks.intake.reading_json import Malformed, page_rows, parse
from tasks.sources.base import Part, Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.http import Client
from tasks.sources.http_auth import credentials
from tasks.sources.http_json import ACCEPT, read_json
from tasks.sources.validators import Mark, request_digest, validator

GZIP = b"\x1f\x8b"
NAMED = 20  # files that a message names


def pull(request: PullRequest) -> Iterator[Pulled]:
    """Yield a delivery per snapshot. Raises SourceDown, SourceRefused."""
    settings = request.settings
    if (settings.url is None) == (settings.folder is None):
        reason = f"set either {request.setting('url')} or its folder"
        raise SourceRefused(request.name, reason, "settings")
    connector = request.declaration.connector
    assert isinstance(connector, Snapshot)
    if settings.folder is None:
        return iter([_from_url(request, connector)])
    return _from_folder(request, connector, settings.folder.expanduser())


def _from_url(request: PullRequest, connector: Snapshot) -> Pulled:
    mark = Mark.of(request.cursor)
    with Client(request, credentials(request, connector), ACCEPT) as client:
        asked = request_digest(client.under(connector.path), {})
        before = [v for v in mark.asked if v.asked == asked]
        answer = client.get(connector.path, {}, before[0].headers if before else {})
        if before and answer.status == 304:
            return Pulled((), "json", request.name, None, request.cursor)
        try:
            answer = replace(answer, content=unzipped(answer.content, request))
        except Malformed as error:
            raise client.refused(f"{answer.path}: {error}", "content") from None
        read_json(client, answer, connector)
    cursor = Mark("", (validator(0, asked, answer.headers),)).text()
    return Pulled((Part("snapshot.json", answer.content),), "json", request.name, None, cursor)


def _from_folder(request: PullRequest, connector: Snapshot, folder: Path) -> Iterator[Pulled]:
    bad: list[str] = []
    files = _files(request, connector, folder)
    held = sys.maxsize  # the least change time of a bad file
    for (path, changed), untaken in zip(files, _untaken(files), strict=True):
        try:
            content = _content(path, request)
            page_rows(parse(content), connector)
        except (Malformed, OSError) as error:
            reason = str(error) if isinstance(error, Malformed) else type(error).__name__
            bad.append(f"{path.name}: {reason}")
            held = min(held, changed)
            continue
        cursor = str(min(held, untaken))
        yield Pulled((Part(path.name, content),), "json", request.name, None, cursor)
    if bad:
        more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        reason = f"{len(bad)} file(s) could not be taken: {'; '.join(bad[:NAMED])}{more}"
        raise SourceDown(request.name, reason, "files")


def _files(request: PullRequest, connector: Snapshot, folder: Path) -> list[tuple[Path, int]]:
    """(snapshot, change time in ns) of those changed since the cursor, in the order of names."""
    since = int(request.cursor) if request.cursor.isdecimal() else 0  # it may have been a URL
    try:
        named = [p for p in folder.iterdir() if re.search(connector.name, p.name)]
        paths = sorted(p for p in named if p.is_file() and not p.name.startswith((".", "~")))
        return [(p, changed) for p in paths if (changed := p.stat().st_ctime_ns) >= since]
    except OSError as error:
        why = f"the folder cannot be read ({type(error).__name__})"
        raise SourceDown(request.name, f"{why}; see {request.setting('folder')}", "files") from None


def _untaken(files: list[tuple[Path, int]]) -> list[int]:
    """After each file: the least change time of those behind it; after the last, the greatest."""
    times = [changed for _, changed in files]
    behind = list(accumulate(reversed(times[1:]), min))[::-1]
    return [*behind, max(times)] if times else []


def _content(path: Path, request: PullRequest) -> bytes:
    size, limit = path.stat().st_size, request.settings.max_bytes
    if size > limit:
        raise Malformed(f"{size:,} bytes; {request.setting('max_bytes')} allows {limit:,}")
    return unzipped(path.read_bytes(), request)


def unzipped(content: bytes, request: PullRequest) -> bytes:
    """Content without its gzip, if it has one. Raises Malformed: broken, or beyond max_bytes."""
    if not content.startswith(GZIP):
        return content
    limit = request.settings.max_bytes
    opened = zlib.decompressobj(wbits=31)
    try:
        plain = opened.decompress(content, limit + 1)
    except zlib.error:
        raise Malformed("gzip that is damaged") from None
    if len(plain) > limit:
        reason = f"gzip of more than {limit:,} bytes; see {request.setting('max_bytes')}"
        raise Malformed(reason)
    if not opened.eof or opened.unused_data:
        raise Malformed("gzip that is cut off, or has something behind it")
    return plain
