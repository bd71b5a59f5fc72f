"""A date that stands somewhere in a text: found by the very formats it will be read with.

`within: only` takes it where the text holds one such date (the same one twice is one) and leaves
the text as it is where it holds several, so that the reading refuses it by name. A text without
any becomes a blank.
"""

import re
from functools import cache
from typing import Literal

import pandas as pd

from tasks.intake.mapping_text import by_distinct, fold
from tasks.intake.mapping_values import ISO_SHAPE

Which = Literal["only", "first", "last"]

_TWO = "[0-9]{1,2}"
_SHAPES = {
    **dict.fromkeys(("%m", "%d", "%H", "%M", "%S", "%I"), _TWO),
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    "%f": "[0-9]{1,6}",
    "%p": "[AaPp][Mm]",
    "%z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    "%%": "%",
}


class NotFindable(ValueError):
    """A format that no shape in a text can be told from."""


def found_within(texts: pd.Series, formats: tuple[str, ...], which: Which) -> pd.Series:
    """The date text in each value. Raises NotFindable."""
    finders = [finder(form) for form in formats]

    def found(distinct: pd.Series) -> pd.Series:
        return pd.Series([_chosen(fold(t), finders, which) for t in distinct], dtype="str")

    return by_distinct(texts, found)


@cache
def finder(form: str) -> re.Pattern[str]:
    """What a strptime format (or iso) looks like in running text: no digit on either side."""
    if form == "iso":
        shape = ISO_SHAPE
    else:
        parts = re.findall(r"%.|[^%]+", form)
        strange = [p for p in parts if p.startswith("%") and p not in _SHAPES]
        if strange or not any(p.startswith("%") for p in parts):
            raise NotFindable(f"{form!r} cannot be looked for in a text; use {sorted(_SHAPES)}")
        shape = "".join(_SHAPES.get(p) or re.escape(p) for p in parts)
    return re.compile(f"(?<![0-9])(?:{shape})(?![0-9])")


def _chosen(text: str, finders: list[re.Pattern[str]], which: Which) -> str | None:
    """The first format that finds any decides."""
    for pattern in finders:
        words = [match.group() for match in pattern.finditer(text)]
        if words and which == "only":
            return words[0] if len(set(words)) == 1 else text
        if words:
            return words[0 if which == "first" else -1]
    return None
