"""Canonical rows → drafts of ledger events (DRAFT_COLUMNS of `tasks.store.ledger`).

Deliveries of one source are taken together; while they are, a row's `line` says which of them it
is from: position of the delivery × LINES + line in the delivery.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from rules.deadlines import file_by
from rules.identity_clusters import MUST_NOT
from schemas.records import SHAPES
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind, StreamKind
from tasks.county import County
from tasks.intake.landing import Delivery
from tasks.store import payload

LINES = 10**9
IDENTITY, LINKED, PARTED = "identity", "linked", "parted"
# Of a record's fields these are columns of the event itself, not of its payload.
_OWN_COLUMNS = {"source_id", "sent_at"}


@dataclass(frozen=True)
class Taking:
    """Deliveries of one source being taken into a county's ledger, as one piece of work."""

    county: County
    declaration: SourceDeclaration
    deliveries: tuple[Delivery, ...]
    again: bool = False  # all were taken to their end before: what they gave then is known

    @cached_property
    def digests(self) -> np.ndarray:
        return np.array([d.digest for d in self.deliveries], dtype=object)

    @cached_property
    def received(self) -> np.ndarray:
        return np.array([d.received_at for d in self.deliveries], dtype=np.int64)

    @cached_property
    def previous_pulls(self) -> np.ndarray:
        return np.array([d.previous_pull_at for d in self.deliveries], dtype=np.int64)

    @cached_property
    def failing_since(self) -> np.ndarray:
        return np.array([d.failing_since for d in self.deliveries], dtype=np.int64)

    @staticmethod
    def position(lines: pd.Series) -> np.ndarray:
        """Which delivery each line is from."""
        return lines.to_numpy(dtype=np.int64) // LINES

    def digest_of(self, lines: pd.Series) -> np.ndarray:
        return self.digests[self.position(lines)]


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
    county, declaration = taking.county, taking.declaration
    position = taking.position(rows["line"])
    received, previous = taking.received[position], taking.previous_pulls[position]
    failing = taking.failing_since[position]
    return pd.DataFrame(
        {
            "stream_id": rows["stream_id"],
            "stream_kind": stream_kind.value,
            "kind": kinds,
            "claimed_at": claimed,
            "sent_at": rows["sent_at"].to_numpy(dtype="int64"),
            "received_at": received,
            "file_by": file_by(
                claimed, declaration, county.policy, county.days, received, previous, failing
            ),
            "actor": rows.get("actor", declaration.name),
            "source": declaration.name,
            "record": record.value,
            "source_id": rows["source_id"],
            "row_digest": rows["row_digest"],
            "delivery": taking.digests[position],
            "payload": payload.encode(rows, [*columns, *extra]),
            "base_version": rows["base_version"].to_numpy(dtype="int64"),
        },
        index=rows.index,
    )


def link_drafts(taking: Taking, links: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """The decision that two findings are one hazard, as events of the new one's stream.

    links: stream_a, stream_b, score, by. Recorded with score and reason, never recomputed (domain
    §3). A link of two findings that are known already is an operator's word: then `reason` and
    `actor` are columns too.
    """
    line_of = findings.drop_duplicates("stream_id").set_index("stream_id")["line"]
    position = taking.position(links["stream_b"].map(line_of).fillna(0))
    received = taking.received[position]
    words = links.assign(to=links["stream_a"], score=links["score"].astype("int64"))
    by_hand = "actor" in links.columns
    parted = (links["score"] == MUST_NOT).to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "stream_id": links["stream_b"],
            "stream_kind": StreamKind.HAZARD.value,
            "kind": np.where(parted, PARTED, LINKED),
            "claimed_at": received,
            "sent_at": received,
            "received_at": received,
            "file_by": received,
            "actor": links["actor"] if by_hand else IDENTITY,
            "source": taking.declaration.name if by_hand else IDENTITY,
            "record": "link",
            "source_id": links["stream_a"] + "~" + links["stream_b"],
            "row_digest": "",
            "delivery": taking.digests[position],
            "payload": payload.encode(words, ["to", "score", "by", *["reason"] * by_hand]),
            "base_version": links["base_version"] if by_hand else 0,
        },
        index=links.index,
    )
