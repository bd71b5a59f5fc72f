"""The parts a page of the site is put together from, before they have a form.

Values only: a table (`Grid`) with what its cells link to, sparklines, a line over time, a tile map.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.rendering.figures import Figure
from tasks.rendering.grid import Grid


@dataclass(frozen=True)
class Spark:
    """A line of the last editions, 100 × 24: `runs` are unbroken stretches of "x,y x,y"."""

    label: str
    runs: tuple[str, ...]
    end: tuple[str, str] | None


@dataclass(frozen=True)
class Sparks:
    """Columns of sparklines after a table's own: heads, and one spark per head by row name."""

    heads: tuple[str, ...]
    rows: Mapping[str, tuple[Spark, ...]]


@dataclass(frozen=True)
class Dot:
    """A point of a line over time: x in percent of the width, y in pixels."""

    x: str
    y: str
    label: str
    shown: str  # "" where no figure stands at the point


@dataclass(frozen=True)
class Line:
    """A line over time: dots in order, None where an edition has no value."""

    title: str
    height: int
    dots: tuple[Dot | None, ...]
    marks: tuple[tuple[str, str], ...]  # (y, what the grid line says)
    days: tuple[tuple[str, str, str], ...]  # (x, anchor, period)

    @property
    def pairs(self) -> list[tuple[Dot, Dot]]:
        """Neighbours that are joined by a stroke."""
        return [(a, b) for a, b in zip(self.dots, self.dots[1:], strict=False) if a and b]


@dataclass(frozen=True)
class Tile:
    """A town on the map; `quarter` 1 (best) to 4 of its group, 0 for none."""

    name: str
    href: str
    column: int
    row: int
    quarter: int
    said: str
    score: str


@dataclass(frozen=True)
class Map:
    tiles: tuple[Tile, ...]
    legend: tuple[tuple[int, str], ...]
    note: str


@dataclass(frozen=True)
class Block:
    """One section of a page. Links are paths without a language.

    `keys`: name → what it is sorted by. `more`: (path, words) of links that lead on.
    """

    id: str
    heading: str
    grid: Grid | None = None
    notes: tuple[str, ...] = ()
    empty: str = ""  # said in place of a table without rows
    links: Mapping[str, str] = field(default_factory=dict)
    cell_links: Mapping[tuple[str, str], str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    sparks: Sparks | None = None
    lines: tuple[Line, ...] = ()
    map: Map | None = None
    figures: tuple[Figure, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    root: str = ""  # a digest to be copied out
    style: str = ""
    sortable: bool = True
