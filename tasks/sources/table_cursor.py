"""The cursor of a database view, kept as JSON text and given back in its own type.

Integers and texts stand for themselves, `{"at": …}` is a timestamp, `{"day": …}` a date and
`{"number": …}` a decimal, because a database compares a timestamp with nothing but a timestamp.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson

from tasks.sources.cursors import earlier, instant, latest


class NoCursor(TypeError):
    """A value of a type that does not grow, or not in an order that we know."""


def freeze(value: Any) -> str:
    """A cursor value as text. Raises NoCursor for a type that no cursor has."""
    if isinstance(value, dt.datetime):
        return orjson.dumps({"at": value.isoformat()}).decode()
    if isinstance(value, dt.date):
        return orjson.dumps({"day": value.isoformat()}).decode()
    if isinstance(value, Decimal):
        return orjson.dumps({"number": str(value)}).decode()
    if isinstance(value, int | str | float):
        return orjson.dumps(value).decode()
    raise NoCursor(f"a cursor cannot be a {type(value).__name__}")


def thaw(text: str) -> Any:
    value = orjson.loads(text)
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return dt.date.fromisoformat(value["day"])
    return dt.datetime.fromisoformat(value["at"]) if "at" in value else Decimal(value["number"])


def begin(value: Any, overlap_minutes: int) -> Any:
    """Where the next pull starts: the cursor, or the overlap before it when it is a time."""
    if isinstance(value, dt.datetime):
        return value - dt.timedelta(minutes=overlap_minutes)
    if isinstance(value, dt.date):  # whole days: the day that contains the moment
        return value - dt.timedelta(days=-(-overlap_minutes // 1440))
    return earlier(value, overlap_minutes) if isinstance(value, str) else value


def grown(cursor: str, values: Sequence[Any], now: int) -> str:
    """The cursor after `values`, which ascend: the greatest that is not in the future, never less
    than before. Among texts of which some are times, only times count."""
    if not values:
        return cursor
    if isinstance(values[-1], dt.date):  # a datetime is a date
        past = [v for v in values if (instant(v.isoformat()) or 0) <= now]
        return _greater(cursor, past[-1]) if past else cursor
    times = [v for v in values if isinstance(v, str) and instant(v) is not None]
    if not times:
        return _greater(cursor, values[-1])
    before = thaw(cursor) if cursor else ""
    best = latest(times, before if isinstance(before, str) else "", now)
    return freeze(best) if best else cursor


def _greater(cursor: str, value: Any) -> str:
    before: Any = thaw(cursor) if cursor else None
    return cursor if type(before) is type(value) and before > value else freeze(value)
