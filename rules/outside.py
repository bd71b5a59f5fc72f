"""A sheet from outside, checked: its tables, what they are taken to be, what cannot be true.

    for checked in check_sheet("通报", grid, words, Declared()): print(checked.findings)

`comparisons` 0 says that nothing could be checked, which is no praise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from rules.outside_check import Finding, Model, Tally, check, spelled
from rules.outside_columns import Declared, columns_of, named
from rules.outside_formulas import Formula, count, formulas
from rules.outside_parts import parts_of
from rules.outside_swaps import explained
from rules.outside_table import Grid, Table, tables, turned
from rules.outside_totals import Total, rows_of, sum_of, totals
from rules.outside_words import Words


@dataclass(frozen=True)
class Note:
    """What is worth saying of a table and is no contradiction: outside.note.<reason>."""

    reason: str
    cell: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    model: Model
    findings: list[Finding]
    notes: list[Note]
    comparisons: int


def check_sheet(sheet: str, grid: Grid, words: Words, declared: Declared) -> list[Checked]:
    """Every table of a sheet, in order."""
    found = tables(sheet, grid, declared.heading)
    return [check_table(table, words, declared) for table in found]


def check_table(table: Table, words: Words, declared: Declared) -> Checked:
    model, tally = modelled(table, words, declared), Tally()
    if _is_turned(model):
        model = modelled(turned(table, model.columns.unit or 0), words, declared)
    findings = list(check(model, tally))
    shown = explained(model, findings)
    return Checked(model, shown, list(_notes(model, findings)), tally.made)


def modelled(table: Table, words: Words, declared: Declared) -> Model:
    """A table with everything that it is taken to be."""
    columns = columns_of(table, words, declared)
    rows = rows_of(table, columns, words, declared)
    rates = formulas(table, columns, words, declared)
    summed = totals(table, columns, rows, words)
    parts = parts_of(table, columns, words, declared, rates)
    return Model(table, columns, rows, summed, rates, parts, words)


def _is_turned(model: Model) -> bool:
    """Whether the rates of a table are rows of it."""
    rates = [label for label in model.rows.labels if model.words.rate_row.search(label)]
    return bool(rates) and model.columns.unit is not None and not model.columns.of("rate")


def unknown(table: Table, declared: Declared) -> list[str]:
    """Declared names that no column of a table has."""
    return [name for name in declared.columns if not named(table, name)]


def _notes(model: Model, findings: list[Finding]) -> Iterator[Note]:
    yield from _unresolved(model)
    for formula in model.formulas:
        yield from _of_rate(model, formula)
    wrong = {f.cell for f in findings if f.reason == "total"}
    for total in model.totals:
        yield from _of_total(model, total, wrong)


def _unresolved(model: Model) -> Iterator[Note]:
    """Rates of which nothing could be recomputed."""
    known = {formula.rate for formula in model.formulas}
    for c in model.columns.of("rate"):
        if c not in known:
            yield Note("unresolved", model.table.head_address(c), {"head": model.table.head(c)})


def _of_rate(model: Model, formula: Formula) -> Iterator[Note]:
    table, at = model.table, model.table.head_address(formula.rate)
    values = {"head": table.head(formula.rate)}
    if formula.rounding != "half_up":
        yield Note(f"rounding_{formula.rounding}", at, values)
    if formula.rival is not None:
        names = {"formula": spelled(table, formula.parts), "rival": spelled(table, formula.rival)}
        yield Note("rival", at, values | names)


def _of_total(model: Model, total: Total, wrong: set[str]) -> Iterator[Note]:
    """A row that by itself makes the difference between a total and its parts."""
    table = model.table
    left = len(model.columns.of("count")) - len(total.columns)
    label = model.rows.labels[total.row]
    at = table.address((total.row, model.columns.unit or 0))
    if left and total.how == "arithmetic":
        yield Note("not_summed", at, {"label": label, "columns": str(left)})
    off = {c for c in total.columns if table.address((total.row, c)) in wrong}
    gaps = [_gap(model, total, c) for c in total.columns] if len(off) > 1 else []
    for n in total.parts if gaps else ():
        own = [count(table.rows[n][c]) or Fraction(0) for c in total.columns]
        for reason, difference in (("left_out", own), ("counted_twice", [-value for value in own])):
            if difference == gaps:
                values = {"label": label, "row": model.rows.labels[n]}
                yield Note(reason, at, values | {"line": str(table.row_name(n))})


def _gap(model: Model, total: Total, column: int) -> Fraction | None:
    """By how much the parts exceed the total; where neither is printed, by nothing."""
    rows = model.table.rows
    shown, summed = count(rows[total.row][column]), sum_of(rows[n][column] for n in total.parts)
    if shown is None:
        return None
    return (summed or Fraction(0)) - shown
