"""The items behind the cells of an edition, one dict of texts each, with the `value` it adds.

Hazards, places, submissions and deliveries are listed by the conditions that counted them, at the
edition's watermark and under the county as it was configured then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from schemas.edition import (
    DUTY_MEASURES,
    FILED_MEASURES,
    MEASURES,
    PLACE_MEASURES,
    Scope,
    Split,
)
from schemas.period import Period
from tasks.county import County
from tasks.publication import deliveries, duties
from tasks.publication.body import cut_of
from tasks.publication.itemised import listed
from tasks.publication.reporting import entries, instant, owed
from tasks.store import duties as store_duties
from tasks.store import items, statutory
from tasks.store.engine import Connection
from tasks.store.measures import Cut

_OUTSIDE = "found_outside"
_UNITS = {"towns": "town", "sectors": "sector"}
Item = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """An edition's period and watermark, and the county as it was then."""

    connection: Connection
    county: County
    period: Period
    watermark: int

    @property
    def cut(self) -> Cut:
        return cut_of(self.county, self.period, self.watermark)


def items_behind(
    of: Asked, kind: str, code: str, scope: Scope, split: Split, measure: str
) -> Iterator[Item]:
    """The items of a count; `kind`: towns, sectors or total."""
    if measure in MEASURES:
        return _hazards(of, kind, code, scope, split, measure)
    if measure == _OUTSIDE:
        return _hazards(of, kind, code, scope, "supervision", "found")
    if measure in PLACE_MEASURES:
        return _places(of, kind, code, measure)
    if measure in FILED_MEASURES[:2]:
        return _submissions(of, kind, code, measure)
    return _deliveries(of, kind, code, measure)


def statutory_items(
    of: Asked, kind: str, code: str, _scope: Scope, _split: Split, measure: str
) -> Iterator[Item]:
    """The items of a count of the statutory table."""
    classes = of.county.policy.campaign.place_classes
    if measure in ("units_due", "units_checked"):
        due = store_duties.covered(of.connection, of.cut, classes, of.cut.starts["period"])
        return _said_places(_own(due, kind, code), measure == "units_checked")
    rows = _own(statutory.items(of.connection, of.cut, measure), kind, code)
    return _said_hazards(of, rows)


def _own(rows: pd.DataFrame, kind: str, code: str) -> pd.DataFrame:
    return rows if kind == "total" else rows[rows[_UNITS[kind]] == code]


def _hazards(
    of: Asked, kind: str, code: str, scope: Scope, split: Split, measure: str
) -> Iterator[Item]:
    unit = {} if kind == "total" else {_UNITS[kind]: code}
    rows = items.items(of.connection, of.cut, scope, [measure], **unit)
    if split != "all":
        rows = rows[rows["self_check"] == int(split == "self_check")]
    if kind == "sectors" and measure in ("moved_in", "moved_out"):
        rows = rows.iloc[:0]  # between towns nothing comes or goes for a sector
    return _said_hazards(of, rows)


def _said_hazards(of: Asked, rows: pd.DataFrame) -> Iterator[Item]:
    """rows: root_id, at, value."""
    said = listed(of.connection, of.county, of.cut, rows["root_id"].unique().tolist())
    for row in rows.to_dict("records"):
        yield {
            "hazard": row["root_id"],
            **said[row["root_id"]],
            "at": instant(int(row["at"]), of.county.zone),
            "value": int(row["value"]),
        }


def _places(of: Asked, kind: str, code: str, measure: str) -> Iterator[Item]:
    if measure in DUTY_MEASURES:
        rows = duties.behind(of.connection, of.county, of.period, of.watermark, measure)
        return _said_places(_own(rows, kind, code), False)
    classes, cut = of.county.policy.campaign.place_classes, of.cut
    rows = store_duties.covered(of.connection, cut, classes, cut.starts["campaign"])
    return _said_places(_own(rows, kind, code), measure == "places_checked")


def _said_places(rows: pd.DataFrame, checked: bool) -> Iterator[Item]:
    """Places, those of duties once for each month or quarter; only those checked, or all."""
    chosen = rows[rows["is_kept"] == 1] if checked else rows
    for row in chosen.to_dict("records"):
        window: Item = {key: row[key] for key in ("window", "actors") if key in row}
        yield {
            "place": row["place_id"],
            "unit_name": row["name"],
            "category": row["place_class"],
            **window,
            "is_checked": bool(row["is_kept"]),
            "value": 1,
        }


def _submissions(of: Asked, kind: str, code: str, measure: str) -> Iterator[Item]:
    lines = owed(of.connection, of.county, of.period, of.watermark)
    mine = [o for o in lines if kind == "total" or o.unit == code]
    if measure == "submissions_in_time":
        mine = [o for o in mine if o.in_time]
    for line, said in zip(mine, entries(of.county, mine), strict=True):
        yield {
            "source": line.source,
            "unit_name": said["unit_name"]["zh"],
            "due_at": said["due_at"],
            "received_at": said["received_at"] or "",
            "value": 1,
        }


def _deliveries(of: Asked, kind: str, code: str, measure: str) -> Iterator[Item]:
    rows = deliveries.deliveries(of.connection, of.county, of.period, of.watermark)
    mine = rows if kind == "total" else rows[rows["unit"] == code]
    for row in mine.to_dict("records"):
        yield {
            "source": row["source"],
            "unit": row["unit"],
            "period": row["period"],
            "received_at": instant(int(row["received_at"]), of.county.zone),
            "delivery": row["delivery"],
            "value": int(row[measure]),
        }
