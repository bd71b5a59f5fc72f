"""The tables on a sheet: where a heading stands, how many lines it has, which rows are below it.

A heading may be several lines high; a group's name belongs to the columns beside it up to the next
group, so 一般隐患 over 排查数 and 整改数 gives `一般隐患/排查数` and `一般隐患/整改数`. Titles,
notes, a line of column numbers and blank lines are no rows.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from rules.outside_cells import BLANK, Cell, settled

MAX_HEADING = 4
_BETWEEN_WIDE = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_NUMBERED = re.compile(r"[甲乙丙丁戊己庚辛壬癸]|栏次|列次|序号|")

Grid = Sequence[Sequence[Cell]]
Place = tuple[int, int]  # row and column of a table, from 0


@dataclass(frozen=True)
class Table:
    """One table: per column its name and the last part of it, per row its line on the sheet."""

    sheet: str
    heads: tuple[str, ...]
    leaves: tuple[str, ...]
    head_lines: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[int, ...]

    @property
    def width(self) -> int:
        return len(self.heads)

    def column(self, n: int) -> list[Cell]:
        return [row[n] for row in self.rows]

    def group(self, n: int) -> str:
        """The headings above a column's own."""
        return self.heads[n].removesuffix(self.leaves[n])

    def address(self, place: Place) -> str:
        return f"{letters(place[1])}{self.lines[place[0]]}"

    def head_address(self, column: int) -> str:
        return f"{letters(column)}{self.head_lines[-1] if self.head_lines else self.lines[0]}"


def letters(column: int) -> str:
    """The spreadsheet's name of a column, from 0: 0 is A, 26 is AA."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def tables(sheet: str, grid: Grid, heading: tuple[int, int] | None = None) -> list[Table]:
    """Every table on a sheet. `heading`: its first and last line, where that is declared."""
    if heading is not None:
        head = list(range(heading[0] - 1, min(heading[1], len(grid))))
        body = [n for n in range(heading[1], len(grid)) if _is_data(grid[n])]
        return [_table(sheet, grid, head, body)] if body else []
    found = [_table(sheet, grid, head, body) for head, body in _found(grid)]
    return [table for table in found if table.rows]


def _found(grid: Grid) -> list[tuple[list[int], list[int]]]:
    """(lines of the heading, lines of the body) of each table, from 0."""
    done: list[tuple[list[int], list[int]]] = []
    pending: list[int] = []
    is_open = False
    for n, row in enumerate(grid):
        if not _filled(row):
            pending, is_open = [], False
        elif _is_data(row):
            if pending or not done:
                done.append((pending, []))
            done[-1][1].append(n)
            pending, is_open = [], True
        elif not is_open or _is_heading_again(row, grid[done[-1][1][0]]):
            pending, is_open = [*pending, n], False
    return [(_heading(grid, head), body) for head, body in done]


def _heading(grid: Grid, above: list[int]) -> list[int]:
    """Of the lines right above a body those that name columns."""
    kept: list[int] = []
    for n in reversed(above[-MAX_HEADING:]):
        if _is_numbering(grid[n]):
            continue
        if len(_filled(grid[n])) < 2 or (kept and _is_title(grid[n])):
            break
        kept.insert(0, n)
    return kept


def _is_title(row: Sequence[Cell]) -> bool:
    return any(sign in cell.text for cell in row for sign in "：:。")


def _is_heading_again(row: Sequence[Cell], body: Sequence[Cell]) -> bool:
    """Whether a line of words in the midst of rows begins another table."""
    return len(_filled(row)) >= max(2, (len(_filled(body)) + 1) // 2)


def _filled(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if cell.kind != "blank"]


def _is_data(row: Sequence[Cell]) -> bool:
    figures = [cell for cell in row if cell.kind in ("figure", "dash")]
    several = len(_filled(row)) > 1
    return bool(figures) and several and not _is_years(row) and not _is_numbering(row)


def _is_years(row: Sequence[Cell]) -> bool:
    """A heading whose columns are years."""
    figures = [cell.figure for cell in row if cell.kind in ("figure", "dash")]
    return len(figures) > 1 and all(
        f is not None and f.places == 0 and 1990 <= f.value <= 2100 for f in figures
    )


def _is_numbering(row: Sequence[Cell]) -> bool:
    """A line that numbers the columns: 甲 1 2 3 4."""
    numbers = [cell.figure.value for cell in row if cell.figure]
    others = [cell.text for cell in row if not cell.figure]
    named = all(_NUMBERED.fullmatch("".join(text.split())) for text in others)
    return len(numbers) > 2 and named and numbers == list(range(1, len(numbers) + 1))


def _table(sheet: str, grid: Grid, head: list[int], body: list[int]) -> Table:
    width = max((len(grid[n]) for n in (*head, *body)), default=0)
    rows = [_padded(grid[n], width) for n in body]
    while width and all(row[width - 1].kind == "blank" for row in rows):
        width -= 1
    columns = [settled([row[n] for row in rows]) for n in range(width)]
    block = [[tidy(cell.text) for cell in _padded(grid[n], width)] for n in head]
    named = [list(parts) for parts in _names(block, width)]
    return Table(
        sheet,
        tuple("/".join(parts) for parts in named),
        tuple(parts[-1] if parts else "" for parts in named),
        tuple(n + 1 for n in head),
        tuple(zip(*columns, strict=True)),
        tuple(n + 1 for n in body),
    )


def _padded(row: Sequence[Cell], width: int) -> list[Cell]:
    return [*row[:width], *[BLANK] * (width - len(row))]


def tidy(text: str) -> str:
    """A heading without the white space that lays it out."""
    folded = unicodedata.normalize("NFKC", text.removeprefix("\ufeff")).strip()
    return " ".join(_BETWEEN_WIDE.sub("", folded).split())


def _names(block: list[list[str]], width: int) -> Iterator[Iterator[str]]:
    """The parts of the columns' names; a blank beside a group's name, above a name of its own, is
    of that group."""
    for upper, lower in pairwise(block):
        for n in range(1, width):
            if not upper[n] and lower[n] and lower[n - 1]:
                upper[n] = upper[n - 1]
    for n in range(width):
        yield (name for name, _ in groupby(line[n] for line in block if line[n]))
