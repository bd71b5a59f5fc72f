"""How single values of an edition are said: days, moments, spans, rates, moves, labels.

Pure: value and language in, text out; every word comes from the catalogue. Instants are printed
with the offset they carry (the county's), never converted here.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tasks.rendering.catalogue import known, text

MAX_CELL = 16_000  # a spreadsheet cell holds 32,767 UTF-16 units; longer texts are cut


def scrubbed(value: Any) -> Any:
    """The same structure with every text printable: control characters and lone surrogates → �.

    One bad character in a name must not make a page or a workbook unreadable.
    """
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, dict):
        return {k: scrubbed(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(v) for v in value]
    return value


def _printable(words: str) -> str:
    if words.isprintable():
        return words[:MAX_CELL]
    kept = (c if _may_print(c) else "\N{REPLACEMENT CHARACTER}" for c in words)
    return "".join(kept)[:MAX_CELL]


def _may_print(character: str) -> bool:
    if character in "\n\t":
        return True
    # Cc control, Cs surrogate, Cn not a character; bidi overrides (Cf) would reorder a whole line.
    return unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Cf")


def day(iso: str, lang: str, key: str = "format.day") -> str:
    """ "2025-03-09" → 2025年3月9日 / 9 March 2025; anything that is no date is printed as it is."""
    try:
        return _day(date.fromisoformat(iso), lang, key)
    except ValueError:
        return iso


def _day(value: date, lang: str, key: str) -> str:
    months = text("format.months", lang).split()
    return text(
        key,
        lang,
        year=value.year,
        month=value.month,
        day=value.day,
        month_name=months[value.month - 1],
    )


def moment(iso: str, lang: str) -> str:
    """ISO 8601 with offset → day and clock time in that offset."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return text("format.moment", lang, day=_day(at.date(), lang, "format.day"), clock=f"{at:%H:%M}")


def span(first: str, last: str, lang: str) -> str:
    """A period's first and last day; the year once where both share it."""
    same = first[:4] == last[:4]
    short = "format.day_short"
    opening = day(first, lang, short) if same and lang == "en" else day(first, lang)
    ending = day(last, lang, short) if same and lang != "en" else day(last, lang)
    return text("format.span", lang, first=opening, last=ending)


def period(code: str, lang: str) -> str:
    """ "2025-W10" → 2025年第10周, "2025-03" → 2025年3月, …; two days are a span.

    Anything that names no period is printed as it is.
    """
    for shape, key in _PERIODS:
        found = shape.fullmatch(code)
        if found:
            year, *parts = map(int, found.groups())
            return _period(key, year, parts[0] if parts else 0, lang)
    first, mark, last = code.partition("--")
    return span(first, last, lang) if mark else code


_PERIODS = (
    (re.compile(r"([0-9]{4})-W([0-9]{2})"), "bulletin.period"),
    (re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"), "bulletin.period.month"),
    (re.compile(r"([0-9]{4})-Q([1-4])"), "bulletin.period.quarter"),
    (re.compile(r"([0-9]{4})-H([12])"), "bulletin.period.half"),
    (re.compile(r"([0-9]{4})"), "bulletin.period.year"),
)


def _period(key: str, year: int, n: int, lang: str) -> str:
    """The n-th part of a year in words; a month by number or by name."""
    months = ("", *text("format.months", lang).split())
    key = f"{key}.{n}" if key.endswith("half") else key
    return text(key, lang, year=year, week=n, n=n, month=months[n] if n < len(months) else n)


def group(code: str, lang: str) -> str:
    """What a group of towns is called: by what its members are, else by its code."""
    key = f"town_group.{code}"
    return text(key, lang) if known(key) else text("group.named", lang, group=code)


def movement(steps: int | None, lang: str) -> str:
    """Places won (positive) or lost since the last edition, in words."""
    if steps is None:
        return text("movement.new", lang)
    if steps == 0:
        return text("movement.same", lang)
    return text("movement.up" if steps > 0 else "movement.down", lang, n=abs(steps))


def arrow(steps: int, lang: str) -> str:
    """Places won or lost as a mark."""
    if steps == 0:
        return text("bulletin.empty_cell", lang)
    return f"↑{steps}" if steps > 0 else f"↓{-steps}"


def joined(parts: Iterable[str], lang: str, key: str = "format.list") -> str:
    return text(key, lang).join(parts)


def label(keys: Iterable[str], lang: str) -> str:
    """Catalogue keys side by side: a figure's span, split and name."""
    return text("format.parts", lang).join(text(key, lang) for key in keys)


def width(words: str) -> int:
    """Columns a text takes where a wide character takes two."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in words)


def mean(total: int, items: int) -> str:
    """One decimal, half up; "/" for nothing to divide by."""
    if not items:
        return "/"
    return str((Decimal(total) / items).quantize(Decimal("0.1"), ROUND_HALF_UP))


def percent(value: str) -> str:
    """A rate's decimal text with its sign; "/" (nothing to divide by) stays as it is."""
    return value if value == "/" else f"{value}%"
