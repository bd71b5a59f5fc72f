"""How the values of a form are said, and the parts that several papers share.

Pure: form values and language in, texts, cells and tables out; every word is the catalogue's.
What a form leaves out is left open, to be filled by hand.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from schemas.forms import Hazard
from tasks.rendering import wording
from tasks.rendering.catalogue import text, word
from tasks.rendering.papers.paper import Block, Cell, Paragraph, Row, Table

FOUR = (26, 60, 26, 44)
_OPEN = "\u3000" * 5  # room for a name to be written by hand
_LISTED = (13, 86, 41, 16)


def said_day(day: date | None, lang: str) -> str:
    return wording.day(day.isoformat(), lang) if day else text("paper.blank_day", lang)


def said_name(name: str) -> str:
    return name or _OPEN


def money(fen: int | None, lang: str) -> str:
    if fen is None:
        return ""
    return text("paper.money", lang, amount=f"{fen // 100:,}.{fen % 100:02d}")


def signed(role: str, name: str, day: date | None, lang: str) -> str:
    who, when = said_name(name), said_day(day, lang)
    return text("paper.signed", lang, role=text(role, lang), name=who, day=when)


def to(name: str, lang: str) -> Paragraph:
    return Paragraph("to", text("paper.to", lang, name=name))


def numbered(items: Sequence[str], lang: str) -> str:
    """One item as it is, several under their numbers, a line for each."""
    if len(items) == 1:
        return items[0]
    lines = (text("paper.numbered", lang, n=n, text=item) for n, item in enumerate(items, 1))
    return "\n".join(lines)


def hazards_cell(hazards: Sequence[Hazard], in_annex: bool, lang: str) -> str:
    if in_annex:
        return text("paper.in_annex", lang, n=len(hazards))
    return numbered([_hazard(h, lang) for h in hazards], lang)


def _hazard(hazard: Hazard, lang: str) -> str:
    severity = word(hazard.severity, lang)
    return text("paper.hazard", lang, what=hazard.what, where=hazard.where, severity=severity)


def hazards_table(hazards: Iterable[Hazard], lang: str) -> Table:
    labels = ("n", "what", "where", "severity")
    rows = ((h.what, h.where, word(h.severity, lang)) for h in hazards)
    return listing([f"paper.label.{label}" for label in labels], _LISTED, rows, {2}, lang)


def listing(
    labels: Sequence[str],
    widths: tuple[int, ...],
    rows: Iterable[Sequence[str]],
    centred: set[int],
    lang: str,
) -> Table:
    """A table with a head and a column of numbers; `centred`: columns of the rows given."""
    head = Row(tuple(label(key, lang) for key in labels), is_head=True)
    body = (
        Row((Cell(str(n), is_centred=True), *(Cell(c, is_centred=i in centred) for i, c in cells)))
        for n, cells in enumerate(map(enumerate, rows), 1)
    )
    return Table(widths, (head, *body), is_list=True)


def label(key: str, lang: str) -> Cell:
    return Cell(text(key, lang), kind="label", is_centred=True)


def pair(*cells: tuple[str, str], lang: str) -> Row:
    """Two labels with their short values in one row of FOUR."""
    return Row(tuple(c for key, value in cells for c in (label(key, lang), Cell(value))))


def wide(key: str, value: str, lang: str, *, signed: str = "", stretches: bool = False) -> Row:
    """One label with a value across the rest of FOUR."""
    return Row((label(key, lang), Cell(value, span=3, signed=signed)), stretches=stretches)


def annexed(table: Table | None, lang: str) -> tuple[Block, ...]:
    """The annex of a paper whose list does not stand on its first page."""
    if table is None:
        return ()
    title = Paragraph("title", text("paper.annex.title", lang))
    return (Paragraph("annex", text("paper.annex", lang)), title, table)
