"""The operator's conflict list: closures that people saw and that late facts undid (domain §3).

Promise: an item stays listed until the hazard is closed again, or an operator enters
`conflict_settled` on it. Editions that counted it as closed are named; they are not changed.
"""

from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd

from rules.periods import week
from schemas.vocabulary import EditionKind, FactKind, Severity, State
from tasks.county import County
from tasks.hazard_events import Zone
from tasks.store import editions, undone
from tasks.store.editions import Published
from tasks.store.engine import reading

# What undoes a closure whenever it is claimed; of other facts those claimed before it do.
_ALWAYS = (FactKind.VOIDED.value, "linked", "parted")


def conflicts(county: County, now: int) -> dict[str, Any]:
    """{as_of, items}: hazard, what it was and is, undone_by (events), editions that showed it."""
    with reading(county.engine) as connection:
        closures = undone.closures(connection, county.code)
        events = undone.events_of(connection, county.code, closures["root_id"].tolist())
        published = editions.published(connection, county.code)
    zone = Zone(county.zone, county.days)
    rows = closures.to_dict("records")
    return {
        "as_of": zone.at(now),
        "items": [_item(row, _undoing(row, events), published, zone) for row in rows],
    }


def _undoing(row: Mapping[Any, Any], events: pd.DataFrame) -> pd.DataFrame:
    """Of the slice that undid it, what can have: else all that it brought of this hazard."""
    came = events[(events["root_id"] == row["root_id"]) & (events["seq"] >= row["first_seq"])]
    came = came[came["seq"] <= row["seq_to"]]
    able = (came["claimed_at"] <= row["closed_at"]) | came["kind"].isin(_ALWAYS)
    return came[able] if able.any() else came


def _item(
    row: Mapping[Any, Any], events: pd.DataFrame, published: list[Published], zone: Zone
) -> dict[str, Any]:
    return {
        "hazard": row["root_id"],
        "number": f"{row['source']}:{row['source_id']}",
        "seen_as": row["seen_as"],
        "unit_name": row["unit_name"],
        "description": row["description"],
        "town_code": row["town_code"],
        "sector_code": row["sector_code"],
        "severity": Severity(row["severity"]).name.lower(),
        "state": State(row["state"]).name.lower(),
        "closed_at": zone.at(row["closed_at"]),
        "undone_at": zone.at(row["undone_at"]),
        "undone_by": [_event(event, zone) for event in events.to_dict("records")],
        "editions": [_edition(e) for e in published if _showed(e, row, zone)],
    }


def _event(event: Mapping[Any, Any], zone: Zone) -> dict[str, Any]:
    said = orjson.loads(event["payload"])
    return {
        "seq": event["seq"],
        "hazard": event["stream_id"],
        "kind": event["kind"],
        "claimed_at": zone.at(event["claimed_at"]),
        "received_at": zone.at(event["received_at"]),
        "actor": event["actor"],
        "source": event["source"],
        "source_id": event["source_id"],
        "reason": said.get("reason"),
    }


def _edition(edition: Published) -> dict[str, Any]:
    return {"kind": edition.kind, "period": edition.period, "number": edition.number}


def _showed(edition: Published, row: Mapping[Any, Any], zone: Zone) -> bool:
    """Whether it was made while the hazard was known as closed, of a period that saw it close."""
    if not row["seq_from"] <= edition.watermark < row["seq_to"]:
        return False
    if edition.kind != EditionKind.WEEKLY:
        return True
    return bool(week(edition.period, zone.name).end > row["closed_at"])
