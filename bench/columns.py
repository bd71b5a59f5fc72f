"""Columns of text for the benchmark's world, made whole and never row by row (pyarrow)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.string()
ZONE_SECONDS = 8 * 3600  # the world's clock is +08:00; China has had no summer time since 1991
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


def pick(words: Sequence[str], index: Ints) -> pa.Array:
    """`words[i]` for every i of `index`."""
    return pa.array(words, TEXT).take(pa.array(index))


def numbered(prefix: str, numbers: Ints, width: int = 7) -> pa.Array:
    """`prefix0000012` for 12."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), TEXT), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def joined(*parts: pa.Array | str) -> pa.Array:
    """The parts of every row, one after the other."""
    return pc.binary_join_element_wise(*parts, "")


def instants(seconds: Ints) -> pa.Array:
    """ISO 8601 with offset, from UTC seconds."""
    local = pa.array(seconds + ZONE_SECONDS).cast(pa.timestamp("s"))
    return pc.strftime(local, format="%Y-%m-%dT%H:%M:%S+08:00")


def days(seconds: Ints) -> pa.Array:
    """The local calendar day, from UTC seconds."""
    local = pa.array(seconds + ZONE_SECONDS).cast(pa.timestamp("s"))
    return pc.strftime(local, format="%Y-%m-%d")


def only(mask: Mask, values: pa.Array | str) -> pa.Array:
    """`values` where `mask` holds, blank elsewhere."""
    return pc.if_else(pa.array(mask), values, pa.scalar(None, TEXT))


def blank(rows: int) -> pa.Array:
    return pa.nulls(rows, TEXT)


def credit_codes(numbers: Ints) -> pa.Array:
    """Unified credit codes (GB 32100-2015) of invented enterprises, with a right check digit."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    head = np.array([alphabet.index(c) for c in "91330282MA2"])
    tail = numbers[:, None] // 10 ** np.arange(5, -1, -1) % 10
    digits = np.hstack([np.broadcast_to(head, (len(numbers), len(head))), tail])
    weights = np.array([pow(3, i, 31) for i in range(17)])
    check = (31 - digits @ weights % 31) % 31
    return joined("91330282MA2", numbered("", numbers, 6), pick(tuple(alphabet), check))
