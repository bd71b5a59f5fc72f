"""Readings: text columns → instants, days, fen and numbers. What cannot be read is <NA>.

Nothing is guessed: a format must match as a whole, a time without offset needs a declared zone,
money is exact (no float is ever made), digits other than 0-9 are no digits.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from tasks.intake.mapping_text import by_distinct, fold

EPOCH_UNITS = {"epoch_ms": 1, "epoch_s": 1000}
EXCEL = "excel"  # days since 1899-12-30 as spreadsheets number them, where a column declares it
FEN = {"fen": Decimal(1), "yuan": Decimal(100), "wan_yuan": Decimal(1_000_000)}
WORDS_OF_FLAG = {
    **dict.fromkeys(("true", "1", "yes", "y", "是"), True),
    **dict.fromkeys(("false", "0", "no", "n", "否"), False),
}

_OFFSET = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
ISO_SHAPE = f"{_DAY}(?:{_CLOCK}{_OFFSET}?)?"
_ISO_INSTANT = f"{_DAY}{_CLOCK}{_OFFSET}"
_BELOW_MS = r"(\.[0-9]{3})[0-9]+"
# Instants up to the year 5138: more digits are no time, and overflow.
_EPOCHS = {"epoch_ms": r"-?[0-9]{1,14}", "epoch_s": r"-?[0-9]{1,11}"}
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,8})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
# From 61 on: before, Excel counts a 29 February 1900 that never was.
_SERIAL = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,20})?")
_SERIAL_RANGE = (61, 2_958_466)
_MS: Final = "datetime64[ms]"
_MS_UTC: Final = "datetime64[ms, UTC]"


def read_times(column: pd.Series, formats: tuple[str, ...], zone: str | None) -> pd.Series:
    """Instants as Int64 UTC ms; the first format that reads a value wins."""
    return by_distinct(column, lambda words: _instants(words, formats, zone))


def read_dates(
    column: pd.Series, formats: tuple[str, ...], county_zone: str, zone: str | None = None
) -> pd.Series:
    """Calendar days as the Int64 UTC ms of their 24:00 in the county's zone.

    A day written without offset is that day; with an offset (or as an epoch) it is the day of
    that instant in `zone`, or in the county's zone where the source declares none.
    """

    def days(words: pd.Series) -> pd.Series:
        local = _first(words, formats, lambda w, f: _local_days(w, f, zone or county_zone))
        midnight = local.dt.floor("D") + pd.Timedelta(days=1)
        return _to_ms(_localise(midnight, county_zone))

    return by_distinct(column, days)


def read_money(column: pd.Series, unit: str) -> pd.Series:
    """Money as an exact Int64 number of fen; a fraction of a fen is unreadable."""
    return by_distinct(column, lambda words: _each(words, lambda w: _fen(w, FEN[unit]), "Int64"))


def read_integers(column: pd.Series) -> pd.Series:
    return by_distinct(column, lambda words: _each(words, _integer, "Int64"))


def read_decimals(column: pd.Series) -> pd.Series:
    """Numbers as canonical decimal text: no exponent, no grouping, no trailing zeros."""
    return by_distinct(column, lambda words: _each(words, _decimal_text, "str"))


def as_numbers(column: pd.Series) -> np.ndarray:
    """Texts as floats for comparing, nan where there is no number."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    numbers = [_number(fold(str(word))) for word in uniques]
    values = np.array([np.nan if n is None else float(n) for n in numbers] + [np.nan])
    return values[codes]


def read_flags(column: pd.Series) -> pd.Series:
    def flags(words: pd.Series) -> pd.Series:
        return _each(words, lambda w: WORDS_OF_FLAG.get(w.lower()), "boolean")

    return by_distinct(column, flags)


def _each(words: pd.Series, read: Callable[[str], object], dtype: str) -> pd.Series:
    return pd.Series([read(w) for w in words], dtype=dtype)


def _number(word: str) -> Decimal | None:
    return Decimal(word.replace(",", "")) if _NUMBER.fullmatch(word) else None


def _fen(word: str, factor: Decimal) -> int | None:
    number = _number(word)
    if number is None or number * factor != (number * factor).to_integral_value():
        return None
    return int(number * factor) if abs(number * factor) < 2**62 else None


def _integer(word: str) -> int | None:
    return int(word) if _INTEGER.fullmatch(word) else None


def _decimal_text(word: str) -> str | None:
    number = _number(word)
    return None if number is None else format(number.normalize() + 0, "f")


def _first(
    words: pd.Series, formats: tuple[str, ...], read: Callable[[pd.Series, str], pd.Series]
) -> pd.Series:
    """Read with each format in turn what the formats before it could not read."""
    result = read(words, formats[0])
    for form in formats[1:]:
        left = np.flatnonzero(result.isna())
        if len(left):
            result.iloc[left] = read(words.iloc[left].reset_index(drop=True), form).array
    return result


