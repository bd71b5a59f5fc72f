"""What is wrong with the characters of a record's texts: unstorable, invisible, look-alike.

One look by regular expression over each column; only where it finds something unusual are the
three told apart, and only on those rows.
"""

import re

import numpy as np
import pandas as pd

from expectations.naming import named
from schemas.records import RecordShape

_NUL = "\x00"
# Control characters but tab and line ends; format characters (zero width, direction); fillers.
_INVISIBLE = (
    r"\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0"
)
# Cyrillic and Greek letters that are printed like Latin ones; φ, μ and Ω are not among them.
_CYRILLIC = "АВЕЅІЈКМНОРСТУХаеорсухѕіј"
_ALIKE = _CYRILLIC + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_MIXED = re.compile(
    rf"[A-Za-z][0-9_-]*[{_ALIKE}]|[{_ALIKE}][0-9_-]*[A-Za-z]|(?:^|[^\w])[{_ALIKE}]+[_-]?[0-9]"
)
_SEEN = re.compile(f"[{_INVISIBLE}]")
_UNUSUAL = "[" + _NUL + _INVISIBLE.encode().decode("unicode_escape") + _ALIKE + "]"

Masks = list[tuple[str, np.ndarray]]


def faulty_texts(frame: pd.DataFrame, shape: RecordShape) -> dict[str, pd.Series]:
    """`unstorable`, `invisible`, `lookalike`: the fields of each row whose text is, or missing."""
    found: dict[str, Masks] = {"unstorable": [], "invisible": [], "lookalike": []}
    for name in shape.of_kind("text", "code"):
        unusual = frame[name].str.contains(_UNUSUAL, regex=True, na=False).to_numpy(dtype=bool)
        if unusual.any():
            for fault, mask in _told_apart(frame[name], unusual).items():
                found[fault].append((name, mask))
    return {fault: named(len(frame), masks) for fault, masks in found.items()}


def _told_apart(column: pd.Series, unusual: np.ndarray) -> dict[str, np.ndarray]:
    texts = column[unusual].tolist()
    judged = {
        "unstorable": [_NUL in text for text in texts],
        "invisible": [_SEEN.search(text) is not None for text in texts],
        "lookalike": [_MIXED.search(text) is not None for text in texts],
    }
    masks = {}
    for fault, holds in judged.items():
        masks[fault] = np.zeros(len(column), dtype=bool)
        masks[fault][unusual] = holds
    return masks
