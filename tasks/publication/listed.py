"""Listed hazards and major hazards that should be listed, at a period's end and a watermark."""

from collections import Counter
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection, and_, select

from rules.lifecycle import OPEN_STATES
from rules.listing import term_end, unlisted
from schemas.edition import ListedItem
from schemas.tables import event
from schemas.tables_projections import finding, hazard_span
from schemas.vocabulary import FactKind, ListingLevel, Severity, State
from tasks.county import County
from tasks.store import bulk
from tasks.store.cube import Cut, holds, visible

_S = hazard_span.c


def open_majors(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Open major hazards at the cut, with the columns `rules.listing` reads."""
    query = (
        select(
            _S.root_id,
            _S.state,
            _S.verified_at,
            _S.listed_level,
            _S.town_code,
            _S.sector_code,
            finding.c.unit_name,
        )
        .join(finding, and_(finding.c.county == _S.county, finding.c.stream_id == _S.root_id))
        .where(
            visible(cut),
            holds(cut.end),
            _S.severity == int(Severity.MAJOR),
            _S.state.in_([int(s) for s in OPEN_STATES]),
        )
    )
    return bulk.select(connection, query)


def count_unlisted(county: County, majors: pd.DataFrame, end: int) -> int:
    """应挂未挂: verified, past the days for it, and not listed."""
    return int(unlisted(majors, county.policy, county.days, end).sum()) if len(majors) else 0


def listed_items(connection: Connection, county: County, cut: Cut) -> list[ListedItem]:
    """Every listed hazard that is open at the cut, in order of level and number."""
    query = (
        select(_S.root_id, _S.state, _S.listed_level, _S.town_code, _S.sector_code)
        .add_columns(finding.c.unit_name)
        .join(finding, and_(finding.c.county == _S.county, finding.c.stream_id == _S.root_id))
        .where(
            visible(cut),
            holds(cut.end),
            _S.listed_level > 0,
            _S.state.in_([int(s) for s in OPEN_STATES]),
        )
    )
    rows = bulk.select(connection, query)
    if rows.empty:
        return []
    notices = _notices(connection, cut, rows["root_id"].tolist())
    items = [_item(county, row, notices) for row in rows.to_dict("records")]
    return sorted(items, key=lambda i: (-ListingLevel[i["level"].upper()], i["number"]))


def _notices(connection: Connection, cut: Cut, roots: list[str]) -> dict[str, tuple[str, int]]:
    """(number, listed at) by root, of the last listing fact before the cut."""
    with bulk.keys(connection, roots) as wanted:
        query = (
            select(finding.c.root_id, event.c.claimed_at, event.c.payload)
            .join(wanted, finding.c.root_id == wanted.c.key)
            .join(
                event,
                and_(event.c.county == finding.c.county, event.c.stream_id == finding.c.stream_id),
            )
            .where(
                finding.c.county == cut.county,
                event.c.kind == FactKind.LISTED.value,
                event.c.seq <= cut.watermark,
                event.c.claimed_at < cut.end,
            )
            .order_by(event.c.claimed_at, event.c.source_id)
        )
        rows = bulk.tuples(bulk.select(connection, query), ["root_id", "payload", "claimed_at"])
    return {r: (str(orjson.loads(p).get("listing_number", "")), int(at)) for r, p, at in rows}


def _item(county: County, row: dict[str, Any], notices: dict[str, tuple[str, int]]) -> ListedItem:
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
