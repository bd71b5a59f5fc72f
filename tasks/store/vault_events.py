"""What the ledger says of sealed reporters, one stream `vault:<token>` each, and nothing of them.

`reporter_sealed` carries the commitment and the name of the key it was sealed for, and comes before
anything of the delivery that it came with; `reporter_opened` and `reporter_erased` say who, why,
and who approved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import select

from rules.seal import canonical
from schemas.events import stream_name
from schemas.tables import event
from schemas.vocabulary import StreamKind
from tasks.store import bulk
from tasks.store.engine import Connection

SEALED, OPENED, ERASED, KEY_CHANGED = (
    *("reporter_sealed", "reporter_opened", "reporter_erased"),
    "custodian_key_changed",
)
KEY_STREAM = "key"  # beside the tokens: which key is sealed for
RECORD = "vault"


@dataclass(frozen=True)
class VaultEvent:
    """One event to be appended. Times UTC ms."""

    token: str
    kind: str
    payload: Mapping[str, Any]
    actor: str
    at: int
    source: str = RECORD


def said(connection: Connection, county: str, tokens: Iterable[str] | None = None) -> pd.DataFrame:
    """token, kind, version, payload (a dict) of vault events, of some tokens or all, in order."""
    e = event.c
    query = select(e.stream_id, e.kind, e.version, e.payload).where(e.county == county)
    if tokens is None:
        query = query.where(e.stream_kind == StreamKind.VAULT.value)
        found = bulk.select(connection, query.order_by(e.seq))
    else:
        with bulk.keys(connection, map(stream, tokens)) as wanted:
            found = bulk.select(connection, query.where(e.stream_id.in_(wanted)).order_by(e.seq))
    return pd.DataFrame(
        {
            "token": found["stream_id"].astype("str").str.removeprefix(stream("")),
            "kind": found["kind"],
            "version": found["version"],
            "payload": [orjson.loads(text) for text in found["payload"].tolist()],
        }
    )


def drafts(events: Iterable[VaultEvent], known: pd.DataFrame) -> pd.DataFrame:
    """Drafts of these events; `known` is what `said` gave of their tokens."""
    lengths = known.groupby("token")["version"].max().to_dict()
    return pd.DataFrame([_draft(each, int(lengths.get(each.token, 0))) for each in events])


def _draft(each: VaultEvent, length: int) -> dict[str, Any]:
    return {
        "stream_id": stream(each.token),
        "stream_kind": StreamKind.VAULT.value,
        "kind": each.kind,
        "claimed_at": each.at,
        "sent_at": each.at,
        "received_at": each.at,
        "file_by": each.at,
        "actor": each.actor,
        "source": each.source,
        "record": RECORD,
        "source_id": f"{each.token}:{length + 1}",
        "row_digest": "",
        "delivery": "",
        "payload": canonical(dict(each.payload)).decode(),
        "base_version": length,
    }


def stream(token: str) -> str:
    return stream_name(StreamKind.VAULT, token)
