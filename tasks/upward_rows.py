"""The rows of a report to the level above, by field (`schemas.upward`), from a published edition.

The table is read from the edition. Hazards are those open at the period's end and those closed in
it, listed by the conditions that counted them, at the edition's own watermark and configuration.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.edition import Bilingual, Edition
from schemas.upward import TABLE_FIELDS, Export
from tasks.as_published import county_at, period_of_edition
from tasks.county import County
from tasks.publication.body import cut_of
from tasks.publication.itemised import listed
from tasks.rendering.catalogue import name, text
from tasks.rendering.statutory import value
from tasks.rendering.upward import Cell
from tasks.store import items
from tasks.store.editions import Published
from tasks.store.engine import reading

_FOLLOWED = ("closing", "closed")  # open at the end, closed in the period


def rows_of(
    county: County, export: Export, published: Published, edition: Edition
) -> list[Mapping[str, Cell]]:
    """Every row with all fields of its kind."""
    about: dict[str, Cell] = {"period": published.period, "edition": published.number}
    made = (
        _table(edition, export)
        if export.what == "statutory"
        else _hazards(county, published, edition, export.lang)
    )
    return [row | about for row in made]


def _table(edition: Edition, export: Export) -> Iterator[dict[str, Cell]]:
    """Towns, sectors, and the county last."""
    table = edition["body"]["statutory"]
    rows = [("town", row) for row in table["towns"]]
    rows += [("sector", row) for row in table["sectors"]]
    for kind, row in [*rows, ("total", table["total"])]:
        lead: dict[str, Cell] = {
            "table": text(f"upward.table.{kind}", export.lang),
            "code": row["code"],
            "name": name(row["name"], export.lang),
        }
        figures = (field for field in TABLE_FIELDS if field not in lead)
        yield lead | {field: value(row, field) for field in figures}


def _hazards(
    county: County, published: Published, edition: Edition, lang: str
) -> Iterator[dict[str, Cell]]:
    body = edition["body"]
    towns, sectors = _names(body["towns"], lang), _names(body["sectors"], lang)
    with reading(county.engine) as connection:
        then = county_at(connection, county, published.seq)
        cut = cut_of(then, period_of_edition(then, published), published.watermark)
        rows = items.items(connection, cut, "period", _FOLLOWED)
        said = listed(connection, then, cut, rows["root_id"].unique().tolist())
    for _, item in sorted(said.items()):
        yield {
            "number": item["number"],
            "unit": item["unit_name"],
            "town": towns.get(item["town"], item["town"]),
            "town_code": item["town"],
            "sector": sectors.get(item["sector"], item["sector"]),
            "sector_code": item["sector"],
            "severity": text(f"severity.{item['severity']}", lang),
            "state": text(f"state.{item['state']}", lang),
            **{day: item[day] for day in ("found_on", "due_on", "closed_on")},
        }


def _names(units: Any, lang: str) -> dict[str, str]:
    named: dict[str, Bilingual] = {unit["code"]: unit["name"] for unit in units}
    return {code: name(words, lang) for code, words in named.items()}
