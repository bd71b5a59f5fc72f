"""Words per row from where they hold: few distinct sets, many rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.arrays import ArrowStringArray

_STR = pd.StringDtype(na_value=np.nan)  # what pandas calls "str"
_BITS = 62  # words that fit into one number as a set

Where = Sequence[tuple[str, np.ndarray]]


def spelled(length: int, where: Where) -> pd.Series:
    """Comma-separated words per row (`str`, "" for none), in the order in which they first come.

    where: a word and the rows it holds for, as a mask or as positions.
    """
    words = list(dict.fromkeys(word for word, _ in where))
    sets = np.zeros((length, max(1, -(-len(words) // _BITS))), dtype=np.int64)
    for word, rows in where:
        block, bit = divmod(words.index(word), _BITS)
        sets[rows, block] |= 1 << bit
    if sets.shape[1] == 1:
        distinct, inverse = np.unique(sets[:, 0], return_inverse=True)
        distinct = distinct[:, None]
    else:
        distinct, inverse = np.unique(sets, axis=0, return_inverse=True)
    texts = [",".join(_members(words, row)) for row in distinct.tolist()]
    return pd.Series(pd.array(texts, dtype="str").take(inverse.ravel()))


def _members(words: list[str], blocks: list[int]) -> list[str]:
    return [w for n, w in enumerate(words) if blocks[n // _BITS] >> (n % _BITS) & 1]


def named(length: int, where: Where) -> pd.Series:
    """The same by masks, missing where no word holds; nothing at all costs next to nothing."""
    if not any(mask.any() for _, mask in where):
        nothing = pa.chunked_array([pa.nulls(length, pa.large_string())])
        return pd.Series(ArrowStringArray(nothing, dtype=_STR))  # type: ignore[call-arg]
    texts = spelled(length, where)
    return texts.mask(texts == "")
