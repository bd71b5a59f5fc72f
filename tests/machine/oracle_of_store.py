"""The store against the oracle: what the ledger tells, lived through by dicts and ifs.

The oracle shares nothing with the pipeline (`tests.rules.oracle`); this gives it the ledger's rows
and compares hazards, notes and what happened beside with the present rows of the projections.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

from schemas.vocabulary import FactKind, Mark, State
from tests.machine.county import Home
from tests.rules import oracle
from tests.rules.oracle_story import BESIDE, IN_LIFE, Row

FOREVER = "seq_to > 4000000000000000000"
_EVENT = ("seq", "source", "record", "source_id", "row_digest", "kind", "claimed_at", "sent_at",
          "received_at", "file_by")  # fmt: skip
_BITS = {
    name: 1 << place
    for place, name in enumerate(
        ("responsibility", "measures", "deadline", "funding", "plan", "interim_control")
    )
}
_DATES = ("found_at", "verified_at", "assigned_at", "due_at", "original_due_at", "accepted_at",
          "closed_at")  # fmt: skip
_SPAN = ("claimed_from", "entered_by", "state", "town_code", "town_before", "town_found",
         "sector_code", "severity", "self_check", "elements", "listed_level", *_DATES,
         "backdated", "marks")  # fmt: skip


def told(home: Home) -> list[Row]:
    """Every fact in the ledger, with what it says, under the root of its hazard."""
    kinds = ", ".join(f"'{kind}'" for kind in (*IN_LIFE, *BESIDE))
    names = ", ".join(f"e.{name}" for name in _EVENT)
    found = home.query(
        f"SELECT f.root_id, e.payload, {names} FROM event e JOIN finding f"
        f" ON f.county = e.county AND f.stream_id = e.stream_id WHERE e.kind IN ({kinds})"
    )
    return [
        orjson.loads(payload) | dict(zip(_EVENT, event, strict=True)) | {"root_id": root}
        for root, payload, *event in found
    ]


def disagreements(home: Home) -> list[str]:
    """Where the projections are not what the oracle makes of the ledger, one sentence each."""
    rows = told(home)
    lives = oracle.lives(rows)
    return [*_spans(home, lives), *_notes(home, rows, lives), *_side_steps(home, rows, lives)]


def _spans(home: Home, lives: dict[str, oracle.Hazard]) -> Iterator[str]:
    columns = ", ".join(_SPAN)
    stored = defaultdict(list)
    query = f"SELECT root_id, {columns} FROM hazard_span WHERE {FOREVER} ORDER BY root_id, ordinal"
    for root, *span in home.query(query):
        stored[root].append(tuple(span))
    for root in sorted(stored.keys() | lives):
        wanted = [_stored(span) for span in lives[root].spans] if root in lives else []
        if stored[root] != wanted:
            pairs = zip([*stored[root], None], [*wanted, None], strict=False)
            yield f"{root}: the store has {next((a, b) for a, b in pairs if a != b)}"


def _stored(span: dict[str, Any]) -> tuple[Any, ...]:
    """A span of the oracle as the columns of `hazard_span`."""
    marks = sum(mark for mark in Mark if mark.name.lower() in span["marks"])  # type: ignore[union-attr]
    as_stored = span | {
        "claimed_from": span["at"],
        "entered_by": list(FactKind).index(FactKind(span["kind"])),
        "state": int(State[span["state"].upper()]),
        "town_code": span["town"] or "",
        "sector_code": span["sector"] or "",
        "elements": sum(bit for name, bit in _BITS.items() if name in span["have"]),
        "listed_level": span["level"],
        "marks": int(marks),
    }
    as_stored |= {name: span[name] or "" for name in ("town_before", "town_found")}
    return tuple(as_stored[name] for name in _SPAN)


def _notes(home: Home, rows: list[Row], lives: dict[str, oracle.Hazard]) -> Iterator[str]:
    query = f"SELECT event_seq, outcome, reason FROM fact_note WHERE {FOREVER}"
    noted = {seq: (outcome, reason) for seq, outcome, reason in home.query(query)}
    for row in rows:
        verdict, reasons, _ = lives[row["root_id"]].verdicts.get(id(row), oracle.APPLIED)
        got = noted.pop(row["seq"], ("applied", ""))
        wanted = "applied" if verdict == "beside" else verdict
        if got[0] != wanted or got[1] not in (reasons or {""}):
            yield f"{row['source_id']} {row['kind']}: {got}, not {verdict, set(reasons)}"
    yield from (f"a note without a fact: {seq}" for seq in noted)


def _side_steps(home: Home, rows: list[Row], lives: dict[str, oracle.Hazard]) -> Iterator[str]:
    stored = {seq for (seq,) in home.query(f"SELECT event_seq FROM side_step WHERE {FOREVER}")}
    wanted = {
        row["seq"]
        for row in rows
        if lives[row["root_id"]].verdicts.get(id(row)) == oracle.COUNTS_BESIDE
    }
    if stored != wanted:
        yield f"side steps: {sorted(stored - wanted)} too many, {sorted(wanted - stored)} missing"
