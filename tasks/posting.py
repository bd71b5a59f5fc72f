"""The outbox: messages are written with the events that cause them and sent afterwards.

Promise: no message is lost between the ledger and its receiver, and its key is the same on every
try, so that a receiver can drop what it has. The first channel is a file per message in the home.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from rules.seal import canonical
from tasks.county import County
from tasks.store import outbox
from tasks.store.changes import Change
from tasks.store.engine import reading, writing

FILE_CHANNEL = "file"


def messages(rows: Iterable[dict[str, Any]], now: int) -> Change:
    """Messages to be written with a slice. Each row: key, recipient, kind and what it says."""
    frame = pd.DataFrame(
        [
            {
                "key": row["key"],
                "channel": FILE_CHANNEL,
                "recipient": row["recipient"],
                "kind": row["kind"],
                "body": canonical(row).decode(),
                "created_at": now,
            }
            for row in rows
        ]
    )
    return outbox.beginning(frame)


def send(county: County, now: int) -> int:
    """Send what waits; returns how many messages left. Sending again overwrites the same file."""
    with reading(county.engine) as connection:
        waiting = outbox.waiting(connection, county.code)
    for key, body in waiting:
        _to_file(county.outbox, key, body)
    if waiting:
        _mark(county, [key for key, _ in waiting], now)
    return len(waiting)


def _to_file(folder: Path, key: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = key.replace(":", "-")
    aside = folder / f".{name}.new"
    shown = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    with aside.open("w", encoding="utf-8") as file:
        file.write(shown + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.rename(folder / f"{name}.json")


def _mark(county: County, keys: list[str], now: int) -> None:
    with writing(county.engine) as connection:
        outbox.mark_sent(connection, county.code, keys, now)
        connection.commit()
