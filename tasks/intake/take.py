"""Take one delivery into the ledger: all of it, once, or the part that was missing.

Promise: taken + refused + known = rows received; taking again appends nothing; a crash at any
point leaves whole slices, and taking again appends the rest. One slice is one transaction of at
most SLICE_EVENTS events with the state they change; the last one carries the submission, the
quarantine and the source's cursor.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from rules.versions import NEW, RESUMED, classify
from schemas.events import Head
from schemas.vocabulary import RecordKind
from tasks.intake import hazards, quarantine, registry
from tasks.intake.drafts import Taking
from tasks.intake.sift import Sifted, sift
from tasks.intake.submitting import Closing, close_submission, counts_by_code
from tasks.store import ledger, lookups
from tasks.store.changes import GROUP, Change
from tasks.store.engine import reading, writing

WAITS = "A001"
_ATTEMPTS = 8
_REGISTRY = (RecordKind.PLACE, RecordKind.CHECK, RecordKind.FIGURE)


@dataclass(frozen=True)
class TakeReport:
    """What became of one delivery's rows; `appended` counts ledger events of any kind."""

    received: int = 0
    taken: int = 0
    refused: int = 0
    known: int = 0
    appended: int = 0
    refused_by: dict[str, int] = field(default_factory=dict)
    warned: int = 0
    new_hazards: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Plan:
    """Everything decided about one delivery against one head, ready to be committed."""

    head: Head
    drafts: pd.DataFrame
    changes: tuple[Change, ...]
    refused: pd.DataFrame
    report: TakeReport


def take(taking: Taking, *, now: int, known_at: int, only: frozenset[int] | None = None) -> TakeReport:
    """Take a delivery (or some of its lines, when a hazard they waited for has come).

    now: when it is appended; known_at: when what it says could be known, UTC ms. Raises
    Unreadable and MappingError; retries by itself when another writer was faster.
    """
    sifted = sift(taking, only)
    for attempt in range(_ATTEMPTS):
        with reading(taking.county.engine) as connection:
            plan = _decide(connection, taking, sifted, retried=only is not None)
        try:
            stamp = ledger.Stamp(now, known_at, taking.delivery.digest)
            return _commit(taking, plan, stamp, only)
        except ledger.HeadMoved:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _decide(connection: Connection, taking: Taking, sifted: Sifted, retried: bool) -> _Plan:
    county = taking.county.code
    head = ledger.read_head(connection, county)
    accepted, waiting = _attach(connection, taking, sifted)
    refused = pd.concat([sifted.refused, waiting[sifted.refused.columns]], ignore_index=True)
    waits_for = dict(zip(waiting["line"], waiting["stream_id"], strict=True))
    fresh, status = _what_is_new(connection, taking, accepted)
    stored = quarantine.rows_of(sifted.rows, refused, waits_for)
    again = _again(connection, taking, stored)
    drafts, changes, new = _decide_records(connection, taking, fresh, head)
    report = _account(sifted, refused, again, status, new)
    kept = stored[~again] if not retried else stored[:0]
    return _Plan(head, drafts, changes, kept.drop_duplicates("cells_digest"), report)


def _attach(
    connection: Connection, taking: Taking, sifted: Sifted
) -> tuple[dict[RecordKind, pd.DataFrame], pd.DataFrame]:
    """Streams for findings and updates; updates without a hazard are set aside, whole lines."""
    accepted = dict(sifted.accepted)
    findings = accepted.get(RecordKind.FINDING, pd.DataFrame())
    updates = accepted.get(RecordKind.UPDATE, pd.DataFrame())
    if len(findings):
        findings = hazards.identified(taking, findings, RecordKind.FINDING)
        accepted[RecordKind.FINDING] = findings
    if updates.empty:
        return accepted, _no_waiting()
    updates = hazards.identified(taking, updates, RecordKind.UPDATE)
    streams = findings if len(findings) else updates[:0]
    ready, waiting = hazards.split_waiting(connection, taking.county.code, updates, streams)
    waiting = waiting.drop_duplicates("line")[["line", "source_id", "stream_id"]]
    waiting = waiting.assign(record=RecordKind.UPDATE.value, codes=WAITS)
    accepted[RecordKind.UPDATE] = ready
    return {k: f[~f["line"].isin(waiting["line"])] for k, f in accepted.items()}, waiting


def _no_waiting() -> pd.DataFrame:
    columns = ("line", "source_id", "stream_id", "record", "codes")
    return pd.DataFrame({c: pd.Series([], dtype="str") for c in columns})


