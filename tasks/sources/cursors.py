"""Cursors that are times: compared as instants, handed back in the very spelling they came in.

A time without an offset is compared as if it were UTC. In a county east of Greenwich that can only
make a cursor lag behind, which costs rows that are already known, never rows that are missed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

MINUTE_MS = 60_000


def instant(text: str) -> int | None:
    """UTC milliseconds of an ISO 8601 text, None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def iso(ms: int) -> str:
    """UTC milliseconds as `2025-03-03T00:00:00Z`, rounded down to the second."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def earlier(text: str, minutes: int) -> str:
    """`text` moved back by `minutes`, spelled alike; a text that is no time is left as it is."""
    if not minutes or instant(text) is None:
        return text
    moment = datetime.fromisoformat(text) - timedelta(minutes=minutes)
    if len(text) <= 10:  # a bare date: the day that contains the moment
        return moment.date().isoformat()
    moved = moment.isoformat(sep=text[10], timespec=_precision(text))
    return moved.removesuffix("+00:00") + "Z" if text.endswith(("Z", "z")) else moved


def _precision(text: str) -> str:
    _, dot, fraction = text.partition(".")
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    if dot and digits:
        return "milliseconds" if digits <= 3 else "microseconds"
    return "seconds"


def latest(values: Iterable[object], previous: str, now: int) -> str:
    """The greatest time among `values` and `previous` that is not after `now`, as it was written.

    A time in the future (a mistyped year) never becomes a cursor: all that happens until then would
    be skipped. Values that are no times do not count.
    """
    best, best_at = previous, instant(previous)
    for value in {v for v in values if isinstance(v, str)}:
        at = instant(value)
        if at is not None and at <= now and (best_at is None or at > best_at):
            best, best_at = value, at
    return best
