"""What the indices of places are made of, as SQL at a cut: one pass over the county for each.

A cut is a watermark and an instant (`cube.Cut`): facts claimed before `end`, as known at the
watermark. Keys and categories of findings are as last told, like everywhere else; which findings
were one hazard is as recorded by the watermark. Nothing is read place by place.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, or_, select

from rules.identity_clusters import components
from rules.identity_names import KEYS
from rules.self_checks import Month
from schemas.tables import event, submission
from schemas.tables_projections import (
    check_visit,
    finding,
    hazard_span,
    identity_link,
    place_span,
    side_step,
)
from schemas.vocabulary import Channel, Enforcement, RecordKind
from tasks.store import bulk
from tasks.store.measures import Cut, holds, visible

_S, _F, _P, _V = hazard_span.c, finding.c, place_span.c, check_visit.c
_FINDING = (*(_F[key] for key in KEYS), _F.town_code)
_FETCH_ROWS = 50_000
_MANY = 20_000  # findings: from here on one pass over all is sooner than looking each up
_CREDITED = '%"credit_code":%'


def _fetched(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """A query's rows with plain objects for text, whose keys are hashed sooner. [measured]"""
    result = connection.execute(query)
    names, chunks = list(result.keys()), []
    while rows := result.cursor.fetchmany(_FETCH_ROWS):
        chunks.append([_column(values) for values in zip(*rows, strict=True)])
    result.close()
    columns = [np.concatenate(parts) for parts in zip(*chunks, strict=True)]
    columns = columns or [_column(()) for _ in names]
    found = zip(names, columns, strict=True)
    return pd.DataFrame({name: pd.Series(c, dtype=c.dtype) for name, c in found})


def _column(values: Sequence[Any]) -> NDArray[Any]:
    kind = np.int64 if len(values) > 0 and isinstance(values[0], int) else object
    return np.array(values, dtype=kind)


def registry(
    connection: Connection,
    cut: Cut,
    ids: Iterable[str] | None = None,
    towns: Collection[str] = (),
) -> pd.DataFrame:
    """Every validity row of places as known at the watermark: of all, or of some and some towns."""
    columns = (
        _P.place_id, _P.claimed_from, _P.claimed_to, _P.active_from, _P.active_to,
        _P.place_class, _P.town_code, _P.sector_code, _P.name,
    )  # fmt: skip
    known = and_(_P.county == cut.county, _P.seq_from <= cut.watermark, _P.seq_to > cut.watermark)
    query = select(*columns).where(known, _P.claimed_from < cut.end).order_by(_P.place_id)
    if ids is None:
        return _fetched(connection, query)
    with bulk.keys(connection, ids) as wanted:
        asked = _P.place_id.in_(wanted)
        whole = or_(asked, _P.town_code.in_(list(towns))) if towns else asked
        return _fetched(connection, query.where(whole))


def credit_codes(connection: Connection, cut: Cut, place: str | None = None) -> pd.DataFrame:
    """place_id and credit_code as last told before the cut, of all that have one, or of one place.

    The code stands in the ledger only; a place whose later revision drops it keeps it.
    """
    e = event.c
    told = select(submission.c.source).where(submission.c.county == cut.county)
    columns = (e.source_id.label("place_id"), e.claimed_at, e.sent_at, e.row_digest, e.payload)
    query = select(*columns).where(
        e.county == cut.county,
        e.source.in_(told),  # so that an index finds the places
        e.record == RecordKind.PLACE.value,
        e.seq <= cut.watermark,
        e.claimed_at < cut.end,
        e.payload.like(_CREDITED),
    )
    mine = query if place is None else query.where(e.source_id == place)
    rows = _fetched(connection, mine)
    codes = [orjson.loads(text).get("credit_code") or "" for text in rows["payload"].tolist()]
    rows = rows.assign(credit_code=pd.Series(codes, rows.index, dtype=object))
    rows = rows.sort_values(["place_id", "claimed_at", "sent_at", "row_digest"])
    last = rows.drop_duplicates("place_id", keep="last", ignore_index=True)
    return last[["place_id", "credit_code"]]


def hazards(connection: Connection, cut: Cut, roots: Iterable[str] | None = None) -> pd.DataFrame:
    """Every hazard as it stands at the cut, with its root's category and number of the place."""
    spans = select(
        _S.root_id, _S.state, _S.severity, _S.listed_level, _S.due_at, _S.accepted_at,
        _S.assigned_at, _S.found_at, _S.closed_at, _S.town_found, _S.sector_code,
    ).where(visible(cut), holds(cut.end))  # fmt: skip
    words = select(_F.stream_id, _F.place_key, _F.category).where(_F.county == cut.county)
    if roots is None:
        return _joined(_fetched(connection, spans), _fetched(connection, words))
    with bulk.keys(connection, roots) as wanted:
        stood = _fetched(connection, spans.where(_S.root_id.in_(wanted)))
        return _joined(stood, _fetched(connection, words.where(_F.stream_id.in_(wanted))))


