"""What the values of a column say: dates in which formats, towns, sectors, codes, ids, money."""

from dataclasses import dataclass

import pandas as pd

from expectations.words import Words
from schemas.records import Field
from schemas.vocabulary import RecordKind
from tasks.intake.mapping_text import clean, fold
from tasks.intake.mapping_values import read_times
from tasks.rendering.catalogue import messages
from tasks.sourcing.names import bare, table

MOST_WORDS = 40  # a column with more distinct words is no code column
_EARLIEST, _LATEST = 631_152_000_000, 4_102_444_800_000  # 1990 to 2100, UTC ms
_MONEY = {"万元": "wan_yuan", "wan": "wan_yuan", "元": "yuan", "yuan": "yuan", "分": "fen"}


@dataclass(frozen=True)
class Dates:
    """Formats that read a column, `read` of its `filled` values.

    `ambiguous`: a format that means another day reads them as well.
    """

    formats: tuple[str, ...]
    read: int
    filled: int
    needs_zone: bool
    ambiguous: bool


def dates_in(column: pd.Series, zone: str) -> Dates:
    """The fewest formats that read the most values; none where nothing is a date."""
    left = clean(column, folded=True).dropna().reset_index(drop=True)
    filled, chosen, zoned = len(left), [], False
    while len(left):
        hits = {form: _reads(left, form, zone) for form in table()["formats"]}
        best = max(hits, key=lambda form: int(hits[form].sum()))
        if not hits[best].any():
            break
        chosen.append(best)
        hit = left[hits[best]].reset_index(drop=True)
        zoned |= bool((~_reads(hit, best, None)).any())
        left = left[~hits[best]].reset_index(drop=True)
    return Dates(tuple(chosen), filled - len(left), filled, zoned, _both(column, chosen, zone))


def _reads(column: pd.Series, form: str, zone: str | None) -> pd.Series:
    read = read_times(column, (form,), zone)
    return read.between(_EARLIEST, _LATEST).fillna(False).astype(bool)


def _both(column: pd.Series, chosen: list[str], zone: str) -> bool:
    values = clean(column, folded=True).dropna().reset_index(drop=True)
    pairs = [pair for pair in table()["ambiguous"] if set(pair) & set(chosen)]
    return any(all(_reads(values, form, zone).all() for form in pair) for pair in pairs)


def share_known(column: pd.Series, words: dict[str, str]) -> float:
    """Which part of the filled values is a word of a town or sector."""
    known = {fold(word).casefold() for word in words}
    values = clean(column, folded=True).dropna()
    return float(values.str.casefold().isin(known).mean()) if len(values) else 0.0


def coded(column: pd.Series, field: Field, record: RecordKind, words: Words) -> dict[str, str]:
    """word → code for the words of a column that are known; {} where none is or it is no code."""
    values = clean(column, folded=True).dropna().unique()
    if len(values) > MOST_WORDS:
        return {}
    codes = {bare(word): code for code in words.allowed(record, field.name) for word in said(code)}
    return {str(v): codes[bare(str(v))] for v in values if bare(str(v)) in codes}


def distinct(column: pd.Series) -> list[str]:
    return [str(v) for v in clean(column, folded=True).dropna().unique()]


def said(code: str) -> list[str]:
    """Every wording of a code: itself, the catalogue's in all languages, the table's."""
    wordings = [
        word
        for key, languages in messages().items()
        if key.partition(".")[2] == code
        for word in languages.values()
    ]
    return [code, *wordings, *table()["words"].get(code, [])]


def is_unique(column: pd.Series) -> bool:
    values = clean(column, folded=True)
    return len(values) > 0 and bool(values.notna().all() and values.is_unique)


def money_unit(column: str) -> str:
    """The unit that a column's name says, "" where it says none."""
    return next((unit for word, unit in _MONEY.items() if word in column.casefold()), "")
