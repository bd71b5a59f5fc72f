"""What each column of a table from outside is: the unit, a count, a rate, or nothing to check.

By the heading's words and by what stands below: a column of words is a label, one of whole numbers
a count, one of percentages a rate. What is declared goes before what is guessed.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from rules.outside_cells import Cell, Figure, Rounding
from rules.outside_table import Table
from rules.outside_words import Words

Kind = Literal["unit", "label", "ignored", "count", "rate", "blank"]


@dataclass(frozen=True)
class RateDeclared:
    """`rate` = above / (below − less), by the names of columns."""

    rate: str
    above: str
    below: str
    less: str = ""


@dataclass(frozen=True)
class Declared:
    """What is said of a table instead of being guessed; empty: everything is guessed."""

    unit: str = ""
    totals: tuple[str, ...] = ()
    rates: tuple[RateDeclared, ...] = ()
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    skip: tuple[str, ...] = ()
    heading: tuple[int, int] | None = None
    sheet: str = ""
    rounding: Rounding | None = None

    @property
    def columns(self) -> list[str]:
        """Every column that is named."""
        rates = [name for r in self.rates for name in (r.rate, r.above, r.below, r.less)]
        parts = [name for whole, some in self.parts for name in (whole, *some)]
        return [name for name in (self.unit, *rates, *parts, *self.skip) if name]


@dataclass(frozen=True)
class Columns:
    """The kind of every column; `unit`: which one names the rows; `shares`: rates printed as
    parts of one, 0.934 for 93.4 %."""

    kinds: tuple[Kind, ...]
    unit: int | None
    shares: frozenset[int] = field(default_factory=frozenset)

    def of(self, kind: Kind) -> list[int]:
        return [n for n, own in enumerate(self.kinds) if own == kind]

    def rate(self, cell: Cell, column: int) -> Figure | None:
        """A rate in percent, whatever way it is printed."""
        figure = cell.figure
        if figure is None or figure.percent or column not in self.shares:
            return figure
        return replace(figure, value=100 * figure.value, places=max(0, figure.places - 2))


def columns_of(table: Table, words: Words, declared: Declared) -> Columns:
    kinds = [_kind(table, n, words) for n in range(table.width)]
    for name in declared.skip:
        for n in named(table, name):
            kinds[n] = "ignored"
    for formula in declared.rates:
        for n in named(table, formula.rate):
            kinds[n] = "rate"
    for name in _counted(declared):
        for n in named(table, name):
            kinds[n] = "count"
    unit = _unit(table, kinds, words, declared)
    if unit is not None:
        kinds[unit] = "unit"
    shares = frozenset(n for n, kind in enumerate(kinds) if kind == "rate" and _is_share(table, n))
    return Columns(tuple(kinds), unit, shares)


def _counted(declared: Declared) -> list[str]:
    rates = [name for r in declared.rates for name in (r.above, r.below, r.less)]
    return [*filter(None, rates), *(n for whole, parts in declared.parts for n in (whole, *parts))]


def named(table: Table, name: str) -> list[int]:
    """The columns that a name stands for: its whole heading, else its last part, else a letter."""
    ways = (table.heads, table.leaves, tuple(str(table.column_name(n)) for n in range(table.width)))
    for known in ways:
        found = [n for n, head in enumerate(known) if head == name]
        if found:
            return found
    return []


def _kind(table: Table, n: int, words: Words) -> Kind:
    cells = [cell for cell in table.column(n) if cell.kind != "blank"]
    texts = sum(cell.kind == "text" for cell in cells)
    figures = [cell.figure for cell in cells if cell.figure]
    if not cells:
        return "blank"
    if words.ignored.search(table.leaves[n]):
        return "ignored"
    if texts > len(figures) or (texts and not figures):
        return "label"
    if words.rate.search(table.leaves[n]) or _mostly_percent(figures):
        return "rate"
    return "count"


def _mostly_percent(figures: list[Figure]) -> bool:
    return bool(figures) and 2 * sum(f.percent for f in figures) > len(figures)


def _unit(table: Table, kinds: list[Kind], words: Words, declared: Declared) -> int | None:
    if declared.unit:
        return next(iter(named(table, declared.unit)), None)
    labels = [n for n, kind in enumerate(kinds) if kind == "label"]
    by_word = [n for n in labels if words.unit.search(table.leaves[n])]
    return next(iter([*by_word, *labels]), None)


def _is_share(table: Table, n: int) -> bool:
    """Whether the plain numbers of a rate are parts of one; "整改率(%)" says that they are not."""
    figures = [c.figure for c in table.column(n) if c.figure and not c.figure.percent]
    if not figures or "%" in table.heads[n]:
        return False
    return 2 * sum(abs(f.value) > 1 for f in figures) <= len(figures)
