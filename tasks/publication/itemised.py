"""The items that an edition prints beside its figures: those that towns contest most.

Per cell of the period, `towns.<code>.period.all.<measure>`, the hazards that it counts. No
description, no reporter: what public pages may say of a hazard (domain §6). All other cells are
listed on demand (`tasks.explaining`), by the same conditions.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from schemas.period import Period
from schemas.vocabulary import Severity, State
from tasks.county import County
from tasks.publication.body import cut_of
from tasks.store import items as store
from tasks.store.engine import Connection
from tasks.store.measures import Cut

MEASURES = (
    *("overdue", "major_open", "backdated", "reworked", "reopened", "rejected", "transferred"),
    *("moved_in", "moved_out"),
)
Item = dict[Any, Any]  # texts by name
Items = dict[str, list[Item]]


def items(connection: Connection, county: County, period: Period, watermark: int) -> Items:
    """Cell → its hazards, by town; cells that count nothing are left out."""
    cut = cut_of(county, period, watermark)
    rows = store.items(connection, cut, "period", MEASURES)
    said = listed(connection, county, cut, rows["root_id"].unique().tolist())
    found: Items = {}
    for measure, town, root in zip(rows["measure"], rows["town"], rows["root_id"], strict=True):
        found.setdefault(f"towns.{town}.period.all.{measure}", []).append(said[root])
    return dict(sorted(found.items()))


def listed(
    connection: Connection, county: County, cut: Cut, roots: Sequence[str]
) -> dict[str, Item]:
    """What is said of hazards wherever they are listed: number, unit, state at the cut, days."""
    frame = store.described(connection, cut, roots)
    said = pd.DataFrame(
        {
            "number": frame["source"] + ":" + frame["source_id"],
            "unit_name": frame["unit_name"],
            "category": frame["category"],
            "town": frame["town_code"],
            "sector": frame["sector_code"],
            "severity": frame["severity"].map({int(s): s.name.lower() for s in Severity}),
            "state": frame["state"].map({int(s): s.name.lower() for s in State}),
            "found_on": _days(county, frame["found_at"]),
            "due_on": _days(county, frame["due_at"] - 1),  # stored as the day's 24:00
            "closed_on": _days(county, frame["closed_at"]),
        }
    )
    return {str(root): dict(item) for root, item in said.to_dict("index").items()}


def _days(county: County, instants: pd.Series) -> pd.Series:
    """The county's calendar days of instants (UTC ms); "" for none."""
    codes, times = pd.factorize(instants.astype("int64"))
    days = county.days.local_days(np.asarray(times, dtype=np.int64))
    words = [
        date.fromordinal(int(d)).isoformat() if t > 0 else ""
        for d, t in zip(days, times, strict=True)
    ]
    return pd.Series(np.array(words, dtype=object)[codes], index=instants.index)
