"""People are told what happened, by policy, through the outbox.

Promise: an occasion is told once on each channel that `notify.yaml` names, whoever notices it and
however often; the message is kept before it is sent, so a crash loses none; no message carries data
of a reporter, for none is given to it. How it leaves is `tasks.telling`.

    tell(county, [Notice(Occasion.RUN_FAILED, "run:9f2c", "collect-2025-W10", "…")], now)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.seal import canonical, digest
from schemas.notify import Occasion
from tasks.county import County
from tasks.posting import deliver
from tasks.rendering.catalogue import text
from tasks.store import outbox
from tasks.store.engine import reading, writing
from tasks.store.outbox import Message
from tasks.telling import CHANNEL

_LONGEST = 500


@dataclass(frozen=True)
class Notice:
    """Something to be told. about: what makes it one and the same occasion; name: what it is
    called; said: why, in a sentence."""

    occasion: Occasion
    about: str
    name: str
    said: str = ""


def tell(county: County, notices: Sequence[Notice], now: int) -> dict[str, str]:
    """Keep and send what policy wants told; key → why it waits, "" where it left."""
    messages = [
        _message(county, notice, channel)
        for notice in notices
        for channel in county.notify.channels(notice.occasion)
    ]
    if not messages:
        return {}
    with writing(county.engine) as connection:
        known = outbox.known(connection, county.code, [m.key for m in messages])
        fresh = [m for m in messages if m.key not in known]
        for message in fresh:
            outbox.enter(connection, county.code, message, now, 0)
        connection.commit()
    return send(county, now)


def send(county: County, now: int) -> dict[str, str]:
    """Send every notice that waits; key → why it still does, "" where it left."""
    with reading(county.engine) as connection:
        waiting = outbox.waiting(connection, county.code)
    return deliver(county, [m for m in waiting if m.channel == CHANNEL], now)


def _message(county: County, notice: Notice, channel: str) -> Message:
    key = f"notify:{notice.occasion}:{digest({'about': notice.about})[:16]}:{channel}"
    lang = county.settings.lang or "zh"
    values = {"name": notice.name, "county": getattr(county.organisation.name, lang)}
    body = {
        "key": key,
        "occasion": notice.occasion.value,
        "title": text(f"notify.{notice.occasion.value}", lang, **values),
        "text": " ".join(notice.said.split())[:_LONGEST],
    }
    return Message(key, CHANNEL, channel, notice.occasion.value, canonical(body).decode())
