"""What an edition counts beside hazards: places checked, duties kept, submissions, their rows.

`every` stands in each scope: coverage is of the campaign to date everywhere. `own` is of the period
alone. Units are keyed ("towns", code), ("sectors", code) and ("total", county); sectors file
nothing, and what has no town or sector of the county counts in the county's row only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pandas as pd

from schemas.period import Period
from tasks.county import County
from tasks.publication import deliveries, duties, reporting
from tasks.store import duties as store_duties
from tasks.store.engine import Connection
from tasks.store.measures import Cut

Key = tuple[str, str]
Measures = dict[Key, dict[str, int]]
_NO_FILING = {"submissions_owed": 0, "submissions_in_time": 0}


@dataclass(frozen=True)
class Beside:
    every: Measures
    own: Measures


def beside(
    connection: Connection, county: County, period: Period, cut: Cut, owed: list[reporting.Owed]
) -> Beside:
    classes, start = county.policy.campaign.place_classes, cut.starts["campaign"]
    places = store_duties.coverage(connection, cut, classes, start)
    parts = [
        *(_of_places(f, county) for f in duties.counted(connection, county, period, cut.watermark)),
        _filed(owed, county),
        _of_rows(deliveries.deliveries(connection, county, period, cut.watermark), county),
    ]
    keys = dict.fromkeys(chain.from_iterable(parts))
    own = {key: {m: n for p in parts for m, n in p.get(key, {}).items()} for key in keys}
    return Beside(_of_places(places, county), own)


def _of_places(frame: pd.DataFrame, county: County) -> Measures:
    """By town, sector and county; frame: town, sector and measures."""
    measures = [str(c) for c in frame.columns if c not in ("town", "sector")]
    organisation = county.organisation
    codes = {
        "town": [t.code for t in organisation.towns],
        "sector": [s.code for s in organisation.sectors],
    }
    found = {("total", county.code): _integers(frame[measures].sum().to_dict())}
    for unit, known in codes.items():
        sums = frame.groupby(unit)[measures].sum().reindex(known, fill_value=0)
        found |= {(f"{unit}s", str(c)): _integers(r) for c, r in sums.to_dict("index").items()}
    return found


def _filed(owed: list[reporting.Owed], county: County) -> Measures:
    towns, whole = reporting.measures(owed)
    found = {("towns", t.code): towns.get(t.code, _NO_FILING) for t in county.organisation.towns}
    return found | {("total", county.code): whole}


def _of_rows(rows: pd.DataFrame, county: County) -> Measures:
    """By reporting town; the county with the sources that deliver for themselves."""
    measures = list(deliveries.MEASURES)
    codes = [t.code for t in county.organisation.towns]
    sums = rows.groupby("unit")[measures].sum().reindex(codes, fill_value=0)
    found = {("towns", str(c)): _integers(r) for c, r in sums.to_dict("index").items()}
    return found | {("total", county.code): _integers(rows[measures].sum().to_dict())}


def _integers(row: Mapping[Any, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in row.items()}
