"""A grid of cells, from a workbook or a csv file, as named text columns.

The heading must name every column that holds something, once. Rows that are blank throughout are
left out; every other row keeps the number its sender sees beside it.
"""

import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.intake.reading_json import Malformed

Grid = Sequence[Sequence[object]]


def named(
    header: Sequence[str], columns: Sequence[pa.Array], lines: np.ndarray, header_line: int
) -> tuple[pa.Table, np.ndarray]:
    """(the table, the line of each row). Raises Malformed for headings that cannot be trusted."""
    names = [name.strip().removeprefix("\ufeff") for name in header]
    kept = [n for n, name in enumerate(names) if name or not _is_blank(columns[n])]
    nameless = [n + 1 for n in kept if not names[n]]
    if nameless:
        raise Malformed(f"line {header_line}: column {nameless[0]} holds data but has no heading")
    _refuse_duplicates([names[n] for n in kept], header_line)
    table = pa.table({names[n]: columns[n] for n in kept})
    filled = _filled_rows(table)
    return (table, lines) if filled.all() else (table.filter(pa.array(filled)), lines[filled])


def is_nil_return(grid: Grid, header_line: int, marker: str) -> bool:
    """Whether the file says "nothing to report": the marker stands alone in a cell, and no row
    under the heading holds anything but rows with the marker."""
    marked = [_has_marker(row, marker) for row in grid]
    data = [n for n, row in enumerate(grid[header_line:], header_line) if any(map(_written, row))]
    return any(marked) and all(marked[n] for n in data)


def _has_marker(row: Sequence[object], marker: str) -> bool:
    return any(_written(cell).rstrip(".。!！") == marker for cell in row)


def _written(cell: object) -> str:
    return "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()


def _refuse_duplicates(names: list[str], header_line: int) -> None:
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        places = [str(n) for n, name in enumerate(names, 1) if name == twice[0]]
        raise Malformed(
            f"line {header_line}: the heading {twice[0]!r} stands in columns"
            f" {' and '.join(places)}; which one counts cannot be told"
        )


def _is_blank(column: pa.Array) -> bool:
    lengths = pc.utf8_length(pc.utf8_trim_whitespace(column))
    return not pc.max(lengths).as_py()


def _filled_rows(table: pa.Table) -> np.ndarray:
    filled = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        if filled.all():
            break
        lengths = pc.utf8_length(pc.utf8_trim_whitespace(column))
        filled |= pc.fill_null(lengths, 0).to_numpy() > 0
    return filled
