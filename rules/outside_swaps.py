"""Whether one exchange accounts for every contradiction of a table: two columns, or two cells.

Then the table has one mistake and not many, and that one is named: the headings of two columns
that stand for each other, or two figures of a row in each other's place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from rules.outside_cells import Cell
from rules.outside_check import Finding, Model, check
from rules.outside_table import Place, letters

MOST_WRONG = 3  # rows: two cells in each other's place show in theirs and in its totals
MOST_ROWS = 2_000  # of a table in which exchanges are tried


def explained(model: Model, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, or the one exchange that explains them all."""
    if len(findings) < 2 or len(model.table.rows) > MOST_ROWS:
        return list(findings)
    for columns, reason, rows in _exchanges(model, findings):
        turned = _turned(model, columns, rows)
        if _hopeful(turned, findings[-1]) and next(check(turned), None) is None:
            return [_named(model, reason, columns, rows, findings)]
    return list(findings)


def _exchanges(
    model: Model, findings: Sequence[Finding]
) -> Iterator[tuple[tuple[int, int], str, frozenset[int]]]:
    """Two columns of one kind in all rows, in all but the totals, in one row."""
    every = frozenset(range(len(model.table.rows)))
    wrong = [n for n, line in enumerate(model.table.lines) if _is_named(findings, line)]
    totals = {t.row for t in model.totals}
    spans = [("swapped", every), ("swapped", every - totals)]
    spans += [("misplaced", frozenset([n])) for n in wrong if len(wrong) <= MOST_WRONG]
    for reason, rows in spans if len(every) > 1 else spans[:1]:
        for kind in ("count", "rate"):
            for pair in combinations(model.columns.of(kind), 2):
                yield pair, reason, rows


def _is_named(findings: Sequence[Finding], line: int) -> bool:
    return any(f.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(line) for f in findings)


def _hopeful(turned: Model, finding: Finding) -> bool:
    """Whether the row of one finding has none left by itself; most exchanges end here."""
    table = turned.table
    row = next(n for n, line in enumerate(table.lines) if _is_named([finding], line))
    one = replace(table, rows=table.rows[row : row + 1], lines=table.lines[row : row + 1])
    alone = replace(turned, table=one, totals=(), rows=replace(turned.rows, means=frozenset()))
    return next(check(alone), None) is None


def _turned(model: Model, columns: tuple[int, int], rows: frozenset[int]) -> Model:
    turned = tuple(
        _exchanged(row, columns) if n in rows else row for n, row in enumerate(model.table.rows)
    )
    return replace(model, table=replace(model.table, rows=turned))


def _exchanged(row: Sequence[Cell], columns: tuple[int, int]) -> tuple[Cell, ...]:
    cells, (one, other) = list(row), columns
    cells[one], cells[other] = cells[other], cells[one]
    return tuple(cells)


def _named(
    model: Model,
    reason: str,
    columns: tuple[int, int],
    rows: frozenset[int],
    findings: Sequence[Finding],
) -> Finding:
    table, (one, other) = model.table, columns
    heads = [table.heads[n] or letters(n) for n in columns]
    cells = tuple(dict.fromkeys(f.cell for f in findings))
    if reason == "swapped":
        at = [table.head_address(n) for n in columns]
        shown = heads
    else:
        row = min(rows)
        places: list[Place] = [(row, one), (row, other)]
        at = [table.address(place) for place in places]
        shown = [table.rows[r][c].text for r, c in places]
    values = {"head": heads[0], "other": at[1], "other_head": heads[1], "cells": str(len(cells))}
    return Finding(reason, table.sheet, at[0], shown[0], shown[1], values, cells)
