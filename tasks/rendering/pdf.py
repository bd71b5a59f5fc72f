"""One edition as a PDF: the same paper as the Word file, page for page what it says.

Promise: the same edition and language give the same bytes on every machine; see `papers.pdf`.
"""

from schemas.edition import Edition
from tasks.rendering.docx import laid_out, made_at
from tasks.rendering.papers.pdf import printed


def render_pdf(edition: Edition, lang: str) -> bytes:
    """The bulletin of an edition in "zh" or "en"."""
    paper, typed = laid_out(edition, lang)
    return printed(typed, paper.title, paper.author, lang, made_at(edition))