def _joined(spans: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """Two passes put side by side here cost less than a join that looks every finding up.

    [measured: 2.0 s against 2.8 s for 273,699 hazards]
    """
    findings = pd.Index(words["stream_id"], dtype=object)
    rows = words.drop(columns="stream_id").take(
        findings.get_indexer(pd.Index(spans["root_id"], dtype=object))
    )
    return pd.concat([spans, rows.set_axis(spans.index)], axis=1)


def words(connection: Connection, county: str, streams: Collection[str]) -> pd.DataFrame:
    """What these findings say of their place: stream_id, found_at, unit_name, KEYS, town_code."""
    columns = (_F.stream_id, _F.found_at, _F.unit_name, *_FINDING)
    query = select(*columns).where(_F.county == county)
    if len(streams) > _MANY:
        everything = _fetched(connection, query)
        return everything[everything["stream_id"].isin(set(streams))].reset_index(drop=True)
    with bulk.keys(connection, streams) as wanted:
        return _fetched(connection, query.where(_F.stream_id.in_(wanted)))


def members(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Findings that are linked to others, some thousands: `words`, root_id as of the watermark."""
    link = identity_link.c
    known = and_(link.county == cut.county, link.seq <= cut.watermark)
    pairs = _fetched(
        connection,
        select(link.stream_a.label("a"), link.stream_b.label("b"), link.score).where(known),
    )
    found = words(connection, cut.county, {*pairs["a"], *pairs["b"]})
    roots = components(pairs, found[["stream_id", "found_at"]])["root_id"]
    return found.assign(root_id=pd.Series(roots.to_numpy(dtype=object), dtype=object))


def penalties(connection: Connection, cut: Cut, start: int) -> pd.DataFrame:
    """stream_id, amount_fen of every penalty claimed in [start, the cut)."""
    s = side_step.c
    query = select(s.stream_id, s.amount_fen, s.claimed_at).where(
        s.county == cut.county,
        s.seq_from <= cut.watermark,
        s.seq_to > cut.watermark,
        s.kind == Enforcement.PENALISED.value,
        s.claimed_at >= start,
        s.claimed_at < cut.end,
    )
    return _fetched(connection, query)


def self_checks(
    connection: Connection, cut: Cut, months: Sequence[Month], place: str | None = None
) -> pd.DataFrame:
    """place_id, month (its place in `months`) of every month in which a place checked itself."""
    if not months:
        return pd.DataFrame({"place_id": pd.Series(dtype="str"), "month": []})
    ends = [(_V.checked_at < month.end, n) for n, month in enumerate(months)]
    query = select(_V.place_id, case(*ends).label("month")).where(
        _visited(cut, months[0].start, months[-1].end), _V.channel == Channel.SELF_CHECK.value
    )
    mine = query if place is None else query.where(_V.place_id == place)
    return _fetched(connection, mine.distinct())


def visits(connection: Connection, cut: Cut, place: str, start: int) -> pd.DataFrame:
    """One place's visits in [start, the cut): checked_at, channel, actor_kind, result."""
    query = select(_V.checked_at, _V.channel, _V.actor_kind, _V.result).where(
        _visited(cut, start, cut.end), _V.place_id == place
    )
    return _fetched(connection, query.order_by(_V.checked_at, _V.check_id))


def _visited(cut: Cut, start: int, end: int) -> ColumnElement[bool]:
    return and_(
        _V.county == cut.county,
        _V.seq_from <= cut.watermark,
        _V.seq_to > cut.watermark,
        _V.checked_at >= start,
        _V.checked_at < end,
    )


def called(connection: Connection, county: str, keys: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Findings that name a place by any of these keys, column → values: stream_id, unit_name, KEYS,
    town_code."""
    parts = [_F[column].in_(list(values)) for column, values in keys.items() if values]
    query = select(_F.stream_id, _F.unit_name, *_FINDING)
    return _fetched(connection, query.where(_F.county == county, or_(false(), *parts)))


def told(connection: Connection, county: str, roots: Iterable[str]) -> pd.DataFrame:
    """How people know these hazards: source, source_id, description, by root_id."""
    query = select(_F.stream_id.label("root_id"), _F.source, _F.source_id, _F.description)
    with bulk.keys(connection, roots) as wanted:
        rows = _fetched(connection, query.where(_F.county == county, _F.stream_id.in_(wanted)))
    return rows.set_index("root_id")
