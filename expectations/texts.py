"""What is wrong with the characters of a record's texts: unstorable, invisible, look-alike.

A column is first looked at as bytes, in one sweep: most hold nothing that could be wrong. Only
where the sweep finds something are the three told apart, on distinct texts.
"""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from expectations.naming import named
from schemas.records import RecordShape

NUL = "\x00"
# Control characters but tab and line ends; format characters (zero width, direction); fillers.
_INVISIBLE = re.compile(
    r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0]"
)
# Cyrillic and Greek letters that are printed like Latin ones; φ, μ and Ω are not among them.
_ALIKE = "АВЕЅІЈКМНОРСТУХаеорсухѕіј" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_MIXED = re.compile(
    rf"[A-Za-z][0-9_-]*[{_ALIKE}]|[{_ALIKE}][0-9_-]*[A-Za-z]|(?:^|[^\w])[{_ALIKE}]+[_-]?[0-9]"
)
# First and second bytes (UTF-8) with which all of these begin, and some harmless ones too.
_PAIRS = (
    (b"\xe2", b"\x80\x81"),
    (b"\xe3\xe1", b"\x84\x85\xa0"),
    (b"\xef", b"\xbb\xbe"),
    (b"\xd8", b"\x9c"),
    (b"\xc2", bytes(range(0x80, 0xA0)) + b"\xad"),
    (b"\xce\xcf\xd0\xd1", bytes(range(0x80, 0xC0))),
    (bytes(c for c in (*range(0x20), 0x7F) if c not in b"\t\n\r"), bytes(range(256))),
)


def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Per byte, the pairs that it can begin, and those that it can end, as bits."""
    first, second = np.zeros(256, np.uint8), np.zeros(256, np.uint8)
    for bit, (begins, ends) in enumerate(_PAIRS):
        first[list(begins)] |= 1 << bit
        second[list(ends)] |= 1 << bit
    return first, second


_FIRST, _SECOND = _tables()


def faulty_texts(frame: pd.DataFrame, shape: RecordShape) -> dict[str, pd.Series]:
    """`unstorable`, `invisible`, `lookalike`: the fields of each row whose text is, or missing.

    Coded fields are held to their lists of words instead.
    """
    found: dict[str, list[tuple[str, np.ndarray]]] = {fault: [] for fault in _FAULTS}
    for name in shape.of_kind("text"):
        if may_be_odd(frame[name]):
            for fault, mask in _told_apart(frame[name]):
                found[fault].append((name, mask))
    return {fault: named(len(frame), where) for fault, where in found.items()}


def may_be_odd(column: pd.Series) -> bool:
    """Whether any text could hold one of these characters; False is certain."""
    array = pa.array(column, from_pandas=True)
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return any(_odd_bytes(chunk.buffers()[-1]) for chunk in chunks if len(chunk))


def _odd_bytes(buffer: pa.Buffer | None) -> bool:
    if buffer is None or buffer.size == 0:
        return False
    text = np.frombuffer(buffer, np.uint8)
    pairs = _FIRST[text[:-1]] & _SECOND[text[1:]]
    return bool(pairs.any() or _FIRST[text[-1]] & _FIRST[0])


def _told_apart(column: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    codes, texts = pd.factorize(column)
    for fault, is_so in _FAULTS.items():
        judged = np.array([*(is_so(text) for text in texts), False], dtype=bool)
        yield fault, judged[codes]  # a blank has the code -1, the last


_FAULTS = {
    "unstorable": lambda text: NUL in text,
    "invisible": lambda text: _INVISIBLE.search(text) is not None,
    "lookalike": lambda text: _MIXED.search(text) is not None,
}
