"""The items behind one town's figures in one edition, cell by cell.

Fields are taken by name, so that whatever else a list should carry is never printed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.site import Brief, Frame
from tasks.rendering import wording
from tasks.rendering.annexes import columns_of
from tasks.rendering.catalogue import known, name, text
from tasks.rendering.grid import Grid, Kind, Row
from tasks.rendering.site import town as town_page
from tasks.rendering.site.blocks import Block
from tasks.rendering.site.edition import anchor, items_path
from tasks.rendering.site.frame import blocks_page, edition_name

MAX_ITEMS = 500  # rows of one cell on a page; the rest is counted in words
_FIELDS: tuple[tuple[str, Kind], ...] = (
    ("number", "name"),
    ("unit_name", "text"),
    ("category", "text"),
    ("severity", "flag"),
    ("sector", "text"),
    ("state", "text"),
    ("found_on", "flag"),
    ("due_on", "flag"),
    ("closed_on", "flag"),
)
Cells = Mapping[str, Sequence[Mapping[str, Any]]]


def page(frame: Frame, brief: Brief, town: str, cells: Cells, lang: str) -> bytes:
    """`cells`: "towns.<code>.<scope>.<split>.<measure>" → items, of this town only."""
    found = brief.town(town)
    said = name(found.name, lang) if found else town
    sectors = {s.code: name(s.name, lang) for s in brief.sectors}
    blocks = [_cell(c, wording.scrubbed(cells[c]), sectors, lang) for c in cells]
    heading = text("site.items.title", lang, town=said, edition=edition_name(brief, lang))
    trail = [(brief.page, edition_name(brief, lang)), (town_page.path(town), said)]
    lead = [text("site.items.lead" if blocks else "site.items.none", lang)]
    return blocks_page(frame, items_path(brief, town), lang, heading, blocks, lead, trail)


def _cell(
    cell: str,
    items: Sequence[Mapping[str, Any]],
    sectors: Mapping[str, str],
    lang: str,
) -> Block:
    *_, scope, split, measure = cell.split(".")
    keys = (f"scope.{scope}", f"split.{split}", f"measure.{measure}")
    title = wording.joined((text(k, lang) for k in keys), lang, "site.items.parts")
    columns = columns_of(lang, *_FIELDS)
    rows = (Row(tuple(_said(i, key, sectors, lang) for key, _ in _FIELDS)) for i in items)
    notes = [text("site.items.count", lang, n=f"{len(items):,}")]
    if len(items) > MAX_ITEMS:
        notes.append(text("site.items.more", lang, n=f"{len(items) - MAX_ITEMS:,}"))
    return Block(
        anchor(cell), title, Grid(title, columns, tuple(rows)[:MAX_ITEMS]), tuple(notes),
        style="wide",
    )  # fmt: skip


def _said(item: Mapping[str, Any], key: str, sectors: Mapping[str, str], lang: str) -> str | None:
    value = item.get(key)
    if value is None or value == "":
        return None
    if key == "sector":
        return sectors.get(str(value), str(value))
    if key in ("state", "severity") and known(f"{key}.{value}"):
        return text(f"{key}.{value}", lang)
    return str(value)
