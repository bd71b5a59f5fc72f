"""The desk for a town that contests its row: what counted, what did not, and why.

challenge(county, "2025-W10", "330282104")

Promise: every fact claimed in the period of the town's hazards is either behind a printed count or
listed with its reason: it lacked data, its state did not allow it, or it came after the edition;
refused rows of the town's own deliveries stand beside with their rules.
"""

from dataclasses import dataclass
from typing import Any

from rules.elements import names
from rules.kinds import weeks_ending_in
from schemas.edition import MEASURES, Bilingual
from tasks.as_published import county_at, period_of_edition
from tasks.county import County
from tasks.explaining import NoSuchCell, edition_named
from tasks.publication import archive
from tasks.publication.body import cut_of
from tasks.publication.itemised import listed
from tasks.publication.reporting import instant
from tasks.store import contested, items
from tasks.store.engine import reading


@dataclass(frozen=True)
class Challenge:
    """The stable keys of `bihuan challenge --json`."""

    edition: str
    town: str
    name: Bilingual
    rank: int | None
    score: str | None
    points: dict[str, str]
    deductions: dict[str, str]
    counted: list[dict[str, Any]]
    uncounted: list[dict[str, Any]]
    refused_rows: list[dict[str, Any]]


def challenge(county: County, edition: str, town: str) -> Challenge:
    """Everything of one town and one edition. Raises NoSuchCell."""
    published = edition_named(county, edition)
    body = archive.document(county, published)["body"]
    units = {u["code"]: u for u in body["towns"]}
    code = county.organisation.town_words().get(town, town)
    if code not in units:
        raise NoSuchCell(f"no town {town!r}; there is {', '.join(units)}")
    with reading(county.engine) as connection:
        then = county_at(connection, county, published.seq)
        period = period_of_edition(then, published)
        cut = cut_of(then, period, published.watermark)
        rows = items.items(connection, cut, "period", MEASURES, town=code)
        said = listed(connection, then, cut, rows["root_id"].unique().tolist())
        late = contested.uncounted(connection, cut, period.start, code)
        weeks = [week.code for week in weeks_ending_in(period, then.zone)]
        refused = contested.refused(connection, cut, weeks, code)
    by_item = rows.groupby("root_id")["measure"].agg(list)
    return Challenge(
        edition=f"{published.kind}/{published.period}/{published.number}",
        town=code,
        name=units[code]["name"],
        rank=units[code]["rank"],
        score=units[code]["score"],
        points=units[code]["points"],
        deductions=units[code]["deductions"],
        counted=[
            {"hazard": root, **said[str(root)], "counts_as": measures}
            for root, measures in by_item.items()
        ],
        uncounted=[_fact(county, row) for row in late.to_dict("records")],
        refused_rows=[_row(county, row) for row in refused.to_dict("records")],
    )


def _fact(county: County, row: Any) -> dict[str, Any]:
    known = isinstance(row["outcome"], str)
    return {
        "hazard": row["stream_id"],
        "number": f"{row['source']}:{row['source_id']}",
        "unit_name": row["unit_name"],
        "kind": row["kind"],
        "claimed_at": instant(int(row["claimed_at"]), county.zone),
        "received_at": instant(int(row["received_at"]), county.zone),
        "why": row["outcome"] if known else "received_later",
        "reason": row["reason"] if known else "",
        "missing": list(names(int(row["missing"]))) if known else [],
    }


def _row(county: County, row: Any) -> dict[str, Any]:
    return {
        "source": row["source"],
        "line": int(row["line"]),
        "source_id": row["source_id"],
        "codes": row["codes"].split(","),
        "received_at": instant(int(row["received_at"]), county.zone),
    }
