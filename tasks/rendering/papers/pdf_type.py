"""Type of a PDF: its fonts, and a typeset paragraph broken into lines.

Fonts are named and never in the file, so that no byte depends on the machine: Chinese is set in
predefined CID fonts of Adobe-GB1 (viewers bring their own or take the nearest), Latin in two of
the fonts that every viewer has. Widths are those of the standard fonts.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import cidfonts, pdfmetrics
from reportlab.pdfbase._cidfontdata import CIDFontInfo
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from tasks.rendering.papers.fitting import WORDS
from tasks.rendering.papers.looks import Font
from tasks.rendering.papers.typesetting import SetParagraph, SetRun

SONG, HEI = "STSong-Light", "STHeiti-Regular"
# A serif and a sans face, as font flags say it; both symbolic, as fonts of no Latin set are.
_FLAGS = {SONG: 6, HEI: 4}
_LATIN = {SONG: "Times-Roman", HEI: "Times-Bold"}
_HEAVY = (Font.HEITI, Font.XIAOBIAOSONG)
_ENCODING = "UniGB-UTF16-H"  # unlike reportlab's own choice it knows every plane of Unicode
_TYPOGRAPHIC = "–—‘’“”…"  # wide in Chinese
_HAIR = 0.05


class _Chinese(UnicodeCIDFont):
    """STSong-Light's description under another name, with an encoding for rare characters too."""

    def __init__(self, name: str) -> None:
        super().__init__(SONG)
        self.name = self.fontName = name
        self.encodingName = _ENCODING

    def addObjects(self, doc: Any) -> None:
        """reportlab's own, but with a copy: theirs writes into a table that is global."""
        internal = f"F{len(doc.fontMapping) + 1}"
        described = deepcopy(CIDFontInfo[SONG])
        described |= {"Name": f"/{internal}", "Encoding": f"/{_ENCODING}"}
        described["BaseFont"] = f"/{self.name}"
        own = described["DescendantFonts"][0]
        own["BaseFont"] = own["FontDescriptor"]["FontName"] = f"/{self.name}"
        own["FontDescriptor"]["Flags"] = _FLAGS[self.name]
        own["CIDSystemInfo"]["Supplement"] = 5
        found = doc.Reference(cidfonts.structToPDF(described), internal)
        doc.idToObject["BasicFonts"].dict[internal] = found
        doc.fontMapping[self.name] = f"/{internal}"


@cache
def register() -> None:
    """Fonts, and what reportlab would let the environment choose."""
    rl_config.useA85 = 0
    for name in _FLAGS:
        pdfmetrics.registerFont(_Chinese(name))


@dataclass(frozen=True)
class Piece:
    """Words in one font; `spacing` is added after each character."""

    text: str
    font: str
    size: float
    spacing: float

    @property
    def width(self) -> float:
        return piece_width(self.text, self.font, self.size) + self.spacing * len(self.text)


@dataclass(frozen=True)
class Set:
    """One line. `is_last` of its paragraph or before a break: it is never stretched."""

    pieces: tuple[Piece, ...]
    indent: float
    is_last: bool

    @property
    def width(self) -> float:
        return sum(piece.width for piece in self.pieces)

    @property
    def is_latin(self) -> bool:
        return all(piece.font not in _FLAGS for piece in self.pieces)


@lru_cache(maxsize=16_384)
def piece_width(words: str, font: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(words, font, size))


def pieces(words: str, run: SetRun, is_chinese: bool) -> list[Piece]:
    """The text in its two scripts."""
    face = HEI if run.font in _HEAVY else SONG
    size, spacing = run.half_points / 2, run.spacing / 20
    scripts = groupby(words, lambda c: _is_latin(c, is_chinese))
    return [
        Piece("".join(same), _LATIN[face] if latin else face, size, spacing)
        for latin, same in scripts
    ]


def _is_latin(character: str, is_chinese: bool) -> bool:
    """A standard Latin font has it and would be chosen for it."""
    if character in _TYPOGRAPHIC:
        return not is_chinese
    return " " <= character <= "~" or "\xa1" <= character <= "\xff"


def broken(paragraph: SetParagraph, across: float, is_chinese: bool) -> list[Set]:
    """The lines of a paragraph on `across` points."""
    lines: list[Set] = []
    line: list[Piece] = []
    first, used = paragraph.first / 20, paragraph.first / 20
    for word in _words(paragraph.runs, across, is_chinese):
        wide = sum(piece.width for piece in word)
        if not word or (line and used + wide > across + _HAIR):
            lines.append(Set(_joined(line), first if not lines else 0, not word))
            line, used = [], 0
        if word and (line or not lines or word[0].text.strip()):
            line, used = [*line, *word], used + wide
    return [*lines, Set(_joined(line), first if not lines else 0, True)]


def _words(runs: Sequence[SetRun], across: float, is_chinese: bool) -> Iterator[list[Piece]]:
    """What stays together, one after the other; nothing at all is a break."""
    for run in runs:
        for i, line in enumerate(run.lines):
            if i:
                yield []
            for word in WORDS.findall(line):
                yield from _that_fit(pieces(word, run, is_chinese), across)


def _that_fit(word: list[Piece], across: float) -> Iterator[list[Piece]]:
    """A word that no line could hold comes character by character."""
    if sum(piece.width for piece in word) <= across:
        yield word
        return
    for piece in word:
        yield from ([Piece(c, piece.font, piece.size, piece.spacing)] for c in piece.text)


def _joined(line: Iterable[Piece]) -> tuple[Piece, ...]:
    """Neighbours in one font as one piece, without the spaces a line ends with."""
    same = groupby(line, lambda p: (p.font, p.size, p.spacing))
    found = [Piece("".join(p.text for p in group), *look) for look, group in same]
    if found and found[-1].text != found[-1].text.rstrip(" "):
        last = found.pop()
        found.append(Piece(last.text.rstrip(" "), last.font, last.size, last.spacing))
    return tuple(found)
