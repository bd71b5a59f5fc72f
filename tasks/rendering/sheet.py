"""How a `Grid` becomes a worksheet: title lines, frozen head, filter, number formats, widths.

All text goes through `write_string`; decimal text becomes a number with a format, and what is no
number ("/") stays text. Nothing here knows what an edition is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.grid import NUMERIC, Grid, Kind, Value
from tasks.rendering.ranking import flattened

MOST_WIDE = 46  # characters of a column; a longer text is set in lines
WIDE_SHEET = 16  # more columns are printed on several pages side by side
INK, SOFT, RULE, RED, BAND, BAR = "#1C1B19", "#57534C", "#DCD7CD", "#A61B1B", "#F7F5F0", "#3B5B7A"
HEAD_ROW = 3  # title, subtitle, an empty line, then the head of the first table

_NUMBERS: dict[Kind, str] = {
    "count": "#,##0",
    "percent": "0.00%",
    "tenth": "0.0",
    "score": "0.00",
    "points": "General",
    "rank": "0",
    "movement": '"↑"0;"↓"0;"—"',
}


@dataclass
class Book:
    """A workbook being written, with its formats made once each."""

    workbook: Any
    lang: str
    headline: str
    subline: str
    formats: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def format(self, kind: str, is_total: bool = False) -> Any:
        key = (kind, is_total)
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(_looks(kind, is_total))
        return self.formats[key]


@dataclass(frozen=True)
class Page:
    """A written worksheet: where the rows of its first table and of each begin and end."""

    sheet: Any
    title: str
    first_row: int
    last_row: int
    tables: tuple[tuple[int, int], ...] = ()


def _looks(kind: str, is_total: bool) -> dict[str, Any]:
    base: dict[str, Any] = {"font_color": INK, "valign": "vcenter"}
    special: dict[str, dict[str, Any]] = {
        "headline": {"bold": True, "font_size": 16, "font_color": RED},
        "subline": {"font_color": SOFT},
        "caption": {"bold": True, "font_size": 12},
        "line": {},
        "head": {**_HEAD, "indent": 1},
        "head_rank": {**_HEAD, "align": "center"},
        "head_movement": {**_HEAD, "align": "center"},
        "head_number": {**_HEAD, "align": "right"},
    }
    if kind in special:
        return base | special[kind]
    cell = base | {"bottom": 1, "bottom_color": RULE, "bold": is_total or kind in ("score", "rank")}
    if kind in NUMERIC:
        align = "center" if kind in ("rank", "movement") else "right"
        return cell | {"num_format": _NUMBERS[kind], "align": align}  # type: ignore[index]
    if kind == "digest":
        cell |= {"font_name": "Consolas", "font_size": 9}
    if kind == "wrapped":
        cell |= {"text_wrap": True}
    return cell | {"align": "left", "indent": 1}


_HEAD = {
    "bold": True,
    "bg_color": BAND,
    "bottom": 1,
    "top": 1,
    "text_wrap": True,
    "valign": "vcenter",
}


def write(
    book: Book,
    key: str,
    grids: Sequence[Grid],
    frozen_columns: int = 0,
    filtered: bool = True,
    remarks: bool = False,
    lines: Sequence[str] = (),
) -> Page:
    """A worksheet of tables one below the other; the head of the first one is frozen."""
    title = text(f"sheet.{key}", book.lang)
    sheet = book.workbook.add_worksheet(title)
    _set_up(book, sheet, len(lines))
    _write_lines(book, sheet, lines)
    row = HEAD_ROW + len(lines) + bool(lines)
    if remarks:
        grids = [flattened(g, book.lang) for g in grids]
    tables: list[tuple[int, int]] = []
    for grid in grids:
        row = _caption(book, sheet, row, grid) if len(grids) > 1 else row
        end = _write_grid(book, sheet, row, grid)
        tables.append((row + 1, end - 1))
        row = end + 2
    _set_widths(sheet, grids)
    if filtered and grids:
        _hold_head(sheet, grids[0], tables[0], frozen_columns)
    first = tables[0] if tables else (row, row)
    return Page(sheet, title, *first, tuple(tables))


def _hold_head(sheet: Any, grid: Grid, table: tuple[int, int], columns: int) -> None:
    """The head stays in sight, filters its rows and stands on every printed page."""
    first, last = table
    sheet.autofilter(first - 1, 0, max(last, first - 1), len(grid.columns) - 1)
    sheet.freeze_panes(first, columns)
    sheet.repeat_rows(first - 1)
    if len(grid.columns) > WIDE_SHEET:
        sheet.fit_to_pages(-(-len(grid.columns) // WIDE_SHEET), 0)
        sheet.repeat_columns(0, columns - 1)


def _set_up(book: Book, sheet: Any, lines: int) -> None:
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, book.headline, book.format("headline"))
    sheet.write_string(1, 0, book.subline, book.format("subline"))


def _write_lines(book: Book, sheet: Any, lines: Sequence[str]) -> None:
    for i, line in enumerate(lines):
        sheet.write_string(HEAD_ROW + i, 0, line, book.format("line"))


def _caption(book: Book, sheet: Any, row: int, grid: Grid) -> int:
    sheet.write_string(row, 0, grid.title, book.format("caption"))
    return row + 1


def _write_grid(book: Book, sheet: Any, row: int, grid: Grid) -> int:
    """Head and rows; returns the row after the last one."""
    sheet.set_row(row, 34 if grid.spanners else 20)
    for i, column in enumerate(grid.columns):
        kind = _head_kind(column.kind)
        sheet.write_string(row, i, column.full_title, book.format(kind))
    for line in grid.rows:
        row += 1
        for i, (_, kind, value) in enumerate(grid.cells(line)):
            look = _wrapped(kind, value, i == len(grid.columns) - 1)
            _write_cell(sheet, row, i, kind, value, book.format(look, line.is_total))
    return row + 1


def _wrapped(kind: Kind, value: Value, is_last: bool) -> str:
    """The look of a cell; a long text is set in lines, where it cannot run over to the right."""
    return (
        "wrapped"
        if kind in ("name", "text") and not is_last and _width(value) > MOST_WIDE
        else kind
    )


def _head_kind(kind: Kind) -> str:
    if kind in ("rank", "movement"):
        return f"head_{kind}"
    return "head_number" if kind in NUMERIC else "head"


def _write_cell(sheet: Any, row: int, column: int, kind: Kind, value: Value, look: Any) -> None:
    number = _number(kind, value)
    if value is None:
        sheet.write_blank(row, column, None, look)
    elif number is None:
        sheet.write_string(row, column, str(value), look)
    else:
        sheet.write_number(row, column, number, look)


def _number(kind: Kind, value: Value) -> float | int | None:
    """The number behind a cell: percent as a share; None for text and "/"."""
    if kind not in NUMERIC or value is None:
        return None
    if isinstance(value, int):
        return value
    try:
        decimal = Decimal(value)
    except InvalidOperation:
        return None
    return float(decimal / 100 if kind == "percent" else decimal)


def _set_widths(sheet: Any, grids: Sequence[Grid]) -> None:
    """Wide enough for every table; a last column of text may run over into the empty cells."""
    for i in range(max((len(g.columns) for g in grids), default=0)):
        widest = max((_column_width(g, i) for g in grids if i < len(g.columns)), default=0)
        sheet.set_column(i, i, min(max(widest + 3, 9), MOST_WIDE))


def _width(value: Value) -> int:
    return 0 if value is None else wording.width(str(value))


def _column_width(grid: Grid, i: int) -> int:
    column = grid.columns[i]
    head = max(_width(column.over), _width(column.title))
    if i == len(grid.columns) - 1 and column.kind in ("text", "digest"):
        return head
    return max(head, *(_width(r.cells[i]) for r in grid.rows), 0)
