"""Row filters on whole columns; blank is the empty string, `matches` searches anywhere.

Words are compared with full width folded; an expression sees what the source wrote. A text that is
no number is neither above nor below anything.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from schemas.mapping import Condition
from tasks.intake.mapping_text import clean, fold
from tasks.intake.mapping_values import as_numbers

Column = Callable[[str], pd.Series]

_COMPARE: dict[str, Callable[[np.ndarray, np.ndarray | float], np.ndarray]] = {
    "above": np.greater,
    "below": np.less,
    "at_least": np.greater_equal,
    "at_most": np.less_equal,
}


def condition_mask(condition: Condition, column: Column) -> np.ndarray:
    """Where a condition holds; `column` gives a cleaned column by its name."""
    if condition.any:
        return np.logical_or.reduce([condition_mask(each, column) for each in condition.any])
    words = column(condition.column).astype("str").fillna("")
    keep = np.ones(len(words), dtype=bool)
    if condition.is_in is not None:
        keep &= _among(words, condition.is_in)
    if condition.not_in is not None:
        keep &= ~_among(words, condition.not_in)
    if condition.filled is not None:
        keep &= (words != "").to_numpy(dtype=bool) == condition.filled
    if condition.matches is not None:
        keep &= _found(words, condition.matches)
    for key, limit in condition.limits().items():
        keep &= _compared(words, key, limit, column)
    return keep


def _compared(words: pd.Series, key: str, limit: Decimal | str, column: Column) -> np.ndarray:
    bound = as_numbers(column(limit)) if isinstance(limit, str) else float(limit)
    return _COMPARE[key](as_numbers(words), bound)  # nan compares as false


def _among(words: pd.Series, listed: Sequence[str]) -> np.ndarray:
    folded = clean(words, folded=True).fillna("")
    return folded.isin([fold(word) for word in listed]).to_numpy(dtype=bool)


def _found(words: pd.Series, pattern: str) -> np.ndarray:
    """Python's regular expressions, on distinct values: Arrow's know no look-around."""
    codes, uniques = pd.factorize(words)
    search = re.compile(pattern).search
    return np.array([bool(search(u)) for u in uniques], dtype=bool)[codes]
