"""A typeset paper as the bytes of a PDF: strips put on pages, page numbers, an outline.

Promise: the same paper and time give the same bytes on every machine: no font, no clock, no
environment enters the file. The head of a table stands on each of its pages; a heading is never
the last line of one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from tasks.rendering.papers import looks
from tasks.rendering.papers.looks import HEIGHT_MM, POINTS_PER_MM, WIDTH_MM, Font
from tasks.rendering.papers.pdf_strips import Strip, strips, write
from tasks.rendering.papers.pdf_type import Set, pieces, register
from tasks.rendering.papers.typesetting import SetPaper, SetRun

_SHORT, _LONG = 210 * POINTS_PER_MM, 297 * POINTS_PER_MM
_PRODUCER = "bihuan"
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_NUMBER = 14  # size of a page number


@dataclass(frozen=True)
class Sheet:
    """One side of paper: its size, where text begins, and how high and wide it may be."""

    width: float
    height: float
    left: float
    top: float
    across: float
    room: float
    foot: float


_UPRIGHT = Sheet(
    _SHORT, _LONG, 28 * POINTS_PER_MM, _LONG - 37 * POINTS_PER_MM,
    WIDTH_MM * POINTS_PER_MM, HEIGHT_MM * POINTS_PER_MM, 25 * POINTS_PER_MM,
)  # fmt: skip
_TURNED = Sheet(
    _LONG, _SHORT, 35 * POINTS_PER_MM, _SHORT - 28 * POINTS_PER_MM,
    HEIGHT_MM * POINTS_PER_MM, WIDTH_MM * POINTS_PER_MM, 17 * POINTS_PER_MM,
)  # fmt: skip


def printed(paper: SetPaper, title: str, author: str, lang: str, made_at: int) -> bytes:
    """The file; `made_at` (UTC ms) is when its properties say it was made."""
    register()
    buffer = BytesIO()
    canvas = Canvas(
        buffer, (_SHORT, _LONG), pageCompression=1, invariant=1, pdfVersion=(1, 5),
        lang=_LANGUAGES[lang], initialFontName="Times-Roman",
    )  # fmt: skip
    _describe(canvas, title, author, made_at)
    number = 0
    for sheet, blocks in _parts(paper):
        found = [s for block in blocks for s in strips(block, sheet.across, lang)]
        for page in _pages(found, sheet.room):
            number += 1
            _draw(canvas, sheet, page, number if paper.is_numbered else 0)
    canvas.save()
    return buffer.getvalue()


def _describe(canvas: Any, title: str, author: str, made_at: int) -> None:
    made = datetime.fromtimestamp(made_at // 1000, UTC)
    stamp = f"D:{made:%Y%m%d%H%M%S}+00'00'"
    canvas.setDateFormatter(lambda *_: stamp)
    # reportlab salts the file's identifier with a time that the environment can set.
    canvas._doc.signature = md5(stamp.encode(), usedforsecurity=False)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setSubject(title)
    canvas.setCreator(_PRODUCER)
    canvas.setProducer(_PRODUCER)


def _parts(paper: SetPaper) -> Iterator[tuple[Sheet, Sequence[Any]]]:
    end = len(paper.blocks) if paper.turned_from is None else paper.turned_from
    yield _UPRIGHT, paper.blocks[:end]
    if paper.blocks[end:]:
        yield _TURNED, paper.blocks[end:]


def _pages(found: Sequence[Strip], room: float) -> Iterator[list[Strip]]:
    """Strips page by page, with the heads of tables that run on."""
    page: list[Strip] = []
    used = 0.0
    for i, strip in enumerate(found):
        if page and (strip.starts_page or used + _together(found, i, room) > room):
            yield page
            page, used = [*strip.heads], sum(head.height for head in strip.heads)
        if page or not strip.is_gap:
            page, used = [*page, strip], used + strip.height
    if page:
        yield page


def _together(found: Sequence[Strip], start: int, room: float) -> float:
    """The height of a strip and of all that must stand on its page; of itself if that is too much.

    What a strip keeps with ends at the first strip that keeps with nothing.
    """
    total = 0.0
    for strip in found[start:]:
        total += strip.height
        if not strip.keeps:
            break
        if total > room:
            return found[start].height
    return total if total <= room else found[start].height


def _draw(canvas: Any, sheet: Sheet, page: Sequence[Strip], number: int) -> None:
    canvas.setPageSize((sheet.width, sheet.height))
    y = sheet.top
    for strip in page:
        if strip.outline:
            _outline(canvas, strip.outline, y)
        strip.draw(canvas, sheet.left, y)
        y -= strip.height
    if number:
        _footer(canvas, sheet, number)
    canvas.showPage()


def _outline(canvas: Any, words: str, y: float) -> None:
    key = f"s{canvas.getPageNumber()}-{round(y)}"
    canvas.bookmarkHorizontal(key, 0, y)
    canvas.addOutlineEntry(words, key, 0)


def _footer(canvas: Any, sheet: Sheet, number: int) -> None:
    run = SetRun((), Font.FANGSONG, 2 * _NUMBER, 0)
    line = Set(tuple(pieces(f"— {number} —", run, False)), 0, True)
    write(canvas, line, "center", sheet.left, sheet.across, sheet.foot + _NUMBER, looks.BODY)
