"""Text as the ledger holds it: NFC, stripped of every Unicode space, blank is missing.

Codes, ids, numbers and dates also have their full-width forms folded to ASCII. Only full-width
forms: plain NFKC would make `²` a 2 and two different ids one. A lone surrogate cannot be stored
anywhere, so it becomes NUL, and the suites refuse every row whose text holds a NUL.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.arrays import ArrowStringArray

# Unicode White_Space, and what only looks like nothing: zero-width space, word joiner, BOM.
SPACES = "".join(chr(c) for c in range(0x10000) if chr(c).isspace()) + "\u200b\u2060\ufeff"
UNSTORABLE = "\x00"

_STR = pd.StringDtype(na_value=np.nan)  # what pandas calls "str"
_WIDE = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PROBE, _MOSTLY = 1_000, 0.9
_WIDE_PATTERN = "[\uff01-\uff5e\u3000]"


def fold(word: str) -> str:
    """One word as codes, ids, numbers and dates are compared: full width folded, stripped."""
    return unicodedata.normalize("NFC", word.translate(_WIDE)).strip(SPACES)


def clean(column: pd.Series, *, folded: bool) -> pd.Series:
    """Clean a text column of any dtype; the result is `str` with NA for blank."""
    delivered = _arrow(column)
    contents = _contents(delivered)
    is_ascii = all(len(c) == 0 or c.max() < 0x80 for c in contents)
    if not is_ascii and not all(map(_is_normal, contents)):
        delivered = pc.utf8_normalize(delivered, "NFC")
    array = pc.utf8_trim(delivered, SPACES)
    blanks = pc.equal(array, "")
    if pc.any(blanks).as_py():
        array = pc.if_else(blanks, pa.scalar(None, array.type), array)
    series = as_text(array)
    return _fold_wide(series, array) if folded and not is_ascii else series


def _contents(array: pa.Array | pa.ChunkedArray) -> list[np.ndarray]:
    """The bytes of all texts, without a copy: to ask whether they are plain costs less than to make
    them so."""
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return [_content(chunk.cast(pa.large_string())) for chunk in chunks if len(chunk)]


def _content(chunk: pa.Array) -> np.ndarray:
    _, offsets, content = chunk.buffers()
    ends = np.frombuffer(offsets, np.int64)[[chunk.offset, chunk.offset + len(chunk)]]
    return np.frombuffer(content or b"", np.uint8)[ends[0] : ends[1]]


def _is_normal(content: np.ndarray) -> bool:
    return unicodedata.is_normalized("NFC", str(content.data, "utf-8"))


def as_text(array: pa.Array | pa.ChunkedArray) -> pd.Series:
    """An Arrow array as a pandas `str` column with a fresh index."""
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    held = ArrowStringArray(chunked.cast(pa.large_string()), dtype=_STR)  # type: ignore[call-arg]
    return pd.Series(held)


def by_distinct(column: pd.Series, function: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Apply `function` to the distinct non-blank values only; blanks stay missing.

    Where hardly a value occurs twice, finding that out would cost more than it saves.
    """
    if len(column) > _PROBE and column.iloc[:_PROBE].nunique() > _MOSTLY * _PROBE:
        filled = column.dropna()
        found = function(filled.reset_index(drop=True)).set_axis(filled.index)
        return found if len(filled) == len(column) else found.reindex(column.index)
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    results = function(pd.Series(uniques, dtype="str"))
    return pd.Series(results.array.take(codes, allow_fill=True), index=column.index)


def join_filled(parts: Sequence[pa.ChunkedArray | pa.Array | pa.Scalar], between: str) -> pa.Array:
    """The filled parts of each row, joined; "" for a row that has none.

    Arrow's "skip" leaves a row without any part out altogether, and every text behind it would
    stand one row too high.
    """
    large = pa.large_string()
    nothing = reduce(pc.and_, [pc.is_null(part) for part in parts])
    first = pc.if_else(nothing, pa.scalar("", large), parts[0])
    return pc.binary_join_element_wise(
        first, *parts[1:], pa.scalar(between, large), null_handling="skip"
    )


def blank(length: int) -> pd.Series:
    return as_text(pa.nulls(length, pa.large_string()))


def same(word: str, length: int) -> pd.Series:
    return as_text(pa.repeat(pa.scalar(word, pa.large_string()), length))


def _fold_wide(series: pd.Series, array: pa.Array | pa.ChunkedArray) -> pd.Series:
    if not pc.any(pc.match_substring_regex(array, _WIDE_PATTERN)).as_py():
        return series
    folded = by_distinct(series, lambda words: words.map(fold).astype("str"))
    return folded.mask(folded == "")


def _arrow(column: pd.Series) -> pa.Array | pa.ChunkedArray:
    if isinstance(column.array, ArrowStringArray):
        return column.array.__arrow_array__()
    try:
        return pa.array(column.astype("str"), type=pa.large_string(), from_pandas=True)
    except UnicodeEncodeError:
        storable = column.map(_without_surrogates, na_action="ignore")
        return pa.array(storable, type=pa.large_string(), from_pandas=True)


def _without_surrogates(word: object) -> str:
    return "".join(UNSTORABLE if 0xD800 <= ord(c) <= 0xDFFF else c for c in str(word))
