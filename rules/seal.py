"""Canonical JSON and the hash chain: what makes the ledger tamper evident.

Canonical JSON: UTF-8, sorted keys, NFC text (normalised at the door), no floats, no blanks.
hash(n) = SHA-256( hash(n-1) as 64 hex digits ‖ canonical JSON array of HASHED_COLUMNS ), starting
from GENESIS. Anyone with the exported rows can recompute it with a dozen lines of any language.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

# A date or an object could be spelled in more than one way: no help with them.
_STRICT = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def canonical(value: Any) -> bytes:
    """Canonical JSON of dicts, lists, text, integers, booleans and None.

    Raises TypeError for floats and anything else that has no single spelling.
    """
    _refuse_floats(value)
    return orjson.dumps(value, option=_STRICT)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: write money in fen and rates as decimal text")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def chain(previous: str, rows: Iterable[Sequence[str | int]]) -> list[str]:
    """Hashes of consecutive events; each row holds the values of HASHED_COLUMNS in order."""
    hashes = []
    for row in rows:
        previous = hashlib.sha256(previous.encode() + orjson.dumps(row)).hexdigest()
        hashes.append(previous)
    return hashes
