"""The outbox: messages are written with the events that cause them and sent afterwards.

Promise: no message is lost between the ledger and its receiver, and its key is the same on every
try, so that a receiver can drop what it has. A channel says how a message leaves: as a file in the
home, by `tasks.delivering` or `tasks.telling`; what cannot leave now waits for the next time.
"""

import json
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rules.seal import canonical
from tasks import delivering, telling
from tasks.county import County
from tasks.delivering import NotDelivered
from tasks.store import outbox
from tasks.store.changes import Change
from tasks.store.engine import reading, writing
from tasks.store.outbox import Message

FILE_CHANNEL = "file"
CHANNELS = {**delivering.CHANNELS, telling.CHANNEL: telling.told}
log = logging.getLogger(__name__)


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
    files = [message for message in waiting if message.channel == FILE_CHANNEL]
    for message in files:
        _to_file(county.outbox, message.key, message.body)
    if files:
        _mark(county, [message.key for message in files], now)
    others = [message for message in waiting if message.channel != FILE_CHANNEL]
    return len(files) + sum(not reason for reason in deliver(county, others, now).values())


def deliver(county: County, messages: Sequence[Message], now: int) -> dict[str, str]:
    """Send messages of other channels, each marked as it leaves; key → why it waits, "" if not.

    A destination that failed is not tried again in the same run.
    """
    told, down = dict[str, str](), dict[str, str]()
    for message in messages:
        reason = down.get(message.recipient) or _delivered(county, message)
        if reason:
            log.warning("%s waits: %s", message.key, reason)
            down[message.recipient] = reason
        else:
            _mark(county, [message.key], now)
        told[message.key] = reason
    return told


def _delivered(county: County, message: Message) -> str:
    try:
        CHANNELS[message.channel](county, message)
    except NotDelivered as error:
        return str(error)
    return ""


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
