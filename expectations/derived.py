"""Companion columns that expectations look at beside the canonical ones.

Each holds the offending text where something is wrong (or a reduced form of a text) and is missing
elsewhere, so that a plain row-level expectation can name the row:

- `<field>__unread`: what was written where it could not be read
- `<field>__stated`: a `sent_at` that the source itself gave, not our fallback
- `description__gist`: letters of the description only; `category__gist` likewise
- `description__repeats`: the description where it only repeats the category (a checklist item)
- `credit_code__wrong`: a credit code that fails its checksum (GB 32100-2015)
- `unstorable`: the name of a field whose text holds a NUL
"""

from collections.abc import Callable

import pandas as pd

from schemas.records import SHAPES, RecordShape, ValueKind
from schemas.vocabulary import RecordKind

READ_KINDS: tuple[ValueKind, ...] = ("time", "date", "money", "integer", "decimal", "flag")
NOT_LETTERS = r"[^\p{L}]+"
# Fewer letters than this can be in a checklist item by chance.
SHORTEST_REPEAT = 2


def with_companions(frame: pd.DataFrame, kind: RecordKind) -> pd.DataFrame:
    """The frame with the companion columns of its record; the given frame is not changed."""
    shape = SHAPES[kind]
    columns = {"unstorable": _unstorable(frame, shape)}
    for name in shape.of_kind(*READ_KINDS):
        columns[f"{name}__unread"] = _raw(frame, name).where(frame[name].isna())
    if "sent_at" in shape.names:
        columns["sent_at__stated"] = frame["sent_at"].where(_raw(frame, "sent_at").notna())
    if kind in _OF_RECORD:
        columns |= _OF_RECORD[kind](frame)
    return frame.assign(**columns)


def gist(column: pd.Series) -> pd.Series:
    """Only the letters of a text: no digits, marks, spaces."""
    return column.str.replace(NOT_LETTERS, "", regex=True)


def _raw(frame: pd.DataFrame, name: str) -> pd.Series:
    """What the source wrote; a frame of our own making has no raw columns."""
    return frame[f"{name}__raw"] if f"{name}__raw" in frame else frame[name].astype("str")


def _unstorable(frame: pd.DataFrame, shape: RecordShape) -> pd.Series:
    found = pd.Series([None], dtype="str").repeat(len(frame)).set_axis(frame.index)
    for name in shape.of_kind("text", "code"):
        found = found.mask(frame[name].str.contains("\x00", regex=False, na=False), name)
    return found


def _of_finding(frame: pd.DataFrame) -> dict[str, pd.Series]:
    said, asked = gist(frame["description"]), gist(frame["category"])
    repeats = [
        len(s) >= SHORTEST_REPEAT and s in a
        for s, a in zip(said.fillna(""), asked.fillna(""), strict=True)
    ]
    return {
        "description__gist": said,
        "category__gist": asked,
        "description__repeats": frame["description"].where(pd.Series(repeats, frame.index, bool)),
    }


def _of_place(frame: pd.DataFrame) -> dict[str, pd.Series]:
    from stdnum.cn import uscc

    codes = frame["credit_code"]
    wrong = {code for code in codes.dropna().unique() if not uscc.is_valid(code)}
    return {"credit_code__wrong": codes.where(codes.isin(wrong))}


_OF_RECORD: dict[RecordKind, Callable[[pd.DataFrame], dict[str, pd.Series]]] = {
    RecordKind.FINDING: _of_finding,
    RecordKind.PLACE: _of_place,
}
