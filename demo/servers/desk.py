"""The complaints desk: Open311 GeoReport v2, JSON and XML, with the updates extension.

    GET /open311/v2/services.json            /services/{code}.json
        /requests.json?start_date=&end_date=&status=&service_code=&service_request_id=&page=
        /requests/{id}.json                  /servicerequestupdates.json?start_date=&end_date=

Promise: dates filter requested_datetime (updates: updated_datetime) and span at most 90 days, the
latest 90 by default; `page`/`page_size` is an extension, a page past the end is an empty list.
Errors are lists of {code, description}. Requests show reporter fields, of nobody who exists.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import orjson

from demo import words
from demo.feeds import Feeds
from demo.servers.faults import Faults
from demo.servers.now import Now
from demo.servers.platform import broken, instant
from demo.servers.web import JSON, XML, Answer, Query, Web
from schemas.period import DAY_MS

BASE = "/open311/v2/"
LONGEST_MS = 90 * DAY_MS + 1000  # clients round to whole seconds
PAGE = 200
Rows = Sequence[Mapping[str, Any]]


class BadQuery(Exception):
    """What the desk answers with an error instead of rows."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Desk:
    """One GeoReport endpoint."""

    def __init__(self, feeds: Feeds, now: Now, faults: Faults) -> None:
        self.feeds, self.now, self.faults = feeds, now, faults
        self.web = Web(self.respond)

    def respond(self, path: str, query: Query, headers: Mapping[str, str]) -> Answer:
        fault = self.faults.of("complaints")
        if fault in ("down", "hang", "html"):
            return broken(self.web, fault)
        stem, _, suffix = path.removeprefix(BASE).rpartition(".")
        try:
            if not path.startswith(BASE) or suffix not in ("json", "xml"):
                raise BadQuery(404, f"no such resource: {path}")
            rows, root, item = self._rows(stem, query)
        except BadQuery as error:
            body = [{"code": error.status, "description": str(error)}]
            return written(body, "errors", "error", suffix, error.status)
        rows = [] if fault == "empty" else rows
        rows = [_renamed(r) for r in rows] if fault == "renamed_column" else rows
        return written(rows, root, item, suffix)

    def _rows(self, stem: str, query: Query) -> tuple[Rows, str, str]:
        """(rows, XML root, XML element) of a resource."""
        kind, _, key = stem.partition("/")
        if kind == "services":
            return self._services(key), "services" if not key else "service_definition", "service"
        if kind == "requests" and key:
            found = self.feeds.request(key, self.now.ms)
            if found is None:
                raise BadQuery(404, f"service_request_id {key} was not found")
            return [found], "service_requests", "request"
        if kind == "requests":
            return self._requests(query), "service_requests", "request"
        if kind == "servicerequestupdates":
            rows = self.feeds.updates(*self._window(query), self.now.ms)
            return _paged(rows, query), "service_request_updates", "request_update"
        raise BadQuery(404, f"no such resource: {stem}")

    def _services(self, code: str) -> Rows:
        made = [
            {
                "service_code": sector,
                "service_name": name,
                "description": f"{name}隐患（虚构演示）",
                "metadata": False,
                "type": "realtime",
                "keywords": "",
                "group": sector,
            }
            for sector, name in words.all_categories()
        ]
        if code and not any(s["service_code"] == code for s in made):
            raise BadQuery(404, f"service_code {code} was not found")
        return [s for s in made if not code or s["service_code"] == code]

    def _requests(self, query: Query) -> Rows:
        ids = [i for i in query.get("service_request_id", "").split(",") if i]
        if ids:
            found = [self.feeds.request(i, self.now.ms) for i in ids]
            return [f for f in found if f is not None]
        rows = self.feeds.requests(*self._window(query), self.now.ms)
        for name in ("status", "service_code"):
            wanted = {v for v in query.get(name, "").split(",") if v}
            rows = [r for r in rows if not wanted or r[name] in wanted]
        return _paged(rows, query)

    def _window(self, query: Query) -> tuple[int, int]:
        try:
            start, end = instant(query.get("start_date", "")), instant(query.get("end_date", ""))
        except ValueError as error:
            raise BadQuery(400, f"start_date or end_date: {error}") from None
        end = end or (start + 90 * DAY_MS if start else self.now.ms)
        start = start or max(0, end - 90 * DAY_MS)
        if end - start > LONGEST_MS:
            raise BadQuery(400, "start_date to end_date spans more than 90 days")
        return start, end


def _paged(rows: Rows, query: Query) -> Rows:
    try:
        number, size = int(query.get("page", 1)), int(query.get("page_size", PAGE))
    except ValueError:
        raise BadQuery(400, "page and page_size are numbers") from None
    size = min(max(1, size), PAGE)
    return rows[(max(1, number) - 1) * size : max(1, number) * size]


def written(rows: Rows, root: str, item: str, suffix: str, status: int = 200) -> Answer:
    if suffix == "json":
        return Answer(orjson.dumps(list(rows)), status, JSON)
    body = "".join(f"<{item}>{_elements(row)}</{item}>" for row in rows)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>{body}</{root}>\n'
    return Answer(text.encode(), status, XML)


def _elements(row: Mapping[str, Any]) -> str:
    """An element per field; null is an empty element."""
    filled = {k: "" if v is None else escape(str(v)) for k, v in row.items()}
    return "".join(f"<{k}>{v}</{k}>" if v else f"<{k}/>" for k, v in filled.items())


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {{"address": "address_string"}.get(k, k): v for k, v in row.items()}
