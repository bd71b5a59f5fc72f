"""The annexes of an official paper: wide tables, each on landscape pages of its own.

Rates of towns and of sectors, every listed hazard, the statutory table, duties; those that the
edition has are numbered in this order, and the text refers to them by these numbers.
"""

from collections.abc import Iterator

from schemas.edition import Body
from tasks.rendering import annexes, duties, ranking, statutory
from tasks.rendering.catalogue import text
from tasks.rendering.grid import Grid
from tasks.rendering.papers.columns import table
from tasks.rendering.papers.looks import HEIGHT_MM
from tasks.rendering.papers.paper import Block, Paragraph

_WITH_RATES = ("towns", "sectors", "statutory", "duties")  # where "/" may stand


def numbers(body: Body) -> dict[str, int]:
    """The number of each annex that the edition has."""
    has = {
        "towns": bool(body["towns"]),
        "sectors": bool(body["sectors"]),
        "listed": bool(body["listed"]),
        "statutory": "statutory" in body,
        "duties": True,
    }
    return {key: n for n, key in enumerate((key for key, there in has.items() if there), 1)}


def annexed(body: Body, lang: str) -> Iterator[Block]:
    """Every annex, in the order of its number."""
    for key, number in numbers(body).items():
        yield Paragraph("annex", text("paper.annex.numbered", lang, n=number))
        for grid in _grids(body, key, lang):
            yield Paragraph("title", grid.title)
            yield table(grid, HEIGHT_MM, lang)
        if key in _WITH_RATES:
            yield Paragraph("note", text("note.slash", lang))


def _grids(body: Body, key: str, lang: str) -> list[Grid]:
    if key == "listed":
        return [annexes.listed(body, lang)]
    if key == "statutory":
        return statutory.tables(body, lang)
    return duties.tables(body, lang) if key == "duties" else [ranking.rated(body, key, lang)]
