"""Whether one exchange accounts for every contradiction of a table: two columns, or two cells.

Then the table has one mistake and not many, and that one is named: the headings of two columns
that stand for each other, or two figures of a row in each other's place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from rules.outside_cells import Cell
from rules.outside_check import Finding, Model, check

MOST_WRONG = 3  # rows: two cells in each other's place show in theirs and in its totals
MOST_ROWS = 2_000  # of a table in which exchanges are tried


@dataclass(frozen=True)
class Exchange:
    """Two columns that are read for each other in some rows: in all of them, or in one."""

    reason: str
    one: int
    other: int
    rows: frozenset[int]

    def of(self, row: Sequence[Cell]) -> tuple[Cell, ...]:
        cells = list(row)
        cells[self.one], cells[self.other] = cells[self.other], cells[self.one]
        return tuple(cells)


def explained(model: Model, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, or the one exchange that explains them all; where one of several does, each
    of these."""
    if len(findings) < 2 or len(model.table.rows) > MOST_ROWS:
        return list(findings)
    found = [
        _named(model, exchange, findings)
        for exchange in _exchanges(model, findings)
        if _explains(_turned(model, exchange), findings[-1])
    ]
    columns = [f for f in found if f.reason == "swapped"]
    return columns or found or list(findings)


def _explains(turned: Model, finding: Finding) -> bool:
    return _hopeful(turned, finding) and next(check(turned), None) is None


def _exchanges(model: Model, findings: Sequence[Finding]) -> Iterator[Exchange]:
    """Two columns of one kind in all rows, in all but the totals, in one row."""
    every = frozenset(range(len(model.table.rows)))
    wrong = sorted({f.row for f in findings})
    totals = {t.row for t in model.totals}
    spans = [("swapped", every), ("swapped", every - totals)]
    spans += [("misplaced", frozenset([n])) for n in wrong if len(wrong) <= MOST_WRONG]
    for reason, rows in spans if len(every) > 1 else spans[:1]:
        for kind in ("count", "rate"):
            for pair in combinations(model.columns.of(kind), 2):
                yield Exchange(reason, *pair, rows)


def _hopeful(turned: Model, finding: Finding) -> bool:
    """Whether the row of one finding has none left by itself; most exchanges end here."""
    table, row = turned.table, finding.row
    one = replace(table, rows=table.rows[row : row + 1], lines=table.lines[row : row + 1])
    alone = replace(turned, table=one, totals=(), rows=replace(turned.rows, means=frozenset()))
    return next(check(alone), None) is None


def _turned(model: Model, exchange: Exchange) -> Model:
    turned = tuple(
        exchange.of(row) if n in exchange.rows else row for n, row in enumerate(model.table.rows)
    )
    return replace(model, table=replace(model.table, rows=turned))


def _named(model: Model, exchange: Exchange, findings: Sequence[Finding]) -> Finding:
    table, both = model.table, (exchange.one, exchange.other)
    heads = [table.head(n) for n in both]
    if exchange.reason == "swapped":
        at, shown = [table.head_address(n) for n in both], heads
    else:
        row = min(exchange.rows)
        at = [table.address((row, n)) for n in both]
        shown = [table.rows[row][n].text for n in both]
    cells = tuple(dict.fromkeys(f.cell for f in findings))
    values = {"head": heads[0], "other": at[1], "other_head": heads[1], "cells": str(len(cells))}
    return Finding(exchange.reason, table.sheet, at[0], shown[0], shown[1], values, cells)
