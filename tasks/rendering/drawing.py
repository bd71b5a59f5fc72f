"""The chart of a ranking as lines, boxes and words on a canvas: bars, and lines from last rank.

Pure. Points, y downwards from the top left; PDF and SVG draw the same shapes. Colour is never the
only sign: movement is also an arrow, a small sample also a remark in the table beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.ranking import Bar, Chart

INK, SOFT, RULE, BAR, PALE = "#1c1b19", "#57534c", "#dcd7cd", "#3b5b7a", "#a9b7c6"
_TREND = {"up": "#1f6b3a", "down": "#a61b1b", "same": SOFT}
ROW, HEAD, MOST = 15, 34, 560  # a bar with its room, what stands over the bars, all of it
SIZE, LEAST = 9, 5
LONGEST = 22  # columns of a name
_TICKS = (0, 20, 40, 60, 80, 100)
_SLOPE, _NAMES, _SCORE = (8, 62), 84, 60
_COLUMN = 4.8  # points of a name's column


@dataclass(frozen=True)
class Line:
    x: float
    y: float
    to_x: float
    to_y: float
    colour: str
    wide: float = 0.6


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Words:
    x: float
    y: float  # of the base line
    text: str
    size: float
    colour: str = INK
    anchor: Literal["start", "middle", "end"] = "start"


Shape = Line | Box | Words


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    shapes: tuple[Shape, ...]


def height(charts: Sequence[Chart]) -> float:
    return min(sum(HEAD + ROW * len(chart.bars) for chart in charts), MOST)


def drawn(charts: Sequence[Chart], width: float, lang: str) -> Drawing:
    """The charts of all groups one below the other; rows become lower where there are too many."""
    most = height(charts)
    heads = HEAD * len(charts)
    row = (most - heads) / max(sum(len(chart.bars) for chart in charts), 1)
    shapes: list[Shape] = []
    top = 0.0
    for chart in charts:
        shapes += _chart(chart, top, row, width, lang)
        top += HEAD + row * len(chart.bars)
    return Drawing(width, most, tuple(shapes))


def _chart(chart: Chart, top: float, row: float, width: float, lang: str) -> Iterator[Shape]:
    longest = max(min(wording.width(bar.name), LONGEST) for bar in chart.bars)
    bars = _NAMES + _COLUMN * longest + 12
    across = width - bars - _SCORE
    foot = top + HEAD + row * len(chart.bars)
    if chart.group:
        yield Words(0, top + 11, chart.group, 10.5)
    yield Words(_SLOPE[0], top + 25, text("chart.last", lang), 7.5, SOFT, "middle")
    yield Words(_SLOPE[1], top + 25, text("chart.this", lang), 7.5, SOFT, "middle")
    for tick in _TICKS:
        x = bars + across * tick / 100
        yield Words(x, top + 25, str(tick), 7.5, SOFT, "middle")
        yield Line(x, top + 29, x, foot, RULE, 0.4)
    for i, bar in enumerate(chart.bars):
        yield from _bar(bar, i, top + HEAD, row, (bars, across), lang)


def _bar(
    bar: Bar, i: int, top: float, row: float, at: tuple[float, float], lang: str
) -> Iterator[Shape]:
    bars, across = at
    y = top + row * (i + 0.5)
    size = max(min(SIZE, row - 2), LEAST)
    base, colour = y + 0.36 * size, _TREND[bar.trend]
    if bar.last_index is not None:
        yield Line(_SLOPE[0], top + row * (bar.last_index + 0.5), _SLOPE[1], y, colour, 0.9)
    yield Words(_NAMES - 6, base, str(bar.rank), size, INK, "end")
    yield Words(_NAMES, base, shortened(bar.name, LONGEST), size)
    long = across * float(bar.score) / 100
    yield Box(bars, y - 0.33 * row, long, 0.66 * row, PALE if bar.is_small else BAR)
    yield Words(bars + long + 4, base, bar.score, size)
    end = bars + across + _SCORE
    yield Words(end, base, _moved(bar, lang), size, colour, "end")


def shortened(words: str, columns: int) -> str:
    """A text on one line, cut to so many columns of which a wide character takes two."""
    line = " ".join(words.split())[: 4 * columns]
    if wording.width(line) <= columns:
        return line
    ends = accumulate(map(wording.width, line))
    return line[: sum(end < columns for end in ends)] + "…"


def _moved(bar: Bar, lang: str) -> str:
    if bar.steps is None:
        return text("movement.new_short", lang)
    return wording.arrow(bar.steps, lang)
