"""One cell of a table from outside as it is printed: a figure with its decimals, a dash, text.

A figure keeps how many decimals are printed, because a rate can only be held to those. Numbers that
a spreadsheet stores without a format have lost their last zeros (93.40 is 93.4) and are `loose`.

    read("93.43%")  →  Figure(value=93.43, places=2, percent=True)
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

DASHES = frozenset(("/", "\\", "-", "--", "—", "——", "–", "―", "−", "n/a", "无", "*"))
_PLACES = 15
_FIGURE = re.compile(
    rf"(?P<sign>[+\-−]?)(?P<whole>[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,5}}|[0-9]{{1,{_PLACES}}})"
    rf"(?:\.(?P<part>[0-9]{{1,{_PLACES}}}))?(?P<mark>%?)(?:[件条项个家处起次户所人座栋]?)"
)

Kind = Literal["figure", "dash", "blank", "text"]
Rounding = Literal["half_up", "half_even", "cut", "up"]
ROUNDINGS: tuple[Rounding, ...] = ("half_up", "half_even", "cut", "up")


@dataclass(frozen=True)
class Format:
    """How a spreadsheet shows a number: decimals, and whether as a percentage."""

    places: int
    percent: bool


@dataclass(frozen=True)
class Figure:
    """A number as printed; `loose`: zeros at its end may have been lost."""

    value: Fraction
    places: int = 0
    percent: bool = False
    loose: bool = False

    @property
    def step(self) -> Fraction:
        """One in the last printed place."""
        return Fraction(1, 10**self.places)


@dataclass(frozen=True)
class Cell:
    text: str
    kind: Kind
    figure: Figure | None = None


BLANK = Cell("", "blank")


def read(text: str, shown: Format | None = None, *, loose: bool = False) -> Cell:
    """A cell from its text. `shown`: the format of a stored number; `loose`: it has none."""
    bare = "".join(unicodedata.normalize("NFKC", text).split())
    if not bare:
        return BLANK
    if bare.lower() in DASHES:
        return Cell(text.strip(), "dash")
    match = _FIGURE.fullmatch(bare)
    if match is None:
        return Cell(text.strip(), "text")
    figure = _figure(match, loose)
    if shown is None:
        return Cell(text.strip(), "figure", figure)
    figure = _as_shown(figure, shown)
    return Cell(printed(figure), "figure", figure)


def _figure(match: re.Match[str], loose: bool) -> Figure:
    part = match["part"] or ""
    value = Fraction(int(match["whole"].replace(",", "") + part), 10 ** len(part))
    if match["sign"] in ("-", "−"):
        value = -value
    return Figure(value, len(part), match["mark"] == "%", loose and match["mark"] != "%")


def _as_shown(figure: Figure, shown: Format) -> Figure:
    value = figure.value * 100 if shown.percent else figure.value
    return Figure(rounded(value, shown.places), shown.places, shown.percent)


def rounded(value: Fraction, places: int, how: Rounding = "half_up") -> Fraction:
    """`value` to so many decimals; of negative ones the size is rounded."""
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest
    more = {
        "half_up": twice >= scaled.denominator,
        "half_even": twice > scaled.denominator or (twice == scaled.denominator and whole % 2),
        "cut": False,
        "up": rest > 0,
    }[how]
    size = Fraction(whole + bool(more), 10**places)
    return -size if value < 0 else size


def printed(figure: Figure) -> str:
    """A figure as text, with all its decimals."""
    scaled = abs(rounded(figure.value, figure.places)) * 10**figure.places
    digits = str(scaled.numerator).rjust(figure.places + 1, "0")
    sign = "-" if figure.value < 0 else ""
    whole = digits[: len(digits) - figure.places]
    part = f".{digits[-figure.places :]}" if figure.places else ""
    return f"{sign}{whole}{part}{'%' if figure.percent else ''}"


def settled(cells: list[Cell]) -> list[Cell]:
    """A column whose loose figures have the decimals that most of them show, where few are shown:
    beside 93.43 a stored 93.4 stands for 93.40."""
    places = [c.figure.places for c in cells if c.figure and c.figure.loose]
    usual = max(set(places), key=lambda p: (places.count(p), p), default=0)
    if not 0 < usual <= _FEW:
        return cells
    return [_widened(c, usual) for c in cells]


_FEW = 4


def _widened(cell: Cell, places: int) -> Cell:
    if cell.figure is None or not cell.figure.loose or cell.figure.places >= places:
        return cell
    return replace(cell, figure=replace(cell.figure, places=places))
