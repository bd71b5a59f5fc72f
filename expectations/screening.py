"""Which expectations a frame's columns do not already satisfy on the face of it.

Great Expectations costs about 20 ms per expectation however few the rows are, and a county takes
dozens of small deliveries a week. Most columns are plainly good: no blank, only known words,
nothing too late. An expectation that such a summary proves is not run; whatever is in doubt, is
of another kind or holds only under a condition goes to Great Expectations, which alone names
rows. `tests/expectations/test_screening.py` holds the proofs to what it would have said.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd


def in_doubt(expectations: Iterable[Any], frame: pd.DataFrame) -> list[Any]:
    """The expectations of a suite that are not proven by their column as a whole."""
    return [e for e in expectations if not is_proven(e, frame)]


def is_proven(expectation: Any, frame: pd.DataFrame) -> bool:
    proof = PROOFS.get(type(expectation).__name__)
    if proof is None or expectation.row_condition is not None or expectation.mostly != 1:
        return False
    return expectation.column in frame and proof(expectation, frame[expectation.column])


def columns_of(expectations: Iterable[Any], frame: pd.DataFrame) -> list[str]:
    """The columns of the frame that these expectations name; a condition's column included."""
    named = set()
    for expectation in expectations:
        named |= set(_texts(expectation.configuration.kwargs))
    return [c for c in frame.columns if c in named or c.endswith("__applies")]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _no_blank(expectation: Any, column: pd.Series) -> bool:
    return bool(column.notna().all())


def _all_blank(expectation: Any, column: pd.Series) -> bool:
    return bool(column.isna().all())


def _only_known(expectation: Any, column: pd.Series) -> bool:
    return set(column.dropna().unique()) <= set(expectation.value_set)


def _within(expectation: Any, column: pd.Series) -> bool:
    least, most = expectation.min_value, expectation.max_value
    if expectation.strict_min or expectation.strict_max or not _numeric(column, least, most):
        return False
    filled = column.dropna()
    return filled.empty or (
        (least is None or bool(filled.min() >= least))
        and (most is None or bool(filled.max() <= most))
    )


def _numeric(column: pd.Series, *bounds: Any) -> bool:
    numbers = pd.api.types.is_numeric_dtype(column.dtype)
    return numbers and all(b is None or isinstance(b, int | float) for b in bounds)


def _no_match(expectation: Any, column: pd.Series) -> bool:
    filled = column.dropna()
    if filled.empty or pd.api.types.is_numeric_dtype(filled.dtype):
        return filled.empty
    try:
        return not bool(filled.astype("str").str.contains(expectation.regex, regex=True).any())
    except (ValueError, re.error):  # an expression that no engine takes proves nothing
        return False


PROOFS: dict[str, Callable[[Any, pd.Series], bool]] = {
    "ExpectColumnValuesToNotBeNull": _no_blank,
    "ExpectColumnValuesToBeNull": _all_blank,
    "ExpectColumnValuesToBeInSet": _only_known,
    "ExpectColumnValuesToBeBetween": _within,
    "ExpectColumnValuesToNotMatchRegex": _no_match,
}
