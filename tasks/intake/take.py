"""Take deliveries of one source into the ledger: all of them, once, or what was missing of them.

Promise: taken + refused + known = rows received; taking again appends nothing; a crash at any
point leaves whole slices, and taking again appends the rest. One slice is one transaction of about
SLICE_EVENTS events with the state they change; the last one carries the submissions and the
quarantine. The source's cursor moves after that.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from rules.versions import NEW, RESUMED, classify
from schemas.events import Head
from schemas.vocabulary import RecordKind
from tasks.intake import hazards, registry
from tasks.intake.accounting import TakeReport, account
from tasks.intake.drafts import Taking
from tasks.intake.frames import rows_where
from tasks.intake.quarantined import rows_of
from tasks.intake.sift import Sifted, sift
from tasks.intake.submitting import Closing
from tasks.store import ledger, lookups, quarantine
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection, reading, writing

WAITS = "A001"
ELSEWHERE = "A002"
WAITS_IN = f"{WAITS}:{RecordKind.UPDATE}.finding_id"
_ATTEMPTS = 8
_REGISTRY = (RecordKind.PLACE, RecordKind.CHECK, RecordKind.FIGURE)


@dataclass(frozen=True)
class Taken:
    """What became of the deliveries, in their order; `problems` could not be read (position)."""

    reports: tuple[TakeReport, ...]
    appended: int
    problems: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """Everything decided about deliveries against one head, ready to be committed.

    settled: the lines that are not refused again as they were before.
    """

    head: Head
    drafts: pd.DataFrame
    changes: tuple[Change, ...]
    refused: pd.DataFrame
    settled: pd.Series
    reports: tuple[TakeReport, ...]


def take(taking: Taking, *, now: int, known_at: int, only: frozenset[int] | None = None) -> Taken:
    """Take deliveries (or some of their lines, when a hazard they waited for has come).

    now: when it is appended; known_at: when what they say could be known, UTC ms; only: lines as
    `Taking` numbers them. Retries by itself when another writer was faster.
    """
    sifted = sift(taking, only)
    for attempt in range(_ATTEMPTS):
        with reading(taking.county.engine) as connection:
            plan = _decide(connection, taking, sifted)
        try:
            head = _commit(taking, plan, ledger.Stamp(now, known_at, ""), only, sifted)
            appended = head.seq - plan.head.seq
            return Taken(plan.reports, appended, sifted.problems)
        except ledger.HeadMoved:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _decide(connection: Connection, taking: Taking, sifted: Sifted) -> _Plan:
    county = taking.county.code
    head = ledger.read_head(connection, county)
    accepted, waiting = _attach(connection, taking, sifted)
    refused = pd.concat([sifted.refused, waiting[sifted.refused.columns]], ignore_index=True)
    waits_for = dict(zip(waiting["line"], waiting["stream_id"], strict=True))
    fresh, status = _what_is_new(connection, taking, accepted)
    stored = rows_of(sifted.layouts, refused, waits_for)
    stored = stored.assign(delivery=taking.digest_of(stored["line"]))
    again = _again(connection, taking, stored)
    decided = _decide_records(connection, taking, fresh, head)
    refused_now = stored[~again]
    warned = pd.concat([sifted.warned, decided.warned], ignore_index=True)
    reports = account(len(taking.deliveries), replace(sifted, warned=warned), refused_now, status)
    settled = sifted.lines[~sifted.lines.isin(stored.loc[again, "line"])]
    return _Plan(head, decided.drafts, decided.changes, refused_now, settled, reports)


def _attach(
    connection: Connection, taking: Taking, sifted: Sifted
) -> tuple[dict[RecordKind, pd.DataFrame], pd.DataFrame]:
    """Streams for findings and updates; updates without a hazard are set aside, whole lines."""
    accepted = dict(sifted.accepted)
    for kind in (RecordKind.FINDING, RecordKind.UPDATE):
        if kind in accepted:
            accepted[kind] = hazards.identified(taking, accepted[kind], kind)
    updates = accepted.get(RecordKind.UPDATE)
    if updates is None or updates.empty:
        return accepted, _no_waiting()
    streams = accepted.get(RecordKind.FINDING, updates[:0])
    ready, waiting = hazards.split_waiting(connection, taking.county.code, updates, streams)
    waiting = waiting.drop_duplicates("line")[["line", "source_id", "stream_id"]]
    waiting = waiting.assign(record=RecordKind.UPDATE.value, codes=WAITS, faults=WAITS_IN)
    accepted[RecordKind.UPDATE] = ready
    lines = waiting["line"]
    return {k: rows_where(f, ~f["line"].isin(lines)) for k, f in accepted.items()}, waiting


def _no_waiting() -> pd.DataFrame:
    columns = {"line": "int64", "source_id": "str", "stream_id": "str", "record": "str"}
    columns |= {"codes": "str", "faults": "str"}
    return pd.DataFrame({c: pd.Series([], dtype=kind) for c, kind in columns.items()})


def _what_is_new(
    connection: Connection, taking: Taking, accepted: dict[RecordKind, pd.DataFrame]
) -> tuple[dict[RecordKind, pd.DataFrame], pd.DataFrame]:
    """Rows that say something new, by record; and (line, is_taken) of every accepted record."""
    source = taking.declaration.name
    fresh, statuses = {}, [pd.DataFrame({"line": np.zeros(0, np.int64), "is_taken": False})]
    for kind, frame in accepted.items():
        known = lookups.known_revisions(
            connection, taking.county.code, source, kind.value, frame["source_id"].unique()
        )
        rows = frame.assign(record=kind.value, delivery=taking.digest_of(frame["line"]))
        status = classify(rows, known)
        is_taken = np.isin(status, NEW if taking.again else (NEW, RESUMED))
        statuses.append(pd.DataFrame({"line": rows["line"], "is_taken": is_taken}))
        latest = known.groupby("source_id")["sent_at"].max()
        superseded = rows["sent_at"] < rows["source_id"].map(latest).fillna(-1)
        fresh[kind] = rows_where(rows.assign(is_latest=~superseded), status == NEW)
    return fresh, pd.concat(statuses, ignore_index=True)


def _again(connection: Connection, taking: Taking, stored: pd.DataFrame) -> np.ndarray:
    """Refused rows that are in quarantine from another delivery already, or stand here twice."""
    digests = stored["cells_digest"].astype("str")
    known = quarantine.is_known(
        connection, taking.county.code, taking.declaration.name, digests.unique()
    )
    keeper = digests.map(known.to_dict()).astype("str")
    elsewhere = keeper.notna() & (keeper != stored["delivery"])
    return (elsewhere | digests.duplicated()).to_numpy(dtype=bool)


@dataclass(frozen=True)
class _Decided:
    """What the new rows of all records come to; warned: `line` and `codes`."""

    drafts: pd.DataFrame
    changes: tuple[Change, ...]
    warned: pd.DataFrame


def _decide_records(
    connection: Connection, taking: Taking, fresh: dict[RecordKind, pd.DataFrame], head: Head
) -> _Decided:
    drafts: list[pd.DataFrame] = []
    changes: list[Change] = []
    warned = pd.Series([], dtype="int64")
    findings, updates = hazards.both(fresh.get(RecordKind.FINDING), fresh.get(RecordKind.UPDATE))
    if len(findings) or len(updates):
        decided = hazards.decide(connection, taking, findings, updates, head.seq)
        drafts.append(decided.drafts)
        changes += decided.changes
        warned = decided.elsewhere
    for kind in _REGISTRY:
        rows = fresh.get(kind)
        if rows is not None and len(rows):
            made = registry.decide(connection, taking, rows, kind)
            offset = sum(len(d) for d in drafts)  # groups of different kinds must not meet
            drafts.append(made.drafts.assign(**{GROUP: made.drafts[GROUP] + offset}))
            changes.append(made.change.shifted(offset))
    together = pd.concat(drafts, ignore_index=True) if drafts else pd.DataFrame()
    codes = pd.Series(ELSEWHERE, warned.index, dtype="str")
    return _Decided(together, tuple(changes), pd.DataFrame({"line": warned, "codes": codes}))


def _commit(
    taking: Taking,
    plan: _Plan,
    stamp: ledger.Stamp,
    only: frozenset[int] | None,
    sifted: Sifted,
) -> Head:
    """Write the plan slice by slice; the last slice completes the submissions."""
    head, county = plan.head, taking.county
    parts = slices(plan.drafts)
    for number, part in enumerate(parts):
        with writing(county.engine) as connection:
            closing = None
            if number == len(parts) - 1:
                closing = Closing(
                    taking,
                    plan.reports,
                    plan.refused,
                    only,
                    frozenset(sifted.problems),
                    sifted.profiles,
                    plan.settled,
                )
                part = closing.with_events(connection, part)
            head = ledger.append(connection, county.code, head, part, stamp)
            groups = pd.Index(part[GROUP].unique()) if len(part) else pd.Index([])
            for change in plan.changes:
                change.part(groups).write(connection, county.code, head.seq)
            if closing is not None:
                closing.complete(connection, head)
            connection.commit()
    return head


def slices(drafts: pd.DataFrame, size: int = ledger.SLICE_EVENTS) -> list[pd.DataFrame]:
    """Whole groups together, about `size` events each; at least one slice, maybe empty."""
    if len(drafts) <= size:
        return [drafts]
    group = drafts[GROUP].to_numpy()
    first_of_group = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    targets = np.arange(size, len(drafts), size)
    found = np.searchsorted(first_of_group, targets, side="right") - 1
    cuts = [0, *dict.fromkeys(c for c in first_of_group[found].tolist() if c > 0), len(drafts)]
    return [drafts.iloc[a:b] for a, b in pairwise(cuts)]
