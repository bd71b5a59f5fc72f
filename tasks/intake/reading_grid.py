"""A grid of cells, from a workbook or a csv file, as named text columns.

The heading must name every column that holds something, once. Rows that are blank throughout are
left out, and so are those that the declaration says are no rows (totals, notes), which are listed;
every row keeps the number its sender sees beside it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.intake.reading_heading import Layout, head_of
from tasks.intake.reading_malformed import Malformed

Grid = list[list[str]]


@dataclass(frozen=True)
class Rows:
    """Text columns, the line of each row, and the lines that are no rows."""

    table: pa.Table
    lines: np.ndarray
    left_out: np.ndarray


NO_ROWS = Rows(pa.table({}), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def named(
    names: Sequence[str], columns: Sequence[pa.Array], header_line: int, layout: Layout
) -> Rows:
    """The rows below a heading that ends in `header_line`. Raises Malformed for headings that
    cannot be trusted."""
    kept = [n for n, name in enumerate(names) if name or not _is_blank(columns[n])]
    nameless = [n + 1 for n in kept if not names[n]]
    if nameless:
        raise Malformed(f"line {header_line}: column {nameless[0]} holds data but has no heading")
    _refuse_duplicates([names[n] for n in kept], header_line)
    table = pa.table({names[n]: columns[n] for n in kept})
    lines = np.arange(table.num_rows, dtype=np.int64) + header_line + 1
    no_rows = _no_rows(table, layout)
    keep = _filled_rows(table) & ~no_rows
    if keep.all():
        return Rows(table, lines, lines[:0])
    return Rows(table.filter(pa.array(keep)), lines[keep], lines[no_rows])


def says_nil(grids: Sequence[Grid], layout: Layout) -> bool:
    """Whether a file says "nothing to report": the marker stands alone in a cell, and no row under
    a heading holds anything but rows with the marker."""
    marked = [row for grid in grids for row in grid if _has_marker(row, layout.nil_marker)]
    return bool(marked) and not any(_has_data(grid, layout) for grid in grids)


def _has_data(grid: Grid, layout: Layout) -> bool:
    return any(
        not _has_marker(row, layout.nil_marker) and not is_no_row(_first(row), layout)
        for row in grid[_heading_lines(grid, layout) :]
        if any(map(_folded, row))
    )


def _heading_lines(grid: Grid, layout: Layout) -> int:
    try:
        return len(head_of(grid, layout)) or (0 if layout.header_words else layout.header_line)
    except Malformed:
        return 0


def is_no_row(first_filled: str, layout: Layout) -> bool:
    """Whether a row that begins so is a total or a note; white space counts for nothing."""
    bare = "".join(first_filled.split())
    return any(re.fullmatch(pattern, bare) for pattern in layout.not_rows)


def _first(row: Sequence[str]) -> str:
    return next((cell for cell in row if cell.strip()), "")


def _has_marker(row: Sequence[str], marker: str) -> bool:
    return any(_folded(cell).rstrip(".。!！") == marker for cell in row)


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _refuse_duplicates(names: list[str], header_line: int) -> None:
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        places = [str(n) for n, name in enumerate(names, 1) if name == twice[0]]
        raise Malformed(
            f"line {header_line}: the heading {twice[0]!r} stands in columns"
            f" {' and '.join(places)}; which one counts cannot be told"
        )


def _no_rows(table: pa.Table, layout: Layout) -> np.ndarray:
    if not layout.not_rows or not table.num_columns:
        return np.zeros(table.num_rows, dtype=bool)
    nothing = pa.scalar(None, pa.large_string())
    texts = [c.combine_chunks() for c in table.columns]
    filled = [pc.if_else(pc.greater(pc.utf8_length(_trimmed(c)), 0), c, nothing) for c in texts]
    first = pc.fill_null(pc.coalesce(*filled), "")
    words = pc.unique(first)
    found = [word for word in words.to_pylist() if is_no_row(word, layout)]
    return np.asarray(pc.is_in(first, pa.array(found, pa.large_string())), dtype=bool)


def _trimmed(column: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(column)


def _is_blank(column: pa.Array) -> bool:
    lengths = pc.utf8_length(_trimmed(column))
    return not pc.max(lengths).as_py()


def _filled_rows(table: pa.Table) -> np.ndarray:
    filled = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        if filled.all():
            break
        lengths = pc.utf8_length(_trimmed(column))
        filled |= pc.fill_null(lengths, 0).to_numpy() > 0
    return filled
