"""The identity of a revision: a digest over the canonical content of a mapped row.

Only filled fields enter, each as `name=value`, so that a field added to a record later does not
make a new revision of every row that lacks it. `sent_at` is left out: sending a row again is not
changing it.
"""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import RecordShape
from tasks.intake.mapping_text import as_text, join_filled

DIGEST_DIGITS = 16
BETWEEN = "\x1e"


def row_digests(frame: pd.DataFrame, shape: RecordShape) -> pd.Series:
    """16 hex digits of SHA-256 for every row of a mapped frame."""
    if frame.empty:
        return pd.Series([], dtype="str", index=frame.index)
    contents = join_filled(_filled_fields(frame, shape), BETWEEN)
    sha256, size = hashlib.sha256, DIGEST_DIGITS // 2
    rows = contents.cast(pa.large_binary()).to_pylist()
    digits = b"".join([sha256(row).digest()[:size] for row in rows]).hex()
    ends = np.arange(0, len(digits) + 1, DIGEST_DIGITS, dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(digits.encode())]
    digests = pa.Array.from_buffers(pa.large_string(), len(rows), buffers)
    return as_text(digests).set_axis(frame.index)


def _filled_fields(frame: pd.DataFrame, shape: RecordShape) -> list[pa.Array]:
    names = [n for n in shape.names if n != "sent_at" and frame[n].notna().any()]
    return [_named(n, frame[n]) for n in names] or [pa.array([""] * len(frame), pa.large_string())]


def _named(name: str, column: pd.Series) -> pa.Array:
    values = pa.array(column, from_pandas=True).cast(pa.large_string())
    prefix = pa.scalar(f"{name}=", pa.large_string())
    return pc.binary_join_element_wise(prefix, values, pa.scalar("", pa.large_string()))
