"""Companion columns that expectations look at beside the canonical ones.

Each holds the offending text where something is wrong (or a reduced form of a text) and is missing
elsewhere, so that a plain row-level expectation can name the row:

- `<field>__unread`: what was written where it could not be read
- `<field>__ahead`: how long after its receipt a time lies, in ms (negative: before it)
- `<field>__stated`: a `sent_at` that the source itself gave, not our fallback
- `longitude__degrees`, `latitude__degrees`: coordinates as numbers
- `description__gist`: the letters of the description only
- `description__terse`: the description where it is very short, yet says something
- `description__repeats`: the description where it only repeats the category (a checklist item)
- `credit_code__wrong`: a credit code that fails its checksum (GB 32100-2015)
- `distant`, `unstorable`, `invisible`, `lookalike`, `too_long`, `rounded`, `ends__early`, and
  what `expectations.lives` finds in updates (`NAMING`): the names of the fields that are so,
  comma-separated
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from expectations.lives import disorder
from expectations.naming import named
from expectations.phrases import SAYS_NOTHING, TERSE
from expectations.texts import faulty_texts
from schemas.period import DAY_MS
from schemas.records import SHAPES, RecordShape, ValueKind
from schemas.vocabulary import RecordKind

# Companions that name fields; all others belong to the field that their name begins with.
NAMING = frozenset(
    {
        *("distant", "unstorable", "invisible", "lookalike", "too_long", "rounded"),
        "ends__early",
        *("finished__early", "due__early", "step__early", "granted__early", "finished__late"),
        *("plan__missing", "closed__unaccepted", "accepted__early"),
    }
)
# From 1990 to 2100 (UTC ms), with a day's grace on both sides for time zones.
EARLIEST, LATEST = 631_152_000_000 - DAY_MS, 4_133_980_800_000 + DAY_MS
READ_KINDS: tuple[ValueKind, ...] = ("time", "date", "money", "integer", "decimal", "flag")
_EXPONENT = r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}"
NOT_LETTERS = r"[^\p{L}]+"
COORDINATES = ("longitude", "latitude")
# Fewer letters than this can be in a checklist item by chance.
SHORTEST_REPEAT = 2


def with_companions(
    frame: pd.DataFrame,
    kind: RecordKind,
    received: int | np.ndarray,
    findings: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The frame with the companion columns of its record; the given frame is not changed.

    `received`: when each row was received (UTC ms), one instant or one per row; `findings`: those
    that came in the same deliveries as these updates.
    """
    shape = SHAPES[kind]
    columns = faulty_texts(frame, shape)
    columns |= {
        "distant": _distant(frame, shape),
        "too_long": _too_long(frame, shape),
        "rounded": _rounded(frame, shape),
    }
    for name in shape.of_kind(*READ_KINDS):
        columns[f"{name}__unread"] = _raw(frame, name).where(frame[name].isna())
    if "sent_at" in shape.names:
        columns["sent_at__stated"] = frame["sent_at"].where(_raw(frame, "sent_at").notna())
        columns["sent_at__stated__ahead"] = columns["sent_at__stated"] - received
    for name in shape.of_kind("time", "date"):
        columns[f"{name}__ahead"] = frame[name] - received
    for name in (n for n in COORDINATES if n in shape.names):
        columns[f"{name}__degrees"] = frame[name].astype("float64")
    if kind is RecordKind.UPDATE:
        columns |= disorder(frame, findings)
    if kind in _OF_RECORD:
        columns |= _OF_RECORD[kind](frame)
    return pd.concat([frame, pd.DataFrame(columns)], axis=1)


def gist(column: pd.Series) -> pd.Series:
    """Only the letters of a text: no digits, marks, spaces."""
    codes, uniques = pd.factorize(column)
    letters = pd.Series(uniques, dtype="str").str.replace(NOT_LETTERS, "", regex=True)
    return pd.Series(letters.array.take(codes, allow_fill=True), index=column.index)


def _raw(frame: pd.DataFrame, name: str) -> pd.Series:
    """What the source wrote; a frame of our own making has no raw columns."""
    return frame[f"{name}__raw"] if f"{name}__raw" in frame else frame[name].astype("str")


def _distant(frame: pd.DataFrame, shape: RecordShape) -> pd.Series:
    """Fields that hold a time outside 1990-2100; one look at the least and the greatest."""
    where = []
    for name in shape.of_kind("time", "date"):
        times = frame[name].dropna()
        if len(times) and (times.min() < EARLIEST or times.max() > LATEST):
            outside = (frame[name] < EARLIEST) | (frame[name] > LATEST)
            where.append((name, outside.to_numpy(dtype=bool, na_value=False)))
    return named(len(frame), where)


def _too_long(frame: pd.DataFrame, shape: RecordShape) -> pd.Series:
    """Fields whose text is longer than the store has room for."""
    lengths = [(f.name, frame[f.name].str.len() > f.longest) for f in shape.fields if f.longest]
    return named(len(frame), [(name, over.to_numpy(dtype=bool)) for name, over in lengths])


def _rounded(frame: pd.DataFrame, shape: RecordShape) -> pd.Series:
    """Ids as a spreadsheet shows long numbers, 3.30282199001010001e+17: their digits are lost."""
    ids = [name for name in shape.of_kind("text") if name.endswith("_id")]
    where = [(name, frame[name].str.fullmatch(_EXPONENT, na=False)) for name in ids]
    return named(len(frame), [(name, so.to_numpy(dtype=bool)) for name, so in where])


def _of_finding(frame: pd.DataFrame) -> dict[str, pd.Series]:
    said, asked = gist(frame["description"]), gist(frame["category"])
    repeats = _contained(said, asked)
    return {
        "description__gist": said,
        "description__repeats": frame["description"].where(repeats),
        "description__terse": frame["description"].where(_terse(said) & ~repeats),
    }


def _terse(said: pd.Series) -> np.ndarray:
    """A few letters that do say something."""
    few: np.ndarray = (said.str.len() <= TERSE).to_numpy(dtype=bool, na_value=False).copy()
    few[few] = ~said[few].str.contains(SAYS_NOTHING, regex=True).to_numpy(dtype=bool)
    return few


def _contained(part: pd.Series, whole: pd.Series) -> np.ndarray:
    """Where one text lies within the other; the long ones are never looked at."""
    length = part.str.len()
    likely = (length >= SHORTEST_REPEAT) & (length <= whole.str.len())
    contained: np.ndarray = likely.to_numpy(dtype=bool, na_value=False).copy()
    pairs = zip(part[contained].tolist(), whole[contained].tolist(), strict=True)
    contained[contained] = [a in b for a, b in pairs]
    return contained


def _of_place(frame: pd.DataFrame) -> dict[str, pd.Series]:
    from stdnum.cn import uscc

    codes = frame["credit_code"]
    wrong = {code for code in codes.dropna().unique() if not uscc.is_valid(code)}
    early = (frame["active_to"] < frame["active_from"]).to_numpy(dtype=bool, na_value=False)
    return {
        "credit_code__wrong": codes.where(codes.isin(wrong)),
        "ends__early": named(len(frame), [("active_to", early)]),
    }


_OF_RECORD: dict[RecordKind, Callable[[pd.DataFrame], dict[str, pd.Series]]] = {
    RecordKind.FINDING: _of_finding,
    RecordKind.PLACE: _of_place,
}
