"""The annexes of an official paper: wide tables, each on landscape pages of its own.

Rates of towns and of sectors, every listed hazard, the statutory table and duties by town and by
sector; those that the edition has are numbered in this order, and the text refers to them so.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemas.edition import Body
from tasks.rendering import annexes, duties, ranking, statutory
from tasks.rendering.catalogue import text
from tasks.rendering.duties import KINDS
from tasks.rendering.grid import Grid
from tasks.rendering.papers.columns import table
from tasks.rendering.papers.looks import HEIGHT_MM
from tasks.rendering.papers.paper import Block, Paragraph

_PLAIN = ("listed",)  # nowhere divided by anything


def numbers(body: Body) -> dict[str, int]:
    """The number of each annex that the edition has."""
    has = {
        "towns": bool(body["towns"]),
        "sectors": bool(body["sectors"]),
        "listed": bool(body["listed"]),
        "statutory.towns": "statutory" in body,
        "statutory.sectors": "statutory" in body,
        "duties.towns": True,
        "duties.sectors": True,
    }
    return {key: n for n, key in enumerate((key for key, there in has.items() if there), 1)}


def annexed(body: Body, lang: str) -> Iterator[Block]:
    """Every annex, in the order of its number; what "/" means stands above its table."""
    for key, number in numbers(body).items():
        grid = _grid(body, key, lang)
        yield Paragraph("annex", text("paper.annex.numbered", lang, n=number))
        yield Paragraph("title", grid.title)
        if key not in _PLAIN:
            yield Paragraph("note", text("note.slash", lang))
        yield table(grid, HEIGHT_MM, lang)


def _grid(body: Body, key: str, lang: str) -> Grid:
    if key == "listed":
        return annexes.listed(body, lang)
    part, _, which = key.partition(".")
    if not which:
        return ranking.rated(body, key, lang)
    tables = statutory.tables if part == "statutory" else duties.tables
    grid = tables(body, lang)[KINDS.index(which)]
    return _titled(grid, lang) if part == "statutory" else grid


def _titled(grid: Grid, lang: str) -> Grid:
    """法定月报表（分镇街）"""
    title = text("format.note", lang, text=text("section.statutory", lang), note=grid.title)
    return replace(grid, title=title)
