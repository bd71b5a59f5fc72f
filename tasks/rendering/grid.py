"""A table before it has a form: columns, rows of plain values, and how each value is to be read.

One definition feeds the HTML page, the workbook and the Markdown summary, so that the three can
never print different figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

# name: row header · count: whole number · percent, score, points: decimal text · rank: whole number
# or None · tenth: decimal text, one decimal · movement: places won, None if new · flag: a short
# mark · text, digest: as it is
Kind = Literal[
    "name",
    "count",
    "percent",
    "tenth",
    "score",
    "points",
    "rank",
    "movement",
    "flag",
    "text",
    "digest",
]
Value = str | int | None

NUMERIC = frozenset({"count", "percent", "tenth", "score", "points", "rank", "movement"})


@dataclass(frozen=True)
class Column:
    """`over` is a heading that neighbouring columns share."""

    title: str
    kind: Kind
    over: str = ""

    @property
    def full_title(self) -> str:
        return " · ".join(t for t in (self.over, self.title) if t)


@dataclass(frozen=True)
class Row:
    """`kind` overrides the columns' kinds from the second cell on; `mark` is shown by the name."""

    cells: tuple[Value, ...]
    kind: Kind | None = None
    group: str = ""
    mark: str = ""
    is_total: bool = False


@dataclass(frozen=True)
class Grid:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    widths: dict[int, int] = field(default_factory=dict)

    def cells(self, row: Row) -> Iterator[tuple[Column, Kind, Value]]:
        """Each cell with its column and the kind that holds for it."""
        for column, value in zip(self.columns, row.cells, strict=True):
            own = column.kind if row.kind is None or column.kind == "name" else row.kind
            yield column, own, value

    def named(self, row: Row) -> str:
        """The text of a row's header; "" where it has none."""
        return next((str(v) for _, kind, v in self.cells(row) if kind == "name"), "")

    @property
    def spanners(self) -> list[tuple[str, int]]:
        """(heading, how many columns it spans) in order; empty where no column has one."""
        if not any(c.over for c in self.columns):
            return []
        return [(over, len(list(same))) for over, same in groupby(self.columns, lambda c: c.over)]

    @property
    def groups(self) -> list[tuple[str, tuple[Row, ...]]]:
        """Rows in runs of one group, in order."""
        return [(name, tuple(rows)) for name, rows in groupby(self.rows, lambda r: r.group)]
