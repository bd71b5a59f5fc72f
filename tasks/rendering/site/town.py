"""The page of one town: its line over time and its figures edition by edition, kind by kind."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from schemas.site import Brief, Frame, Standing
from tasks.rendering.annexes import columns_of
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Row, Value
from tasks.rendering.ranking import steps
from tasks.rendering.site.blocks import Block
from tasks.rendering.site.edition import items_path
from tasks.rendering.site.frame import blocks_page, edition_name, kind_name, latest_of_each
from tasks.rendering.site.lines import SHOWN, town_lines

COUNTS = ("found", "closed", "closing", "overdue", "major_open")
RATES = ("rectification", "on_time", "coverage")


def path(code: str) -> str:
    return f"towns/{code}.html"


def page(frame: Frame, code: str, briefs: Sequence[Brief], lang: str) -> bytes:
    """`briefs`: every edition that has the town, kinds in order."""
    latest = max(briefs, key=lambda b: b.seq).town(code)
    assert latest is not None  # `briefs` are those that have it
    blocks = [_kind(kind, code, list(own), lang) for kind, own in groupby(briefs, _kind_of)]
    lead = [text("site.town.lead", lang)]
    trail = [("index.html#map", text("site.map.title", lang))]
    return blocks_page(frame, path(code), lang, name(latest.name, lang), blocks, lead, trail)


def _kind_of(brief: Brief) -> str:
    return brief.kind


def _kind(kind: str, code: str, briefs: list[Brief], lang: str) -> Block:
    """Lines over the latest editions, and a row per edition, corrected ones included."""
    kept = {b.period for b in latest_of_each(briefs)[-SHOWN:]}
    shown = sorted((b for b in briefs if b.period in kept), key=lambda b: b.order, reverse=True)
    names = {b.path: edition_name(b, lang) for b in shown}
    latest = {b.path for b in latest_of_each(shown)}
    ranked, itemised = any(b.shows_ranks for b in shown), any(b.items for b in shown)
    rows = tuple(
        Row(
            _cells(b, code, names[b.path], ranked, itemised, lang),
            mark="" if b.path in latest else text("site.corrected", lang),
        )
        for b in shown
    )
    columns = _columns(ranked, itemised, lang)
    return Block(
        kind,
        kind_name(kind, lang),
        Grid(kind_name(kind, lang), columns, rows),
        (text("site.town.earlier", lang, n=SHOWN),) if len(shown) < len(briefs) else (),
        links={names[b.path]: b.page for b in shown},
        cell_links=_item_links(shown, code, names, lang),
        keys={names[b.path]: f"{b.last_day} {b.number:04d}" for b in shown},
        lines=town_lines(latest_of_each(briefs), code, lang),
        style="wide editions",
    )


def _columns(ranked: bool, itemised: bool, lang: str) -> tuple[Column, ...]:
    place = columns_of(lang, ("rank", "rank"), ("movement", "movement")) if ranked else ()
    return (
        *columns_of(lang, ("edition", "name")),
        *place,
        *columns_of(lang, ("score", "score")),
        *(Column(text(f"measure.{m}", lang), "count") for m in COUNTS),
        *(Column(text(f"rate.{r}", lang), "percent") for r in RATES),
        *(columns_of(lang, ("items", "text")) if itemised else ()),
    )


def _cells(
    brief: Brief, code: str, said: str, ranked: bool, itemised: bool, lang: str
) -> tuple[Value, ...]:
    town = brief.town(code)
    assert town is not None  # `page` is given editions that have it
    listed = text("site.items.short", lang) if brief.items else None
    return (
        said,
        *((town.rank, _moved(town)) if ranked else ()),
        town.score,
        *(town.counts.get(m) for m in COUNTS),
        *(town.rates.get(r) for r in RATES),
        *((listed,) if itemised else ()),
    )


def _moved(town: Standing) -> int | None:
    return steps({"rank": town.rank, "last_rank": town.last_rank})  # type: ignore[typeddict-item]


def _item_links(
    briefs: Sequence[Brief], code: str, names: Mapping[str, str], lang: str
) -> dict[tuple[str, str], str]:
    column = text("column.items", lang)
    return {(names[b.path], column): items_path(b, code) for b in briefs if b.items}
