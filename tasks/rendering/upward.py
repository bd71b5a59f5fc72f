"""Rows in a declared layout as xlsx, csv or JSON: the same rows, the same bytes.

Whole numbers and decimal figures are numbers in a workbook; text is always text, also where it
begins like a formula. The first row is the receiver's headings and nothing stands beside the table.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any

import orjson
import xlsxwriter

from tasks.rendering import wording
from tasks.rendering.hazard_table import defused

Cell = str | int | None
FIGURES = ("coverage", "general_rate", "major_rate", "funds")  # decimal text


def written(
    form: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Cell]],
    last_day: str,
) -> bytes:
    """A file of rows. columns: heading → field; `last_day` dates the file, not the run."""
    cells = [[wording.scrubbed(row[field]) for field in columns.values()] for row in rows]
    if form == "json":
        made = [dict(zip(columns, line, strict=True)) for line in cells]
        return orjson.dumps(made, option=orjson.OPT_INDENT_2)
    if form == "csv":
        return _csv(list(columns), cells)
    return _xlsx(columns, cells, last_day)


def _csv(headings: list[str], cells: list[list[Cell]]) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([[defused(c) if isinstance(c, str) else c for c in line] for line in cells])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(columns: Mapping[str, str], cells: list[list[Cell]], last_day: str) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.combine(date.fromisoformat(last_day), time())})
        sheet = book.add_worksheet()
        tenth = book.add_format({"num_format": "0.0"})
        sheet.freeze_panes(1, 0)
        for i, (heading, field) in enumerate(columns.items()):
            sheet.write_string(0, i, heading)
            for row, line in enumerate(cells, 1):
                _write(sheet, row, i, line[i], tenth if field in FIGURES else None)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, tenth: Any) -> None:
    if isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif tenth is not None and cell not in (None, "/"):
        sheet.write_number(row, column, float(str(cell)), tenth)
    elif cell:
        sheet.write_string(row, column, cell)
