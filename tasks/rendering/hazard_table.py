"""A list of hazards as a table file, .xlsx or .csv, written a few thousand rows at a time.

Promise: no cell is a formula, whatever a text begins with; times are dates that a spreadsheet
sorts and filters, in the county's zone; memory does not grow with the list. Headings are those of
the language asked for.
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, TextIO

import numpy as np
import pandas as pd
import xlsxwriter

from rules.clocks import WorkingDays
from rules.element_versions import lacking
from rules.hazard_life import marked
from schemas.period import DAY_MS
from schemas.vocabulary import Channel, ListingLevel, Mark, Severity, State
from tasks.rendering import wording
from tasks.rendering.catalogue import text, word
from tasks.rendering.sheet import BAND, INK, RULE

Kind = Literal["text", "day", "time", "count"]
Cell = str | float | None

# Heading → what it holds and how wide it is.
COLUMNS: dict[str, tuple[Kind, int]] = {
    "number": ("text", 22),
    "state": ("text", 10),
    "severity": ("text", 7),
    "town": ("text", 14),
    "sector": ("text", 14),
    "unit_name": ("text", 30),
    "category": ("text", 16),
    "description": ("text", 60),
    "channel": ("text", 12),
    "found_at": ("time", 17),
    "due_at": ("day", 12),
    "original_due_at": ("day", 12),
    "overdue_days": ("count", 10),
    "missing": ("text", 24),
    "listed_level": ("text", 10),
    "marks": ("text", 14),
    "verified_at": ("time", 17),
    "assigned_at": ("time", 17),
    "accepted_at": ("time", 17),
    "closed_at": ("time", 17),
    "self_check": ("text", 10),
    "backdated": ("text", 10),
    "root_id": ("text", 26),
}
SHEET_ROWS = 1_000_000  # a worksheet has room for 1,048,576
_EPOCH = 25_569  # 1970-01-01 as a spreadsheet counts days
_MINUTE = 60_000
# What a spreadsheet may take for a formula, full-width signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@"},
    "day": {"num_format": "yyyy-mm-dd"},
    "time": {"num_format": "yyyy-mm-dd hh:mm"},
    "count": {"num_format": "#,##0"},
}


@dataclass(frozen=True)
class Language:
    """How codes and instants of one county are said in one language."""

    lang: str
    towns: Mapping[str, str]
    sectors: Mapping[str, str]
    days: WorkingDays

    def heading(self, column: str) -> str:
        return text(f"hazard.column.{column}", self.lang)

    def columns(self, frame: pd.DataFrame) -> dict[str, list[Cell]]:
        """Cells by heading: text scrubbed, instants as local milliseconds since 1970."""
        return {name: self._cells(name, kind, frame) for name, (kind, _) in COLUMNS.items()}

    def _cells(self, name: str, kind: Kind, frame: pd.DataFrame) -> list[Cell]:
        if kind == "count":
            return [count or None for count in frame[name].tolist()]
        if kind in ("day", "time"):
            return self._instants(frame[name], kind)
        return [_scrubbed(said) for said in self._texts(name, frame)]

    def _instants(self, column: pd.Series, kind: Kind) -> list[Cell]:
        at = column.to_numpy(dtype=np.int64)
        shown = at - 1 if kind == "day" else at  # a day is stored as its 24:00
        local = pd.to_datetime(shown, unit="ms", utc=True).tz_convert(self.days.zone)
        naive = local.tz_localize(None).as_unit("ms").asi8
        step = DAY_MS if kind == "day" else _MINUTE
        floored = (naive // step * step).tolist()
        return [ms if given else None for ms, given in zip(floored, at.tolist(), strict=True)]

    def _texts(self, name: str, frame: pd.DataFrame) -> Iterable[str]:
        if name == "number":
            return frame["source"] + ":" + frame["source_id"]
        if name == "missing":
            pairs = zip(frame["elements"].tolist(), frame["severity"].tolist(), strict=True)
            return [_joined(lacking(*pair), self.lang) for pair in pairs]
        if name in self._words:
            column, words = self._words[name]
            return [words(value) for value in frame[column].tolist()]
        return frame[name].tolist()

    @cached_property
    def _words(self) -> dict[str, tuple[str, Callable[[Any], str]]]:
        """Column of the frame and how its codes are said."""

        def said(kind: Any) -> Callable[[Any], str]:
            words = {member.value: word(member, self.lang) for member in kind}
            return lambda code: words.get(code, str(code))

        yes = text("hazard.yes", self.lang)
        flag: Callable[[Any], str] = lambda given: yes if given else ""  # noqa: E731
        level = said(ListingLevel)
        return {
            "state": ("state", said(State)),
            "severity": ("severity", said(Severity)),
            "channel": ("channel", said(Channel)),
            "town": ("town_code", lambda code: self.towns.get(code, code)),
            "sector": ("sector_code", lambda code: self.sectors.get(code, code)),
            "listed_level": ("listed_level", lambda given: level(given) if given else ""),
            "marks": ("marks", lambda marks: _marks(marks, self.lang)),
            "self_check": ("self_check", flag),
            "backdated": ("backdated", flag),
        }


@cache
def _joined(names: tuple[str, ...], lang: str) -> str:
    return wording.joined((text(f"need.{name}", lang) for name in names), lang)


@cache
def _marks(marks: int, lang: str) -> str:
    return wording.joined((word(Mark[name.upper()], lang) for name in marked(marks)), lang)


def _scrubbed(said: str) -> str:
    """Printable text is by far the most: only what is not is looked at sign by sign."""
    if said.isprintable() and len(said) <= wording.MAX_CELL:
        return said
    return str(wording.scrubbed(said))[: wording.MAX_CELL]


# -- files -----------------------------------------------------------------------------------------


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Written beside and renamed: whoever opens the file finds it whole or not at all.

    Two who write the same file at once do not meet: the later one stays.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_csv(path: Path, frames: Iterable[pd.DataFrame], language: Language) -> int:
    """UTF-8 with a mark, as spreadsheets want it; returns the rows written."""
    with _aside(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        return _csv_rows(file, frames, language)


def _csv_rows(file: TextIO, frames: Iterable[pd.DataFrame], language: Language) -> int:
    writer, count = csv.writer(file), 0
    writer.writerow([language.heading(name) for name in COLUMNS])
    for frame in frames:
        cells = language.columns(frame)
        columns = [_plain(kind, cells[name]) for name, (kind, _) in COLUMNS.items()]
        writer.writerows(zip(*columns, strict=True))
        count += len(frame)
    return count


def _plain(kind: Kind, cells: list[Cell]) -> list[object]:
    if kind == "text":
        return [defused(str(cell)) for cell in cells]
    if kind == "count":
        return list(cells)
    length = 10 if kind == "day" else 16
    shown = np.array([cell or 0 for cell in cells], dtype="datetime64[ms]").astype(str)
    return [
        said[:length].replace("T", " ") if cell is not None else ""
        for said, cell in zip(shown.tolist(), cells, strict=True)
    ]


def defused(said: str) -> str:
    """An apostrophe makes text of what a spreadsheet would work out."""
    return f"'{said}" if said.lstrip(" \u3000").startswith(_FORMULA) else said


def write_xlsx(
    path: Path,
    frames: Iterable[pd.DataFrame],
    language: Language,
    notes: Mapping[str, str],
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """One sheet with frozen, filtered headings (more where it is full), one that says what it is.

    notes: label → value, printed on the last sheet. Returns the rows written.
    """
    with _aside(path) as part:
        options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
        with xlsxwriter.Workbook(str(part), options) as workbook:
            count = _Book(workbook, language, sheet_rows).write(frames)
            _write_notes(workbook, language, notes)
    return count


class _Book:
    """A workbook that is written row by row: what is written cannot be gone back to."""

    def __init__(self, workbook: Any, language: Language, sheet_rows: int) -> None:
        self.sheet_rows = sheet_rows
        base = {"font_color": INK, "valign": "top"}
        head = {**base, "bold": True, "bg_color": BAND, "bottom": 1, "bottom_color": RULE}
        self.workbook, self.language = workbook, language
        self.looks = {kind: workbook.add_format(base | look) for kind, look in _FORMATS.items()}
        self.head = workbook.add_format({**head, "text_wrap": True, "valign": "vcenter"})
        self.sheet: Any = None
        self.row = 0

    def write(self, frames: Iterable[pd.DataFrame]) -> int:
        count = 0
        self._begin(1)
        for frame in frames:
            cells = self.language.columns(frame)
            for cells_of_row in zip(*cells.values(), strict=True):
                if self.row > self.sheet_rows:
                    self._end()
                    self._begin(count // self.sheet_rows + 1)
                self._write_row(cells_of_row)
                count += 1
        self._end()
        return count

    def _begin(self, number: int) -> None:
        title = text("hazard.sheet.rows", self.language.lang)
        self.sheet = self.workbook.add_worksheet(title if number == 1 else f"{title} {number}")
        self.sheet.freeze_panes(1, 1)
        self.sheet.hide_gridlines(2)
        for column, (kind, width) in enumerate(COLUMNS.values()):
            self.sheet.set_column(column, column, width, self.looks[kind])
        self.sheet.set_row(0, 30)
        for column, name in enumerate(COLUMNS):
            self.sheet.write_string(0, column, self.language.heading(name), self.head)
        self.row = 1

    def _end(self) -> None:
        self.sheet.autofilter(0, 0, max(self.row - 1, 1), len(COLUMNS) - 1)

    def _write_row(self, cells: tuple[Cell, ...]) -> None:
        sheet, row = self.sheet, self.row
        for column, (cell, (kind, _)) in enumerate(zip(cells, COLUMNS.values(), strict=True)):
            if cell is None or cell == "":
                continue
            if kind == "text":
                sheet.write_string(row, column, cell, self.looks[kind])
                continue
            number = cell if kind == "count" else float(cell) / DAY_MS + _EPOCH
            sheet.write_number(row, column, max(number, 0), self.looks[kind])
        self.row += 1


def _write_notes(workbook: Any, language: Language, notes: Mapping[str, str]) -> None:
    sheet = workbook.add_worksheet(text("hazard.sheet.notes", language.lang))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for row, (label, value) in enumerate(notes.items()):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, _scrubbed(value))
