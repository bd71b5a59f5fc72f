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
_TITLE = re.compile(r"[：:。]|^附?[表件]\d*$|[0-9]{4}年[0-9]{1,2}月")
_SAID = re.compile(r"(?!其中)[^：:]{1,8}[：:]")
_NUMBERED = re.compile(r"[甲乙丙丁戊己庚辛壬癸]|栏次|列次|序号|")

Grid = Sequence[Sequence[Cell]]
Place = tuple[int, int]  # row and column of a table, from 0


@dataclass(frozen=True)
class Table:
    """One table: per column its name and the last part of it, per row its line on the sheet.

    `turned`: its rows are the sheet's columns; then `lines` count columns, and these are the lines.
    """

    sheet: str
    heads: tuple[str, ...]
    leaves: tuple[str, ...]
    head_lines: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[int, ...]
    turned: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        return len(self.heads)

    def column(self, n: int) -> list[Cell]:
        return [row[n] for row in self.rows]

    def group(self, n: int) -> str:
        """The headings above a column's own."""
        return self.heads[n].removesuffix(self.leaves[n])

    def head(self, n: int) -> str:
        return self.heads[n] or str(self.column_name(n))

    def row_name(self, n: int) -> int | str:
        """A row's line on the sheet, or the letters of its column."""
        return letters(self.lines[n] - 1) if self.turned else self.lines[n]

    def column_name(self, n: int) -> int | str:
        return self.turned[n] if self.turned else letters(n)

    def address(self, place: Place) -> str:
        names = self.row_name(place[0]), self.column_name(place[1])
        return "".join(map(str, names if self.turned else reversed(names)))

    def head_address(self, column: int) -> str:
        at = self.head_lines[-1] if self.head_lines else self.lines[0]
        name = self.column_name(column)
        return f"{letters(at - 1)}{name}" if self.turned else f"{name}{at}"

    def span(self, rows: Sequence[int], column: int) -> str:
        """Cells of a column as a spreadsheet names them: C4:C11, C13."""
        runs: list[list[int]] = []
        for row in rows:
            if runs and row == runs[-1][-1] + 1:
                runs[-1].append(row)
            else:
                runs.append([row])
        ends = [dict.fromkeys((run[0], run[-1])) for run in runs]
        return ", ".join(":".join(self.address((r, column)) for r in pair) for pair in ends)


def turned(table: Table, unit: int) -> Table:
    """A table whose indicators stand below each other, in column `unit`, as one of columns."""
    columns = [n for n in range(table.width) if n != unit]
    names = tuple(tidy(row[unit].text) for row in table.rows)
    heads = [Cell(table.heads[n], "text" if table.heads[n] else "blank") for n in columns]
    rows = [(head, *table.column(n)) for head, n in zip(heads, columns, strict=True)]
    top = table.head_lines[-1] if table.head_lines else table.lines[0]
    return Table(
        sheet=table.sheet,
        heads=("", *names),
        leaves=("", *names),
        head_lines=(unit + 1,),
        rows=tuple(tuple(row) for row in rows),
        lines=tuple(n + 1 for n in columns),
        turned=(top, *table.lines),
    )


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
    return any(_TITLE.search("".join(cell.text.split())) for cell in row)


def _is_heading_again(row: Sequence[Cell], body: Sequence[Cell]) -> bool:
    """Whether a line of words in the midst of rows begins another table."""
    return len(_filled(row)) >= max(2, (len(_filled(body)) + 1) // 2)


def _filled(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if cell.kind != "blank"]


def _is_data(row: Sequence[Cell]) -> bool:
    figures = [cell for cell in row if cell.kind in ("figure", "dash")]
    other = _is_years(row) or _is_numbering(row) or _is_note(row)
    return bool(figures) and len(_filled(row)) > 1 and not other


def _is_note(row: Sequence[Cell]) -> bool:
    """填表人：…　联系电话：…, with a number among them."""
    filled = _filled(row)
    figures = sum(cell.kind != "text" for cell in filled)
    return _SAID.match(filled[0].text) is not None and 2 * figures <= len(filled)


def _is_years(row: Sequence[Cell]) -> bool:
    """A heading whose columns are years, one after the other."""
    years = [cell.figure.value for cell in row if cell.figure]
    steps = {b - a for a, b in pairwise(years)}
    return steps in ({1}, {-1}) and min(years) >= 1990 and max(years) <= 2100


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
