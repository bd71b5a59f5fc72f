"""Canonical rows → drafts of ledger events (DRAFT_COLUMNS of `tasks.store.ledger`)."""

from dataclasses import dataclass

import pandas as pd

from rules.deadlines import file_by
from schemas.records import SHAPES
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind, StreamKind
from tasks.county import County
from tasks.intake.landing import Delivery
from tasks.store import payload

# Of a record's fields these are columns of the event itself, not of its payload.
_OWN_COLUMNS = {"source_id", "sent_at"}


@dataclass(frozen=True)
class Taking:
    """One delivery being taken into a county's ledger."""

    county: County
    declaration: SourceDeclaration
    delivery: Delivery


def draft(
    taking: Taking,
    rows: pd.DataFrame,
    record: RecordKind,
    stream_kind: StreamKind,
    kinds: pd.Series,
    extra: tuple[str, ...] = (),
) -> pd.DataFrame:
    """One event draft per row; rows carry stream_id and base_version beside the record's fields."""
    shape = SHAPES[record]
    columns = [n for n in shape.names if n not in _OWN_COLUMNS and n != shape.claimed]
    claimed = rows["claimed_at"].to_numpy(dtype="int64")
    declaration, delivery = taking.declaration, taking.delivery
    return pd.DataFrame(
        {
            "stream_id": rows["stream_id"],
            "stream_kind": stream_kind.value,
            "kind": kinds,
            "claimed_at": claimed,
            "sent_at": rows["sent_at"].to_numpy(dtype="int64"),
            "received_at": delivery.received_at,
            "file_by": file_by(
                claimed,
                declaration,
                taking.county.policy,
                taking.county.days,
                delivery.received_at,
                delivery.previous_pull_at,
            ),
            "actor": declaration.name,
            "source": declaration.name,
            "record": record.value,
            "source_id": rows["source_id"],
            "row_digest": rows["row_digest"],
            "delivery": delivery.digest,
            "payload": payload.encode(rows, [*columns, *extra]),
            "base_version": rows["base_version"].to_numpy(dtype="int64"),
        },
        index=rows.index,
    )
