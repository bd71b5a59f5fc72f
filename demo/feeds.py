"""What each upstream system shows at a given instant: rows, pages, requests, exchange rows.

Promise: only what was sent by then; of a row that was sent again, the latest version alone. The
servers and the fast path (`demo.deliveries`) answer from here, so both give the same bytes.
"""

from bisect import bisect_left, bisect_right
from random import Random
from typing import Any

import orjson

from demo import words
from demo.dress import Cells, Dress, Wardrobe
from demo.dresses_desk import DESK
from demo.dresses_platforms import INSPECTION, REGISTRY, UPPER
from demo.dresses_units import SELFCHECK
from demo.model import NEVER, Row
from demo.world import World
from schemas.vocabulary import ReportStep

PLATFORMS: dict[str, Dress] = {"registry": REGISTRY, "inspection": INSPECTION, "upper": UPPER}
NOTICE = "fictitious demo data 虚构演示数据"


class Feeds:
    """The contents of a world's upstream systems. Dressed once, then cut by time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wardrobe = Wardrobe(world.organisation, world.weeks.clock)
        self._feeds = {name: _Feed(world.of_source(name)) for name in (*PLATFORMS, "selfcheck")}
        self._dressed: dict[int, dict[str, Any]] = {}
        self._complaints = _complaints(world, self.wardrobe)
        self._steps = _Feed([r for r in world.of_source("complaints") if _is_step(r)])
        self.columns = ("change_no", *SELFCHECK.all_columns)

    # -- paged JSON ----------------------------------------------------------------------------

    def rows(self, source: str, since: int, now: int) -> list[dict[str, Any]]:
        """Rows of a platform updated in [since, now], in the order they were sent."""
        return [self._json(source, row) for row in self.shown(source, since, now)]

    def shown(self, source: str, since: int, now: int) -> list[Row]:
        """The same rows as the world has them."""
        return self._feeds[source].between(since, now)

    def _json(self, source: str, row: Row) -> dict[str, Any]:
        if row.n not in self._dressed:
            self._dressed[row.n] = nested(self.wardrobe.cells(row, PLATFORMS[source]))
        return self._dressed[row.n]

    def updated_at(self, source: str, since: int, now: int) -> int:
        """The greatest time among these rows; `since` when there are none."""
        return max((r.sent for r in self._feeds[source].between(since, now)), default=since)

    # -- the exchange database -----------------------------------------------------------------

    def exchange(self, after: int, now: int) -> list[dict[str, str | int | None]]:
        """Rows of the view with change_no > after, written by now."""
        rows = self._feeds["selfcheck"].rows
        last = bisect_right([r.sent for r in rows], now)
        return [
            {"change_no": n + 1, **self.wardrobe.cells(rows[n], SELFCHECK)}
            for n in range(after, last)
        ]

    # -- Open311 -------------------------------------------------------------------------------

    def requests(self, start: int, end: int, now: int) -> list[dict[str, Any]]:
        """Service requests by requested_datetime in [start, end], as they stand at `now`."""
        found = [c for c in self._complaints if start <= c.row.claimed <= end]
        return [c.shown(now) for c in found if c.row.claimed <= now]

    def request(self, request_id: str, now: int) -> dict[str, Any] | None:
        shown = [c for c in self._complaints if c.row.id == request_id and c.row.claimed <= now]
        return shown[0].shown(now) if shown else None

    def updates(self, start: int, end: int, now: int) -> list[dict[str, Any]]:
        """Request updates by updated_datetime in [start, end]: duplicates, then other steps."""
        closed = [c for c in self._complaints if c.merge and start <= c.merge.claimed <= end]
        made = [c.update() for c in closed if c.merge and c.merge.claimed <= now]
        steps = self._steps.between(start, min(end, now))
        return made + [self._step(row) for row in steps]

    def _step(self, row: Row) -> dict[str, Any]:
        """A step of a report as the desk tells it; "closed" where the report has its reply."""
        cells = self.wardrobe.cells(row, DESK)
        answered = row.fields["event"] == ReportStep.REPLIED
        return {"status": "closed" if answered else "open", "description": "进度更新", **cells}


def page(rows: list[dict[str, Any]], number: int, size: int) -> bytes:
    """One page of a list; past the end it is empty."""
    items = rows[(number - 1) * size : number * size]
    answer = {"notice": NOTICE, "page": number, "page_size": size, "total": len(rows)}
    return orjson.dumps(answer | {"items": items})


def nested(cells: Cells) -> dict[str, Any]:
    """Dotted columns as nested objects; every key is there, empty ones are null."""
    made: dict[str, Any] = {}
    for name, cell in cells.items():
        outer, dot, inner = name.partition(".")
        if dot:
            made.setdefault(outer, {})[inner] = cell
        else:
            made[outer] = cell
    return made


class _Feed:
    """Rows in the order they were sent; a later version hides the earlier one."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.sent = [r.sent for r in rows]
        self.hidden_from: dict[int, int] = {}
        latest: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            shown = latest.setdefault((row.record, row.id), [])
            if shown and shown[0].sent < row.sent:
                self.hidden_from.update({r.n: row.sent for r in shown})
                shown.clear()
            shown.append(row)

    def between(self, since: int, now: int) -> list[Row]:
        rows = self.rows[bisect_left(self.sent, since) : bisect_right(self.sent, now)]
        return [r for r in rows if self.hidden_from.get(r.n, NEVER) > now]


