"""Named transforms: what a mapping's YAML cannot say, each a small tested function.

A transform takes the distinct non-blank texts of a column and gives texts of the same length;
None or "" means blank. A declaration refers to it by name: `transform: digits`.
"""

from collections.abc import Callable

import pandas as pd


def collapse_spaces(words: pd.Series) -> pd.Series:
    """Runs of white space, line breaks included, become one space."""
    return words.map(lambda w: " ".join(w.split()))


def digits(words: pd.Series) -> pd.Series:
    """Only the digits 0-9: `3302-82/001` → `330282001`."""
    return words.str.replace(r"[^0-9]", "", regex=True)


def lower(words: pd.Series) -> pd.Series:
    return words.str.lower()


def upper(words: pd.Series) -> pd.Series:
    return words.str.upper()


TRANSFORMS: dict[str, Callable[[pd.Series], pd.Series]] = {
    f.__name__: f for f in (collapse_spaces, digits, lower, upper)
}
