"""The rejection workbook 退回表: a sender's own rows with red cells, errors and suggestions.

Promise: the sender's columns stand in their own order under their own names, every cell as text;
nothing of it becomes a formula; the same rows give the same bytes. Hidden are a key per row and a
sheet that says whose rows they are, by which `tasks.sources.correction` knows them again.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from io import BytesIO
from typing import Any

import xlsxwriter

from expectations.rules import Rule
from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.sheet import BAND, INK, RED, RULE, SOFT
from tasks.sources.correction import KEY, SHEET, Identity

OURS = ("line", "field", "error", "fix")
_PALE = "#FBE5E1"
_WIDTHS = {"line": 7, "field": 16, "error": 30, "fix": 32}
_LEAST, _MOST = 10, 40
_LINE, _MOST_LINES = 15, 20  # points of a line of text
_LOOKED_AT = 300  # rows that decide how wide a column is
_BASE = {"font_color": INK, "valign": "top", "border": 1, "border_color": RULE, "text_wrap": True}


@dataclass(frozen=True)
class Fault:
    """One broken rule and the sender's columns that it is about; none: the row as a whole."""

    rule: Rule
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RejectedRow:
    """One row: its line in the delivery, its key, the cells as they are shown, what is wrong."""

    line: int
    key: str
    cells: dict[str, str]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Rejection:
    """The refused rows of one delivery. `choices`: words that a coded column may hold;
    `returns`: whether the workbook can be dropped back where the delivery came from."""

    identity: Identity
    title: str
    unit: str
    period: str
    received_on: date
    rows: tuple[RejectedRow, ...]
    choices: dict[str, tuple[str, ...]]
    returns: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return self.identity.columns

    def width(self, name: str) -> int:
        """How wide a column of the sender is to be; the head may break once."""
        return self._widths[name]

    @cached_property
    def _widths(self) -> dict[str, int]:
        widths = {}
        for name in self.columns:
            cells = (row.cells.get(name, "") for row in self.rows[:_LOOKED_AT])
            widest = max((wording.width(w) for c in cells for w in c.split("\n")), default=0)
            # The head carries the filter's button.
            widths[name] = min(max(widest + 3, wording.width(name) // 2 + 5, _LEAST), _MOST)
        return widths


def render(rejection: Rejection, lang: str) -> bytes:
    """The workbook in "zh" or "en"."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        created = datetime.combine(rejection.received_on, time())  # never the time of the run
        workbook.set_properties({"title": rejection.title, "created": created})
        formats = _formats(workbook)
        sheet = workbook.add_worksheet(rejection.identity.sheet)
        _write_head(sheet, rejection, formats, lang)
        for number, row in enumerate(rejection.rows, 1):
            _write_row(sheet, number, row, rejection, formats, lang)
        _set_up(sheet, rejection)
        _write_guide(workbook, rejection, formats, lang)
        _write_hidden(workbook, sheet, rejection)
    return buffer.getvalue()


def _formats(workbook: Any) -> dict[str, Any]:
    head = {**_BASE, "bold": True, "bg_color": BAND, "valign": "vcenter"}
    looks: dict[str, dict[str, Any]] = {
        "head": head,
        "own": {**head, "font_color": RED},
        "note": {**_BASE, "font_color": SOFT},
        "line": {**_BASE, "font_color": SOFT, "align": "center"},
        "cell": {**_BASE, "num_format": "@"},
        "red": {**_BASE, "num_format": "@", "bg_color": _PALE, "font_color": RED, "bold": True},
        "title": {"bold": True, "font_size": 16, "font_color": RED},
        "number": {"font_color": SOFT, "valign": "top", "align": "center"},
        "step": {"font_color": INK, "text_wrap": True, "valign": "top"},
    }
    return {name: workbook.add_format(look) for name, look in looks.items()}


def _write_head(sheet: Any, rejection: Rejection, formats: dict[str, Any], lang: str) -> None:
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, KEY, formats["head"])
    for column, name in enumerate(OURS, 1):
        sheet.write_string(0, column, text(f"rejection.column.{name}", lang), formats["own"])
    for column, name in enumerate(rejection.columns, len(OURS) + 1):
        sheet.write_string(0, column, name, formats["head"])


def _write_row(
    sheet: Any,
    number: int,
    row: RejectedRow,
    rejection: Rejection,
    formats: dict[str, Any],
    lang: str,
) -> None:
    said = _said(row, lang)
    sheet.set_row(number, _LINE * _lines(rejection, row, said))
    sheet.write_string(number, 0, row.key, formats["note"])
    sheet.write_number(number, 1, row.line, formats["line"])
    for column, words in enumerate(said, 2):
        sheet.write_string(number, column, words, formats["note"])
    red = {name for fault in row.faults for name in fault.columns}
    for column, name in enumerate(rejection.columns, len(OURS) + 1):
        look = formats["red" if name in red else "cell"]
        if words := row.cells.get(name, ""):
            sheet.write_string(number, column, words, look)
        else:
            sheet.write_blank(number, column, None, look)


def _lines(rejection: Rejection, row: RejectedRow, said: tuple[str, str, str]) -> int:
    """Lines of text that the row needs; not every program finds that out by itself."""
    own = zip(said, (_WIDTHS[name] for name in OURS[1:]), strict=True)
    cells = ((cell, rejection.width(name)) for name, cell in row.cells.items())
    needed = (
        sum(-(-max(wording.width(line), 1) // (wide - 2)) for line in words.split("\n"))
        for words, wide in (*own, *cells)
    )
    return min(max(needed), _MOST_LINES)


def _said(row: RejectedRow, lang: str) -> tuple[str, str, str]:
    """Fields, errors and suggestions, a line for each rule."""
    fields = [_columns(fault, lang) for fault in row.faults]
    errors = [fault.rule.zh if lang == "zh" else fault.rule.en for fault in row.faults]
    fixes = [fault.rule.fix_zh if lang == "zh" else fault.rule.fix_en for fault in row.faults]
    codes = [fault.rule.code for fault in row.faults]
    errors = [f"{code} {error}" for code, error in zip(codes, errors, strict=True)]
    return "\n".join(fields), "\n".join(dict.fromkeys(errors)), "\n".join(dict.fromkeys(fixes))


def _columns(fault: Fault, lang: str) -> str:
    return wording.joined(fault.columns, lang) or text("rejection.whole_row", lang)


def _set_up(sheet: Any, rejection: Rejection) -> None:
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3: a sender's table is wide
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_column(0, 0, 4, None, {"hidden": True})
    for column, name in enumerate(OURS, 1):
        sheet.set_column(column, column, _WIDTHS[name])
    used, folded = _used(rejection), False
    for column, name in enumerate(rejection.columns, len(OURS) + 1):
        fold = {} if name in used else {"level": 1, "hidden": True}
        sheet.set_column(column, column, rejection.width(name), None, fold or {"collapsed": folded})
        folded = bool(fold)
    last = len(OURS) + len(rejection.columns)
    sheet.autofilter(0, 0, len(rejection.rows), last)
    sheet.freeze_panes(1, 2)


def _used(rejection: Rejection) -> set[str]:
    """Columns that hold something or are at fault; the others are there, but folded away."""
    filled = {name for row in rejection.rows for name, cell in row.cells.items() if cell}
    return filled | {n for row in rejection.rows for fault in row.faults for n in fault.columns}


def _write_guide(workbook: Any, rejection: Rejection, formats: dict[str, Any], lang: str) -> None:
    sheet = workbook.add_worksheet(text("rejection.sheet.guide", lang))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 110)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, rejection.title, formats["title"])
    facts = text(
        "rejection.facts",
        lang,
        unit=rejection.unit,
        period=wording.period(rejection.period, lang),
        day=wording.day(rejection.received_on.isoformat(), lang),
        rows=len(rejection.rows),
    )
    sheet.write_string(1, 0, facts)
    way = "returned" if rejection.returns else "at_source"
    steps = ["read", "fix", "keep", way, "again"]
    for number, step in enumerate(steps, 1):
        sheet.set_row(number + 2, 32)
        sheet.write_number(number + 2, 0, number, formats["number"])
        sheet.write_string(number + 2, 1, text(f"rejection.step.{step}", lang), formats["step"])


def _write_hidden(workbook: Any, sheet: Any, rejection: Rejection) -> None:
    """Who and whose, and the words for drop-downs, one column for each list."""
    hidden = workbook.add_worksheet(SHEET)
    for row, (name, value) in enumerate(rejection.identity.pairs()):
        hidden.write_string(row, 0, name)
        hidden.write_string(row, 1, value)
    for number, (column, words) in enumerate(rejection.choices.items(), 3):
        hidden.write_column(0, number, words)
        letter = xlsxwriter.utility.xl_col_to_name(number)
        at = len(OURS) + 1 + rejection.columns.index(column)
        source = f"='{SHEET}'!${letter}$1:${letter}${len(words)}"
        # A warning only: a source may know other spellings too.
        choice = {"validate": "list", "source": source, "error_type": "warning"}
        sheet.data_validation(1, at, max(len(rejection.rows), 1), at, choice)
    hidden.hide()
