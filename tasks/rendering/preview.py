"""A town's workbook before an edition is signed: every item behind its row, and the sums they make.

Promise: the first line is the town's row of the draft, and each column below it adds up to it. No
reporter, no description: what a workbook says of a hazard is number, unit, category and dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

from schemas.edition import MEASURES, Edition, Unit
from tasks.rendering import sheet, wording
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Row, Value
from tasks.rendering.xlsx import describe

_ABOUT = (
    *("number", "unit_name", "category", "severity", "state", "found_on", "due_on"),
    "closed_on",
)
_WIDTHS = {0: 24, 1: 28, 2: 16}


@dataclass(frozen=True)
class Line:
    """One hazard: what is said of it, and what it adds to each measure of its town."""

    about: dict[str, str]
    adds: dict[str, int]


def render_preview(edition: Edition, unit: Unit, lines: Sequence[Line], lang: str) -> bytes:
    """The workbook of one town's row, in "zh" or "en"."""
    clean: Edition = wording.scrubbed(edition)
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        title = text("preview.title", lang, town=name(unit["name"], lang))
        describe(workbook, clean, title, lang)
        book = sheet.Book(workbook, lang, title, _subline(clean, lang))
        notes = [text("preview.sums", lang), text("preview.objection", lang)]
        sheet.write(book, "preview", [items_grid(unit, lines, lang)], frozen_columns=2, lines=notes)
    return buffer.getvalue()


def items_grid(unit: Unit, lines: Sequence[Line], lang: str) -> Grid:
    """The town's own row, then a row per hazard with what it adds."""
    counts = unit["counts"]["period"]["all"]
    shown = [m for m in MEASURES if counts[m]]
    columns = [
        *(Column(text(f"explain.column.{key}", lang), "text") for key in _ABOUT),
        *(Column(text(f"measure.{m}", lang), "count") for m in shown),
    ]
    total: list[Value] = [text("preview.row", lang), *("" for _ in _ABOUT[1:])]
    total += [counts[m] for m in shown]
    rows = [Row(tuple(total), is_total=True), *(Row(_cells(line, shown, lang)) for line in lines)]
    return Grid(text("preview.items", lang), tuple(columns), tuple(rows), _WIDTHS)


def _cells(line: Line, shown: Sequence[str], lang: str) -> tuple[Value, ...]:
    said = line.about | {k: text(f"{k}.{line.about[k]}", lang) for k in ("severity", "state")}
    about = [str(wording.scrubbed(said[key])) for key in _ABOUT]
    return (*about, *(line.adds.get(m) for m in shown))


def _subline(edition: Edition, lang: str) -> str:
    body = edition["body"]
    return "    ".join(
        (
            text("bulletin.draft", lang),
            wording.period(body["period"], lang),
            wording.span(body["first_day"], body["last_day"], lang),
        )
    )
