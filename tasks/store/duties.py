"""Who owed a check in a campaign, a month or a quarter, and had one: places at a watermark.

Due: of the duty's classes, active at the window's first and last instant, by the registry as known
at the watermark, in the town and sector of the window's end. Kept: a check within the window, by
the channel or an actor that the duty asks for. Nothing is read place by place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, literal, or_, select, union_all

from schemas.tables_projections import check_visit, place_span
from schemas.vocabulary import ActorKind, Channel
from tasks.store import bulk
from tasks.store.measures import Cut

_P, _V = place_span.c, check_visit.c


@dataclass(frozen=True)
class Window:
    """[start, end) in UTC ms, a month like 2025-03 or a quarter like 2025-Q1."""

    code: str
    start: int
    end: int


@dataclass(frozen=True)
class Duty:
    """One check of every place of these classes in each window; () and None: by anybody."""

    place_classes: tuple[str, ...]
    channel: Channel | None = None
    actor_kinds: tuple[ActorKind, ...] = ()


@dataclass(frozen=True)
class Known:
    """Whose ledger, up to where."""

    county: str
    watermark: int


def counted(
    connection: Connection, known: Known, duties: Sequence[Duty], windows: Sequence[Window]
) -> pd.DataFrame:
    """town, sector, due, kept: how often a check was owed and there was one."""
    if not windows:
        return pd.DataFrame(columns=["town", "sector", "due", "kept"])
    owed = union_all(*_owed(known, duties, windows)).subquery("owed").c
    query = select(
        owed.town,
        owed.sector,
        func.count().label("due"),
        func.sum(owed.is_kept).label("kept"),
    ).group_by(owed.town, owed.sector)
    return bulk.select(connection, query)


def places(
    connection: Connection, known: Known, duties: Sequence[Duty], windows: Sequence[Window]
) -> pd.DataFrame:
    """What `counted` counts, one by one: place_id, name, place_class, town, sector, window, actors,
    is_kept (0, 1)."""
    owed = union_all(*_owed(known, duties, windows)).subquery("owed")
    return bulk.select(connection, select(owed).order_by(owed.c.place_id, owed.c.window))


def coverage(connection: Connection, cut: Cut, classes: Sequence[str], start: int) -> pd.DataFrame:
    """places_due and places_checked from `start` to the cut's end, by town and sector."""
    frame = counted(connection, Known(cut.county, cut.watermark), *_to_date(cut, classes, start))
    return frame.rename(columns={"due": "places_due", "kept": "places_checked"})


def covered(connection: Connection, cut: Cut, classes: Sequence[str], start: int) -> pd.DataFrame:
    """The places that `coverage` counts, as `places` has them, without their one window."""
    rows = places(connection, Known(cut.county, cut.watermark), *_to_date(cut, classes, start))
    return rows.drop(columns=["window", "actors"])


def _to_date(cut: Cut, classes: Sequence[str], start: int) -> tuple[list[Duty], list[Window]]:
    return [Duty(tuple(classes))], [Window("", start, cut.end)]


def _owed(
    known: Known, duties: Sequence[Duty], windows: Sequence[Window]
) -> list[Select[tuple[Any, ...]]]:
    return [_of_window(known, duty, window) for duty in duties for window in windows]


def _of_window(known: Known, duty: Duty, window: Window) -> Select[tuple[Any, ...]]:
    return select(
        _P.place_id,
        _P.name,
        _P.place_class,
        _P.town_code.label("town"),
        _P.sector_code.label("sector"),
        literal(window.code).label("window"),
        literal(" ".join(duty.actor_kinds)).label("actors"),
        case((_P.place_id.in_(_visited(known, duty, window)), 1), else_=0).label("is_kept"),
    ).where(
        _P.county == known.county,
        _P.seq_from <= known.watermark,
        _P.seq_to > known.watermark,
        _P.claimed_from < window.end,
        _P.claimed_to >= window.end,
        _P.place_class.in_(list(duty.place_classes)),
        _P.active_from <= window.start,
        or_(_P.active_to == 0, _P.active_to >= window.end),
    )


def _visited(known: Known, duty: Duty, window: Window) -> Select[tuple[str]]:
    inside = and_(
        _V.county == known.county,
        _V.seq_from <= known.watermark,
        _V.seq_to > known.watermark,
        _V.checked_at >= window.start,
        _V.checked_at < window.end,
    )
    query = select(_V.place_id).where(inside)
    if duty.channel is not None:
        query = query.where(_V.channel == duty.channel.value)
    if duty.actor_kinds:
        query = query.where(_V.actor_kind.in_([a.value for a in duty.actor_kinds]))
    return query