def _instants(words: pd.Series, formats: tuple[str, ...], zone: str | None) -> pd.Series:
    return _first(words, formats, lambda w, f: _one_format(w, f, zone))


def _one_format(words: pd.Series, form: str, zone: str | None) -> pd.Series:
    if form in EPOCH_UNITS:
        return _epochs(words, form)
    if form == "iso":
        local, offset = _iso_parts(words)
        instants = _to_ms(offset)
        return instants.fillna(_zoned(local, zone)) if instants.hasnans else instants
    if "%z" in form:
        return _to_ms(_strptime(words, form, utc=True))
    return _zoned(_wall(words, form), zone)


def _local_days(words: pd.Series, form: str, zone: str) -> pd.Series:
    if form in EPOCH_UNITS:
        return _wall_clock(_epochs(words, form), zone)
    if form == "iso":
        local, offset = _iso_parts(words)
        return local.fillna(_wall_clock(_to_ms(offset), zone))
    if "%z" in form:
        return _wall_clock(_to_ms(_strptime(words, form, utc=True)), zone)
    return _wall(words, form)


def _wall(words: pd.Series, form: str) -> pd.Series:
    """Wall clocks of values that say no offset."""
    return _serials(words) if form == EXCEL else _strptime(words, form, utc=False)


def _serials(words: pd.Series) -> pd.Series:
    """Spreadsheet serials to the nearest second: their fractions are floats."""
    seconds = pd.Series([_serial_seconds(w) for w in words], dtype="Int64")
    first = pd.Timestamp("1899-12-30")
    return (first + pd.to_timedelta(seconds, unit="s")).astype(_MS)


def _serial_seconds(word: str) -> int | None:
    if not _SERIAL.fullmatch(word):
        return None
    days = Decimal(word)
    return round(days * 86_400) if _SERIAL_RANGE[0] <= days < _SERIAL_RANGE[1] else None


def _epochs(words: pd.Series, form: str) -> pd.Series:
    readable = words.where(words.str.fullmatch(_EPOCHS[form]))
    return _each(
        readable, lambda w: int(w) * EPOCH_UNITS[form] if isinstance(w, str) else None, "Int64"
    )


def _iso_parts(words: pd.Series) -> tuple[pd.Series, pd.Series]:
    """(wall clock of values without offset, instants of values with one); NaT elsewhere."""
    has_offset = words.str.fullmatch(_ISO_INSTANT)
    if has_offset.all():
        return pd.Series(pd.NaT, index=words.index, dtype=_MS), _parsed(words, _MS_UTC)
    is_local = words.str.fullmatch(ISO_SHAPE) & ~has_offset
    return _parsed(words.where(is_local), _MS), _parsed(words.where(has_offset), _MS_UTC)


def _parsed(spelled: pd.Series, kind: Any) -> pd.Series:
    if spelled.str.contains(".", regex=False, na=False).any():
        spelled = spelled.str.replace(_BELOW_MS, r"\1", regex=True)
    parsed = pd.to_datetime(spelled, format="ISO8601", errors="coerce", utc=kind == _MS_UTC)
    return parsed.astype(kind)


def _strptime(words: pd.Series, form: str, *, utc: bool) -> pd.Series:
    usable = words.where(_has_plain_digits(words))
    parsed = pd.to_datetime(usable, format=form, errors="coerce", utc=utc)
    return parsed.astype(_MS_UTC) if utc else parsed.astype(_MS)


def _has_plain_digits(words: pd.Series) -> np.ndarray:
    """Pandas reads "now" and "today" under any format, and digits of any script: not dates."""
    usable: np.ndarray = words.str.contains("[0-9]", regex=True).to_numpy(dtype=bool).copy()
    for position in np.flatnonzero(~words.str.isascii()):
        usable[position] &= not _FOREIGN_DIGIT.search(words.iloc[position])
    return usable


def _zoned(local: pd.Series, zone: str | None) -> pd.Series:
    if zone is None:
        return pd.Series(pd.NA, index=local.index, dtype="Int64")
    return _to_ms(_localise(local, zone))


def _localise(local: pd.Series, zone: str) -> pd.Series:
    # The hour that occurs twice in autumn is read as its first occurrence, the one skipped in
    # spring as the instant the clock jumped to: a rule, so that the same text is one instant.
    first = np.ones(len(local), dtype=bool)
    zoned: pd.Series = local.dt.tz_localize(
        ZoneInfo(zone), ambiguous=first, nonexistent="shift_forward"
    )
    return zoned


def _wall_clock(ms: pd.Series, zone: str) -> pd.Series:
    instants = pd.to_datetime(ms, unit="ms", utc=True).astype(_MS_UTC)
    return instants.dt.tz_convert(ZoneInfo(zone)).dt.tz_localize(None)


def _to_ms(instants: pd.Series) -> pd.Series:
    values = instants.dt.tz_convert("UTC").dt.tz_localize(None).astype(_MS)
    ms: pd.Series = values.astype("int64").astype("Int64").mask(values.isna())
    return ms
