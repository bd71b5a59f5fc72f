"""A typeset paper as the bytes of a Word file.

Promise: the same paper and time give the same bytes (zip entries carry a fixed date and stand in a
fixed order); every text is escaped by jinja2's autoescape; a text holds only what XML can.
"""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from itertools import accumulate
from string import ascii_uppercase
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tasks.rendering import page
from tasks.rendering.papers import looks
from tasks.rendering.papers.looks import Font
from tasks.rendering.papers.typesetting import SetPaper, twips

_FOLDER = "form"
# Parts of the file → their templates; what a reader must find first stands first.
_PARTS = {
    "[Content_Types].xml": "types.xml.j2",
    "_rels/.rels": "package_rels.xml",
    "docProps/core.xml": "core.xml.j2",
    "word/document.xml": "document.xml.j2",
    "word/_rels/document.xml.rels": "document_rels.xml.j2",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "fontTable.xml",
    "word/footer.xml": "footer.xml",
}
_CHART = {"word/charts/chart1.xml": "chart.xml.j2"}
_FIXED = (1980, 1, 1, 0, 0, 0)


def packed(paper: SetPaper, title: str, author: str, lang: str, made_at: int) -> bytes:
    """The file; `made_at` (UTC ms) is when its properties say it was made."""
    made = datetime.fromtimestamp(made_at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {"paper": paper, "title": title, "author": author, "made": made, **_looks(lang)}
    values |= _chart(paper)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, template in (_PARTS | (_CHART if paper.plot else {})).items():
            entry = ZipInfo(name, _FIXED)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0  # the same wherever it is made
            archive.writestr(entry, _part(template, values))
    return buffer.getvalue()


def _looks(lang: str) -> dict[str, Any]:
    return {
        "latin": looks.LATIN,
        # Quotation marks and dashes belong to both scripts; in Chinese they are wide.
        "is_chinese": lang == "zh",
        "heavy": (Font.XIAOBIAOSONG, Font.HEITI),
        "cell_top": twips(looks.CELL_TOP),
    }


def _chart(paper: SetPaper) -> dict[str, Any]:
    """Names in one column of the chart, scores in a column for each group."""
    if paper.plot is None:
        return {}
    charts = paper.plot.plot.charts
    starts = accumulate((len(chart.bars) for chart in charts), initial=0)
    return {
        "series": [*zip(charts, starts, strict=False)],
        "bars": [bar for chart in charts for bar in chart.bars],
        "cells": _cells,
        "east": Font.FANGSONG,
        "colours": (looks.BAR, looks.BAR_TWO),
        "pale": looks.BAR_PALE,
        "emu": {"width": round(looks.WIDTH_MM * 36_000), "height": paper.plot.height * 635},
    }


def _cells(column: int, first: int, last: int) -> str:
    """Where the data of a chart would stand if it had a sheet."""
    letter = ascii_uppercase[column % len(ascii_uppercase)]
    return f"Sheet1!${letter}${first}:${letter}${last}"


def _part(template: str, values: dict[str, Any]) -> bytes:
    if template.endswith(".j2"):
        rendered = page.environment().get_template(f"{_FOLDER}/{template}").render(values)
        return rendered.encode("utf-8")
    return _fixed(template)


@cache
def _fixed(name: str) -> bytes:
    return (page.TEMPLATES / _FOLDER / name).read_bytes()
