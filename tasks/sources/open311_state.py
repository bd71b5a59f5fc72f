"""What a GeoReport source remembers between pulls, and requests asked for again by their ids.

The cursor's text is the end of the last sweep, or `{"at": <it>, "open": [ids]}` where later changes
are told by no updates extension: then an open request that has left the swept days is asked for by
id, the longest unasked first, so many per pull. Ids are text (`006`). A list of ids is one request;
by the specification ids override other filters, real servers apply their default dates as well,
so whatever a list leaves out is asked for alone. A request that is gone stays as it was: nothing is
closed by its absence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from schemas.connectors import Open311
from tasks.sources.cursors import instant, iso
from tasks.sources.http import Client
from tasks.sources.open311_answers import Rows, rows_of

IDS_AT_ONCE = 50  # 50 ids keep an address under 2,000 characters


@dataclass(frozen=True)
class State:
    """`at`: end of the last sweep as written; `open_ids`: in the order they will be asked again."""

    at: str
    open_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, cursor: str) -> "State":
        if not cursor.startswith('{"at"'):
            return cls(cursor)
        held = orjson.loads(cursor)
        return cls(held["at"], tuple(held["open"]))

    @property
    def swept_until(self) -> int | None:
        return instant(self.at)

    def text(self, *, with_open: bool) -> str:
        if not with_open:
            return self.at
        return orjson.dumps({"at": self.at, "open": self.open_ids}).decode()

    def after(self, now: int, swept: list[Rows]) -> "State":
        """The state after a sweep until `now` (UTC ms); the end of a sweep never goes back."""
        known = self.swept_until
        at = self.at if known is not None and known > now else iso(now)
        return State(at, _open(self.open_ids, swept))

    def unseen(self, swept: list[Rows]) -> list[str]:
        """Open ids that a sweep did not bring."""
        seen = {i for rows in swept for i in rows.ids}
        return [i for i in self.open_ids if i not in seen]

    def asked(self, ids: list[str], answers: list[Rows]) -> "State":
        """Those just asked for go to the end of the queue, unless they are closed now."""
        waiting = [i for i in self.open_ids if i not in set(ids)]
        return State(self.at, _open((*waiting, *ids), answers))


def asked_again(client: Client, connector: Open311, ids: list[str]) -> list[Rows]:
    """Answers about these requests, in lists and, for what a list leaves out, one by one."""
    answers: list[Rows] = []
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        listed = _asked(client, connector, "requests", {"service_request_id": ",".join(some)})
        found = {i for rows in listed for i in rows.ids}
        answers += listed
        for left in (i for i in some if i not in found):
            answers += _asked(client, connector, f"requests/{quote(left, safe='')}", {})
    return answers


def _asked(client: Client, connector: Open311, path: str, params: dict[str, str]) -> list[Rows]:
    """One answer, or none where the server says that there is no such thing."""
    if connector.jurisdiction_id:
        params = params | {"jurisdiction_id": connector.jurisdiction_id}
    answer = client.get(f"{path}.{connector.format}", params)
    if answer.status in (400, 404):
        return []
    return [rows_of(client, answer, "service_request_id", connector)]


def _open(known: Iterable[str], found: list[Rows]) -> tuple[str, ...]:
    """`known` and what was found open, in order, without what was found closed."""
    now = dict.fromkeys(known)
    for rows in found:
        for request_id in rows.ids:
            if request_id in rows.open:
                now[request_id] = None
            else:
                now.pop(request_id, None)
    return tuple(now)
