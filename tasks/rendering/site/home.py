"""The first page: the newest edition in figures, the towns on their map, every edition there is.

Newest period first; within a period the newest edition first, so that a correction stands above
what it corrects and both can be read.
"""

from collections.abc import Sequence
from itertools import groupby

from schemas.edition import Edition
from schemas.site import Brief, Frame, Standing
from tasks.rendering import figures, wording
from tasks.rendering.annexes import columns_of
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Grid, Row, Value
from tasks.rendering.site import tiles
from tasks.rendering.site.blocks import Block
from tasks.rendering.site.frame import (
    blocks_page,
    class_name,
    edition_name,
    kind_name,
    latest_of_each,
    leading,
)

ENDS = 3  # towns named from either end of a ranking


def page(frame: Frame, briefs: Sequence[Brief], newest: Edition | None, lang: str) -> bytes:
    """`briefs`: all editions, kinds in order; `newest`: the document of the leading one."""
    heading = text("site.title", lang, county=name(frame.county, lang))
    if newest is None:
        return blocks_page(frame, "index.html", lang, heading, [], [text("site.nothing", lang)])
    lead = leading(briefs)[-1]
    blocks = [
        _newest(lead, newest, lang),
        tiles.block(lead, frame.tiles, lang),
        *(_kind(kind, list(own), lang) for kind, own in groupby(briefs, lambda b: b.kind)),
    ]
    return blocks_page(frame, "index.html", lang, heading, blocks)


def _newest(brief: Brief, edition: Edition, lang: str) -> Block:
    body = wording.scrubbed(edition)["body"]
    said = edition_name(brief, lang)
    kind = class_name(brief, lang)
    note = text("site.newest.note", lang, edition=said, day=brief.published_on, kind=kind)
    more = [(brief.page, text("site.newest.read", lang, edition=said))]
    if brief.revision_class:
        more.append((f"{brief.page}#revision", text("site.newest.corrects", lang)))
    return Block(
        "newest",
        text("site.newest", lang),
        notes=(note,),
        figures=tuple(figures.key_figures(body, lang)),
        more=tuple(more),
    )


def _kind(kind: str, briefs: list[Brief], lang: str) -> Block:
    """Every edition of a kind as a table."""
    ordered = sorted(briefs, key=lambda b: b.order, reverse=True)
    ranked = any(b.shows_ranks for b in briefs)
    ends = (("firsts", "text"), ("lasts", "text")) if ranked else ()
    columns = columns_of(
        lang, ("edition", "name"), ("class", "flag"), ("published_on", "flag"), *ends,
        ("found", "count"), ("closed", "count"), ("overdue", "count"), ("on_time", "percent"),
    )  # fmt: skip
    latest = {b.path for b in latest_of_each(briefs)}
    rows = tuple(_row(b, ranked, b.path in latest, lang) for b in ordered)
    names = [edition_name(b, lang) for b in ordered]
    return Block(
        kind,
        kind_name(kind, lang),
        Grid(kind_name(kind, lang), columns, rows),
        links={n: b.page for n, b in zip(names, ordered, strict=True)},
        keys={n: f"{b.last_day} {b.number:04d}" for n, b in zip(names, ordered, strict=True)},
        style="wide editions",
    )


def _row(brief: Brief, ranked: bool, is_latest: bool, lang: str) -> Row:
    counts, rates = brief.total.counts, brief.total.rates
    ends = (_ends(brief, lang), _ends(brief, lang, from_last=True)) if ranked else ()
    cells: tuple[Value, ...] = (
        edition_name(brief, lang),
        class_name(brief, lang),
        brief.published_on,
        *ends,
        *(counts.get(m) for m in ("found", "closed", "overdue")),
        rates.get("on_time"),
    )
    return Row(cells, mark="" if is_latest else text("site.corrected", lang))


def _ends(brief: Brief, lang: str, from_last: bool = False) -> str:
    """The first or last towns of each group, by name; a short group is not told twice."""
    if not brief.shows_ranks:
        return text("bulletin.empty_cell", lang)
    ranked = sorted(
        (t for t in brief.towns if t.rank is not None),
        key=lambda t: (t.group, t.rank or 0, t.code),
    )
    groups = [(g, list(own)) for g, own in groupby(ranked, lambda t: t.group)]
    said = [_group(g, _end(own, from_last), len(groups) > 1, lang) for g, own in groups]
    return wording.joined((s for s in said if s), lang, "format.clauses") or text(
        "bulletin.empty_cell", lang
    )


def _end(towns: list[Standing], from_last: bool) -> list[Standing]:
    return towns[max(ENDS, len(towns) - ENDS) :] if from_last else towns[:ENDS]


def _group(group: str, towns: list[Standing], named: bool, lang: str) -> str:
    listed = wording.joined((name(t.name, lang) for t in towns), lang)
    if not named or not listed:
        return listed
    return text("format.labelled", lang, label=wording.group(group, lang), value=listed)
