"""Listed hazards and major hazards that should be listed, at a period's end and a watermark."""

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from rules.listing import term_end, unlisted
from schemas.edition import ListedItem
from schemas.vocabulary import ListingLevel, Severity, State
from tasks.county import County
from tasks.store import listings
from tasks.store.engine import Connection
from tasks.store.measures import Cut


def count_unlisted(county: County, rows: pd.DataFrame, end: int) -> int:
    """应挂未挂: major, verified, past the days for it, and not listed.

    `rows`: those of `tasks.store.listings.open_majors_and_listed`.
    """
    majors = rows[rows["severity"] == int(Severity.MAJOR)]
    return int(unlisted(majors, county.policy, county.days, end).sum()) if len(majors) else 0


def listed_items(
    connection: Connection, county: County, cut: Cut, rows: pd.DataFrame
) -> list[ListedItem]:
    """Every listed hazard that is open at the cut, in order of level and number."""
    listed = rows[rows["listed_level"] > 0]
    if listed.empty:
        return []
    notices = listings.last_notices(connection, cut, listed["root_id"].tolist())
    items = [_item(county, row, notices) for row in listed.to_dict("records")]
    return sorted(items, key=lambda i: (-ListingLevel[i["level"].upper()], i["number"]))


def _item(
    county: County, row: Mapping[Hashable, Any], notices: Mapping[str, tuple[str, int]]
) -> ListedItem:
    number, listed_at = notices[row["root_id"]]
    ends = term_end(listed_at, county.policy.listing, county.days)
    return ListedItem(
        number=number,
        level=ListingLevel(row["listed_level"]).name.lower(),
        town=row["town_code"],
        sector=row["sector_code"],
        unit_name=row["unit_name"],
        listed_on=county.days.day_of(listed_at).isoformat(),
        due_on=county.days.day_of(ends - 1).isoformat(),
        state=State(row["state"]).name.lower(),
    )


def matrix(items: list[ListedItem]) -> list[dict[str, str | int]]:
    """Absolute numbers by sector and level, only the cells that have any."""
    counted = Counter((i["sector"], i["level"]) for i in items)
    return [{"sector": s, "level": v, "count": n} for (s, v), n in sorted(counted.items())]