def _what_is_new(
    connection: Connection, taking: Taking, accepted: dict[RecordKind, pd.DataFrame]
) -> tuple[dict[RecordKind, pd.DataFrame], pd.DataFrame]:
    """Rows that say something new, by record; and (line, status) of every accepted record."""
    source = taking.declaration.name
    fresh, statuses = {}, []
    for kind, frame in accepted.items():
        known = lookups.known_revisions(
            connection, taking.county.code, source, kind.value, frame["source_id"].unique()
        )
        rows = frame.assign(record=kind.value)
        status = classify(rows, known, taking.delivery.digest)
        statuses.append(pd.DataFrame({"line": rows["line"], "status": status}))
        latest = known.groupby("source_id")["sent_at"].max()
        superseded = rows["sent_at"] < rows["source_id"].map(latest).fillna(-1)
        fresh[kind] = rows.assign(is_latest=~superseded)[status == NEW]
    return fresh, pd.concat(statuses, ignore_index=True) if statuses else _no_status()


def _no_status() -> pd.DataFrame:
    return pd.DataFrame({"line": np.zeros(0, dtype=np.int64), "status": np.zeros(0, dtype=np.int8)})


def _again(connection: Connection, taking: Taking, stored: pd.DataFrame) -> np.ndarray:
    """Refused rows that are in quarantine from another delivery already, or stand here twice."""
    digests = stored["cells_digest"].astype("str")
    known = quarantine.is_known(
        connection, taking.county.code, taking.declaration.name, digests.unique()
    )
    elsewhere = digests.map(known).fillna(taking.delivery.digest) != taking.delivery.digest
    return (elsewhere | digests.duplicated()).to_numpy(dtype=bool)


def _decide_records(
    connection: Connection, taking: Taking, fresh: dict[RecordKind, pd.DataFrame], head: Head
) -> tuple[pd.DataFrame, tuple[Change, ...], tuple[str, ...]]:
    drafts: list[pd.DataFrame] = []
    changes: list[Change] = []
    new: tuple[str, ...] = ()
    findings, updates = fresh.get(RecordKind.FINDING), fresh.get(RecordKind.UPDATE)
    if (findings is not None and len(findings)) or (updates is not None and len(updates)):
        findings, updates = hazards.both(findings, updates)
        decided = hazards.decide(connection, taking, findings, updates, head.seq)
        drafts.append(decided.drafts)
        changes += decided.changes
        new = tuple(findings["stream_id"].unique())
    for kind in _REGISTRY:
        rows = fresh.get(kind)
        if rows is not None and len(rows):
            made = registry.decide(connection, taking, rows, kind)
            offset = sum(len(d) for d in drafts)  # groups of different kinds must not meet
            drafts.append(made.drafts.assign(**{GROUP: made.drafts[GROUP] + offset}))
            changes.append(made.change.shifted(offset))
    return (pd.concat(drafts, ignore_index=True) if drafts else pd.DataFrame()), tuple(changes), new


def _account(
    sifted: Sifted,
    refused: pd.DataFrame,
    again: np.ndarray,
    status: pd.DataFrame,
    new: tuple[str, ...],
) -> TakeReport:
    """Every line once: refused, taken when any record of it was new, else known."""
    taken = status.loc[status["status"].isin([NEW, RESUMED]), "line"].nunique()
    received = len(sifted.rows)
    refused_now = int((~again).sum())
    return TakeReport(
        received=received,
        taken=int(taken),
        refused=refused_now,
        known=received - int(taken) - refused_now,
        refused_by=counts_by_code(refused.loc[~again, "codes"]),
        warned=int(sifted.warned["line"].nunique()) if len(sifted.warned) else 0,
        new_hazards=new,
    )


def _commit(
    taking: Taking, plan: _Plan, stamp: ledger.Stamp, only: frozenset[int] | None
) -> TakeReport:
    """Write the plan slice by slice; the last slice completes the submission."""
    head = plan.head
    slices = _slices(plan.drafts)
    for number, part in enumerate(slices):
        last = number == len(slices) - 1
        with writing(taking.county.engine) as connection:
            closing = None
            if last:
                closing = Closing(taking, plan.report, plan.refused, only)
                part = closing.with_event(connection, part)
            head = ledger.append(connection, taking.county.code, head, part, stamp)
            groups = pd.Index(part[GROUP].unique()) if len(part) else pd.Index([])
            for change in plan.changes:
                change.part(groups).write(connection, taking.county.code, head.seq)
            if closing is not None:
                close_submission(connection, closing, head)
            connection.commit()
    return replace(plan.report, appended=head.seq - plan.head.seq)


def _slices(drafts: pd.DataFrame) -> list[pd.DataFrame]:
    """Whole groups together, about SLICE_EVENTS events each; at least one slice, maybe empty."""
    if len(drafts) <= ledger.SLICE_EVENTS:
        return [drafts]
    group = drafts[GROUP].to_numpy()
    first_of_group = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    targets = np.arange(ledger.SLICE_EVENTS, len(drafts), ledger.SLICE_EVENTS)
    found = np.searchsorted(first_of_group, targets, side="right") - 1
    cuts = [0, *dict.fromkeys(c for c in first_of_group[found].tolist() if c > 0), len(drafts)]
    return [drafts.iloc[a:b] for a, b in zip(cuts[:-1], cuts[1:], strict=True)]

