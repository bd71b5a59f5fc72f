"""One edition as a workbook: rankings, every count, listed hazards, reporters, notes and origin.

Promise: the same edition and language give the same bytes (document times come from the period's
last day, zip entries carry xlsxwriter's fixed 1980 date); text is always written as text, so a name
that begins with "=" stays a name; rates are numbers with a format, "/" where there is none.
"""

from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from schemas.edition import Edition
from tasks.rendering import (
    annexes,
    corrections,
    duties,
    figures,
    frozen,
    heading,
    ranking,
    sheet,
    sheet_charts,
    statutory,
    uncertainty,
    watched,
    wording,
)
from tasks.rendering.catalogue import text
from tasks.rendering.grid import Grid
from tasks.rendering.sheet import Book

_PROPERTY = 255  # characters that a document property holds


def render_xlsx(edition: Edition, lang: str) -> bytes:
    """The workbook of an edition in "zh" or "en"."""
    clean: Edition = wording.scrubbed(edition)
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        describe(workbook, clean, _headline(clean, lang), lang)
        book = Book(workbook, lang, _headline(clean, lang), _subline(clean, lang))
        _fill(book, clean, lang)
    return buffer.getvalue()


def describe(workbook: Any, edition: Edition, title: str, lang: str) -> None:
    """Document properties; `created` is the period's end, never the time of the run."""
    last = date.fromisoformat(edition["body"]["last_day"])
    created = datetime.combine(last, time())  # naive, as xlsxwriter wants it
    said = {
        "title": title,
        "subject": text("format.clauses", lang).join(heading.issue(edition, lang)),
        "author": heading.county(edition["body"], lang),
    }
    limited = {key: words[:_PROPERTY] for key, words in said.items()}
    workbook.set_properties({**limited, "created": created})


def _headline(edition: Edition, lang: str) -> str:
    return heading.title(edition["body"], lang)


def _subline(edition: Edition, lang: str) -> str:
    body = edition["body"]
    period, *issue = heading.issue(edition, lang)
    parts = [period, wording.span(body["first_day"], body["last_day"], lang), *issue]
    if body["fictitious"]:
        parts.append(text("fictitious.text", lang))
    return "    ".join(parts)


def _fill(book: Book, edition: Edition, lang: str) -> None:
    body = edition["body"]
    for which in ("towns", "sectors"):
        _ranking_sheet(book, edition, which, lang)
    if "statutory" in body:
        sheet.write(book, "statutory", statutory.tables(body, lang), frozen_columns=1)
    sheet.write(book, "counts", [figures.counts(body, lang)], frozen_columns=4)
    said = [text("duties.note", lang)]
    sheet.write(book, "duties", duties.tables(body, lang), filtered=False, lines=said)
    if "frozen" in body:
        made, said = frozen.tables(body, lang), frozen.notes(body, lang)
        sheet.write(book, "frozen", made, filtered=False, lines=said)
    matrix = annexes.matrix(body, lang)
    listed = sheet.write(book, "listed", [annexes.listed(body, lang), matrix])
    sheet_charts.stacked_chart(book, listed, matrix, 1)
    reporters = [f(body, lang) for f in (annexes.missing, annexes.late)]
    sheet.write(book, "reporters", reporters, filtered=False)
    if "annex" in body:
        lines = uncertainty.notes(body, lang)
        sheet.write(book, "annex", uncertainty.bands(body, lang), filtered=False, lines=lines)
    if "watch" in body:
        made, said = watched.grids(body, lang), watched.notes(body, lang)
        sheet.write(book, "watch", made, filtered=False, lines=said)
    sheet.write(book, "notes", _notes(edition, lang), filtered=False, lines=_lines(edition, lang))


def _ranking_sheet(book: Book, edition: Edition, which: str, lang: str) -> None:
    body = edition["body"]
    grid = ranking.ranking(body, which, lang)
    frozen = next(i for i, c in enumerate(grid.columns) if c.kind == "name") + 1
    page = sheet.write(book, which, [grid], frozen_columns=frozen, remarks=True)
    if ranking.shows_ranks(body):
        sheet_charts.bar_charts(book, page, grid)


def _notes(edition: Edition, lang: str) -> list[Grid]:
    body = edition["body"]
    corrected: list[Grid] = []
    if "revision" in edition:
        corrected = [corrections.reasons(edition, lang), corrections.moves(edition, lang)]
    quarantined = [annexes.quarantined(body, lang)] if body["quarantined"] else []
    rest = [*annexes.method(body, lang), *quarantined, annexes.provenance(edition, lang)]
    return [g for g in (*corrected, *rest) if g.rows]


def _lines(edition: Edition, lang: str) -> list[str]:
    body, lines = edition["body"], []
    if "revision" in edition:
        lines.append(corrections.lead(edition, lang))
    keys = ("note.splits", "note.coverage", "note.five_elements", "note.balance", "note.slash")
    return [*lines, *(text(key, lang) for key in keys), *annexes.method_notes(body, lang)]
