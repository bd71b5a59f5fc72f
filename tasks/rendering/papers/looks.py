"""How an official paper looks: page, fonts, sizes and line pitches after GB/T 9704-2012.

Pure values. Sizes and pitches are points. The standard asks for 22 lines of 28 characters in size 3
(16 points) on 156 x 225 mm; STEPS says how a paper becomes smaller, its tables first, to stay on
one page. Where a font is missing, `templates/form/fontTable.xml` names what to take instead, and so
does `config/fonts.conf` for programs that do not read that.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from tasks.rendering.papers.paper import Kind

WIDTH_MM, HEIGHT_MM = 156, 225
POINTS_PER_MM = 72 / 25.4
CELL_SIDE, CELL_TOP = 5, 3  # points between a cell's border and its text
DENSE, DENSE_SIDE = 10.5, 2.5  # in a table of at most this size cells stand closer
DENSE_PITCH = 1.35  # of the size
BODY = 16
LIST, LIST_PITCH = 12, 18  # the most in a table that is a list
# 28 characters of 16 points are wider than the line; the standard sets them this much closer.
BODY_SPACING = -0.25
LATIN = "Times New Roman"
RED, BAR, BAR_TWO, BAR_PALE = "C00000", "3B5B7A", "8A6D3B", "A9B7C6"


class Font(StrEnum):
    """The East-Asian fonts of official papers, by the names that offices have installed."""

    XIAOBIAOSONG = "方正小标宋简体"
    FANGSONG = "仿宋_GB2312"
    HEITI = "黑体"
    KAITI = "楷体_GB2312"


@dataclass(frozen=True)
class Step:
    """Sizes and line pitches of the body and of tables."""

    body: float
    body_pitch: float
    table: float
    table_pitch: float


STEPS = (
    Step(16, 28, 14, 22),
    Step(16, 28, 12, 18),
    Step(16, 26, 12, 17),
    Step(14, 24, 12, 17),
    Step(14, 22, 10.5, 15),
    Step(12, 19, 10.5, 14),
    Step(12, 17, 9, 12),
    Step(10.5, 15, 9, 12),
)

Align = Literal["both", "center", "right", "left"]


@dataclass(frozen=True)
class Look:
    """`size` None: the step's. `indent`: first line, in characters. `rule`: a line drawn there."""

    font: Font = Font.FANGSONG
    size: float | None = None
    pitch: float | None = None
    align: Align = "left"
    indent: int = 0
    before: float = 0
    after: float = 0
    is_red: bool = False
    rule: Literal["", "below", "above"] = ""
    starts_page: bool = False
    keeps_next: bool = False


LOOKS: dict[Kind, Look] = {
    "head": Look(Font.XIAOBIAOSONG, 30, 44, "center", is_red=True),
    "head_number": Look(align="center", after=18, rule="below"),
    "head_line": Look(size=2, pitch=4, after=18, rule="below"),
    "title": Look(Font.XIAOBIAOSONG, 22, 34, "center", after=8, keeps_next=True),
    "number": Look(align="center", after=8),
    "to": Look(),
    "body": Look(align="both", indent=2),
    "signature": Look(align="right"),
    "receipt_title": Look(Font.HEITI, align="center", before=14, rule="above", keeps_next=True),
    "receipt": Look(Font.KAITI, indent=2),
    "heading": Look(Font.HEITI, align="left", indent=2, keeps_next=True),
    "subheading": Look(Font.KAITI, align="left", indent=2, keeps_next=True),
    "caption": Look(Font.HEITI, 12, 18, "center", before=4, keeps_next=True),
    "note": Look(Font.KAITI, 10.5, 15, after=4),
    "annex": Look(Font.HEITI, 16, 28, starts_page=True, keeps_next=True),
    "cell": Look(align="left"),
    "label": Look(Font.HEITI, align="center"),
}
ABOVE_TABLE = BELOW_TABLE = 6
ABOVE_SIGNATURE = 20
SIGNATURE_RIGHT = 4  # characters that stay free to the right of the date
