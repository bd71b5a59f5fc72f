"""The ledger's event: what every append-only row carries, and how a stream is named.

`version` is the arrival position in a stream, never time; three times stand on every event:
claimed (when it happened), sent (by the source), received (stamped once at landing). All times are
UTC milliseconds. The payload is canonical JSON text (see `rules.seal`).
"""

from dataclasses import dataclass

from schemas.vocabulary import StreamKind

# Column order of the `event` table, of event frames and of driver tuples: one order everywhere.
EVENT_COLUMNS = (
    "county",
    "seq",
    "stream_id",
    "version",
    "stream_kind",
    "kind",
    "claimed_at",
    "sent_at",
    "received_at",
    "appended_at",
    "file_by",
    "actor",
    "source",
    "record",
    "source_id",
    "row_digest",
    "delivery",
    "payload",
    "prev_hash",
    "hash",
)

# What is hashed after the previous hash, in this order, as one canonical JSON array.
HASHED_COLUMNS = EVENT_COLUMNS[:-2]

GENESIS = "0" * 64


@dataclass(frozen=True)
class Head:
    """The end of a county's ledger: how many events it has and the hash of the last."""

    seq: int = 0
    hash: str = GENESIS


def stream_name(kind: StreamKind, key: str) -> str:
    return f"{kind}:{key}"
