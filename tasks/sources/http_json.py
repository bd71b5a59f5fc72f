"""Paged JSON over HTTP: every page from the cursor on, one part per page, byte for byte.

A page that is empty, repeats an earlier one or is shorter than one before it ends the pull. A short
*first* page does not: servers clamp page sizes silently. The cursor is the greatest `updated_field`
seen that does not lie in the future; a pull asks from the cursor minus the overlap, so that a row
committed late under an older time is still seen.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from schemas.connectors import HttpJson
from tasks.intake.reading_json import Malformed, page_rows
from tasks.sources.base import Part, Pulled, PullRequest
from tasks.sources.cursors import earlier, latest
from tasks.sources.http import Answer, Client, token_of

MAX_PAGES = 100_000


@dataclass(frozen=True)
class _Page:
    content: bytes
    rows: list[object]

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(orjson.dumps(self.rows)).digest()


def pull(request: PullRequest) -> Iterator[Pulled]:
    """Yield one delivery: all pages since the cursor. Raises SourceDown, SourceRefused."""
    connector = request.declaration.connector
    assert isinstance(connector, HttpJson)
    with Client(request, _headers(request, connector)) as client:
        pages = list(_pages(client, connector))
    parts = tuple(Part(f"page-{n:05d}.json", p.content) for n, p in enumerate(pages, 1))
    cursor = latest(_updated(pages, connector), request.cursor, request.now)
    yield Pulled(parts, "json", request.name, None, cursor)


def _headers(request: PullRequest, connector: HttpJson) -> dict[str, str]:
    token = token_of(request)
    headers = {"Accept": "application/json"}
    return headers | ({connector.token_header: connector.token_prefix + token} if token else {})


def _pages(client: Client, connector: HttpJson) -> Iterator[_Page]:
    seen: set[bytes] = set()
    fullest = 0
    for number in range(1, MAX_PAGES + 1):
        page = _page(client, connector, number)
        if number > 1 and (page is None or not page.rows or page.digest in seen):
            return
        assert page is not None
        yield page
        seen.add(page.digest)
        if not page.rows or len(page.rows) < fullest:
            return
        fullest = max(fullest, len(page.rows))
    raise client.down(f"{connector.path} has more than {MAX_PAGES:,} pages", "oversize")


def _page(client: Client, connector: HttpJson, number: int) -> _Page | None:
    """One page; None past the end, which some servers answer with 404."""
    answer = client.get(connector.path, _params(client.request, connector, number))
    if number > 1 and answer.status == 404:
        return None
    return _Page(answer.content, _rows(client, connector, answer))


def _params(request: PullRequest, connector: HttpJson, number: int) -> dict[str, str]:
    params = {
        connector.page_parameter: str(number),
        connector.size_parameter: str(connector.page_size),
    }
    if connector.since_parameter and request.cursor:
        params[connector.since_parameter] = earlier(request.cursor, connector.overlap_minutes)
    return params


def _rows(client: Client, connector: HttpJson, answer: Answer) -> list[object]:
    if answer.is_html:
        raise client.refused(
            f"{answer.path} answers an HTML page instead of JSON (HTTP {answer.status}): a login or"
            f" error page; look at it in a browser and check {client.request.setting('url')}",
            "html",
        )
    if answer.status != 200:
        raise client.down(f"{answer.path} answers HTTP {answer.status}", "http")
    try:
        return page_rows(orjson.loads(answer.content), connector)
    except orjson.JSONDecodeError as error:
        reason = f"{answer.path} answers what is not JSON: {error.msg} at byte {error.pos}"
        raise client.refused(reason, "content") from None
    except Malformed as error:
        raise client.refused(f"{answer.path}: {error}", "content") from None


def _updated(pages: list[_Page], connector: HttpJson) -> Iterator[object]:
    if connector.updated_field is None:
        return
    steps = connector.updated_field.split(".")
    for page in pages:
        for row in page.rows:
            value: object = row
            for step in steps:
                value = value.get(step) if isinstance(value, dict) else None
            yield value
