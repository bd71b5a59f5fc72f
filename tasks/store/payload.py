"""Canonical JSON payloads of whole frames: sorted keys, blanks left out, no floats.

Byte for byte what `rules.seal.canonical` gives for the row's dict without its blanks, but built a
column at a time, each distinct value encoded once.
"""

from collections.abc import Sequence

import numpy as np
import orjson
import pandas as pd


def encode(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """One JSON object text per row from the named columns."""
    parts = [_fragments(frame[name], name) for name in sorted(columns)]
    if not parts:
        return ["{}"] * len(frame)
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)]


def _fragments(column: pd.Series, name: str) -> list[str]:
    """`"name":value` per row, the empty string where blank."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    encoded = np.array([f'"{name}":{_json(v)}' for v in uniques.tolist()] + [""], dtype=object)
    return encoded[codes].tolist()


def _json(value: object) -> str:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float and has no canonical spelling")
    return orjson.dumps(value).decode()