class Complaint:
    """A service request: its report, and the update that closes it as a duplicate, if any."""

    def __init__(self, row: Row, merge: Row | None, base: dict[str, Any], when: str) -> None:
        self.row, self.merge, self.base, self.closed_datetime = row, merge, base, when

    def shown(self, now: int) -> dict[str, Any]:
        if self.merge is None or now < self.merge.claimed:
            return self.base
        closed = {"status": "closed", "status_notes": "Duplicate request."}
        return self.base | closed | {"updated_datetime": self.closed_datetime}

    def update(self) -> dict[str, Any]:
        assert self.merge is not None
        return {
            "update_id": self.merge.id,
            "service_request_id": self.row.id,
            "status": "duplicate",
            "updated_datetime": self.closed_datetime,
            "description": f"Duplicate request of {self.merge.fields['target']}.",
        }


def _is_step(row: Row) -> bool:
    """Whether it tells of a report, and not of its hazard."""
    return row.fields.get("event") in set(ReportStep)


def _complaints(world: World, wardrobe: Wardrobe) -> list[Complaint]:
    rows = world.of_source("complaints")
    merges = {
        str(r.fields["finding_id"]): r for r in rows if r.record == "update" and not _is_step(r)
    }
    made = []
    for row in rows:
        if row.record == "finding":
            merge = merges.get(row.id)
            when = wardrobe.time(merge.claimed, "iso") if merge else ""
            made.append(Complaint(row, merge, _request(world, wardrobe, row), when))
    return made


def _request(world: World, wardrobe: Wardrobe, row: Row) -> dict[str, Any]:
    """A request as the desk shows it, reporter and all; the reporter is obviously nobody."""
    rng = Random(f"{world.seed}/{row.id}")
    town = wardrobe.towns[str(row.fields["town_code"])]
    when = wardrobe.time(row.claimed, "iso")
    return {
        "service_request_id": row.id,
        "status": "open",
        "status_notes": None,
        "service_name": row.fields["category"],
        "service_code": row.fields["sector_code"],
        "description": row.fields["description"],
        "agency_responsible": "社会治理中心（虚构）",
        "service_notice": None,
        "requested_datetime": when,
        "updated_datetime": when,
        "expected_datetime": None,
        "address": f"{county_name(world)}{town}{words.street(rng)}",
        "address_id": row.fields["place_id"] or None,
        "zipcode": None,
        "lat": round(30 + rng.random() / 10, 6),
        "long": round(121 + rng.random() / 10, 6),
        "media_url": None,
        "first_name": "示例",
        "last_name": f"举报人{rng.randint(1, 9999):04d}",
        "phone": f"000-0000-{rng.randint(0, 9999):04d}",
        "email": f"reporter{rng.randint(1, 9999):04d}@example.invalid",
    }


def county_name(world: World) -> str:
    """The county's name as an address has it, without "(fictitious)"."""
    return world.organisation.name.zh.partition("（")[0]
