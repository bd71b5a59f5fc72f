"""The fast path: a world's deliveries as the connectors would pull them, without any server.

Promise: per collect instant and source, the bytes that the servers would have answered, with the
attribute names of the pipeline's own `Pulled`. Try:

    for d in deliveries(build(seed=1, weeks=3, hazards=300)):
        print(d.received_at, d.source, d.reporting_unit, d.period, len(d.parts))
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from demo.feeds import Feeds, page
from demo.ledgers import Ledger, Ledgers
from demo.world import SOURCES, World
from schemas.period import DAY_MS

OVERLAP_MS = 120 * 60_000  # of the platforms, as their declarations say
DESK_OVERLAP_MS = DAY_MS  # of the complaints desk
PAGE = {"registry": 500, "inspection": 500, "upper": 200}  # as their declarations say
_WINDOW_MS = 30 * DAY_MS


@dataclass(frozen=True)
class Part:
    name: str
    content: bytes


@dataclass(frozen=True)
class Delivery:
    """One delivery as pulled at `received_at`; `previous_pull_at` is 0 for the first pull."""

    source: str
    received_at: int
    previous_pull_at: int
    parts: tuple[Part, ...]
    media: str
    reporting_unit: str
    period: str | None
    cursor_after: str
    nil_return: bool = False


def deliveries(world: World, sources: tuple[str, ...] = SOURCES) -> Iterator[Delivery]:
    """Every delivery of every collect instant, in order."""
    feeds, ledgers = Feeds(world), Ledgers(world)
    cursors: dict[str, int] = {}
    previous = 0
    for now in world.weeks.instants:
        for source in sources:
            yield from _pulled(source, feeds, ledgers, cursors, now, previous)
        previous = now


def _pulled(
    source: str, feeds: Feeds, ledgers: Ledgers, cursors: dict[str, int], now: int, previous: int
) -> Iterator[Delivery]:
    if source == "grid":
        for ledger in ledgers.all(previous, now):
            yield _file(ledger, now, previous)
        return
    if source == "complaints":
        parts, cursor = _desk(feeds, now, previous), now
    elif source == "selfcheck":
        parts, cursor = _exchange(feeds, cursors.get(source, 0), now)
    else:
        parts, cursor = _platform(feeds, source, cursors.get(source, 0), now)
    cursors[source] = cursor
    yield Delivery(source, now, previous, parts, "json", source, None, str(cursor))


def _file(ledger: Ledger, now: int, previous: int) -> Delivery:
    part = Part(ledger.name, ledger.content)
    return Delivery(
        "grid", now, previous, (part,), ledger.media, ledger.town, ledger.period, "",
        ledger.nil_return,
    )  # fmt: skip


def _platform(feeds: Feeds, source: str, cursor: int, now: int) -> tuple[tuple[Part, ...], int]:
    size = PAGE[source]
    since = max(cursor - OVERLAP_MS, 0)
    rows = feeds.rows(source, since, now)
    pages = max(1, -(-len(rows) // size))
    parts = [Part(f"page-{n:05d}.json", page(rows, n, size)) for n in range(1, pages + 1)]
    return tuple(parts), max(cursor, feeds.updated_at(source, since, now))


def _exchange(feeds: Feeds, cursor: int, now: int) -> tuple[tuple[Part, ...], int]:
    rows = feeds.exchange(cursor, now)
    return (Part("rows-00001.json", orjson.dumps(rows)),), cursor + len(rows)


def _desk(feeds: Feeds, now: int, previous: int) -> tuple[Part, ...]:
    """Requests and updates since the last pull's overlap, window by window."""
    begin = feeds.world.weeks.start(0) - DAY_MS
    start = max(previous - DESK_OVERLAP_MS, begin) if previous else begin
    parts: list[Part] = []
    for kind, ask in (("request", feeds.requests), ("update", feeds.updates)):
        answers = [ask(s, min(s + _WINDOW_MS, now), now) for s in range(start, now, _WINDOW_MS)]
        for rows in [a for a in answers if a] or answers[:1]:
            parts.append(Part(f"{kind}-{len(parts) + 1:05d}.json", orjson.dumps(rows)))
    return tuple(parts)
