"""The items that an edition prints beside its figures: those that towns contest most.

Per cell of the period, `towns.<code>.period.all.<measure>`, the hazards that it counts. No
description, no reporter: what public pages may say of a hazard (domain §6). All other cells are
listed on demand (`tasks.explaining`), by the same conditions.
"""

from typing import Any

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
Item = dict[str, str]
Items = dict[str, list[Item]]


def items(connection: Connection, county: County, period: Period, watermark: int) -> Items:
    """Cell → its hazards, by town; cells that count nothing are left out."""
    cut = cut_of(county, period, watermark)
    rows = store.items(connection, cut, "period", MEASURES)
    said = _said(connection, county, cut, rows["root_id"].unique().tolist())
    found: Items = {}
    for measure, town, root in zip(rows["measure"], rows["town"], rows["root_id"], strict=True):
        found.setdefault(f"towns.{town}.period.all.{measure}", []).append(said[root])
    return dict(sorted(found.items()))


def _said(connection: Connection, county: County, cut: Cut, roots: list[str]) -> dict[str, Item]:
    frame = store.described(connection, cut, roots)
    rows = frame.to_dict("index").items()
    return {
        str(root): said_of(county, row) | {"town": row["town_code"], "sector": row["sector_code"]}
        for root, row in rows
    }


def said_of(county: County, row: Any) -> Item:
    """What is said of a hazard wherever it is listed: number, unit, state at the cut, days."""
    return {
        "number": f"{row['source']}:{row['source_id']}",
        "unit_name": row["unit_name"],
        "category": row["category"],
        "severity": Severity(row["severity"]).name.lower(),
        "state": State(row["state"]).name.lower(),
        "found_on": _day(county, row["found_at"]),
        "due_on": _day(county, row["due_at"] - 1 if row["due_at"] else 0),
        "closed_on": _day(county, row["closed_at"]),
    }


def _day(county: County, at: Any) -> str:
    return county.days.day_of(int(at)).isoformat() if at else ""
