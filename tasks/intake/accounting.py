"""Accounting of a delivery: every line once, as taken, refused or known.

A line is refused when any rule refused it, taken when any record it gave was new, else known.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tasks.intake.drafts import LINES
from tasks.intake.sift import Sifted


@dataclass(frozen=True)
class TakeReport:
    """What became of one delivery's rows. received = taken + refused + known."""

    received: int = 0
    taken: int = 0
    refused: int = 0
    known: int = 0
    refused_by: dict[str, int] = field(default_factory=dict)
    warned: int = 0
    left_out: int = 0  # totals and notes, by the declaration no rows
    warned_by: dict[str, int] = field(default_factory=dict)


def account(
    deliveries: int, sifted: Sifted, refused: pd.DataFrame, status: pd.DataFrame
) -> tuple[TakeReport, ...]:
    """One report per delivery. refused: lines refused now; status: line, is_taken."""
    taken = status.loc[status["is_taken"].astype(bool), "line"].drop_duplicates()
    received_by = _count(sifted.lines, deliveries)
    taken_by, refused_by = _count(taken, deliveries), _count(refused["line"], deliveries)
    warned_by = _count(sifted.warned["line"].drop_duplicates(), deliveries)
    by_code, warned_code = _by_code(refused), _by_code(sifted.warned)
    return tuple(
        TakeReport(
            received=int(received_by[i]),
            taken=int(taken_by[i]),
            refused=int(refused_by[i]),
            known=int(received_by[i] - taken_by[i] - refused_by[i]),
            refused_by=by_code.get(i, {}),
            warned=int(warned_by[i]),
            left_out=sifted.left_out.get(i, 0),
            warned_by=warned_code.get(i, {}),
        )
        for i in range(deliveries)
    )


def _by_code(rows: pd.DataFrame) -> dict[int, dict[str, int]]:
    codes = rows.groupby(rows["line"] // LINES)["codes"]
    return {int(position): counts_by_code(texts) for position, texts in codes}


def _count(lines: pd.Series, deliveries: int) -> np.ndarray:
    return np.bincount(lines.to_numpy(dtype=np.int64) // LINES, minlength=deliveries)


def counts_by_code(codes: pd.Series) -> dict[str, int]:
    """Rows by rule code; a row that broke two rules counts under both."""
    return dict(sorted(Counter(c for text in codes for c in str(text).split(",")).items()))
