"""What stands behind a cell of a published edition: its items, and that they add up to it.

explain(county, "2025-W10", "towns.330282104.period.all.overdue")
explain(county, "monthly/2025-05", "statutory.towns.330282104.major_found")

Promise: the items are listed by the conditions that counted them, at the edition's own watermark
and under its own policy; `sum` is computed from the items and `printed` read from the edition, so
that a difference would show. A rate is explained by its two counts.
"""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from rules.counting import RATES
from rules.statutory import RATES as STATUTORY_RATES
from schemas.edition import SCOPES, SPLITS, Body, Scope, Split, StatutoryRow, Unit
from tasks.as_published import county_at, period_of_edition
from tasks.county import County
from tasks.explaining_items import Asked, items_behind, statutory_items
from tasks.publication import archive
from tasks.store import editions
from tasks.store.editions import Published
from tasks.store.engine import reading

_STATUTORY = "statutory"
_Row = TypeVar("_Row", Unit, StatutoryRow)
_KINDS = ("towns", "sectors", "total")


class NoSuchCell(Exception):
    """No edition or no cell of this name; the message says what there is."""


@dataclass(frozen=True)
class Cell:
    """towns.330282104.period.all.overdue, total.campaign.all.rectification; `table`: "statutory"
    for a cell of that table, which has neither scope nor split."""

    kind: str
    code: str
    scope: Scope
    split: Split
    measure: str
    table: str = ""

    @property
    def name(self) -> str:
        unit = [self.kind] if self.kind == "total" else [self.kind, self.code]
        if self.table:
            return ".".join([self.table, *unit, self.measure])
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
    printed, counts = _printed(body, asked)
    with reading(county.engine) as connection:
        then = county_at(connection, county, published.seq)
        of = Asked(connection, then, period_of_edition(then, published), published.watermark)
        listed = statutory_items if asked.table == _STATUTORY else items_behind
        behind = []
        for name, count in counts.items():
            one = replace(asked, measure=name)
            found = list(listed(of, one.kind, one.code, one.scope, one.split, one.measure))
            behind.append(Behind(one.name, count, sum(i["value"] for i in found), found))
    label = f"{published.kind}/{published.period}/{published.number}"
    return Explained(label, asked.name, printed, behind)


def _printed(body: Body, asked: Cell) -> tuple[str, dict[str, int]]:
    """What a cell says, and the counts that it says it by: one, or the two of a rate."""
    if asked.table == _STATUTORY:
        return _of_statutory(statutory_row(body, asked), asked.measure)
    unit = unit_of(body, asked)
    counts = unit["counts"][asked.scope][asked.split]
    rate = unit["rates"][asked.scope][asked.split].get(asked.measure)
    names = RATES[asked.measure] if rate else (asked.measure,)
    printed = rate["value"] if rate else str(counts[asked.measure])
    return printed, {name: counts[name] for name in names}


def _of_statutory(row: StatutoryRow, measure: str) -> tuple[str, dict[str, int]]:
    counts = row["counts"]
    if measure == "funds":
        return row["funds"], {"funds_fen": counts["funds_fen"]}
    names = STATUTORY_RATES.get(measure, (measure,))
    printed = row["rates"].get(measure) or str(counts[measure])
    return printed, {name: counts[name] for name in names}


def parsed(body: Body, cell: str) -> Cell:
    """A cell by its name; scope and split may be left out (period, all). Raises NoSuchCell."""
    table, _, left = cell.partition(".")
    if table == _STATUTORY:
        return _parsed_statutory(body, cell, left)
    kind, *rest = cell.split(".")
    code = body["county"]["code"] if kind == "total" else (rest.pop(0) if rest else "")
    scope: Any = rest.pop(0) if rest and rest[0] in SCOPES else "period"
    split: Any = rest.pop(0) if rest and rest[0] in SPLITS else "all"
    if kind not in _KINDS or len(rest) != 1:
        raise NoSuchCell(
            f"{cell!r} is no cell: write towns.CODE.period.all.MEASURE, sectors.CODE.… or total.…,"
            f" e.g. towns.{body['towns'][0]['code']}.period.all.overdue; of the statutory table"
            " statutory.towns.CODE.MEASURE"
        )
    unit = unit_of(body, Cell(kind, str(code), scope, split, rest[0]))
    found = Cell(kind, unit["code"], scope, split, rest[0])
    known = [*unit["counts"][scope][split], *unit["rates"][scope][split]]
    if found.measure not in known:
        raise NoSuchCell(f"{cell!r}: no {found.measure!r} here; there is {', '.join(known)}")
    return found


def _parsed_statutory(body: Body, cell: str, left: str) -> Cell:
    kind, *rest = left.split(".")
    code = body["county"]["code"] if kind == "total" else (rest.pop(0) if rest else "")
    if "statutory" not in body or kind not in _KINDS or len(rest) != 1:
        raise NoSuchCell(
            f"{cell!r} is no cell: monthly and statutory editions have a statutory table; write"
            " statutory.total.MEASURE, statutory.towns.CODE.MEASURE or statutory.sectors.CODE.…"
        )
    asked = Cell(kind, str(code), "period", "all", rest[0], _STATUTORY)
    row = statutory_row(body, asked)
    known = [*row["counts"], *row["rates"], "funds"]
    if asked.measure not in known:
        raise NoSuchCell(f"{cell!r}: no {asked.measure!r} here; there is {', '.join(known)}")
    return replace(asked, code=row["code"])


def unit_of(body: Body, cell: Cell) -> Unit:
    if cell.kind == "total":
        return body["total"]
    return _named(body["towns"] if cell.kind == "towns" else body["sectors"], cell.code)


def statutory_row(body: Body, cell: Cell) -> StatutoryRow:
    table = body["statutory"]
    if cell.kind == "total":
        return table["total"]
    return _named(table["towns"] if cell.kind == "towns" else table["sectors"], cell.code)


def _named(units: list[_Row], code: str) -> _Row:
    """A row by its unit's code or name."""
    for unit in units:
        if code in (unit["code"], unit["name"]["zh"], unit["name"]["en"]):
            return unit
    raise NoSuchCell(f"no unit {code!r}; there is {', '.join(u['code'] for u in units)}")
