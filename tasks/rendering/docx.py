"""One edition as a Word file in the layout of official papers: text, tables, one native chart.

Promise: the same edition and language give the same bytes (properties carry the midnight that
begins the period's last day, zip entries a fixed date); text is always text. Sizes never shrink to
fit: a bulletin has as many numbered pages as it needs, and a table over pages repeats its head.
"""

from datetime import date

from schemas.edition import Edition
from tasks.rendering import wording
from tasks.rendering.papers import looks
from tasks.rendering.papers.bulletin import bulletin
from tasks.rendering.papers.fitting import Fit
from tasks.rendering.papers.package import packed
from tasks.rendering.papers.paper import Paper
from tasks.rendering.papers.typesetting import SetPaper, typeset

_DAY_MS = 86_400_000
_FIT = Fit(looks.STEPS[1], 0, False)


def render_docx(edition: Edition, lang: str) -> bytes:
    """The bulletin of an edition in "zh" or "en"."""
    paper, typed = laid_out(edition, lang)
    return packed(typed, paper.title, paper.author, lang, made_at(edition))


def laid_out(edition: Edition, lang: str) -> tuple[Paper, SetPaper]:
    """An edition as a paper with its sizes; Word file and PDF are made of the same."""
    clean: Edition = wording.scrubbed(edition)
    paper = bulletin(clean, lang)
    return paper, typeset(paper, _FIT)


def made_at(edition: Edition) -> int:
    """UTC ms of the period's last day: a time of the edition, never of the run."""
    last = date.fromisoformat(edition["body"]["last_day"])
    return (last - date(1970, 1, 1)).days * _DAY_MS
