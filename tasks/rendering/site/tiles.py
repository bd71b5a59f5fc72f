"""The tile map: a tile per town on the grid that the organisation declares, in four colours.

Colour says the quarter of its group that a town's rank lies in; the same is said by a letter, a
pattern and words, and by the legend. Where a policy shows no ranks, tiles have no colour. Towns
without a declared tile follow below the map in the order of their codes.
"""

from collections.abc import Sequence

from schemas.site import Brief, Standing, Tiles
from tasks.rendering.catalogue import name, text
from tasks.rendering.site.blocks import Block, Map, Tile

QUARTERS = (1, 2, 3, 4)
_ACROSS = 6  # tiles in a row where nothing is declared


def block(brief: Brief, tiles: Tiles, lang: str) -> Block:
    """The map of an edition's towns, each leading to its page."""
    places = placed([t.code for t in brief.towns], tiles)
    made = tuple(_tile(t, brief, places[t.code], lang) for t in _reading_order(brief, places))
    used = {t.quarter for t in made}
    legend = tuple((q, text(f"site.map.quarter.{q}", lang)) for q in (*QUARTERS, 0) if q in used)
    key = "site.map.note" if brief.shows_ranks else "site.map.unranked"
    return Block("map", text("site.map.title", lang), map=Map(made, legend, text(key, lang)))


def placed(codes: Sequence[str], tiles: Tiles) -> dict[str, tuple[int, int]]:
    """(column, row) of every town."""
    known = {c: tiles[c] for c in codes if c in tiles}
    below = max((row for _, row in known.values()), default=0)
    across = max(_ACROSS, max((column for column, _ in known.values()), default=0))
    rest = sorted(c for c in codes if c not in known)
    loose = {c: (i % across + 1, below + 1 + i // across) for i, c in enumerate(rest)}
    return known | loose


def _reading_order(brief: Brief, places: dict[str, tuple[int, int]]) -> list[Standing]:
    return sorted(brief.towns, key=lambda t: (places[t.code][1], places[t.code][0]))


def quarter(town: Standing, brief: Brief) -> int:
    """1 for the first quarter of the town's group by rank, 4 for the last; 0 for an unranked."""
    if town.rank is None or not brief.shows_ranks:
        return 0
    ranked = sum(1 for t in brief.towns if t.group == town.group and t.rank is not None)
    return min(4, (town.rank - 1) * 4 // ranked + 1)


def _tile(town: Standing, brief: Brief, place: tuple[int, int], lang: str) -> Tile:
    found = quarter(town, brief)
    return Tile(
        name=name(town.name, lang),
        href=f"towns/{town.code}.html",
        column=place[0],
        row=place[1],
        quarter=found,
        said=text(f"site.map.letter.{found}", lang),
        score=town.score or "/",
    )
