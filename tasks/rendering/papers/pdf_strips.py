"""Blocks of a typeset paper as strips: what a page break never cuts, each with how it is drawn.

A line of text is a strip, a row of a table is one, a chart is one. Points, y upwards as in PDF; a
strip is drawn from its upper edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol

from tasks.rendering import drawing
from tasks.rendering.drawing import Box, Line, Words
from tasks.rendering.papers import looks
from tasks.rendering.papers.looks import LOOKS, Font
from tasks.rendering.papers.pdf_type import Piece, Set, broken, pieces
from tasks.rendering.papers.typesetting import (
    SetBlock,
    SetCell,
    SetParagraph,
    SetPlot,
    SetRow,
    SetRun,
    SetTable,
)

_RED = tuple(int(looks.RED[i : i + 2], 16) / 255 for i in (0, 2, 4))
_OUTLINED = (LOOKS["heading"], LOOKS["annex"])
_FALL = 0.36  # of the size: from the middle of a line down to its base


class Draw(Protocol):
    def __call__(self, canvas: Any, left: float, top: float) -> None: ...


@dataclass(frozen=True)
class Strip:
    """`keeps`: stays with the next one. `heads`: drawn again where a page begins with this one."""

    height: float
    draw: Draw
    keeps: bool = False
    starts_page: bool = False
    is_gap: bool = False
    heads: tuple["Strip", ...] = ()
    outline: str = ""


def strips(block: SetBlock, across: float, lang: str) -> Iterator[Strip]:
    """The strips of a block on lines of `across` points."""
    if isinstance(block, SetTable):
        yield from _table(block, across, lang)
    elif isinstance(block, SetPlot):
        yield _plot(block, across, lang)
    elif not block.runs:
        yield Strip(block.pitch / 20, _nothing, keeps=block.look.keeps_next, is_gap=True)
    else:
        yield from _paragraph(block, across, lang)


def _nothing(canvas: Any, left: float, top: float) -> None:
    """A gap."""


def _paragraph(block: SetParagraph, across: float, lang: str) -> Iterator[Strip]:
    """The first line stays with the second one, a heading with what it is over."""
    lines = broken(block, across - block.right / 20, lang == "zh")
    for i, line in enumerate(lines):
        is_first, is_last = i == 0, i == len(lines) - 1
        before = block.before / 20 if is_first else 0
        after = block.after / 20 if is_last else 0
        yield Strip(
            before + block.pitch / 20 + after,
            _Text(block, line, across, before, is_first, is_last),
            keeps=block.look.keeps_next or (is_first and not is_last),
            starts_page=block.look.starts_page and is_first,
            outline=_said(block) if is_first and block.look in _OUTLINED else "",
        )


def _said(block: SetParagraph) -> str:
    return " ".join(line for run in block.runs for line in run.lines)


@dataclass(frozen=True)
class _Text:
    """One line of a paragraph of its own."""

    block: SetParagraph
    line: Set
    across: float
    before: float
    is_first: bool
    is_last: bool

    def __call__(self, canvas: Any, left: float, top: float) -> None:
        look, pitch = self.block.look, self.block.pitch / 20
        top -= self.before
        if (look.rule == "below" and self.is_last) or (look.rule == "above" and self.is_first):
            y = top + 4 if look.rule == "above" else top - pitch - 3
            _rule(canvas, left, y, self.across, look.rule)
        if look.is_red:
            canvas.setFillColorRGB(*_RED)
        write(canvas, self.line, look.align, left, self.across - self.block.right / 20, top, pitch)
        canvas.setFillColorRGB(0, 0, 0)


def _rule(canvas: Any, left: float, y: float, across: float, rule: str) -> None:
    canvas.saveState()
    if rule == "below":
        canvas.setStrokeColorRGB(*_RED)
        canvas.setLineWidth(2.25)
    else:
        canvas.setDash(4, 3)
    canvas.line(left, y, left + across, y)
    canvas.restoreState()


def write(
    canvas: Any, line: Set, align: str, left: float, across: float, top: float, pitch: float
) -> None:
    """One line of text; one that fills its width is stretched to it where look asks for it."""
    room = across - line.indent - line.width
    between, words = _stretched(line, room) if align == "both" and not line.is_last else (0, 0)
    shift = {"center": room / 2, "right": room}.get(align, 0)
    size = max((piece.size for piece in line.pieces), default=0)
    text = canvas.beginText(left + line.indent + shift, top - pitch / 2 - _FALL * size)
    for piece in line.pieces:
        text.setFont(piece.font, piece.size)
        text.setCharSpace(piece.spacing + between)
        text.setWordSpace(words)
        text.textOut(piece.text)
    canvas.drawText(text)


def _stretched(line: Set, room: float) -> tuple[float, float]:
    """How much wider characters stand, or words where all of a line is Latin."""
    words = "".join(piece.text for piece in line.pieces)
    if room <= 0 or len(words) < 2:
        return 0, 0
    if line.is_latin and " " in words:
        return 0, room / words.count(" ")
    return room / (len(words) - 1), 0


def _table(block: SetTable, across: float, lang: str) -> Iterator[Strip]:
    """Head rows are one strip, for cells that reach over two of them."""
    rows = [
        _Row(row, block.side / 20, (across - sum(block.widths) / 20) / 2, lang)
        for row in block.rows
    ]
    heads = [row for row in rows if row.row.is_head]
    head: tuple[Strip, ...] = ()
    if heads:
        head = (Strip(sum(row.height for row in heads), _Heads(tuple(heads)), keeps=True),)
    yield from head
    for row in rows[len(heads) :]:
        yield Strip(row.height, row, heads=head)


@dataclass(frozen=True)
class _Row:
    row: SetRow
    side: float
    shift: float
    lang: str

    @cached_property
    def lines(self) -> list[list[tuple[SetParagraph, list[Set]]]]:
        """The paragraphs of each cell, broken into lines."""
        return [[*map(partial(self._broken, cell), cell.paragraphs)] for cell in self.row.cells]

    def _broken(self, cell: SetCell, block: SetParagraph) -> tuple[SetParagraph, list[Set]]:
        return block, broken(block, cell.width / 20 - 2 * self.side, self.lang == "zh")

    @cached_property
    def needs(self) -> list[float]:
        found = ([(p.before + p.pitch * len(ls)) / 20 for p, ls in cell] for cell in self.lines)
        return [sum(heights) + 2 * looks.CELL_TOP for heights in found]

    @cached_property
    def height(self) -> float:
        """What its cells need; one that reaches over two rows has room in the other one."""
        both = zip(self.needs, self.row.cells, strict=True)
        return max(self.row.height / 20, *(need for need, cell in both if not cell.merge), 0)

    def __call__(self, canvas: Any, left: float, top: float, below: float = 0) -> None:
        """`below`: the height of a next head row, into which the first of a merged pair reaches."""
        x, own = left + self.shift, self.height
        for i, cell in enumerate(self.row.cells):
            high = own + below if cell.merge == "first" else own
            if cell.merge != "more":
                canvas.setLineWidth(0.5)
                canvas.rect(x, top - high, cell.width / 20, high)
                self._fill(canvas, i, x, top, high)
            x += cell.width / 20

    def _fill(self, canvas: Any, i: int, x: float, top: float, high: float) -> None:
        cell = self.row.cells[i]
        spare = (high - self.needs[i]) / 2 if cell.vertical == "center" else 0
        y = top - looks.CELL_TOP - max(spare, 0)
        inside = cell.width / 20 - 2 * self.side
        for paragraph, lines in self.lines[i]:
            y -= paragraph.before / 20
            for line in lines:
                align = paragraph.look.align
                write(canvas, line, align, x + self.side, inside, y, paragraph.pitch / 20)
                y -= paragraph.pitch / 20


@dataclass(frozen=True)
class _Heads:
    rows: tuple[_Row, ...]

    def __call__(self, canvas: Any, left: float, top: float) -> None:
        for i, row in enumerate(self.rows):
            row(canvas, left, top, sum(r.height for r in self.rows[i + 1 :]))
            top -= row.height


def _plot(block: SetPlot, across: float, lang: str) -> Strip:
    return Strip(block.height / 20, _Chart(drawing.drawn(block.plot.charts, across, lang), lang))


@dataclass(frozen=True)
class _Chart:
    drawn: drawing.Drawing
    lang: str

    def __call__(self, canvas: Any, left: float, top: float) -> None:
        canvas.saveState()
        canvas.translate(left, top)
        for shape in self.drawn.shapes:
            if isinstance(shape, Line):
                canvas.setStrokeColor(shape.colour)
                canvas.setLineWidth(shape.wide)
                canvas.line(shape.x, -shape.y, shape.to_x, -shape.to_y)
            elif isinstance(shape, Box):
                canvas.setFillColor(shape.colour)
                canvas.rect(shape.x, -shape.y - shape.height, shape.width, shape.height, 0, 1)
            else:
                self._write(canvas, shape)
        canvas.restoreState()

    def _write(self, canvas: Any, words: Words) -> None:
        run = SetRun((words.text,), Font.FANGSONG, round(2 * words.size), 0)
        found: list[Piece] = pieces(words.text, run, self.lang == "zh")
        wide = sum(piece.width for piece in found)
        shift = {"start": 0.0, "middle": wide / 2, "end": wide}[words.anchor]
        canvas.setFillColor(words.colour)
        line = Set(tuple(replace(piece, size=words.size) for piece in found), 0, True)
        high = words.y - _FALL * words.size
        write(canvas, line, "left", words.x - shift, wide, -high, 0)
