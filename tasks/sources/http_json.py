"""Paged JSON over HTTP: every page from the cursor on, one part per page, byte for byte.

`paging` says how the next page is asked for: by its number, by the rows so far (offset), by a token
or by a link that the page names. A numbered page that is empty, repeats an earlier one or is
shorter than one before it ends the pull. A short *first* page does not: servers clamp page sizes
silently. A token or a link ends with the page that names none, or one that was followed already.

The cursor is the greatest `updated_field` seen that does not lie in the future; a pull asks from
the cursor minus the overlap, so that a row committed late under an older time is still seen. Where
the server gives validators, a pull that would ask the very same again asks whether anything is new
(304: a delivery without rows).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from schemas.connectors import HttpJson, Snapshot
from tasks.intake.reading_json import Malformed, glance, page_rows
from tasks.sources.base import Part, Pulled, PullRequest
from tasks.sources.cursors import earlier, latest
from tasks.sources.http import Answer, Client
from tasks.sources.http_address import joined
from tasks.sources.http_auth import credentials
from tasks.sources.validators import Mark, Validator, request_digest, unvouched, validator

MAX_PAGES = 100_000
ACCEPT = {"Accept": "application/json"}


@dataclass(frozen=True)
class Page:
    """One good answer: its bytes, how many rows, what they say of time, and who comes next.

    `latest` is the greatest `updated_field`, `following` the next cursor or link, "" for none; the
    rows themselves are not kept.
    """

    content: bytes = field(repr=False)
    count: int
    digest: str
    latest: str
    following: str
    vouched: Validator


def pull(request: PullRequest) -> Iterator[Pulled]:
    """Yield one delivery: all pages since the cursor. Raises SourceDown, SourceRefused."""
    connector = request.declaration.connector
    assert isinstance(connector, HttpJson)
    mark = Mark.of(request.cursor)
    with Client(request, credentials(request, connector), ACCEPT) as client:
        feed = _Feed(client, connector, mark.at)
        if feed.says_nothing_new(mark):
            yield Pulled((), "json", request.name, None, request.cursor)
            return
        pages = list(feed.pages())
    parts = tuple(Part(f"page-{n:05d}.json", p.content) for n, p in enumerate(pages, 1))
    at = latest((p.latest for p in pages), mark.at, request.now)
    yield Pulled(parts, "json", request.name, None, Mark(at, feed.vouched(pages)).text())


@dataclass
class _Feed:
    """The pages of one pull; `beyond` vouches for the answer that ended it and is no page of it."""

    client: Client
    connector: HttpJson
    since: str
    beyond: tuple[Validator, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Pages are asked for by our own count, not by what the page before them names."""
        return self.connector.paging in ("page", "offset")

    def pages(self) -> Iterator[Page]:
        seen: set[str] = set()
        fullest = rows = 0
        following = ""
        for number in range(1, MAX_PAGES + 1):
            page = self._page(number, rows, following)
            if page is None:
                self.beyond = (unvouched(rows),)
                return
            if self.is_counted and number > 1 and (not page.count or page.digest in seen):
                self.beyond = (page.vouched,)
                return
            yield page
            if self._is_last(page, fullest, seen):
                return
            fullest, rows, following = max(fullest, page.count), rows + page.count, page.following
            seen |= {page.digest, following}
        reason = f"{self.connector.path} has more than {MAX_PAGES:,} pages"
        raise self.client.down(reason, "oversize")

    def _is_last(self, page: Page, fullest: int, seen: set[str]) -> bool:
        if self.is_counted:
            return not page.count or page.count < fullest
        return not page.following or page.following in seen

    def says_nothing_new(self, mark: Mark) -> bool:
        """The requests of the last pull are those of this one, and all are answered with 304."""
        asked = [self._params(n, v.after, "") for n, v in enumerate(mark.asked, 1)]
        if not asked or [self._digest(p) for p in asked] != [v.asked for v in mark.asked]:
            return False
        path = self.connector.path
        return all(
            self.client.get(path, params, vouched.headers).status == 304
            for params, vouched in zip(asked, mark.asked, strict=True)
        )

    def vouched(self, pages: list[Page]) -> tuple[Validator, ...]:
        """Validators of all answers, where the same requests can be made again without them."""
        found = (*(page.vouched for page in pages), *self.beyond)
        return found if self.is_counted or len(found) == 1 else ()

    def _page(self, number: int, rows: int, following: str) -> Page | None:
        """One page; None past the end, which some servers answer with 404."""
        params = self._params(number, rows, following)
        if self.connector.paging == "link" and following:
            answer = self.client.follow(following)
        else:
            answer = self.client.get(self.connector.path, params)
        if number > 1 and answer.status == 404 and self.is_counted:
            return None
        document, found = read_json(self.client, answer, self.connector)
        return Page(
            answer.content,
            len(found),
            hashlib.sha256(orjson.dumps(found)).hexdigest(),
            latest(_values(found, self.connector.updated_field), "", self.client.request.now),
            self._following(document, answer),
            validator(rows, self._digest(params), answer.headers),
        )

    def _params(self, number: int, rows: int, following: str) -> dict[str, str]:
        connector = self.connector
        place = {"page": str(number), "offset": str(rows), "cursor": following}
        params: dict[str, str] = {}
        if position := place.get(connector.paging):
            params[connector.page_parameter or connector.paging] = position
        if connector.size_parameter:
            params[connector.size_parameter] = str(connector.page_size)
        if connector.since_parameter and self.since:
            params[connector.since_parameter] = earlier(self.since, connector.overlap_minutes)
        return params

    def _digest(self, params: dict[str, str]) -> str:
        return request_digest(self.client.under(self.connector.path), params)

    def _following(self, document: object, answer: Answer) -> str:
        """The next cursor, or the whole address of the next page; "" after the last."""
        if self.is_counted:
            return ""
        if self.connector.next_field is None:
            return answer.next_url
        named = value_at(document, self.connector.next_field)
        if named is None or named == "":
            return ""
        if isinstance(named, bool) or not isinstance(named, str | int):
            reason = f"{answer.path}: {self.connector.next_field} (next_field) is no cursor or link"
            raise self.client.refused(reason, "content")
        following = str(named)
        return joined(answer.url, following) if self.connector.paging == "link" else following


def read_json(
    client: Client, answer: Answer, connector: HttpJson | Snapshot
) -> tuple[object, list[object]]:
    """(the document, its rows) of a good answer. Raises SourceDown, SourceRefused."""
    if answer.is_html:
        raise client.refused(
            f"{answer.path} answers an HTML page instead of JSON (HTTP {answer.status}): a login or"
            f" error page; look at it in a browser and check {client.request.setting('url')}",
            "html",
        )
    if answer.status != 200:
        raise client.down(f"{answer.path} answers HTTP {answer.status}", "http")
    try:
        document = glance(answer.content)
        return document, page_rows(document, connector)
    except Malformed as error:
        raise client.refused(f"{answer.path}: {error}", "content") from None


def value_at(document: object, path: str) -> object:
    """What stands at a dotted path; None where nothing does."""
    for step in path.split("."):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def _values(rows: list[object], name: str | None) -> Iterator[object]:
    return (value_at(row, name) for row in rows) if name else iter(())
