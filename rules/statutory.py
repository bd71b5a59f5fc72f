"""The statutory monthly table (domain §5): derived figures, rates and money of every row.

A row is a town, a sector or the county. What was found in the month is followed to its end: closed
are those of them that are closed then, so that no row closes more than it found. Percentages and
money have one decimal, half up; "/" where there is nothing to divide by.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from schemas.edition import Bilingual, StatutoryRow

# Taken from the ledger; all add up over towns.
COUNTED = (
    "units_due",
    "units_checked",
    "general_found",
    "general_closed",
    "major_found",
    "major_closed",
    "five",  # major, found in the month, not closed at its end, with all five elements
    "listed_province",
    "listed_city",
    "listed_county",
    "funds_fen",
)
RATES: Mapping[str, tuple[str, str]] = {
    "coverage": ("units_checked", "units_due"),
    "general_rate": ("general_closed", "general_found"),
    "major_rate": ("major_closed", "major_found"),
}
FEN = 1_000_000  # in 10k yuan


def rows(
    cells: pd.DataFrame, unit: str, units: Sequence[tuple[str, Bilingual]]
) -> list[StatutoryRow]:
    """A row per unit. cells: town, sector and COUNTED; `unit`: "town" or "sector"."""
    sums = cells.groupby(unit)[list(COUNTED)].sum().to_dict("index")
    return [row(code, name, sums.get(code, {})) for code, name in units]


def total(cells: pd.DataFrame, code: str, name: Bilingual) -> StatutoryRow:
    """The county's row: the sum of all cells, whatever unit they name."""
    return row(code, name, cells[list(COUNTED)].sum().to_dict())


def row(code: str, name: Bilingual, counted: Mapping[Any, int]) -> StatutoryRow:
    """One row from its counts; what is not there is 0."""
    counts = {measure: int(counted.get(measure, 0)) for measure in COUNTED}
    counts["in_plan"] = counts["major_found"] - counts["major_closed"]
    levels = ("listed_province", "listed_city", "listed_county")
    counts["listed"] = sum(counts[level] for level in levels)
    rates = {name: percent(counts[part], counts[whole]) for name, (part, whole) in RATES.items()}
    return StatutoryRow(
        code=code, name=name, counts=counts, rates=rates, funds=tenth(counts["funds_fen"], FEN)
    )


def percent(part: int, whole: int) -> str:
    """Of a hundred, one decimal, half up; "/" for nothing to divide by."""
    return tenth(100 * part, whole) if whole else "/"


def tenth(amount: int, unit: int) -> str:
    """An amount that is not negative in units, one decimal, half up."""
    tenths = int(Fraction(10 * amount, unit) + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"
