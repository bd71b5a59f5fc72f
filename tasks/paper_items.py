"""What the official papers say of hazards, days and offices, in one wording for all of them."""

from datetime import date
from typing import Any

import pandas as pd

from schemas.forms import Hazard
from schemas.vocabulary import Channel, Severity
from tasks.county import County
from tasks.entering import hazard_roots
from tasks.store import lookups
from tasks.store.engine import Connection, reading
from tasks.store.standing import standing


class NoPaper(Exception):
    """The paper cannot be written: nothing of that name, or what it tells has not happened."""


def item_of(county: County, hazard: str) -> dict[str, Any]:
    root = hazard_roots(county, [hazard]).get(hazard)
    if root is None:
        raise NoPaper(f"{hazard!r} is no hazard of this county; copy the id from a list or page")
    with reading(county.engine) as connection:
        (item,) = items_of(connection, county, [root]).to_dict("records")
    return {str(name): value for name, value in item.items()}


def items_of(connection: Connection, county: County, roots: Any) -> pd.DataFrame:
    """Hazards with what their root finding says and where they stand, one row each."""
    present = standing(connection, county.code, roots)
    findings = lookups.findings_by_stream(connection, county.code, present["root_id"])
    told = findings[["stream_id", "unit_name", "category", "description", "channel"]]
    return present.merge(told, left_on="root_id", right_on="stream_id", how="left")


def described(county: County, item: dict[Any, Any], lang: str) -> Hazard:
    public = item["channel"] == Channel.PUBLIC_REPORT
    return Hazard(
        what=str(item["category"] if public else item["description"]),
        where=where_of(county, item, lang),
        severity=Severity(int(item["severity"])),
    )


def slip_number(county: County, item: dict[str, Any], now: int) -> str:
    year = day_of(county, now).year
    return numbered("slip", year, str(item["root_id"]).removeprefix("hazard:")[:8], county)


def numbered(kind: str, year: int, key: str, county: County) -> str:
    return f"{county.code}-{kind}-{year}-{key}"


def recipient_of(county: County, recipient: str, lang: str) -> str:
    kind, _, code = recipient.partition(":")
    if kind == "town":
        return next(
            (in_lang(t.name, lang) for t in county.organisation.towns if t.code == code), code
        )
    return committee_of(county, code, lang) if kind == "sector" else code or recipient


def committee_of(county: County, sector: str, lang: str) -> str:
    sectors = county.organisation.sectors
    return next((in_lang(s.committee, lang) for s in sectors if s.code == sector), sector)


def where_of(county: County, item: dict[str, Any], lang: str) -> str:
    towns = county.organisation.towns
    town = next((in_lang(t.name, lang) for t in towns if t.code == item["town_code"]), "")
    return f"{town} {item['unit_name']}".strip()


def in_lang(name: Any, lang: str) -> str:
    return str(getattr(name, lang))


def day_of(county: County, instant: int) -> date:
    return county.days.day_of(instant)


def last_day(county: County, end: int) -> date:
    """A date is stored as its 24:00."""
    return county.days.day_of(end - 1)
