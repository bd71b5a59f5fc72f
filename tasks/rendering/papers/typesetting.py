"""A paper with its sizes: what the Word template writes down, in Word's own units.

Pure. A twip is a twentieth of a point; a font size is counted in half points.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tasks.rendering import drawing
from tasks.rendering.papers import looks
from tasks.rendering.papers.fitting import (
    Fit,
    cell_side,
    character,
    measure,
    row_height,
    sizes,
    table_sizes,
)
from tasks.rendering.papers.looks import LOOKS, POINTS_PER_MM, Font, Look, Step
from tasks.rendering.papers.paper import Block, Cell, Paper, Paragraph, Plot, Row, Signature, Table

_ANNEX = looks.STEPS[1]


@dataclass(frozen=True)
class SetRun:
    lines: tuple[str, ...]
    font: Font
    half_points: int
    spacing: int


@dataclass(frozen=True)
class SetParagraph:
    runs: tuple[SetRun, ...]
    look: Look
    pitch: int
    before: int = 0
    after: int = 0
    first: int = 0
    right: int = 0


@dataclass(frozen=True)
class SetCell:
    paragraphs: tuple[SetParagraph, ...]
    width: int
    span: int
    vertical: Literal["center", "top"]
    merge: Literal["", "first", "more"] = ""


@dataclass(frozen=True)
class SetRow:
    cells: tuple[SetCell, ...]
    height: int
    is_head: bool


@dataclass(frozen=True)
class SetTable:
    widths: tuple[int, ...]
    rows: tuple[SetRow, ...]
    side: int


@dataclass(frozen=True)
class SetPlot:
    plot: Plot
    height: int


SetBlock = SetParagraph | SetTable | SetPlot


@dataclass(frozen=True)
class SetPaper:
    """`is_numbered`: more than one page, so that pages carry their number.

    `turned_from`: the first block that stands on landscape pages.
    """

    blocks: tuple[SetBlock, ...]
    is_numbered: bool
    turned_from: int | None = None

    @property
    def plot(self) -> SetPlot | None:
        """The chart; a paper has one at most."""
        return next((b for b in self.blocks if isinstance(b, SetPlot)), None)


def typeset(paper: Paper, fit: Fit) -> SetPaper:
    first = (*_blocks(paper.blocks, fit.step, fit.stretch),)
    annex = (*_blocks(paper.annex, _ANNEX, 0),)
    turned = len(first) if annex and paper.is_turned else None
    return SetPaper((*first, *annex), bool(annex) or not fit.fits, turned)


def _blocks(blocks: Sequence[Block], step: Step, stretch: float) -> Iterator[SetBlock]:
    for block in blocks:
        if isinstance(block, Table):
            yield replace(_gap(looks.ABOVE_TABLE), look=Look(keeps_next=True))
            yield _table(block, step, stretch)
            yield _gap(looks.BELOW_TABLE)
        elif isinstance(block, Signature):
            yield from _signature(block, step)
        elif isinstance(block, Plot):
            yield SetPlot(block, twips(drawing.height(block.charts)))
        else:
            yield _paragraph(block, step)


def _gap(points: float) -> SetParagraph:
    return SetParagraph((), Look(), twips(points))


def twips(points: float) -> int:
    return round(20 * points)


def _paragraph(paragraph: Paragraph, step: Step) -> SetParagraph:
    look = LOOKS[paragraph.kind]
    size, pitch = sizes(look, step)
    label = (_run(paragraph.label, Font.HEITI, size),) if paragraph.label else ()
    return SetParagraph(
        (*label, _run(paragraph.text, look.font, size)),
        look,
        twips(pitch),
        before=twips(look.before),
        after=twips(look.after),
        first=twips(look.indent * character(size)),
    )


def _run(words: str, font: Font, size: float) -> SetRun:
    spacing = twips(character(size) - size)
    return SetRun(tuple(words.split("\n")), font, round(2 * size), spacing)


def _signature(signature: Signature, step: Step) -> tuple[SetParagraph, SetParagraph]:
    """The shorter line is centred over or under the longer one."""
    longer = measure(signature.name) - measure(signature.day)
    # The standard lets a long name come closer to the edge than a date.
    edge = looks.SIGNATURE_RIGHT / 2 if longer > 0 else looks.SIGNATURE_RIGHT
    name = _signed(signature.name, step, edge + max(-longer, 0) / 2)
    day = _signed(signature.day, step, edge + max(longer, 0) / 2)
    return replace(name, before=twips(looks.ABOVE_SIGNATURE)), day


def _signed(words: str, step: Step, right: float) -> SetParagraph:
    paragraph = _paragraph(Paragraph("signature", words), step)
    return replace(paragraph, right=twips(right * character(step.body)))


def _table(table: Table, step: Step, stretch: float) -> SetTable:
    widths = tuple(twips(mm * POINTS_PER_MM) for mm in table.widths)
    rows = (_row(row, table, widths, step, stretch) for row in table.rows)
    return SetTable(widths, tuple(rows), twips(cell_side(table)))


def _row(row: Row, table: Table, widths: tuple[int, ...], step: Step, stretch: float) -> SetRow:
    more = stretch if row.stretches else 0
    size, pitch = table_sizes(table, step)
    start, cells = 0, []
    for cell in row.cells:
        paragraphs = _in_cell(cell, size, pitch, more)
        width = sum(widths[start : start + cell.span])
        vertical: Literal["center", "top"] = "top" if cell.signed else "center"
        cells.append(SetCell(paragraphs, width, cell.span, vertical, cell.merge))
        start += cell.span
    # What a row of unusual size needs is left to the program that sets it.
    least = row_height(row, table, step) + more if not table.size else pitch + 2 * looks.CELL_TOP
    return SetRow(tuple(cells), twips(least), row.is_head)


def _in_cell(cell: Cell, size: float, pitch: float, more: float) -> tuple[SetParagraph, ...]:
    look = LOOKS[cell.kind]
    look = replace(look, align="center") if cell.is_centred else look
    text = SetParagraph((_run(cell.text, look.font, size),), look, twips(pitch))
    if not cell.signed:
        return (text,)
    # Who signs does so at the foot of the cell.
    look, run = replace(look, align="right"), _run(cell.signed, look.font, size)
    return text, SetParagraph((run,), look, twips(pitch), before=twips(more))
