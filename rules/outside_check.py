"""The arithmetic of a table from outside: every cell that cannot be true, and why.

A total is the sum of its rows; a whole the sum of its parts and not less than any; a rate is its
counts' quotient at the printed decimals, "/" over nothing, at most 100 % and, in a total, within
the rates of its rows. Money and other decimals may differ from their sum by what rounding hides.
Reasons are keys of the message catalogue: outside.reason.<reason>.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rules.outside_cells import Cell, Figure, printed, rounded
from rules.outside_columns import Columns
from rules.outside_formulas import Formula, Parts, count, quotient
from rules.outside_parts import PartsOf
from rules.outside_table import Place, Table
from rules.outside_totals import Rows, Total, sum_of
from rules.outside_words import Words


@dataclass(frozen=True)
class Finding:
    """One cell that cannot be true. `values` fill the message; `explains` are cells whose
    contradictions this one accounts for."""

    reason: str
    sheet: str
    cell: str
    printed: str
    expected: str
    values: dict[str, str] = field(default_factory=dict)
    explains: tuple[str, ...] = ()
    row: int = -1  # of the table


@dataclass(frozen=True)
class Model:
    """A table and all that it is taken to be."""

    table: Table
    columns: Columns
    rows: Rows
    totals: Sequence[Total]
    formulas: Sequence[Formula]
    parts: Sequence[PartsOf]
    words: Words

    def unbounded(self, column: int) -> bool:
        return self.words.unbounded.search(self.table.heads[column]) is not None


@dataclass
class Tally:
    """How many comparisons were made: none is nothing to check."""

    made: int = 0


def check(model: Model, tally: Tally | None = None) -> Iterator[Finding]:
    """Every contradiction, totals first. Stops nowhere: one cell may be named for two reasons."""
    checker = _Checker(model, tally or Tally())
    for total in model.totals:
        yield from checker.total(total)
    for parts in model.parts:
        yield from checker.at_most(parts) if parts.at_most else checker.sum(parts)
    for formula in model.formulas:
        yield from checker.rate(formula)
    for total in model.totals:
        yield from checker.within(total)
    yield from checker.bounds()
    yield from checker.twice()


@dataclass(frozen=True)
class _Checker:
    model: Model
    tally: Tally

    @property
    def table(self) -> Table:
        return self.model.table

    def cell(self, row: int, column: int) -> Cell:
        return self.table.rows[row][column]

    def found(self, reason: str, place: Place, expected: str, **values: str) -> Finding:
        shown = self.cell(*place).text
        values = {"head": self.table.head(place[1])} | values
        address = self.table.address(place)
        return Finding(reason, self.table.sheet, address, shown, expected, values, row=place[0])

    def total(self, total: Total) -> Iterator[Finding]:
        for c in total.columns:
            parts = [self.cell(n, c) for n in total.parts]
            span = self.table.span(total.parts, c)
            yield from self._sum("total", (total.row, c), parts, rows=span)

    def sum(self, parts: PartsOf) -> Iterator[Finding]:
        names = " + ".join(self.table.head(n) for n in parts.parts)
        for row in self._counted():
            cells = [self.cell(row, n) for n in parts.parts]
            yield from self._sum("parts", (row, parts.whole), cells, parts=names)
        yield from self.at_most(parts)

    def _counted(self) -> list[int]:
        return [n for n in range(len(self.table.rows)) if n not in self.model.rows.means]

    def _sum(
        self, reason: str, place: Place, cells: Sequence[Cell], **values: str
    ) -> Iterator[Finding]:
        whole, summed = self.cell(*place), sum_of(iter(cells))
        shown = count(whole)
        if shown is None or summed is None:
            return
        self.tally.made += 1
        figures = [cell.figure for cell in (whole, *cells) if cell.figure]
        if abs(shown - summed) > _slack(figures):
            places = max((f.places for f in figures), default=0)
            yield self.found(reason, place, printed(Figure(summed, places)), **values)

    def at_most(self, parts: PartsOf) -> Iterator[Finding]:
        name = self.table.head(parts.whole)
        for row in self._counted():
            cell = self.cell(row, parts.whole)
            whole = count(cell)
            for n in parts.parts if whole is not None else ():
                part = count(self.cell(row, n))
                self.tally.made += part is not None
                if part is not None and whole is not None and part > whole:
                    yield self.found("exceeds", (row, n), f"<= {cell.text}", whole=name)

    def rate(self, formula: Formula) -> Iterator[Finding]:
        for row in self._counted():
            yield from self._rate(formula, row)

    def _rate(self, formula: Formula, row: int) -> Iterator[Finding]:
        place, made = (row, formula.rate), quotient(self.table.rows[row], formula.parts)
        cell = self.cell(*place)
        if made is None or cell.kind in ("blank", "text"):
            return
        self.tally.made += 1
        figure = self.model.columns.rate(cell, formula.rate)
        if made[1] <= 0:
            if figure is not None:
                yield self.found(
                    "over_nothing", place, "/", below=spelled(self.table, formula.parts)
                )
            return
        exact = 100 * made[0] / made[1]
        places = 2 if figure is None else figure.places
        expected = rounded(exact, places, formula.rounding)
        if figure is None or figure.value != expected:
            reason = "averaged" if figure and self._is_mean(formula, row, figure) else "rate"
            of = f"{_plain(made[0])} / {_plain(made[1])} = {_plain(exact, 4)}%"
            shown = self._as_printed(formula.rate, expected, places, cell)
            yield self.found(
                reason, place, shown, of=of, formula=spelled(self.table, formula.parts)
            )

    def _as_printed(self, column: int, value: Fraction, places: int, cell: Cell) -> str:
        """A rate the way its column prints rates: 93.43%, 93.43 or 0.9343."""
        percent = cell.figure is None or cell.figure.percent
        if column in self.model.columns.shares and not percent:
            return printed(Figure(value / 100, places + 2))
        return printed(Figure(value, places, percent))

    def _is_mean(self, formula: Formula, row: int, figure: Figure) -> bool:
        """Whether a total's rate is the mean of its rows' rates."""
        for total in (t for t in self.model.totals if t.row == row):
            rates = [f.value for f in self._rates(total, formula.rate)]
            if (
                len(rates) > 1
                and rounded(sum(rates, Fraction(0)) / len(rates), figure.places) == figure.value
            ):
                return True
        return False

    def _rates(self, total: Total, column: int) -> list[Figure]:
        cells = (self.cell(n, column) for n in total.parts)
        known = (self.model.columns.rate(cell, column) for cell in cells)
        return [figure for figure in known if figure is not None]

    def within(self, total: Total) -> Iterator[Finding]:
        """A total's rate lies between the least and the greatest of its rows."""
        of = {f.rate: f.parts for f in self.model.formulas}
        for c in self.model.columns.of("rate"):
            summed = c not in of or set(of[c].columns) <= set(total.columns)
            if not summed or self.model.unbounded(c):
                continue
            figure = self.model.columns.rate(self.cell(total.row, c), c)
            parts = self._rates(total, c)
            if figure is None or not parts:
                continue
            self.tally.made += 1
            least, most = min(parts, key=_value), max(parts, key=_value)
            slack = (figure.step + max(f.step for f in parts)) / 2
            if not least.value - slack < figure.value < most.value + slack:
                span = f"{_plain(least.value, 4)}%..{_plain(most.value, 4)}%"
                yield self.found("outside", (total.row, c), span)

    def bounds(self) -> Iterator[Finding]:
        """No rate over 100 %, nothing below zero; a plan may be exceeded, a change may be less."""
        for row in range(len(self.table.rows)):
            for c in (*self.model.columns.of("count"), *self.model.columns.of("rate")):
                is_rate = self.model.columns.kinds[c] == "rate"
                cell = self.cell(row, c)
                figure = self.model.columns.rate(cell, c) if is_rate else cell.figure
                if figure is None or self.model.unbounded(c):
                    continue
                if is_rate and figure.value > 100:
                    yield self.found("over_100", (row, c), "<= 100%")
                if figure.value < 0:
                    yield self.found("negative", (row, c), ">= 0")

    def twice(self) -> Iterator[Finding]:
        """A row that stands in the table twice, word for word and figure for figure."""
        seen: dict[tuple[str, ...], int] = {}
        unit, numbers = self.model.columns.unit, set(self.model.columns.of("ignored"))
        for row, cells in enumerate(self.table.rows):
            key = tuple(cell.text for n, cell in enumerate(cells) if n not in numbers)
            if unit is None or not any(cell.figure and cell.figure.value for cell in cells):
                continue
            if key in seen:
                first = str(self.table.row_name(seen[key]))
                yield self.found("twice", (row, unit), "", first=first)
            seen.setdefault(key, row)


def _value(figure: Figure) -> Fraction:
    return figure.value


def _slack(figures: Sequence[Figure]) -> Fraction:
    """What rounding may hide in a sum: nothing in whole numbers."""
    return sum((f.step / 2 for f in figures if f.places), Fraction(0))


def _plain(value: Fraction, places: int = 2) -> str:
    """A number with so many decimals, a whole one with none."""
    most = 0 if value.denominator == 1 else places
    return printed(Figure(rounded(value, most), most))


def spelled(table: Table, parts: Parts) -> str:
    """A formula by the headings of its columns."""
    above, below, *less = (table.head(n) for n in parts.columns)
    return f"{above} / ({below} − {less[0]})" if less else f"{above} / {below}"
