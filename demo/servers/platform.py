"""The inspection platform, which also serves the registry and the upper platform's listings.

    GET /api/v1/feed | /api/v1/places | /api/v1/listings
        ?page=1&page_size=500&updated_since=2025-03-03T00:00:00+08:00
    Authorization: Bearer …

Promise: paged JSON in the order rows were sent; 401 without the token, 400 for what cannot be read,
404 for other paths. Page sizes are clamped to 1000 without a word, as real servers do.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from demo.feeds import Feeds, page
from demo.servers.faults import HTML_PAGE, Faults
from demo.servers.now import Now
from demo.servers.web import HANG_SECONDS, HTML, Answer, Query, Web

PATHS = {
    "/api/v1/places": "registry",
    "/api/v1/feed": "inspection",
    "/api/v1/listings": "upper",
}
MAX_PAGE = 1000


class Platform:
    """The three lists of one server."""

    def __init__(self, feeds: Feeds, now: Now, faults: Faults, tokens: Mapping[str, str]) -> None:
        self.feeds, self.now, self.faults, self.tokens = feeds, now, faults, tokens
        self.web = Web(self.respond)

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Answer:
        source = PATHS.get(path)
        if source is None:
            return _error(404, f"no such list: {path}")
        fault = self.faults.of(source)
        if fault in ("down", "hang", "html"):
            return broken(self.web, fault)
        if headers.get("Authorization") != f"Bearer {self.tokens[source]}":
            return _error(401, "a bearer token is needed")
        try:
            number, size = int(query.get("page", 1)), int(query.get("page_size", 100))
            since = instant(query.get("updated_since", ""))
        except ValueError as error:
            return _error(400, f"cannot read the query: {error}")
        rows = self.feeds.rows(source, since, self.now.ms)
        rows = [] if fault == "empty" else rows
        rows = [_renamed(r) for r in rows] if fault == "renamed_column" else rows
        return Answer(page(rows, max(1, number), min(max(1, size), MAX_PAGE)))


def broken(web: Web, fault: str) -> Answer:
    """503, a page of HTML, or an answer that does not come."""
    if fault == "hang":
        web.stopping.wait(HANG_SECONDS)
    if fault == "html":
        return Answer(HTML_PAGE, 200, HTML)
    return _error(503, "under maintenance")


def instant(text: str) -> int:
    """UTC ms of an ISO 8601 time with its offset; 0 for blank. ValueError otherwise."""
    if not text:
        return 0
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return int(moment.timestamp() * 1000)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """The vendor renamed the column that says where, or which hazard."""
    names = {"town": "town_name", "hazard_no": "hazardNo"}
    return {names.get(name, name): value for name, value in row.items()}


def _error(status: int, text: str) -> Answer:
    return Answer(orjson.dumps({"error": text}), status)
