"""What stands behind a cell of a published edition: its items, and that they add up to it.

explain(county, "2025-W10", "towns.330282104.period.all.overdue")

Promise: the items are listed by the conditions that counted them, at the edition's own watermark
and under its own policy; `sum` is computed from the items and `printed` read from the edition, so
that a difference would show. A rate is explained by its two counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from rules.counting import RATES
from schemas.edition import COVERAGE_MEASURES, MEASURES, SCOPES, SPLITS, Body, Scope, Split, Unit
from tasks.as_published import county_at, period_of_edition
from tasks.county import County
from tasks.publication import archive
from tasks.publication.body import cut_of
from tasks.publication.itemised import listed
from tasks.publication.reporting import entries, instant, owed
from tasks.store import cube, editions, items
from tasks.store.editions import Published
from tasks.store.engine import Connection, reading
from tasks.store.measures import Cut

_KINDS = ("towns", "sectors", "total")


class NoSuchCell(Exception):
    """No edition or no cell of this name; the message says what there is."""


@dataclass(frozen=True)
class Cell:
    """towns.330282104.period.all.overdue, total.campaign.all.rectification"""

    kind: str
    code: str
    scope: Scope
    split: Split
    measure: str

    @property
    def name(self) -> str:
        unit = [self.kind] if self.kind == "total" else [self.kind, self.code]
        return ".".join([*unit, self.scope, self.split, self.measure])


@dataclass(frozen=True)
class Behind:
    """One count and its items: `sum` over them, `printed` in the edition."""

    cell: str
    printed: int
    sum: int
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class Explained:
    """The stable keys of `bihuan explain --json`; a rate has a value and two counts."""

    edition: str
    cell: str
    printed: str
    counts: list[Behind]


def edition_named(county: County, name: str) -> Published:
    """`2025-W10`, `2025-W10/2`, `monthly/2025-05`, `monthly/2025-05/1`. Raises NoSuchCell."""
    parts = name.split("/")
    number = int(parts.pop()) if parts[-1].isdigit() and len(parts) > 1 else 0
    kind, period = (parts if len(parts) == 2 else ["", *parts])[-2:]
    with reading(county.engine) as connection:
        known = editions.published(connection, county.code, kind, period)
    found = [e for e in known if number in (0, e.number)]
    if not found:
        raise NoSuchCell(
            f"no edition {name!r}: write KIND/PERIOD/NUMBER, e.g. weekly/2025-W10/1; `bihuan"
            " bulletin list` shows them all"
        )
    return found[-1]


def explain(county: County, edition: str, cell: str) -> Explained:
    """The items behind a cell. Raises NoSuchCell."""
    published = edition_named(county, edition)
    body = archive.document(county, published)["body"]
    asked = parsed(body, cell)
    unit = unit_of(body, asked)
    counts = unit["counts"][asked.scope][asked.split]
    rate = unit["rates"][asked.scope][asked.split].get(asked.measure)
    names = RATES[asked.measure] if rate else (asked.measure,)
    with reading(county.engine) as connection:
        then = county_at(connection, county, published.seq)
        behind = [
            _behind(connection, then, published, replace(asked, measure=name), counts[name])
            for name in names
        ]
    printed = rate["value"] if rate else str(counts[asked.measure])
    label = f"{published.kind}/{published.period}/{published.number}"
    return Explained(label, asked.name, printed, behind)


def parsed(body: Body, cell: str) -> Cell:
    """A cell by its name; scope and split may be left out (period, all). Raises NoSuchCell."""
    kind, *rest = cell.split(".")
    code = body["county"]["code"] if kind == "total" else (rest.pop(0) if rest else "")
    scope: Any = rest.pop(0) if rest and rest[0] in SCOPES else "period"
    split: Any = rest.pop(0) if rest and rest[0] in SPLITS else "all"
    if kind not in _KINDS or len(rest) != 1:
        raise NoSuchCell(
            f"{cell!r} is no cell: write towns.CODE.period.all.MEASURE, sectors.CODE.… or total.…,"
            f" e.g. towns.{body['towns'][0]['code']}.period.all.overdue"
        )
    found = Cell(kind, str(code), scope, split, rest[0])
    unit = unit_of(body, found)
    known = [*unit["counts"][scope][split], *unit["rates"][scope][split]]
    if found.measure not in known:
        raise NoSuchCell(f"{cell!r}: no {found.measure!r} here; there is {', '.join(known)}")
    return found


def unit_of(body: Body, cell: Cell) -> Unit:
    if cell.kind == "total":
        return body["total"]
    units = body["towns"] if cell.kind == "towns" else body["sectors"]
    for unit in units:
        if cell.code in (unit["code"], unit["name"]["zh"], unit["name"]["en"]):
            return unit
    raise NoSuchCell(f"no unit {cell.code!r}; there is {', '.join(u['code'] for u in units)}")


def _behind(
    connection: Connection, county: County, published: Published, cell: Cell, printed: int
) -> Behind:
    cut = cut_of(county, period_of_edition(county, published), published.watermark)
    if cell.measure in MEASURES:
        found = list(_hazards(connection, county, cut, cell))
    elif cell.measure in COVERAGE_MEASURES[:2]:
        found = list(_places(connection, county, cut, cell))
    else:
        found = list(_submissions(connection, county, published, cell))
    return Behind(cell.name, printed, sum(item["value"] for item in found), found)


def _hazards(
    connection: Connection, county: County, cut: Cut, cell: Cell
) -> Iterator[dict[str, Any]]:
    rows = items.items(connection, cut, cell.scope, [cell.measure], **_unit_filter(cell))
    if cell.split != "all":
        rows = rows[rows["self_check"] == int(cell.split == "self_check")]
    if cell.kind == "sectors" and cell.measure in ("moved_in", "moved_out"):
        rows = rows.iloc[:0]  # between towns nothing comes or goes for a sector
    said = listed(connection, county, cut, rows["root_id"].unique().tolist())
    for row in rows.to_dict("records"):
        yield {
            "hazard": row["root_id"],
            **said[row["root_id"]],
            "at": instant(int(row["at"]), county.zone),
            "value": int(row["value"]),
        }


def _unit_filter(cell: Cell) -> dict[str, str]:
    return {"towns": {"town": cell.code}, "sectors": {"sector": cell.code}}.get(cell.kind, {})


def _places(
    connection: Connection, county: County, cut: Cut, cell: Cell
) -> Iterator[dict[str, Any]]:
    campaign = county.policy.campaign
    rows = cube.places(connection, cut, campaign.place_classes, cut.starts["campaign"])
    own = {"towns": "town", "sectors": "sector"}.get(cell.kind)
    rows = rows[rows[own] == cell.code] if own else rows
    if cell.measure == "places_checked":
        rows = rows[rows["is_checked"] == 1]
    for row in rows.to_dict("records"):
        yield {
            "place": row["place_id"],
            "unit_name": row["name"],
            "category": row["place_class"],
            "is_checked": bool(row["is_checked"]),
            "value": 1,
        }


def _submissions(
    connection: Connection, county: County, published: Published, cell: Cell
) -> Iterator[dict[str, Any]]:
    period = period_of_edition(county, published)
    lines = owed(connection, county, period, published.watermark)
    mine = [o for o in lines if cell.kind == "total" or o.unit == cell.code]
    if cell.measure == "submissions_in_time":
        mine = [o for o in mine if o.in_time]
    for line, said in zip(mine, entries(county, mine), strict=True):
        yield {
            "source": line.source,
            "unit_name": said["unit_name"]["zh"],
            "due_at": said["due_at"],
            "received_at": said["received_at"] or "",
            "value": 1,
        }
