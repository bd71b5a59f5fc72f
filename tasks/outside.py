"""A table from outside, read safely and checked: what `bihuan bulletin check` does.

Workbooks go through the readers of deliveries (judged first, in a limited child where their size
cannot be told), so a hostile file is a refusal in words. Nothing is stored. The answer is plain
data: tables with what they were taken to be, findings and notes by reason and values; the words are
the reader's (`tasks.rendering`, outside.*).
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from rules.outside import Checked, check_sheet, unknown
from rules.outside_cells import Cell, read
from rules.outside_check import Finding, spelled
from rules.outside_columns import Declared
from rules.outside_words import RateWords, Words, bare
from tasks.intake.reading_csv import decode, records
from tasks.intake.reading_files import DELIMITERS, FILES
from tasks.intake.reading_heading import Layout
from tasks.intake.reading_malformed import Malformed
from tasks.intake.reading_xlsx import judged, transcripts
from tasks.outside_formats import Formats, formats_of
from tasks.rendering.catalogue import text

MOST_BYTES = 32 << 20
MOST_CELLS = 200_000  # of a sheet: a bulletin is towns by columns, not items
MOST_SIGNS = 5 * MOST_CELLS  # separators, those within quoted text too
MOST_NAMES = 60  # that a complaint lists
ALL_SHEETS = Layout(sheets="(?s).*")
Grid = list[list[Cell]]


class NotReadable(Exception):
    """A file that cannot be checked; `said` says why and what to do."""

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(why, values)
        self.why, self.values = why, values

    def said(self, lang: str) -> str:
        return text(f"outside.refused.{self.why}", lang, **self.values)


class NoSuchName(Exception):
    """A declared name that no table of the file has; `of`: column or sheet; `known`: those that
    there are."""

    def __init__(self, of: str, name: str, known: list[str]) -> None:
        super().__init__(of, name, known)
        self.of, self.name, self.known = of, name, known


def check_file(path: Path, declared: Declared) -> dict[str, Any]:
    """Every table of a file. Raises NotReadable, NoSuchName."""
    grids = dict(read_grids(path))
    if declared.sheet and declared.sheet not in grids:
        raise NoSuchName("sheet", declared.sheet, list(grids))
    checked = [
        found
        for sheet, grid in grids.items()
        if declared.sheet in ("", sheet)
        for found in check_sheet(sheet, grid, words(), declared)
    ]
    _refuse_unknown(checked, declared)
    _refuse_unlabelled(checked, declared)
    return plain(path.name, checked)


def _refuse_unknown(checked: list[Checked], declared: Declared) -> None:
    tables = [found.model.table for found in checked]
    for name in declared.columns if tables else ():
        if all(name in unknown(table, declared) for table in tables):
            known = dict.fromkeys(head for table in tables for head in table.heads if head)
            raise NoSuchName("column", name, list(known)[:MOST_NAMES])


def _refuse_unlabelled(checked: list[Checked], declared: Declared) -> None:
    labels = dict.fromkeys(bare(label) for found in checked for label in found.model.rows.labels)
    for name in declared.totals if checked else ():
        if bare(name) not in labels:
            raise NoSuchName("row", name, list(labels)[:MOST_NAMES])


def plain(file: str, checked: list[Checked]) -> dict[str, Any]:
    """The answer as plain data; `ok`: something was checked and nothing is wrong."""
    findings = [_finding(finding) for found in checked for finding in found.findings]
    comparisons = sum(found.comparisons for found in checked)
    return {
        "ok": comparisons > 0 and not findings,
        "file": file,
        "comparisons": comparisons,
        "findings": findings,
        "tables": [_table(found) for found in checked],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {key: value for key, value in asdict(finding).items() if key != "row"}


def _table(checked: Checked) -> dict[str, Any]:
    """What a table was taken to be."""
    model = checked.model
    table, formulas = model.table, {f.rate: f for f in model.formulas}
    columns = [
        {
            "column": table.column_name(n),
            "heading": table.heads[n],
            "kind": model.columns.kinds[n],
            "formula": spelled(table, formulas[n].parts) if n in formulas else None,
            "by": formulas[n].how if n in formulas else None,
        }
        for n in range(table.width)
    ]
    return {
        "sheet": table.sheet,
        "heading_lines": list(table.head_lines),
        "lines": [table.row_name(0), table.row_name(len(table.rows) - 1)],
        "turned": bool(table.turned),
        "comparisons": checked.comparisons,
        "columns": columns,
        "totals": [_total(checked, n) for n in range(len(model.totals))],
        "parts": [
            {
                "whole": table.head(p.whole),
                "parts": [table.head(n) for n in p.parts],
                "at_most": p.at_most,
                "by": p.how,
            }
            for p in model.parts
        ],
        "notes": [asdict(note) for note in checked.notes],
    }


def _total(checked: Checked, n: int) -> dict[str, Any]:
    model = checked.model
    total = model.totals[n]
    return {
        "line": model.table.row_name(total.row),
        "label": model.rows.labels[total.row],
        "of_lines": [model.table.row_name(part) for part in total.parts],
        "columns": [model.table.column_name(c) for c in total.columns],
        "by": total.how,
    }


@cache
def words() -> Words:
    """What headings are called, from outside_words.yaml."""
    raw = yaml.safe_load(resources.files("tasks").joinpath("outside_words.yaml").read_text("utf-8"))
    one = {key: raw[key] for key in ("unit", "ignored", "not_summed", "rate", "unbounded")}
    one |= {key: raw[key] for key in ("whole", "of_which", "rate_row")}
    one |= {key: "|".join(f"(?:{w})" for w in raw[key]) for key in ("total", "subtotal", "average")}
    rates = [
        RateWords(_fitting(r["rate"]), tuple(r["above"]), tuple(r["below"])) for r in raw["rates"]
    ]
    return Words(
        **{key: _fitting(word) for key, word in one.items()},
        kinds=tuple(map(_fitting, raw["kinds"])),
        measures=tuple((name, _fitting(word)) for name, word in raw["measures"].items()),
        rates=tuple(rates),
    )


def _fitting(word: str) -> re.Pattern[str]:
    return re.compile(word, re.IGNORECASE)


def read_grids(path: Path) -> Iterator[tuple[str, Grid]]:
    """(sheet, its cells) of a file. Raises NotReadable."""
    media, content = _content(path)
    try:
        if media in DELIMITERS:
            written = decode(content)
            yield path.stem, _cells(written, {}, DELIMITERS[media], loose=False)
            return
        is_small = judged(content, media)
        formats = formats_of(content) if is_small and media == "xlsx" else {}
        for sheet, written in transcripts(content, media, ALL_SHEETS):
            yield sheet, _cells(written, formats.get(sheet, {}), ",", loose=True)
    except Malformed as error:
        raise NotReadable("malformed", file=path.name, reason=error) from None


def _content(path: Path) -> tuple[str, bytes]:
    media = path.suffix.lower().removeprefix(".")
    if media not in FILES:
        raise NotReadable("media", file=path.name, known=", ".join(FILES))
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise NotReadable("size", file=path.name, size=size >> 20, most=MOST_BYTES >> 20)
        return media, path.read_bytes()
    except OSError as error:
        raise NotReadable("missing", file=path, reason=error.strerror) from None


def _cells(written: str, formats: Formats, delimiter: str, *, loose: bool) -> Grid:
    """Text as cells. Where numbers have no format their last zeros may be lost."""
    signs = written.count(delimiter) + written.count("\n")
    if signs > MOST_SIGNS:  # before anything as wide and as long is made of it
        raise Malformed(f"some {signs:,} cells; at most {MOST_CELLS:,}")
    rows = records(written, delimiter)
    width = max(map(len, rows), default=0)
    if len(rows) * width > MOST_CELLS:
        raise Malformed(f"{len(rows):,} lines of {width:,} columns; at most {MOST_CELLS:,} cells")
    return [
        [read(cell, formats.get((r, c)), loose=loose) for c, cell in enumerate(row)]
        for r, row in enumerate(rows)
    ]
