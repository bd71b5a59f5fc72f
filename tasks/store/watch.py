"""What `rules.watch` looks at, as known at a watermark: moves, findings and facts of a period.

Of hazards that were their own at the watermark: a fact told under the number of a re-find that had
been joined to another hazard is not looked at. Nothing here depends on what was known later.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, select

from schemas.tables import event
from schemas.tables_projections import finding, hazard_span
from schemas.vocabulary import FACT_RANK, FactKind
from tasks.store import bulk, ledger
from tasks.store.measures import Cut, S, visible

_MOVES = (
    FactKind.REGISTERED,
    FactKind.REJECTED,
    FactKind.MERGED,
    FactKind.TRANSFERRED,
    FactKind.ACCEPTANCE_PASSED,
    FactKind.CLOSED,
    FactKind.EXTENDED,
    FactKind.SEVERITY_CHANGED,
    FactKind.REOPENED,
)
_CLOSING = ("submitted", "acceptance_passed", "closed")
_TELLING = ("assigned", "elements_filed", "started", *_CLOSING)
_SAID = (
    "place_id", "unit_name", "credit_code", "address", "town_code", "category", "description",
    "channel",
)  # fmt: skip
_REVISION = ("seq", "source", "record", "source_id", "sent_at", "row_digest")


def moves(connection: Connection, cut: Cut, start: int) -> pd.DataFrame:
    """Spans that such a fact began in [start, cut.end), beside what the span before said."""
    before = hazard_span.alias("before")
    b = before.c
    preceding = and_(
        b.county == S.county,
        b.root_id == S.root_id,
        b.ordinal == S.ordinal - 1,
        b.seq_from <= cut.watermark,
        b.seq_to > cut.watermark,
    )
    columns: Sequence[ColumnElement[Any]] = (
        S.root_id, S.town_code.label("town"), S.entered_by, S.claimed_from.label("at"),
        S.severity, S.due_at, S.found_at, S.closed_at, S.backdated,
        b.severity.label("before_severity"), b.due_at.label("before_due_at"),
        b.closed_at.label("before_closed_at"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join_from(hazard_span, before, preceding, isouter=True)
        .where(
            visible(cut),
            S.entered_by.in_([FACT_RANK[k] for k in _MOVES]),
            S.claimed_from >= start,
            S.claimed_from < cut.end,
        )
    )
    rows = bulk.select(connection, query)
    earlier = [c for c in rows.columns if c.startswith("before_")]
    return rows.assign(**{c: pd.to_numeric(rows[c]).fillna(0).astype("int64") for c in earlier})


def said(
    connection: Connection, cut: Cut, roots: Iterable[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What these hazards' own findings said, and which pairs operators had held apart.

    stream_id, at and _SAID, the latest revision known; pairs a, b.
    """
    rows = _events(connection, cut, roots, (FactKind.REGISTERED.value, "parted"), (*_SAID, "to"))
    apart = rows[rows["kind"] == "parted"]
    told = rows[(rows["kind"] != "parted") & (rows["at"] < cut.end)]
    told = told.sort_values(["sent_at", "row_digest"], kind="stable")
    latest = told.drop_duplicates("stream_id", keep="last", ignore_index=True)
    return latest, pd.DataFrame({"a": apart["to"], "b": apart["stream_id"]})


def facts(connection: Connection, cut: Cut, roots: Iterable[str]) -> pd.DataFrame:
    """Who was responsible for these hazards, who accepted, and what evidence came when."""
    fields = ("organisation", "responsible_unit", "evidence")
    rows = _events(connection, cut, roots, _TELLING, fields)
    return rows[rows["at"] < cut.end].rename(columns={"stream_id": "root_id"})


def told(connection: Connection, cut: Cut, start: int, until: int) -> pd.DataFrame:
    """Steps of closing received in [start, until]: stream_id, and `late` ms after they happened.

    Of hazards that were known before: what is told for the first time, as when a county begins,
    is told late as a whole.
    """
    e, born = event.c, event.alias("born")
    first = ledger.watermark(connection, cut.county, start - 1).seq
    last = min(cut.watermark, ledger.watermark(connection, cut.county, until).seq)
    known = and_(
        born.c.county == e.county,
        born.c.stream_id == e.stream_id,
        born.c.version == 1,
        born.c.seq <= first,
    )
    query = (
        select(e.stream_id, (e.received_at - e.claimed_at).label("late"))
        .join_from(event, born, known)
        .where(
            e.county == cut.county,
            e.seq > first,
            e.seq <= last,
            e.kind.in_(_CLOSING),
            e.claimed_at < cut.end,
        )
    )
    return bulk.select(connection, query)


def towns(connection: Connection, cut: Cut, roots: Iterable[str]) -> pd.Series:
    """The town of each of these hazards at the cut, of those that were their own."""
    query = select(S.root_id, S.town_code).where(
        visible(cut), S.claimed_from < cut.end, S.claimed_to >= cut.end
    )
    with bulk.keys(connection, roots) as wanted:
        rows = bulk.select(connection, query.where(S.root_id.in_(wanted)))
    return rows.set_index("root_id")["town_code"]


def numbers(connection: Connection, county: str, roots: Iterable[str]) -> dict[str, str]:
    """The number that people know a hazard by: its source's and its own, which never change."""
    f = finding.c
    query = select(f.stream_id, f.source, f.source_id).where(f.county == county)
    with bulk.keys(connection, roots) as wanted:
        rows = connection.execute(query.where(f.stream_id.in_(wanted))).all()
    return {row.stream_id: f"{row.source}:{row.source_id}" for row in rows}


def _events(
    connection: Connection,
    cut: Cut,
    streams: Iterable[str],
    kinds: Sequence[str],
    fields: Sequence[str],
) -> pd.DataFrame:
    """Events of these streams with some fields of their payload: _REVISION, kind, at, times."""
    e = event.c
    columns = (e.stream_id, e.kind, e.claimed_at.label("at"), e.received_at, e.file_by, e.payload)
    query = select(*columns, *(e[c] for c in _REVISION)).where(
        e.county == cut.county, e.seq <= cut.watermark, e.kind.in_(kinds)
    )
    with bulk.keys(connection, streams) as wanted:
        rows = bulk.select(connection, query.where(e.stream_id.in_(wanted)))
    payloads = [orjson.loads(text) for text in rows["payload"].tolist()]
    told = {
        f: pd.Series([p.get(f) for p in payloads], index=rows.index, dtype="str") for f in fields
    }
    return rows.drop(columns="payload").assign(**told)
