"""A `Grid` as a table on paper: texts as they are said, widths and size so that it fits its page.

Pure. The size is the largest of SIZES with which no word is broken; a column gets what its longest
word needs and then a share of the room that is left, after what its texts ask for.
"""

import re
from collections.abc import Sequence
from typing import Literal

from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.grid import NUMERIC, Column, Grid, Kind, Value
from tasks.rendering.grid import Row as GridRow
from tasks.rendering.papers.fitting import cell_side, measure
from tasks.rendering.papers.looks import POINTS_PER_MM, WIDTH_MM
from tasks.rendering.papers.paper import Cell, Row, Table

SIZES = (12, 10.5, 9, 8, 7)
LONGEST = 120  # a longer text is cut on paper; workbook and document keep it
_DIGEST = 17  # characters of a digest; the whole one is in the document
_UNBROKEN = 14  # wide characters; a longer word is broken
_NAME = 10  # wide characters that a name keeps on one line
_HEAD = 4.2  # as much of a head
_WIDEST = 36  # wide characters; a column of longer texts breaks them into lines
_WORD = re.compile("[!-\u024f]+…?|.", re.S)
_SPARE = 0.3  # wide characters; programs differ by a hair


def table(grid: Grid, across: float, lang: str, whole: Grid | None = None) -> Table:
    """The table of a grid on `across` millimetres; as a part of `whole` it has its columns."""
    texts = _texts(grid, lang)
    widths, size = _fitted(grid, texts if whole is None else _texts(whole, lang), across)
    rows = [_row(grid, row, cells) for row, cells in zip(grid.rows, texts, strict=True)]
    return Table(widths, (*_heads(grid), *rows), is_list=True, size=size)


def _texts(grid: Grid, lang: str) -> list[list[str]]:
    return [[cut(said(kind, value, lang)) for _, kind, value in grid.cells(r)] for r in grid.rows]


def said(kind: Kind, value: Value, lang: str) -> str:
    """A value as it stands in a cell; the sign of a percentage stands in the head."""
    if value is None:
        return text("bulletin.empty_cell", lang)
    if isinstance(value, int):
        return wording.arrow(value, lang) if kind == "movement" else f"{value:,}"
    return cut(value, _DIGEST) if kind == "digest" else value


def cut(words: str, longest: int = LONGEST) -> str:
    line = " ".join(words.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _title(column: Column) -> str:
    return f"{column.title} (%)" if column.kind == "percent" else column.title


def _fitted(
    grid: Grid, texts: Sequence[Sequence[str]], across: float
) -> tuple[tuple[float, ...], float]:
    columns = [
        [_title(column), *(row[i] for row in texts)] for i, column in enumerate(grid.columns)
    ]
    least = [
        max(min(measure(column[0]), _HEAD), *(_longest(words, head.kind) for words in column))
        for head, column in zip(grid.columns, columns, strict=True)
    ]
    most = [
        max(min(max(map(measure, column)), _WIDEST), need)
        for column, need in zip(columns, least, strict=True)
    ]
    room = across * POINTS_PER_MM
    for size in SIZES if across <= WIDTH_MM else SIZES[1:]:
        pad = 2 * cell_side(Table((), (), size=size)) + _SPARE * size
        needs = [need * size + pad for need in least]
        if sum(needs) <= room:
            break
    wants = [want * size + pad for want in most]
    return tuple(w / POINTS_PER_MM for w in _shared(needs, wants, room)), size


def _longest(words: str, kind: Kind) -> float:
    """What a text needs on one line: its longest word, of a name a little more."""
    word = min(max(map(measure, _WORD.findall(words)), default=0), _UNBROKEN)
    return max(word, min(measure(words), _NAME)) if kind == "name" else word


def _shared(needs: list[float], wants: list[float], room: float) -> list[float]:
    """Widths that fill the room; narrower than needed only where all needs have no room."""
    left = room - sum(needs)
    if left <= 0:
        return [need * room / sum(needs) for need in needs]
    more = [want - need for want, need in zip(wants, needs, strict=True)]
    asked = sum(more)
    if asked >= left:
        return [need + left * m / asked for need, m in zip(needs, more, strict=True)]
    return [want * room / sum(wants) for want in wants]


def _heads(grid: Grid) -> list[Row]:
    if not grid.spanners:
        return [Row(tuple(_head(_title(c)) for c in grid.columns), is_head=True)]
    upper: list[Cell] = []
    for over, n in grid.spanners:
        at = sum(cell.span for cell in upper)
        if over:
            upper.append(_head(over, span=n))
        else:
            upper += [_head(_title(c), merge="first") for c in grid.columns[at : at + n]]
    lower = (_head(_title(c)) if c.over else _head("", merge="more") for c in grid.columns)
    return [Row(tuple(upper), is_head=True), Row(tuple(lower), is_head=True)]


def _head(words: str, span: int = 1, merge: Literal["", "first", "more"] = "") -> Cell:
    return Cell(words, span, "label", is_centred=True, merge=merge)


def _row(grid: Grid, row: GridRow, cells: Sequence[str]) -> Row:
    centred = [kind in NUMERIC for _, kind, _ in grid.cells(row)]
    if row.is_total:
        return Row(tuple(Cell(c, kind="label", is_centred=True) for c in cells))
    return Row(tuple(Cell(c, is_centred=m) for c, m in zip(cells, centred, strict=True)))
