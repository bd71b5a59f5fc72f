"""An edition's files, all a pure function of the edition: the same edition, the same bytes."""

import orjson

from rules.seal import canonical
from schemas.edition import Edition
from tasks.publication.itemised import Items
from tasks.publication.shelf import DOCUMENT, ITEMS
from tasks.rendering.docx import render_docx
from tasks.rendering.html import render_html
from tasks.rendering.pdf import render_pdf
from tasks.rendering.svg import chart_svg
from tasks.rendering.xlsx import render_xlsx

LANGUAGES = ("zh", "en")


def render(edition: Edition, items: Items) -> dict[str, bytes]:
    """File name → content: JSON of figures and items, then in each language a page, a workbook, a
    paper as Word file and as PDF, and the chart of the towns.
    """
    document = canonical(edition)
    edition = orjson.loads(document)  # all follows from what is kept, the order of keys too
    files = {DOCUMENT: document, ITEMS: canonical(items)}
    for lang in LANGUAGES:
        files[f"bulletin.{lang}.html"] = render_html(edition, lang)
        files[f"bulletin.{lang}.xlsx"] = render_xlsx(edition, lang)
        files[f"bulletin.{lang}.docx"] = render_docx(edition, lang)
        files[f"bulletin.{lang}.pdf"] = render_pdf(edition, lang)
        files[chart_name(lang)] = chart_svg(edition, lang)
    return files


def chart_name(lang: str) -> str:
    return f"chart.{lang}.svg"
