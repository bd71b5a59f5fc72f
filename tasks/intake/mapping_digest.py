"""The identity of a revision: a digest over the canonical content of a mapped row.

Only filled fields enter, each as `name=value` and a mark, so that a field added to a record later
does not make a new revision of every row that lacks it. `sent_at` is left out: sending a row again
is not changing it.
"""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import RecordShape
from tasks.intake.mapping_text import as_text

DIGEST_DIGITS = 16
AT_ONCE = 20_000  # rows: memory that is used again is cheaper than more of it
AFTER = "\x1e"


def row_digests(frame: pd.DataFrame, shape: RecordShape) -> pd.Series:
    """16 hex digits of SHA-256 for every row of a mapped frame."""
    if frame.empty:
        return pd.Series([], dtype="str", index=frame.index)
    columns = _filled_columns(frame, shape)
    starts = range(0, len(frame), AT_ONCE)
    digits = b"".join(_digests(columns, start) for start in starts).hex()
    ends = np.arange(0, len(digits) + 1, DIGEST_DIGITS, dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(digits.encode())]
    digests = pa.Array.from_buffers(pa.large_string(), len(frame), buffers)
    return as_text(digests).set_axis(frame.index)


def _filled_columns(frame: pd.DataFrame, shape: RecordShape) -> dict[str, pa.Array]:
    names = [n for n in shape.names if n != "sent_at" and frame[n].notna().any()]
    return {n: pa.array(frame[n], from_pandas=True).cast(pa.large_string()) for n in names}


def _digests(columns: dict[str, pa.Array], start: int) -> bytes:
    """The digests of AT_ONCE rows, one behind the other."""
    contents = _contents({name: array.slice(start, AT_ONCE) for name, array in columns.items()})
    sha256, size = hashlib.sha256, DIGEST_DIGITS // 2
    rows = contents.cast(pa.large_binary()).to_pylist()
    return b"".join([sha256(row).digest()[:size] for row in rows])


def _contents(columns: dict[str, pa.Array]) -> pa.Array:
    """The filled fields of every row as one text.

    A column without blanks is handed to the last join as it is, which spares a copy of it.
    """
    parts: list[pa.Scalar | pa.Array] = [_text("")]
    for name, values in columns.items():
        named = [_text(f"{name}="), values, _text(AFTER)]
        is_filled = values.null_count == 0
        parts += named if is_filled else [pc.binary_join_element_wise(*named, _text(""))]
    return pc.binary_join_element_wise(*parts, _text(""), null_handling="skip")


def _text(word: str) -> pa.Scalar:
    return pa.scalar(word, pa.large_string())
