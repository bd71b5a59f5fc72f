"""Codes of another year, translated by a table: a code means something in its own year only.

Division codes are used again: of Ningbo's village codes of 2017 a hundred name another village in
2023. A code that the table does not have for its year, or that has no year, becomes
`<code>@<year>`, which no list of today knows: the suite refuses the row and names it.
"""

import pandas as pd

from tasks.intake.mapping_text import by_distinct
from tasks.references import Remaps


def translated(codes: pd.Series, table: Remaps, years: str | pd.Series) -> pd.Series:
    """Each code by the table of its year; blank codes stay blank."""
    if isinstance(years, str):
        return by_distinct(codes, lambda words: _looked_up(words, table, years))
    result = codes.copy()
    for year, part in codes.groupby(years.fillna("?")):
        result[part.index] = translated(part, table, str(year))
    return result


def _looked_up(words: pd.Series, table: Remaps, year: str) -> pd.Series:
    found = [table.get((year, word)) or f"{word}@{year}" for word in words]
    return pd.Series(found, dtype="str")
