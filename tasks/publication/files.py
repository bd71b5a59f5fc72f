"""An edition's files, all a pure function of the edition: the same edition, the same bytes."""

from collections.abc import Callable
from typing import Any, cast

import orjson

from rules.seal import canonical
from schemas.edition import Edition
from schemas.policy_bulletin import FORMATS, LANGUAGES, Format
from tasks.publication.itemised import Items
from tasks.publication.shelf import DOCUMENT, ITEMS
from tasks.rendering.docx import render_docx
from tasks.rendering.html import render_html
from tasks.rendering.pdf import render_pdf
from tasks.rendering.svg import chart_svg
from tasks.rendering.xlsx import render_xlsx

_RENDER: dict[Format, Callable[[Edition, str], bytes]] = {
    "html": render_html,
    "xlsx": render_xlsx,
    "docx": render_docx,
    "pdf": render_pdf,
    "svg": chart_svg,
}


def render(edition: Edition, items: Items) -> dict[str, bytes]:
    """File name → content: JSON of figures and items, then in each language of the edition's policy
    those of its formats: a page, a workbook, a paper as Word file and as PDF, the towns' chart.
    """
    document = canonical(edition)
    edition = orjson.loads(document)  # all follows from what is kept, the order of keys too
    files = {DOCUMENT: document, ITEMS: canonical(items)}
    rule = cast(dict[str, Any], edition["body"]["policy"]["bulletin"])
    for lang in rule.get("languages", LANGUAGES):
        for form in rule.get("formats", FORMATS):
            files[file_name(form, lang)] = _RENDER[form](edition, lang)
    return files


def file_name(form: Format, lang: str) -> str:
    return f"{'chart' if form == 'svg' else 'bulletin'}.{lang}.{form}"
