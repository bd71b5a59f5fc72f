"""Lists of hazards: the words of a request as filters, and rows as plain data for JSON.

Times are ISO 8601 in the county's zone, dues `YYYY-MM-DD`, words the codes of the ledger.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rules.element_versions import ELEMENTS, lacking
from rules.elements import Need
from rules.hazard_life import marked
from rules.lifecycle import OPEN_STATES
from rules.overdue import overdue_days
from rules.periods import end_of_day, midnight
from schemas.period import FOREVER
from schemas.vocabulary import ListingLevel, Severity, State
from tasks.county import County
from tasks.hazard_events import Zone
from tasks.store import hazard_list
from tasks.store.engine import reading
from tasks.store.hazard_list import Filters

OPEN, ALL = "open", "all"
_DAYS, _TIMES = (
    ("due_at", "original_due_at"),
    (*("found_at", "verified_at", "assigned_at", "accepted_at", "closed_at"),),
)
_TEXTS = ("unit_name", "category", "description", "channel")


class UnknownUnit(Exception):
    """A town or sector that this county does not have."""


@dataclass(frozen=True)
class Request:
    """What somebody asks for, in codes; empty: any. `state`: a state, `open` or `all`."""

    town: str = ""
    sector: str = ""
    state: str = OPEN
    severity: str = ""
    overdue: bool = False
    listed: bool = False
    missing: str = ""
    unit: str = ""
    found_from: date | None = None
    found_to: date | None = None  # this day included


def filters(county: County, asked: Request) -> Filters:
    """Raises UnknownUnit. Towns and sectors may be named as sources name them."""
    organisation, zone = county.organisation, county.zone
    return Filters(
        states=_states(asked.state),
        towns=_unit(asked.town, organisation.town_words(), "town"),
        sectors=_unit(asked.sector, organisation.sector_words(), "sector"),
        severity=Severity[asked.severity.upper()] if asked.severity else None,
        is_overdue=asked.overdue,
        is_listed=asked.listed,
        missing=Need[asked.missing.upper()] if asked.missing else Need(0),
        unit=asked.unit.strip(),
        found_from=midnight(asked.found_from, zone) if asked.found_from else 0,
        found_to=end_of_day(asked.found_to, zone) if asked.found_to else FOREVER,
    )


def _states(asked: str) -> tuple[State, ...]:
    if asked == ALL:
        return ()
    return OPEN_STATES if asked == OPEN else (State[asked.upper()],)


def _unit(asked: str, words: Mapping[str, str], kind: str) -> tuple[str, ...]:
    if not asked:
        return ()
    folded = {word.casefold(): code for word, code in words.items()}
    code = folded.get(asked.strip().casefold())
    if code is None:
        known = ", ".join(dict.fromkeys(words.values()))
        raise UnknownUnit(f"{asked!r} is no {kind} of this county; there are: {known}")
    return (code,)


def listed(county: County, asked: Request, now: int, limit: int) -> dict[str, Any]:
    """{total, shown, as_of, items}: the most urgent first; limit 0: all of them."""
    chosen = filters(county, asked)
    with reading(county.engine) as connection:
        frame, total = hazard_list.page(connection, county.code, chosen, now, limit or None)
    found = items(county, frame, now)
    zone = Zone(county.zone, county.days)
    return {"total": total, "shown": len(found), "as_of": zone.at(now), "items": found}


def streamed(county: County, asked: Request, now: int) -> Iterator[pd.DataFrame]:
    """All of them with `overdue_days`, in frames of a few thousand."""
    chosen = filters(county, asked)
    with reading(county.engine) as connection:
        for frame in hazard_list.stream(connection, county.code, chosen, now):
            yield frame.assign(overdue_days=overdue(frame, now))


def overdue(frame: pd.DataFrame, now: int) -> np.ndarray:
    """Whole days past the due date in force, 0 for what waits for nothing."""
    held = frame.assign(claimed_from=0, claimed_to=FOREVER)
    return overdue_days(held, now)


def items(county: County, frame: pd.DataFrame, now: int) -> list[dict[str, Any]]:
    zone = Zone(county.zone, county.days)
    rows = frame.assign(
        overdue_days=overdue(frame, now), **{name: _days(county, frame[name]) for name in _DAYS}
    )
    rows = rows.assign(is_overdue=_is_overdue(frame, now))
    return [_item(row, zone) for row in rows.to_dict("records")]


def _is_overdue(frame: pd.DataFrame, now: int) -> pd.Series:
    waits = frame["state"].isin([int(s) for s in OPEN_STATES]) & (frame["accepted_at"] == 0)
    return waits & (frame["due_at"] > 0) & (frame["due_at"] <= now)


def _days(county: County, ends: pd.Series) -> pd.Series:
    """Days that are stored as their 24:00, each distinct one worked out once."""
    given = ends.unique()
    days = county.days.local_days(given.astype("int64") - 1)
    named = {
        end: date.fromordinal(int(day)).isoformat() if end else None
        for end, day in zip(given.tolist(), days, strict=True)
    }
    return pd.Series([named[end] for end in ends.tolist()], ends.index, dtype="object")


def _item(row: Mapping[Any, Any], zone: Zone) -> dict[str, Any]:
    return {
        "hazard": row["root_id"],
        "number": f"{row['source']}:{row['source_id']}",
        "state": State(row["state"]).name.lower(),
        "severity": Severity(row["severity"]).name.lower(),
        "town_code": row["town_code"],
        "sector_code": row["sector_code"],
        **{name: row[name] for name in _TEXTS},
        "listed_level": ListingLevel(row["listed_level"]).name.lower(),
        "is_overdue": row["is_overdue"],
        "overdue_days": row["overdue_days"],
        "missing": list(lacking(row["elements"], row["severity"])),
        "marks": list(marked(row["marks"])),
        "self_check": bool(row["self_check"]),
        **{name.removesuffix("_at") + "_on": row[name] for name in _DAYS},
        **{name: zone.at(row[name]) for name in _TIMES},
    }


# -- completeness ----------------------------------------------------------------------------------


def completeness(county: County, town: str, now: int, limit: int) -> dict[str, Any]:
    """五到位 of open hazards by town and by sector, and those that lack something: towns, sectors,
    total, shown, items. limit 0: all of them.
    """
    towns = filters(county, Request(town=town)).towns
    chosen = Filters(towns=towns, missing=_anything())
    with reading(county.engine) as connection:
        counts = hazard_list.completeness(connection, county.code)
        frame, total = hazard_list.page(connection, county.code, chosen, now, limit or None)
    if towns:
        counts = counts[counts["town_code"].isin(towns)]
    return {
        "towns": _by(counts, "town_code"),
        "sectors": _by(counts, "sector_code"),
        "total": total,
        "shown": len(frame),
        "items": items(county, frame, now),
    }


def _anything() -> Need:
    return Need(sum(int(need) for need in ELEMENTS))


def _by(counts: pd.DataFrame, unit: str) -> list[dict[str, Any]]:
    """One row per unit and severity, in the order of codes, majors first."""
    measures = [c for c in counts.columns if c == "open" or c.startswith(("complete", "lacks_"))]
    summed = counts.groupby([unit, "severity"], sort=True)[measures].sum().reset_index()
    rows = summed.sort_values([unit, "severity"], ascending=[True, False]).to_dict("records")
    return [
        {
            unit: row[unit],
            "severity": Severity(row["severity"]).name.lower(),
            "open": row["open"],
            "complete": row["complete"],
            "lacks": {name: row[f"lacks_{name}"] for name in lacking(0, row["severity"])},
        }
        for row in rows
    ]
