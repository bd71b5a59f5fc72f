"""Words per row from where they hold: few distinct sets, many rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

# Words that fit into one signed 64-bit number as a set.
_BITS = 62


def spelled(length: int, where: Sequence[tuple[str, np.ndarray]]) -> pd.Series:
    """Comma-separated words per row (`str`, "" for none), in the order in which they first come.

    where: a word and the rows it holds for, as a mask or as positions.
    """
    words = list(dict.fromkeys(word for word, _ in where))
    sets = np.zeros((length, max(1, -(-len(words) // _BITS))), dtype=np.int64)
    for word, rows in where:
        block, bit = divmod(words.index(word), _BITS)
        sets[rows, block] |= 1 << bit
    distinct, inverse = (
        np.unique(sets, axis=0, return_inverse=True)
        if sets.shape[1] > 1
        else (_column(np.unique(sets[:, 0], return_inverse=True)))
    )
    texts = [",".join(_members(words, row)) for row in distinct.tolist()]
    return pd.Series(np.array(texts, dtype=object)[inverse.ravel()], dtype="str")


def _column(found: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return found[0].reshape(-1, 1), found[1]


def _members(words: list[str], blocks: list[int]) -> list[str]:
    return [
        word for number, word in enumerate(words) if blocks[number // _BITS] >> (number % _BITS) & 1
    ]


def named(length: int, where: Sequence[tuple[str, np.ndarray]]) -> pd.Series:
    """The same, missing where no word holds; where nothing holds at all, at no cost."""
    if not any(rows.any() for _, rows in where):
        return pd.Series([None], dtype="str").repeat(length).reset_index(drop=True)
    texts = spelled(length, where)
    return texts.mask(texts == "")
