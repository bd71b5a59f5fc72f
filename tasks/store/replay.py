"""Replay: every projection worked out again from the ledger alone, to be compared with the store.

Shares the fold with intake, because the fold is the definition; shares none of its look-ups.
"""

from collections.abc import Iterator

import orjson
import pandas as pd
from sqlalchemy import Connection, Table, select

from rules.facts import prepare
from rules.fold import fold
from rules.guards import FoldPolicy
from rules.identity_clusters import components
from schemas.period import FOREVER
from schemas.tables import event
from schemas.tables_projections import (
    check_visit,
    fact_note,
    finding,
    hazard_span,
    listing,
    listing_hazard,
    place_span,
    rung,
    side_step,
)
from schemas.vocabulary import FactKind, StreamKind
from tasks.intake.clusters import in_order
from tasks.intake.drafts import LINKED, PARTED
from tasks.intake.registry import place_spans
from tasks.store import bulk, ledger, lookups, operators, replay_listings
from tasks.store.spans import NOTE_CONTENT, SPAN_CONTENT, notes_of, side_steps_of, spans_of

_PLACE_CONTENT = [
    c.name for c in place_span.columns if c.name not in ("county", "seq_from", "seq_to")
]


def differences(connection: Connection, county: str, policy: FoldPolicy) -> Iterator[str]:
    """What the store says and the ledger does not, or the other way round, one sentence each."""
    facts = ledger.read_events(connection, county, event.c.kind.in_(lookups.FOLDED))
    roots = _roots(connection, county, facts)
    yield from _compared("finding", _stored_roots(connection, county), roots)
    if len(facts):
        yield from _hazards(connection, county, facts, roots, policy)
    yield from _places(connection, county)
    yield from _visits(connection, county)
    yield from _supervision(connection, county)
    enrolled = operators.stored(connection, county), operators.replayed(connection, county)
    yield from _compared("operator", *enrolled)


def _supervision(connection: Connection, county: str) -> Iterator[str]:
    """Listings, their hazards and the rungs of the ladder."""
    rows, joined = replay_listings.listings(connection, county)
    fired = replay_listings.rungs(connection, county)
    for table, replayed in ((listing, rows), (listing_hazard, joined), (rung, fired)):
        stored = _all_rows(connection, county, table)
        if "proposal" in stored:  # a number to one database, a truth value to the other
            stored = stored.assign(proposal=stored["proposal"].astype(bool))
        yield from _compared(table.name, stored, replayed if len(replayed) else stored[:0])


def _hazards(
    connection: Connection,
    county: str,
    facts: pd.DataFrame,
    roots: pd.DataFrame,
    policy: FoldPolicy,
) -> Iterator[str]:
    names = list(lookups.FOLD_EVENT_COLUMNS)
    frame = lookups.unpacked(facts[names])
    frame["root_id"] = frame["stream_id"].map(roots.set_index("stream_id")["root_id"])
    prepared = prepare(frame)
    folded = fold(prepared, policy)
    spans = spans_of(prepared, folded)
    notes = notes_of(prepared, folded, frame["seq"].to_numpy(dtype="int64"))
    yield from _compared(
        "hazard_span", _present(connection, county, hazard_span), spans[SPAN_CONTENT]
    )
    yield from _compared("fact_note", _present(connection, county, fact_note), notes[NOTE_CONTENT])
    beside = side_steps_of(frame, prepared)
    yield from _compared("side_step", _present(connection, county, side_step), beside)


def _roots(connection: Connection, county: str, facts: pd.DataFrame) -> pd.DataFrame:
    """stream_id, root_id from the findings and the recorded links alone."""
    registered = facts[facts["kind"] == FactKind.REGISTERED.value]
    members = registered.sort_values("seq").drop_duplicates("stream_id")
    everyone = pd.DataFrame(
        {"stream_id": members["stream_id"], "found_at": members["claimed_at"]}
    ).reset_index(drop=True)
    links = ledger.read_events(connection, county, event.c.kind.in_([LINKED, PARTED]))
    said = [orjson.loads(p) for p in links["payload"].tolist()]
    decided = pd.DataFrame(
        {
            "stream_a": pd.Series([p["to"] for p in said], dtype="str"),
            "stream_b": links["stream_id"],
            "score": pd.Series([p["score"] for p in said], dtype="int64"),
        }
    )
    return components(in_order(decided), everyone)


def _stored_roots(connection: Connection, county: str) -> pd.DataFrame:
    query = select(finding.c.stream_id, finding.c.root_id).where(finding.c.county == county)
    return bulk.select(connection, query)


def _places(connection: Connection, county: str) -> Iterator[str]:
    events = ledger.read_events(connection, county, event.c.stream_kind == StreamKind.PLACE.value)
    stored = _present(connection, county, place_span)
    replayed = place_spans(lookups.unpacked_places(events)) if len(events) else stored[:0]
    yield from _compared("place_span", stored, replayed[_PLACE_CONTENT])


def _visits(connection: Connection, county: str) -> Iterator[str]:
    events = ledger.read_events(connection, county, event.c.stream_kind == StreamKind.CHECK.value)
    latest = events.sort_values(["sent_at", "row_digest"]).drop_duplicates("stream_id", keep="last")
    payloads = [orjson.loads(p) for p in latest["payload"].tolist()]
    replayed = pd.DataFrame(
        {
            "check_id": latest["stream_id"].tolist(),
            "place_id": [p["place_id"] for p in payloads],
            "checked_at": latest["claimed_at"].tolist(),
            "channel": [p["channel"] for p in payloads],
            "actor_kind": [p["actor_kind"] for p in payloads],
            "result": [p["result"] for p in payloads],
        }
    )
    yield from _compared("check_visit", _present(connection, county, check_visit), replayed)


def _present(connection: Connection, county: str, table: object) -> pd.DataFrame:
    columns = [c for c in table.columns if c.name not in ("county", "seq_from", "seq_to")]  # type: ignore[attr-defined]
    query = select(*columns).where(table.c.county == county, table.c.seq_to == FOREVER)  # type: ignore[attr-defined]
    return bulk.select(connection, query)


def _all_rows(connection: Connection, county: str, table: Table) -> pd.DataFrame:
    columns = [c for c in table.columns if c.name not in ("county", "seq")]
    return bulk.select(connection, select(*columns).where(table.c.county == county))


def _compared(name: str, stored: pd.DataFrame, replayed: pd.DataFrame) -> Iterator[str]:
    """Rows on one side only, by the first few keys."""
    columns = list(replayed.columns)
    both = pd.concat([stored[columns], replayed], ignore_index=True).astype("str")
    lone = ~both.duplicated(keep=False).to_numpy(dtype=bool)
    if len(stored) == len(replayed) and not lone.any():
        return
    extra, absent = int(lone[: len(stored)].sum()), int(lone[len(stored) :].sum())
    example = both[lone].iloc[0, :2].tolist() if lone.any() else []
    yield (
        f"{name}: {extra} rows in the store that a replay does not give, {absent} the other way,"
        f" for example {example}"
    )
