"""Slip 风险提示单, its answer 整改报告单 and the supervision letter 督办函.

Pure: a form in, a paper in words out. `in_annex`: a letter's items stand on a page of their own; a
slip and its answer are about one hazard and have no annex.
"""

from schemas.forms import RectificationReport, RiskSlip, SupervisionLetter
from tasks.rendering.catalogue import text
from tasks.rendering.papers.paper import Paper, Paragraph, Signature, Table
from tasks.rendering.papers.said import (
    FOUR,
    annexed,
    listing,
    money,
    numbered,
    pair,
    said_day,
    signed,
    to,
    wide,
)

_OVERDUE = (13, 57, 38, 34, 14)


def slip(form: RiskSlip, lang: str, _in_annex: bool) -> Paper:
    title = text("paper.slip.title", lang)
    due = said_day(form.answer_by, lang)
    opening = text("paper.slip.opening", lang, due=due, days=form.answer_working_days)
    rows = (
        wide("paper.slip.what", form.what, lang, stretches=True),
        wide("paper.label.where", form.where, lang),
        wide("paper.slip.requirement", form.requirement, lang, stretches=True),
        pair(
            ("paper.slip.found_on", said_day(form.found_on, lang)),
            ("paper.slip.answer_by", due),
            lang=lang,
        ),
    )
    return Paper(
        title,
        form.office,
        (
            Paragraph("title", title),
            Paragraph("number", form.number),
            to(form.unit, lang),
            Paragraph("body", opening),
            Table(FOUR, rows),
            Signature(form.office, said_day(form.issued_on, lang)),
        ),
    )


def report(form: RectificationReport, lang: str, _in_annex: bool) -> Paper:
    title = text("paper.report.title", lang)
    reviewer = signed("paper.report.reviewer", form.reviewer, form.reviewed_on, lang)
    rows = (
        wide("paper.label.unit", form.unit, lang),
        wide("paper.slip.what", form.what, lang),
        wide("paper.report.done", form.done, lang, stretches=True),
        pair(
            ("paper.label.spent", money(form.spent_fen, lang)),
            ("paper.report.responsible", form.responsible),
            lang=lang,
        ),
        wide("paper.label.evidence", numbered(form.evidence, lang), lang),
        wide("paper.report.review", form.review, lang, signed=reviewer, stretches=True),
    )
    return Paper(
        title,
        form.unit,
        (
            Paragraph("title", title),
            to(form.office, lang),
            Paragraph("body", text("paper.report.opening", lang, number=form.slip_number)),
            Table(FOUR, rows),
            Signature(text("paper.sealed", lang, name=form.unit), said_day(form.reported_on, lang)),
        ),
    )


def letter(form: SupervisionLetter, lang: str, in_annex: bool) -> Paper:
    title = text("paper.letter.title", lang)
    table = _overdue(form, lang)
    requirement = form.requirement or text("paper.letter.requirement", lang)
    reply = text("paper.letter.reply", lang, day=said_day(form.reply_by, lang))
    return Paper(
        title,
        form.office,
        (
            Paragraph("title", title),
            Paragraph("number", form.number),
            to(form.addressee, lang),
            Paragraph("body", _opening(form, lang, in_annex)),
            *(() if in_annex else (table,)),
            Paragraph("body", requirement),
            Paragraph("body", reply),
            Signature(form.office, said_day(form.issued_on, lang)),
        ),
        annexed(table if in_annex else None, lang),
    )


def _opening(form: SupervisionLetter, lang: str, in_annex: bool) -> str:
    where = text("paper.letter.annexed" if in_annex else "paper.letter.below", lang)
    day = said_day(form.counted_on, lang)
    return text("paper.letter.opening", lang, day=day, n=len(form.items), where=where)


def _overdue(form: SupervisionLetter, lang: str) -> Table:
    rows = [(i.what, i.unit, said_day(i.due_on, lang), str(i.days_overdue)) for i in form.items]
    labels = ("label.n", "label.what", "label.unit", "letter.due", "letter.days")
    return listing([f"paper.{key}" for key in labels], _OVERDUE, rows, {2, 3}, lang)
