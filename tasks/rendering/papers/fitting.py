"""Which sizes put a paper on one page: counts its lines as a typesetter would, before it is set.

Pure. Line pitches are exact, so a page's height is a sum; only the number of lines of a text is an
estimate, on the safe side.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tasks.rendering import drawing
from tasks.rendering.papers.looks import (
    ABOVE_SIGNATURE,
    ABOVE_TABLE,
    BELOW_TABLE,
    BODY,
    BODY_SPACING,
    CELL_SIDE,
    CELL_TOP,
    DENSE,
    DENSE_PITCH,
    DENSE_SIDE,
    HEIGHT_MM,
    LIST,
    LIST_PITCH,
    LOOKS,
    POINTS_PER_MM,
    STEPS,
    WIDTH_MM,
    Look,
    Step,
)
from tasks.rendering.papers.paper import Block, Cell, Paper, Paragraph, Plot, Row, Signature, Table

# Programs differ by a hair in where they break a line or draw a border.
_ROOM = 0.97 * HEIGHT_MM * POINTS_PER_MM
_BORDER = 0.5
_SLACK = 0.05
_MOST_STRETCH = 110
_LAST_LATIN = "\u024f"
_WIDTHS = {" ": 0.28, "W": 0.95, "M": 0.9, "m": 0.78, "w": 0.73, "@": 0.93, "%": 0.84, "&": 0.78}
# What stays on one line: a Latin word, or a character with what may not end or begin a line.
WORDS = re.compile(rf"[（《〔“‘]*(?:[!-{_LAST_LATIN}]+|.)[，。；：、！？）》〕”’…]*")


@dataclass(frozen=True)
class Fit:
    """`stretch`: points that every stretching row may be higher; `fits`: on one page."""

    step: Step
    stretch: float
    fits: bool


def fitted(paper: Paper) -> Fit:
    """The largest sizes with which the paper's first part stays on one page, or the smallest."""
    for step in STEPS:
        room = _ROOM - sum(height(block, step) for block in paper.blocks)
        if room >= 0:
            return Fit(step, _stretch(paper, room), True)
    return Fit(STEPS[-1], 0, False)


def _stretch(paper: Paper, room: float) -> float:
    tables = [b for b in paper.blocks if isinstance(b, Table)]
    rows = sum(row.stretches for table in tables for row in table.rows)
    return min(room / rows, _MOST_STRETCH) if rows else 0


def height(block: Block, step: Step) -> float:
    """Points that a block takes from the page's height."""
    if isinstance(block, Table):
        rows = sum(row_height(row, block, step) for row in block.rows)
        return ABOVE_TABLE + rows + BELOW_TABLE
    if isinstance(block, Signature):
        return ABOVE_SIGNATURE + 2 * step.body_pitch
    if isinstance(block, Plot):
        return drawing.height(block.charts)
    return _paragraph_height(block, step)


def _paragraph_height(paragraph: Paragraph, step: Step) -> float:
    look = LOOKS[paragraph.kind]
    size, pitch = sizes(look, step)
    across = WIDTH_MM * POINTS_PER_MM / character(size)
    lines = line_count(paragraph.label + paragraph.text, across, look.indent)
    return look.before + lines * pitch + look.after


def sizes(look: Look, step: Step) -> tuple[float, float]:
    """Size and line pitch of a paragraph outside of tables."""
    return look.size or step.body, look.pitch or step.body_pitch


def character(size: float) -> float:
    """How far one wide character moves the line on."""
    return size + BODY_SPACING if size == BODY else size


def table_sizes(table: Table, step: Step) -> tuple[float, float]:
    """Size and line pitch in a table; a list has many columns and is never set large."""
    if table.size:
        return table.size, round(2 * table.size * DENSE_PITCH) / 2
    if not table.is_list:
        return step.table, step.table_pitch
    return min(step.table, LIST), min(step.table_pitch, LIST_PITCH)


def cell_side(table: Table) -> float:
    """Points between the sides of a cell and its text."""
    return DENSE_SIDE if table.size and table.size <= DENSE else CELL_SIDE


def row_height(row: Row, table: Table, step: Step) -> float:
    size, pitch = table_sizes(table, step)
    cells = zip(row.cells, _across(row.cells, table.widths), strict=True)
    side = cell_side(table)
    most = max(_cell_lines(cell, across, size, side) for cell, across in cells)
    return most * pitch + 2 * CELL_TOP + _BORDER


def _across(cells: Iterable[Cell], widths: tuple[float, ...]) -> list[float]:
    """Millimetres of each cell of a row."""
    ends = [0]
    for cell in cells:
        ends.append(ends[-1] + cell.span)
    return [sum(widths[start:end]) for start, end in pairwise(ends)]


def _cell_lines(cell: Cell, across: float, size: float, side: float) -> int:
    if cell.merge:
        return 1  # two rows have room for it
    inside = (across * POINTS_PER_MM - 2 * side) / size
    signed = line_count(cell.signed, inside) if cell.signed else 0
    return line_count(cell.text, inside) + signed


def line_count(words: str, across: float, indent: float = 0) -> int:
    """Lines of a text on lines that hold `across` wide characters, the first one indented."""
    return sum(_lines(line, across, indent) for line in words.split("\n"))


def _lines(words: str, across: float, indent: float) -> int:
    """A word that does not fit goes to the next line, one that fits on none is broken."""
    room = across - _SLACK
    lines, used, last = 1, indent, " "
    for word in WORDS.findall(words):
        wide = measure(word) + _gap(last, word[0])
        last = word[-1]
        if used + wide > room and used > 0:
            lines, used = lines + 1, 0.0
        more = int(max(wide - 0.001, 0) // room)
        lines, used = lines + more, used + wide - more * room
    return lines


def _gap(last: str, first: str) -> float:
    """Word and LibreOffice set Chinese and Latin characters a little apart."""
    if " " in (last, first) or (last > _LAST_LATIN) == (first > _LAST_LATIN):
        return 0
    return 0.25


def measure(words: str) -> float:
    """Wide characters that a text takes."""
    return sum(map(_character, words))


def _character(character: str) -> float:
    """A digit is half as wide as a Chinese character, few letters are wider than a capital A."""
    if character > _LAST_LATIN:
        return 1
    return _WIDTHS.get(character, 0.75 if character.isupper() else 0.5)
