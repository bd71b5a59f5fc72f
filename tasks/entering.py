"""Facts that the office itself enters: an operator's action, a listing by the clock's run.

They go the way of every update (fold, guards, one transaction), with a source of their own:
`operator` or `supervise`. A dry run decides and writes nothing.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rules.seal import digest
from schemas.period import FOREVER
from schemas.records import UPDATE
from schemas.source import SourceDeclaration
from schemas.vocabulary import Outcome, RecordKind
from tasks.county import County
from tasks.intake import hazards
from tasks.intake.drafts import Taking
from tasks.intake.landing import Delivery
from tasks.intake.streams import hazard_id
from tasks.store import ledger, lookups
from tasks.store.changes import Change
from tasks.store.engine import reading, writing

ALREADY = "not_from_this_state"  # the state it leads from was left by this very fact


@dataclass(frozen=True)
class Entered:
    """What became of one fact: its outcome, and the hazard's present row before and after it.

    Both are None where the fact leaves the present as it is. is_repeated: it lies in the ledger to
    the letter; entering it again would change nothing.
    """

    outcome: str
    reason: str
    missing: int
    before: Mapping[Hashable, Any] | None
    after: Mapping[Hashable, Any] | None
    is_repeated: bool = False


@dataclass(frozen=True)
class Entry:
    """Facts decided against one head, not yet written."""

    taking: Taking
    head: ledger.Head
    decision: hazards.HazardDecision
    now: int
    ids: tuple[str, ...]  # source ids of the facts, in the order entered
    known: frozenset[str] = frozenset()  # source ids that were entered before, to the letter

    def outcomes(self) -> list[Entered]:
        """One per fact, in the order entered."""
        notes = _change(self.decision.changes, "fact_note").begin
        spans = _change(self.decision.changes, "hazard_span")
        position = {key: at for at, key in enumerate(self.decision.drafts["source_id"].tolist())}
        return [self._outcome(position[key], notes, spans) for key in self.ids]

    def _outcome(self, position: int, notes: pd.DataFrame, spans: Change) -> Entered:
        root = self.decision.drafts["root_id"].iloc[position]
        noted = notes[notes["event_seq"] == self.head.seq + 1 + position]
        # Only spans that differ are in the change: a past fact may leave the present as it is.
        before = _present(spans.end, root)
        after = _present(spans.begin, root) or before
        if self.decision.drafts["source_id"].iloc[position] in self.known:
            return Entered(Outcome.INEFFECTIVE.value, ALREADY, 0, before, before, True)
        if noted.empty:
            return Entered(Outcome.APPLIED.value, "", 0, before, after)
        row = noted.iloc[0]
        return Entered(row["outcome"], row["reason"], int(row["missing"]), before, after)

    def commit(self, extra: Sequence[Change] = (), more: pd.DataFrame | None = None) -> int:
        """Write the facts, with further events and changes of the same slice. Raises HeadMoved."""
        county = self.taking.county
        drafts = self.decision.drafts
        if more is not None:
            drafts = pd.concat([drafts, more], ignore_index=True)
        stamp = ledger.Stamp(self.now, self.now, self.taking.deliveries[0].digest)
        with writing(county.engine) as connection:
            head = ledger.append(connection, county.code, self.head, drafts, stamp)
            for change in (*self.decision.changes, *extra):
                change.write(connection, county.code, head.seq)
            connection.commit()
        return head.seq - self.head.seq


def prepare(
    county: County, source: str, rows: Sequence[Mapping[str, Any]], now: int, actor: str = ""
) -> Entry:
    """Decide on facts of known hazards; rows: stream_id, event, happened_at, UPDATE fields."""
    taking = own_taking(county, source, rows, now)
    frame = _frame(rows, actor)
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        findings, updates = hazards.both(None, frame)
        findings = findings.assign(is_latest=findings["is_latest"].astype(bool))
        decision = hazards.decide(connection, taking, findings, updates, head.seq)
        known = lookups.known_revisions(
            connection, county.code, source, RecordKind.UPDATE.value, frame["source_id"]
        )
    ids = tuple(frame["source_id"].tolist())
    return Entry(taking, head, decision, now, ids, frozenset(known["source_id"]))


def _present(spans: pd.DataFrame, root: str) -> dict[Hashable, Any] | None:
    """The row of a hazard that holds at present, if it is among these."""
    if spans.empty:
        return None
    found = spans[(spans["root_id"] == root) & (spans["claimed_to"] == FOREVER)]
    return None if found.empty else found.iloc[0].to_dict()


def own_taking(county: County, source: str, rows: Sequence[Mapping[str, Any]], now: int) -> Taking:
    """What the office enters itself, as a delivery of its own source."""
    delivery = _own_delivery(county, source, rows, now)
    return Taking(county, _own_source(county, source), (delivery,))


def _frame(rows: Sequence[Mapping[str, Any]], actor: str) -> pd.DataFrame:
    """Rows as canonical updates; dates and times are UTC ms already."""
    names = [n for n in UPDATE.names if n not in ("source_id", "sent_at")]
    numbers = set(UPDATE.of_kind("time", "date", "money", "flag"))
    columns = {
        n: pd.Series([r.get(n) for r in rows], dtype="Int64" if n in numbers else "str")
        for n in names
    }
    frame = pd.DataFrame(columns)
    frame["stream_id"] = [r["stream_id"] for r in rows]
    frame["claimed_at"] = frame["happened_at"].astype("int64")
    frame["sent_at"] = frame["claimed_at"]
    frame["row_digest"] = [digest(dict(r))[:16] for r in rows]
    frame["source_id"] = [
        f"{r['stream_id']}:{r['event']}:{r['happened_at']}:{d}"
        for r, d in zip(rows, frame["row_digest"], strict=True)
    ]
    return frame.assign(is_latest=True, line=range(1, len(rows) + 1), actor=actor)


def _own_source(county: County, name: str) -> SourceDeclaration:
    """The office as a source: continuous, and it answers for itself."""
    some = next(iter(county.sources.values()))
    title = some.title.model_copy(update={"zh": name, "en": name})
    return some.model_copy(
        update={"name": name, "title": title, "owner": title, "cadence": "continuous"}
    )


def _own_delivery(
    county: County, source: str, rows: Sequence[Mapping[str, Any]], now: int
) -> Delivery:
    """Entered by hand is received when it is entered: what it claims earlier may be late."""
    mark = digest([dict(r) for r in rows])
    return Delivery(
        county.code, source, f"{source}:{now}:{mark[:16]}", "json", source, None, now, now, False,
        "", Path(),
    )  # fmt: skip


def _change(changes: Sequence[Change], table: str) -> Change:
    return next(c for c in changes if c.table.name == table)


def hazard_roots(county: County, hazards: Sequence[str]) -> dict[str, str]:
    """The cluster root of each hazard as it is named, for those that are known.

    A name: the stream in full or without its prefix, or `source:number` as the source counts.
    """
    streams = {name: stream_of(county, name) for name in hazards}
    with reading(county.engine) as connection:
        found = lookups.roots_of(connection, county.code, sorted(set(streams.values())))
    return {name: str(found[s]) for name, s in streams.items() if s in found.index}


def stream_of(county: County, name: str) -> str:
    """A finding's stream as the ledger names it, by any of its names."""
    source, colon, number = name.partition(":")
    if colon and source in county.sources:
        return hazard_id(source, number)
    return name if name.startswith("hazard:") else f"hazard:{name}"
