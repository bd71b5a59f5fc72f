"""The official papers of listed supervision as Word files: one form in, one .docx out.

Promise: the same form, language and time give the same bytes; a paper holds what its form names and
nothing else; text is written as text, whatever it looks like. A paper is one A4 page: its sizes
shrink in steps, a list too long for that moves to an annex with numbered pages. Only a text too
long even for the smallest size runs on to a second page (one text may have 16,000 characters).
Try: `render(RiskSlip(...), made_at=1767225600000)`.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from schemas import forms
from schemas.forms import Form
from tasks.rendering import wording
from tasks.rendering.papers import listing, slips
from tasks.rendering.papers.fitting import Fit, fitted
from tasks.rendering.papers.package import packed
from tasks.rendering.papers.paper import Paper, Paragraph
from tasks.rendering.papers.typesetting import typeset

INLINE = 8  # a longer list is an annex
_PAPERS: dict[type, Callable[[Any, str, bool], Paper]] = {
    forms.ListingNotice: listing.notice,
    forms.ExtensionOpinion: listing.extension,
    forms.AcceptanceOpinion: listing.acceptance,
    forms.RiskSlip: slips.slip,
    forms.RectificationReport: slips.report,
    forms.SupervisionLetter: slips.letter,
}


def render(form: Form, lang: str = "zh", *, made_at: int, red_head: bool = False) -> bytes:
    """A form as a Word file in "zh" or "en", made at `made_at` (UTC ms).

    `red_head`: the office's name in red above all; a unit's own report never carries one.
    """
    paper, fit = _laid_out(_scrubbed(form), lang, red_head)
    return packed(typeset(paper, fit), paper.title, paper.author, lang, made_at)


def _laid_out(form: Form, lang: str, red_head: bool) -> tuple[Paper, Fit]:
    """The list on the first page where it fits there, else in an annex."""
    make = _PAPERS[type(form)]
    headed = red_head and not isinstance(form, forms.RectificationReport)
    listed = _listed(form)
    for in_annex in (False, True) if listed <= INLINE else (True,):
        paper = make(form, lang, in_annex)
        paper = _under_red_head(paper) if headed else paper
        fit = fitted(paper)
        if fit.fits or listed <= 1:
            break
    return paper, fit


def _listed(form: Form) -> int:
    """How many rows the form's list has; one where it has no list."""
    if isinstance(form, forms.SupervisionLetter):
        return len(form.items)
    return len(getattr(form, "hazards", (form,)))


def _under_red_head(paper: Paper) -> Paper:
    """The number, if there is one, stands between the red name and the red line."""
    numbers = [b for b in paper.blocks if isinstance(b, Paragraph) and b.kind == "number"]
    rest = (block for block in paper.blocks if block not in numbers)
    lined = [replace(n, kind="head_number") for n in numbers] or [Paragraph("head_line", "")]
    return replace(paper, blocks=(Paragraph("head", paper.author), *lined, *rest))


def _scrubbed(value: Any) -> Any:
    """The form with every text printable; one bad character must not make a file unreadable."""
    if isinstance(value, tuple):
        return tuple(_scrubbed(v) for v in value)
    if hasattr(value, "__dataclass_fields__"):
        texts = {f.name: _scrubbed(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **texts)
    return wording.scrubbed(value).replace("\t", " ") if isinstance(value, str) else value
