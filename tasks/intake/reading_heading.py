"""Where the heading of a table stands and what its columns are called. Standard library only.

A heading is one line at a fixed place, or the first line that holds the declared words; it may be
several lines high, and then what stands above is carried over the columns below it: 整改 over 人
and 时限 gives `整改/人` and `整改/时限`. White space that only lays out a heading (编　号, a
line break within the cell) is no part of a name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise

from tasks.intake.reading_malformed import Malformed

WITHIN = 50  # lines in which a heading is looked for
BETWEEN_WIDE = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")

Merge = tuple[tuple[int, int], tuple[int, int]]  # first and last (row, column), from 0
Cells = list[list[str]]


@dataclass(frozen=True)
class Layout:
    """What a `Workbook` declaration says of the form of its tables, as plain values."""

    sheet: str | int = 0
    sheets: str | None = None
    header_line: int = 1
    header_words: tuple[str, ...] = ()
    header_lines: int = 1
    fill_merged: tuple[str, ...] = ()
    not_rows: tuple[str, ...] = ()
    nil_marker: str = ""


def head_of(rows: Iterable[list[str]], layout: Layout) -> Cells:
    """All lines down to the last one of the heading; [] where the table ends before.

    Takes no more than these from an iterator. Raises Malformed where declared words are not found.
    """
    lines = iter(rows)
    head = _found(lines, layout) if layout.header_words else list(islice(lines, layout.header_line))
    top = len(head) if layout.header_words else layout.header_line
    head += islice(lines, layout.header_lines - 1)
    return head if head and len(head) == top + layout.header_lines - 1 else []


def names_of(head: Cells, layout: Layout) -> list[str]:
    """The columns' names, "" where a column has none."""
    return ["/".join(_parts(column)) for column in _columns(_carried(_block(head, layout)))]


def spread(head: Cells, layout: Layout, merges: Sequence[Merge]) -> None:
    """Write merged headings into every cell they cover, so that the lines alone say it all."""
    first = len(head) - layout.header_lines
    block = head[first:]
    inside = [m for m in merges if first <= m[0][0] < len(head)]
    if layout.header_lines == 1:
        return
    if not inside:
        block = _carried(block)
    for (top, left), (bottom, right) in inside:
        for row in block[top - first : bottom + 1 - first]:
            row[left : right + 1] = [head[top][left]] * len(row[left : right + 1])
    settled = [_settled(column) for column in _columns(block)]
    head[first:] = [list(row) for row in zip(*settled, strict=True)]


def tidy(cell: str) -> str:
    """A heading without the white space that lays it out."""
    return " ".join(BETWEEN_WIDE.sub("", cell.removeprefix("\ufeff").strip()).split())


def _found(lines: Iterator[list[str]], layout: Layout) -> Cells:
    head: Cells = []
    wanted = {tidy(word) for word in layout.header_words}
    for row in islice(lines, WITHIN):
        head.append(row)
        if wanted <= {tidy(cell) for cell in row}:
            return head
    if any(cell.strip() for row in head for cell in row):
        words = list(layout.header_words)
        raise Malformed(f"none of the first {len(head)} lines is a heading that holds {words}")
    return []


def _block(head: Cells, layout: Layout) -> Cells:
    return [[tidy(cell) for cell in row] for row in head[len(head) - layout.header_lines :]]


def _carried(block: Cells) -> Cells:
    """A heading without merges: a blank beside a group's name, above a name of its own, is of that
    group. A name with nothing below it is no group."""
    rows = [list(column) for column in zip(*_columns(block), strict=True)]
    for upper, lower in pairwise(rows):
        for n in range(1, len(upper)):
            if not upper[n].strip() and lower[n].strip() and lower[n - 1].strip():
                upper[n] = upper[n - 1]
    return rows


def _columns(block: Cells) -> list[list[str]]:
    width = max(map(len, block), default=0)
    return [[row[n] if n < len(row) else "" for row in block] for n in range(width)]


def _settled(column: list[str]) -> list[str]:
    """Blanks take what stands above, else what stands below: nothing is left to be carried."""
    for n in range(1, len(column)):
        column[n] = column[n] if column[n].strip() else column[n - 1]
    for n in range(len(column) - 2, -1, -1):
        column[n] = column[n] if column[n].strip() else column[n + 1]
    return column


def _parts(column: list[str]) -> list[str]:
    return [name for name, _ in groupby(name for name in column if name)]
