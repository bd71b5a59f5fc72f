"""Self-check discipline (自查自纠): the months in which a place owed a self-check, and kept it.

A place owes one self-check for every complete calendar month during which it was active from the
first instant to the last, and of a class that owes them at the month's end, by the registry as
known at the watermark. What is due is judged when it is complete: the running month is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rules.periods import midnight

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Month:
    """[start, end) in UTC ms; code like 2025-03."""

    code: str
    start: int
    end: int


def complete_months(end: int, count: int, since: date, zone: str) -> tuple[Month, ...]:
    """The last `count` months that ended by `end` and began on `since` or later, in order."""
    first = since if since.day == 1 else _next(since)
    found: list[Month] = []
    while (month := _month(first, zone)).end <= end:
        found.append(month)
        first = _next(first)
    return tuple(found[-count:])


def owed(
    spans: pd.DataFrame, places: pd.Index, months: Sequence[Month], classes: Sequence[str]
) -> Flags:
    """(place, month) for every place of `places`: whether it owed a self-check.

    spans: all validity rows of places as known: place_id, claimed_from, claimed_to, active_from,
    active_to (0: none), place_class.
    """
    rows = spans[spans["place_class"].isin(list(classes))]
    of = places.get_indexer(pd.Index(rows["place_id"], dtype=object))
    rows, of = rows[of >= 0], of[of >= 0]
    found = np.zeros((len(places), len(months)), dtype=bool)
    for column, month in enumerate(months):
        holds = (rows["claimed_from"] < month.end) & (rows["claimed_to"] >= month.end)
        lasts = (rows["active_to"] == 0) | (rows["active_to"] >= month.end)
        due = holds & lasts & (rows["active_from"] <= month.start)
        found[of[due.to_numpy(dtype=bool)], column] = True
    return found


def kept(visits: pd.DataFrame, places: pd.Index, months: int) -> Flags:
    """(place, month): whether there was a self-check. visits: place_id, month (from 0)."""
    found = np.zeros((len(places), months), dtype=bool)
    of = places.get_indexer(pd.Index(visits["place_id"], dtype=object))
    known = of >= 0
    found[of[known], visits["month"].to_numpy(dtype=np.int64)[known]] = True
    return found


def _month(first: date, zone: str) -> Month:
    return Month(f"{first:%Y-%m}", midnight(first, zone), midnight(_next(first), zone))


def _next(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
