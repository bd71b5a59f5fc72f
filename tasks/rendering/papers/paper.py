"""A paper as people read it, before it has sizes: paragraphs, tables, a chart, an annex.

Pure values. Every text is already in the reader's language; widths are millimetres of the 156 that
GB/T 9704-2012 gives a line.
"""

from dataclasses import dataclass
from typing import Literal

from tasks.rendering.ranking import Chart

Kind = Literal[
    "head",
    "head_number",
    "head_line",
    "title",
    "number",
    "to",
    "body",
    "heading",
    "subheading",
    "caption",
    "note",
    "receipt_title",
    "receipt",
    "annex",
    "signature",
    "cell",
    "label",
]


@dataclass(frozen=True)
class Paragraph:
    """`label` opens the text in the type of a heading."""

    kind: Kind
    text: str
    label: str = ""


@dataclass(frozen=True)
class Cell:
    """`signed`: a last line at the lower right, where somebody signs.

    `merge`: one cell over two rows is "first" in the upper one and "more" in the lower one.
    """

    text: str
    span: int = 1
    kind: Literal["cell", "label"] = "cell"
    is_centred: bool = False
    signed: str = ""
    merge: Literal["", "first", "more"] = ""


@dataclass(frozen=True)
class Row:
    """`stretches`: takes a share of the room that a page has left."""

    cells: tuple[Cell, ...]
    stretches: bool = False
    is_head: bool = False


@dataclass(frozen=True)
class Table:
    """`is_list`: many columns under a head, a row for each item. `size`: points, if not usual."""

    widths: tuple[float, ...]
    rows: tuple[Row, ...]
    is_list: bool = False
    size: float | None = None


@dataclass(frozen=True)
class Signature:
    """Who and when, at the lower right, each centred over the other."""

    name: str
    day: str


@dataclass(frozen=True)
class Plot:
    """The chart of a ranking, a part for each group."""

    title: str
    charts: tuple[Chart, ...]


Block = Paragraph | Table | Signature | Plot


@dataclass(frozen=True)
class Paper:
    """`annex` begins a page of its own, `is_turned` in landscape; `author` is a property."""

    title: str
    author: str
    blocks: tuple[Block, ...]
    annex: tuple[Block, ...] = ()
    is_turned: bool = False
