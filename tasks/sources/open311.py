"""An Open311 GeoReport v2 server: requests by windows of requested_datetime, then their updates.

The core of the protocol has no paging and no "changed since": `start_date`/`end_date` filter the
time of the *request*, span at most 90 days, and a server may cut at 1,000 rows without a word. So
windows are swept, a window that comes back with exactly that many is halved, and the page extension
is tried on every window (an ignored `page` shows by its repeated ids). Later changes come from the
updates extension; without it the last 90 days are read again at every pull, and what was open
before them is asked for by its id.

The first pull goes back in time until four windows in a row are empty. The cursor is the end of
the sweep (ISO 8601, UTC), with the open ids where they are needed, or stays when nothing at all
came. A pull starts the overlap before it; the first pull of a day, or after a pause, the longer
overlap of the catch-up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

from schemas.connectors import Open311
from schemas.period import DAY_MS, HOUR_MS
from tasks.sources.base import Part, Pulled, PullRequest
from tasks.sources.cursors import iso
from tasks.sources.http import Client
from tasks.sources.http_auth import Credentials, token_of
from tasks.sources.open311_answers import Rows, rows_of
from tasks.sources.open311_state import State, asked_again

LONGEST_DAYS = 90  # the longest window the specification allows
EMPTY_WINDOWS = 4  # a first pull ends after this many empty windows in a row
SHORTEST_MS = 2000
MAX_PAGES = 10_000


@dataclass(frozen=True)
class Endpoint:
    """One list of the server: its path, the key its rows are known by, and how parts are named."""

    path: str
    key: str
    kind: str


REQUESTS = Endpoint("requests", "service_request_id", "request")
UPDATES = Endpoint("servicerequestupdates", "update_id", "update")


def pull(request: PullRequest) -> Iterator[Pulled]:
    """Yield one delivery of requests and updates. Raises SourceDown, SourceRefused."""
    connector = request.declaration.connector
    assert isinstance(connector, Open311)
    state = State.of(request.cursor)
    with Client(request, credentials(request)) as client:
        sweep = _Sweep(client, connector, state.swept_until)
        requests, updates = sweep.all(REQUESTS), list[Rows]()
        after = state.after(request.now, requests)
        if connector.updates:
            updates = sweep.all(UPDATES)
        else:
            ids = state.unseen(requests)[: connector.repoll_ids]
            again = asked_again(client, connector, ids)
            requests, after = requests + again, after.asked(ids, again)
    found = _parts(requests, updates, connector)
    came = any(len(rows) for rows in (*requests, *updates))
    # Nothing at all: perhaps nobody wrote, perhaps the server lost its data for a while.
    cursor = after.text(with_open=not connector.updates) if came else request.cursor
    yield Pulled(found, connector.format, request.name, None, cursor)


def credentials(request: PullRequest) -> Credentials:
    token = token_of(request)
    return Credentials({"Authorization": f"Bearer {token}"} if token else {})


def _parts(requests: list[Rows], updates: list[Rows], connector: Open311) -> tuple[Part, ...]:
    """Parts in sweep order; of empty answers only the first of each list is kept, as evidence."""
    numbers = count(1)
    kept: list[Part] = []
    for endpoint, answers in ((REQUESTS, requests), (UPDATES, updates)):
        for rows in [r for r in answers if len(r)] or answers[:1]:
            name = f"{endpoint.kind}-{next(numbers):05d}.{connector.format}"
            kept.append(Part(name, rows.content))
    return tuple(kept)


@dataclass(frozen=True)
class _Sweep:
    client: Client
    connector: Open311
    until: int | None  # where the last sweep ended, UTC ms

    def all(self, endpoint: Endpoint) -> list[Rows]:
        """Every answer of `endpoint` from the cursor (or the beginning) until now."""
        now = -(-self.client.request.now // 1000) * 1000  # windows begin and end on whole seconds
        if self.until is None:
            return self._backwards(endpoint, now)
        overlap = self._overlap(self.until, now)
        if endpoint is REQUESTS and not self.connector.updates:
            overlap = max(overlap, LONGEST_DAYS * DAY_MS)
        return self._forwards(endpoint, (self.until - overlap) // 1000 * 1000, now)

    def _overlap(self, until: int, now: int) -> int:
        routine, catch_up = self.connector.overlap_hours, self.connector.catch_up_hours
        is_routine = until // DAY_MS == now // DAY_MS
        return (routine if is_routine else max(routine, catch_up)) * HOUR_MS

    def _forwards(self, endpoint: Endpoint, start: int, end: int) -> list[Rows]:
        step = self.connector.window_days * DAY_MS
        starts = range(start, max(end, start + 1), step)
        windows = (self._window(endpoint, s, min(s + step, end)) for s in starts)
        return list(chain.from_iterable(windows))

    def _backwards(self, endpoint: Endpoint, end: int) -> list[Rows]:
        step = self.connector.window_days * DAY_MS
        swept: list[list[Rows]] = []
        empty = 0
        while empty < EMPTY_WINDOWS and end > 0:
            answers = self._window(endpoint, max(0, end - step), end)
            empty = 0 if any(len(a) for a in answers) else empty + 1
            swept.append(answers)
            end -= step
        return list(chain.from_iterable(reversed(swept)))

    def _window(self, endpoint: Endpoint, start: int, end: int) -> list[Rows]:
        first = self._ask(endpoint, start, end, page=1)
        assert first is not None
        answers = [first, *self._further_pages(endpoint, start, end, first)]
        if max(len(first), len({i for a in answers for i in a.ids})) != self.connector.cut_rows:
            return answers
        if end - start < SHORTEST_MS:
            raise self.client.refused(
                f"{endpoint.path}: {self.connector.cut_rows:,} rows (cut_rows) within one second;"
                " if the server cuts there, rows would be lost",
                "oversize",
            )
        half = (start + end) // 2
        return self._window(endpoint, start, half) + self._window(endpoint, half, end)

    def _further_pages(
        self, endpoint: Endpoint, start: int, end: int, first: Rows
    ) -> Iterator[Rows]:
        """Pages 2, 3, … until one brings no id that is new; most servers ignore `page`."""
        seen, last = set(first.ids), first
        for page in range(2, MAX_PAGES if seen else 0):
            if last.next_url:
                answer = self.client.follow(last.next_url)
                further: Rows | None = rows_of(self.client, answer, endpoint.key, self.connector)
            else:
                further = self._ask(endpoint, start, end, page)
            if further is None or not set(further.ids) - seen:
                return
            seen |= set(further.ids)
            last = further
            yield further

    def _ask(self, endpoint: Endpoint, start: int, end: int, page: int) -> Rows | None:
        """One answer; None for a page past the end, whatever way the server says so."""
        params = {"start_date": iso(start), "end_date": iso(end + 999)}
        if self.connector.jurisdiction_id:
            params["jurisdiction_id"] = self.connector.jurisdiction_id
        if page > 1:
            params["page"] = str(page)
        answer = self.client.get(f"{endpoint.path}.{self.connector.format}", params)
        if page > 1 and answer.status in (400, 404):
            return None
        return rows_of(self.client, answer, endpoint.key, self.connector)
