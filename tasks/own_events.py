"""Events that the office's own clock or an operator appends beside a hazard's facts.

A rung that fires, a proposal that is confirmed, a listing's step: they move no hazard.
"""

import pandas as pd

from schemas.vocabulary import StreamKind
from tasks.county import County
from tasks.store import ledger
from tasks.store.changes import Change
from tasks.store.engine import writing


def own_drafts(
    streams: pd.Series,
    kind: StreamKind,
    event: "str | pd.Series",
    keys: pd.Series,
    payloads: list[str],
    now: int,
    *,
    source: str,
    record: str,
    actor: str,
    base_version: "int | pd.Series" = 0,
) -> pd.DataFrame:
    """Drafts that claim to happen now; keys: what makes each unique within its source."""
    return pd.DataFrame(
        {
            "stream_id": streams,
            "stream_kind": kind.value,
            "kind": event,
            "claimed_at": now,
            "sent_at": now,
            "received_at": now,
            "file_by": now,
            "actor": actor,
            "source": source,
            "record": record,
            "source_id": keys,
            "row_digest": "",
            "delivery": "",
            "payload": payloads,
            "base_version": base_version,
        }
    )


def append(
    county: County,
    head: ledger.Head,
    drafts: pd.DataFrame,
    changes: tuple[Change, ...],
    now: int,
) -> int:
    """Write drafts with the changes they cause; how many were appended. Raises HeadMoved."""
    with writing(county.engine) as connection:
        stamp = ledger.Stamp(now, now, "")
        after = ledger.append(connection, county.code, head, drafts, stamp)
        for change in changes:
            change.write(connection, county.code, after.seq)
        connection.commit()
    return after.seq - head.seq
