"""Papers of one listing: notice 挂牌督办通知书, extension 延期审批意见书, acceptance 验收意见书.

Pure: a form in, a paper in words out. `in_annex`: the hazards stand on a page of their own.
"""

from schemas.forms import AcceptanceOpinion, ExtensionOpinion, ListingNotice
from tasks.rendering import wording
from tasks.rendering.catalogue import text, word
from tasks.rendering.papers.paper import Block, Paper, Paragraph, Row, Signature, Table
from tasks.rendering.papers.said import (
    FOUR,
    annexed,
    hazards_cell,
    hazards_table,
    money,
    numbered,
    pair,
    said_day,
    signed,
    to,
    wide,
)

ELEMENTS = ("responsibility", "measures", "deadline", "funding", "plan")


def notice(form: ListingNotice, lang: str, in_annex: bool) -> Paper:
    title = text("paper.notice.title", lang)
    table = hazards_table(form.hazards, lang)
    return Paper(
        title,
        form.office,
        (
            Paragraph("title", title),
            Paragraph("number", form.number),
            to(form.unit, lang),
            Paragraph("body", _opening(form, lang, in_annex)),
            *(() if in_annex else (table,)),
            *_requirements(form, lang),
            Signature(form.office, said_day(form.issued_on, lang)),
            *_receipt(form, title, lang),
        ),
        annexed(table if in_annex else None, lang),
    )


def _opening(form: ListingNotice, lang: str, in_annex: bool) -> str:
    said = text(
        "paper.notice.opening",
        lang,
        n=len(form.hazards),
        approver=form.approver,
        level=word(form.level, lang),
        department=form.department,
        due=said_day(form.due_on, lang),
    )
    annex = [text("paper.notice.list_in_annex", lang)] if in_annex else []
    return text("format.parts", lang).join([said, *annex])


def _requirements(form: ListingNotice, lang: str) -> list[Paragraph]:
    plan_due = said_day(form.plan_due_on, lang)
    asked = [(e, text(f"paper.notice.{e}.text", lang, plan_due=plan_due)) for e in ELEMENTS]
    if form.requirement:
        asked.append(("other", form.requirement))
    return [Paragraph("body", said, text(f"paper.notice.{e}", lang)) for e, said in asked]


def _receipt(form: ListingNotice, title: str, lang: str) -> tuple[Block, ...]:
    received = text("paper.receipt.text", lang, number=form.number, title=title)
    return (
        Paragraph("receipt_title", text("paper.receipt.title", lang)),
        Paragraph("receipt", received),
        Paragraph("receipt", signed("paper.receipt.by", form.received_by, form.received_on, lang)),
    )


def extension(form: ExtensionOpinion, lang: str, in_annex: bool) -> Paper:
    asked_on, asked_due = said_day(form.asked_on, lang), said_day(form.asked_due_on, lang)
    number = ("paper.label.listing_number", form.listing_number)
    opinion = _decision(form, lang)
    decider = signed("paper.extension.decider", form.decider, form.decided_on, lang)
    rows = (
        pair(number, ("paper.extension.asked_on", asked_on), lang=lang),
        wide("paper.label.unit", form.unit, lang),
        wide("paper.label.hazards", hazards_cell(form.hazards, in_annex, lang), lang),
        pair(
            ("paper.extension.due", said_day(form.due_on, lang)),
            ("paper.extension.asked_due", asked_due),
            lang=lang,
        ),
        wide("paper.extension.reason", form.reason, lang, stretches=True),
        wide("paper.extension.interim", form.interim_control, lang, stretches=True),
        wide("paper.extension.opinion", opinion, lang, signed=decider, stretches=True),
    )
    day = said_day(form.decided_on, lang)
    table = hazards_table(form.hazards, lang) if in_annex else None
    return _tabled("paper.extension.title", rows, Signature(form.office, day), table, lang)


def _decision(form: ExtensionOpinion, lang: str) -> str:
    day, key = form.due_on, "paper.extension.refused"
    if form.new_due_on is not None:
        day, key = form.new_due_on, "paper.extension.granted"
    return "\n".join([text(key, lang, due=said_day(day, lang)), *_given(form.opinion)])


def _given(words: str) -> list[str]:
    return [words] if words else []


def acceptance(form: AcceptanceOpinion, lang: str, in_annex: bool) -> Paper:
    persons = wording.joined(form.persons, lang)
    by = signed("paper.acceptance.signature", "", None, lang)
    remains = form.remains or text("paper.acceptance.nothing", lang)
    rows = (
        pair(
            ("paper.label.listing_number", form.listing_number),
            ("paper.acceptance.on", said_day(form.accepted_on, lang)),
            lang=lang,
        ),
        wide("paper.label.unit", form.unit, lang),
        wide("paper.label.hazards", hazards_cell(form.hazards, in_annex, lang), lang),
        wide("paper.acceptance.done", form.done, lang, stretches=True),
        wide("paper.label.spent", money(form.spent_fen, lang), lang),
        wide("paper.label.evidence", numbered(form.evidence, lang), lang),
        pair(
            ("paper.acceptance.organisation", form.organisation),
            ("paper.acceptance.persons", persons),
            lang=lang,
        ),
        wide("paper.acceptance.opinion", _verdict(form, lang), lang, signed=by, stretches=True),
        wide("paper.acceptance.remains", remains, lang),
    )
    day = said_day(form.accepted_on, lang)
    table = hazards_table(form.hazards, lang) if in_annex else None
    return _tabled("paper.acceptance.title", rows, Signature(form.office, day), table, lang)


def _verdict(form: AcceptanceOpinion, lang: str) -> str:
    key = "paper.acceptance.passed" if form.is_passed else "paper.acceptance.failed"
    return "\n".join([text(key, lang), *_given(form.opinion)])


def _tabled(
    key: str, rows: tuple[Row, ...], signature: Signature, annex: Table | None, lang: str
) -> Paper:
    """A paper that is one table under its title."""
    title = text(key, lang)
    blocks = (Paragraph("title", title), Table(FOUR, rows), signature)
    return Paper(title, signature.name, blocks, annexed(annex, lang))
