"""Places, checks and figures: event drafts and the changed rows of their projections."""

from dataclasses import dataclass

import pandas as pd

from schemas.period import FOREVER
from schemas.tables_projections import check_visit, figure, place_span
from schemas.vocabulary import RecordKind, StreamKind
from tasks.intake.drafts import Taking, draft
from tasks.intake.streams import stream_ids
from tasks.store import lookups
from tasks.store.changes import GROUP, Change, difference
from tasks.store.engine import Connection

_STREAMS = {
    RecordKind.PLACE: StreamKind.PLACE,
    RecordKind.CHECK: StreamKind.CHECK,
    RecordKind.FIGURE: StreamKind.FIGURE,
}
_KINDS = {
    RecordKind.PLACE: "place_registered",
    RecordKind.CHECK: "checked",
    RecordKind.FIGURE: "figure_reported",
}


@dataclass(frozen=True)
class RegistryDecision:
    drafts: pd.DataFrame
    change: Change


def decide(
    connection: Connection, taking: Taking, rows: pd.DataFrame, record: RecordKind
) -> RegistryDecision:
    """Decide on new rows of one record kind; each stream is a group of its own."""
    kind = _STREAMS[record]
    source = pd.Series(taking.declaration.name, index=rows.index, dtype="str")
    rows = rows.assign(stream_id=stream_ids(kind, source, rows["source_id"]))
    lengths = lookups.stream_lengths(connection, taking.county.code, rows["stream_id"].unique())
    rows["base_version"] = rows["stream_id"].map(lengths).fillna(0)
    rows[GROUP] = pd.factorize(rows["stream_id"])[0]
    rows = rows.sort_values([GROUP, "claimed_at"], kind="stable", ignore_index=True)
    kinds = pd.Series(_KINDS[record], index=rows.index)
    drafts = draft(taking, rows, record, kind, kinds).assign(**{GROUP: rows[GROUP]})
    county = taking.county.code
    if record is RecordKind.PLACE:
        return RegistryDecision(drafts, _places(connection, county, rows, lengths))
    if record is RecordKind.CHECK:
        return RegistryDecision(drafts, _visits(rows, lengths))
    return RegistryDecision(drafts, _figures(taking.declaration.name, rows))


def _places(connection: Connection, county: str, rows: pd.DataFrame, lengths: pd.Series) -> Change:
    """A place's rows by validity: of two with the same claimed time the latest sent counts."""
    columns = [
        "stream_id",
        "source_id",
        "claimed_at",
        "sent_at",
        "row_digest",
        *lookups.PLACE_PAYLOAD,
    ]
    old = lookups.place_events(connection, county, lengths.index)
    everything = pd.concat([old[columns], rows[columns]], ignore_index=True)
    spans = place_spans(everything)
    content = [c for c in spans.columns if c != "stream_id"]
    was = lookups.current(connection, county, place_span, "place_id", old["source_id"].unique())
    ended, begun = difference(was, spans, content)
    groups = rows.drop_duplicates("source_id").set_index("source_id")[GROUP]
    return Change(
        place_span,
        begun.assign(**{GROUP: begun["place_id"].map(groups)}),
        ("place_id", "ordinal"),
        ended.assign(**{GROUP: ended["place_id"].map(groups)}) if len(ended) else pd.DataFrame(),
    )


def place_spans(revisions: pd.DataFrame) -> pd.DataFrame:
    """Every place's validity rows from all its revisions: valid from each claimed time on.

    active_from is the first claimed time; active_to (0: none) is what the row itself says.
    """
    key = ["stream_id", "claimed_at"]
    rows = revisions.sort_values([*key, "sent_at", "row_digest"], kind="stable")
    rows = rows.drop_duplicates(key, keep="last")
    by_place = rows.groupby("stream_id", sort=False)["claimed_at"]
    return pd.DataFrame(
        {
            "place_id": rows["source_id"],
            "ordinal": by_place.cumcount(),
            "claimed_from": rows["claimed_at"].astype("int64"),
            "claimed_to": by_place.shift(-1).fillna(FOREVER).astype("int64"),
            "active_from": by_place.transform("min").astype("int64"),
            "active_to": rows["active_to"].fillna(0).astype("int64"),
            "place_class": rows["place_class"],
            "town_code": rows["town_code"],
            "sector_code": rows["sector_code"].fillna(""),
            "name": rows["name"],
        }
    ).reset_index(drop=True)


def _visits(rows: pd.DataFrame, lengths: pd.Series) -> Change:
    """A revised check replaces the visit it revises when it was sent later."""
    latest = rows[rows["is_latest"]].sort_values(["sent_at", "row_digest"], kind="stable")
    latest = latest.drop_duplicates("stream_id", keep="last")
    begun = pd.DataFrame(
        {
            "check_id": latest["stream_id"],
            "place_id": latest["place_id"],
            "checked_at": latest["claimed_at"].astype("int64"),
            "channel": latest["channel"],
            "actor_kind": latest["actor_kind"],
            "result": latest["result"],
            GROUP: latest[GROUP],
        }
    )
    revised = begun[begun["check_id"].isin(lengths.index)]
    return Change(check_visit, begun, ("check_id",), revised[["check_id", GROUP]])


def _figures(source: str, rows: pd.DataFrame) -> Change:
    """A self-declared total: the latest sent value of each (unit, indicator, period)."""
    key = ["unit", "indicator", "period"]
    latest = rows[rows["is_latest"]].sort_values(["sent_at", "row_digest"], kind="stable")
    latest = latest.drop_duplicates(key, keep="last")
    begun = latest[[*key, "value", GROUP]].assign(source=source)
    return Change(figure, begun, ("source", *key), begun[["source", *key, GROUP]])
