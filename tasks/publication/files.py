"""An edition's files, all a pure function of the edition: the same edition, the same bytes."""

from rules.seal import canonical
from schemas.edition import Edition
from tasks.rendering.html import render_html
from tasks.rendering.xlsx import render_xlsx

LANGUAGES = ("zh", "en")
DOCUMENT = "edition.json"


def render(edition: Edition) -> dict[str, bytes]:
    """File name → content: canonical JSON, then a page and a workbook in each language."""
    files = {DOCUMENT: canonical(edition)}
    for lang in LANGUAGES:
        files[f"bulletin.{lang}.html"] = render_html(edition, lang)
        files[f"bulletin.{lang}.xlsx"] = render_xlsx(edition, lang)
    return files
