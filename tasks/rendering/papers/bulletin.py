"""One edition as an official paper, before it is a Word file or a PDF: the order of what it says.

Pure: an edition in, a paper in words out. A correction opens with what it corrects; wide tables are
annexes on landscape pages (`papers.annexed`). Chart and ranking leave out ranks
where policy does. A text longer than `columns.LONGEST` characters is cut.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from itertools import count
from typing import Any

from schemas.edition import SCOPES, Body, Edition
from tasks.rendering import (
    annexes,
    corrections,
    drawing,
    figures,
    frozen,
    heading,
    ranking,
    wording,
)
from tasks.rendering.catalogue import name, text
from tasks.rendering.duties import KINDS
from tasks.rendering.grid import Grid
from tasks.rendering.papers.annexed import annexed, numbers
from tasks.rendering.papers.columns import cut, table
from tasks.rendering.papers.looks import WIDTH_MM
from tasks.rendering.papers.paper import Block, Paper, Paragraph, Plot

_LEADERS = 3  # units named as first and last


def bulletin(edition: Edition, lang: str) -> Paper:
    """The whole paper; the red head where policy asks for one."""
    body = edition["body"]
    title, county = heading.title(body, lang), heading.county(body, lang)
    blocks = (*_head(edition, title, lang), *_sections(edition, lang))
    return Paper(title, cut(county), blocks, (*annexed(body, lang),), is_turned=True)


def _head(edition: Edition, title: str, lang: str) -> Iterator[Block]:
    body = edition["body"]
    parts = heading.issue(edition, lang)
    said = reduce(lambda said, more: text("paper.number", lang, said=said, more=more), parts)
    kinds = ("head", "head_number") if _red_head(body) else ("title", "number")
    yield from (Paragraph(kinds[0], cut(title)), Paragraph(kinds[1], said))  # type: ignore[arg-type]
    yield from _issued(edition, lang)
    if body["fictitious"]:
        label = text("format.labelled", lang, label=text("fictitious.title", lang), value="")
        yield Paragraph("note", text("fictitious.text", lang), label)


def _issued(edition: Edition, lang: str) -> Iterator[Block]:
    """Who signed and whom it is for, once it is signed."""
    signed = edition.get("issue")
    if signed and signed["signer"]:
        signer = cut(name(signed["signer"], lang))
        yield Paragraph("signature", text("paper.signer", lang, name=signer))
    if signed and signed["recipients"]:
        recipients = wording.joined(map(cut, signed["recipients"]), lang)
        yield Paragraph("to", text("paper.to", lang, name=recipients))


def _red_head(body: Body) -> bool:
    rules: Any = body["policy"].get("bulletin")
    return isinstance(rules, dict) and bool(rules.get("red_head"))


def _sections(edition: Edition, lang: str) -> Iterator[Block]:
    body, numbers = edition["body"], count(1)
    parts = {
        "revision": _revision(edition, lang) if "revision" in edition else (),
        "overview": _overview(body, lang),
        "towns": _ranking(body, "towns", lang),
        "sectors": _ranking(body, "sectors", lang),
        "frozen": _frozen(body, lang),
        "statutory": _in_annex(body, "statutory", "statutory.note", lang),
        "duties": _in_annex(body, "duties", "duties.note", lang),
        "listed": _listed(body, lang),
        "reporters": _reporters(body, lang),
        "provenance": _provenance(edition, lang),
    }
    for key, blocks in parts.items():
        found = [*blocks]
        if found:
            yield _numbered(
                "heading", next(numbers), text(ranking.worded(f"section.{key}", body), lang), lang
            )
            yield from found


def _numbered(kind: Any, n: int, words: str, lang: str) -> Paragraph:
    numerals = text("paper.numerals", lang).split()
    numeral = numerals[n - 1] if n <= len(numerals) else str(n)
    return Paragraph(kind, text(f"paper.{kind}", lang, n=numeral, text=cut(words)))


def _tabled(grid: Grid, lang: str) -> Iterator[Block]:
    if grid.rows:
        yield Paragraph("caption", grid.title)
        yield table(grid, WIDTH_MM, lang)


def _revision(edition: Edition, lang: str) -> Iterator[Block]:
    revision = edition["revision"]
    moves = corrections.moves(edition, lang)
    kept = text("revision.kept", lang, previous=revision["previous"])
    yield Paragraph("body", _sentences([corrections.lead(edition, lang), kept], lang))
    yield from _tabled(corrections.reasons(edition, lang), lang)
    if moves.rows:
        yield from _tabled(moves, lang)
    else:
        yield Paragraph("body", text("revision.no_moves", lang))


def _sentences(said: list[str], lang: str) -> str:
    return text("format.parts", lang).join(s for s in said if s)


def _overview(body: Body, lang: str) -> Iterator[Block]:
    """The key figures in words, and who stands first and last."""
    counts = body["total"]["counts"][SCOPES[0]]["all"]
    opening = text(
        "paper.overview",
        lang,
        span=wording.span(body["first_day"], body["last_day"], lang),
        county=cut(heading.county(body, lang)),
        **{measure: f"{n:,}" for measure, n in counts.items()},
    )
    rates = [f for f in figures.key_figures(body, lang) if f.value == "/" or "%" in f.value]
    said = (_figure(f, lang) for f in rates)
    rated = text("paper.rates", lang, rates=wording.joined(said, lang, "format.clauses"))
    yield Paragraph("body", _sentences([opening, rated], lang))
    leaders = [_leaders(chart, lang) for chart in ranking.charts(body, "towns", lang)]
    if leaders:
        yield Paragraph("body", _sentences(leaders, lang))


def _figure(figure: figures.Figure, lang: str) -> str:
    value = text("format.note", lang, text=figure.value, note=figure.note)
    return text("paper.figure", lang, label=figure.label, value=value)


def _leaders(chart: ranking.Chart, lang: str) -> str:
    """First and last units of a group; of a small one only who leads."""
    names = [drawing.shortened(bar.name, drawing.LONGEST) for bar in chart.bars]
    values = {"group": chart.group, "first": wording.joined(names[:_LEADERS], lang)}
    grouped = "grouped" if chart.group else "all"
    if len(names) <= 2 * _LEADERS:
        return text(f"paper.first.{grouped}", lang, **values)
    last = wording.joined(names[-_LEADERS:], lang)
    return text(f"paper.first_and_last.{grouped}", lang, **values, last=last)


def _ranking(body: Body, which: str, lang: str) -> Iterator[Block]:
    grid = ranking.standing(body, which, lang)
    charts = tuple(map(_short, ranking.charts(body, which, lang))) if which == "towns" else ()
    if charts:
        caption = text("chart.caption", lang, table=grid.title)
        yield from (Paragraph("caption", caption), Plot(caption, charts))
    groups = grid.groups
    for n, (group, rows) in enumerate(groups, 1):
        if len(groups) > 1:
            yield _numbered("subheading", n, group, lang)
        yield table(Grid(grid.title, grid.columns, rows), WIDTH_MM, lang, whole=grid)
    if groups:
        notes = [text("paper.rates_in_annex", lang, n=numbers(body)[which])]
        if any(chart.has_small for chart in charts):
            notes.append(text("note.small_bar", lang))
        yield Paragraph("note", _sentences(notes, lang))


def _short(chart: ranking.Chart) -> ranking.Chart:
    """The same with names that leave room for bars."""
    bars = (replace(b, name=drawing.shortened(b.name, drawing.LONGEST)) for b in chart.bars)
    return replace(chart, group=cut(chart.group), bars=tuple(bars))


def _frozen(body: Body, lang: str) -> Iterator[Block]:
    """Ranks that are final: few columns, so they stand in the text, a table for each group."""
    for grid in frozen.standings(body, lang):
        yield Paragraph("caption", grid.title)
        for n, (group, rows) in enumerate(grid.groups, 1):
            if group:
                yield _numbered("subheading", n, group, lang)
            yield table(Grid(grid.title, grid.columns, rows), WIDTH_MM, lang, whole=grid)
        yield Paragraph("note", _sentences(frozen.notes(body, lang), lang))


def _in_annex(body: Body, key: str, note: str, lang: str) -> Iterator[Block]:
    """Where a wide table stands, and how it counts."""
    found = numbers(body)
    stand = {which: found[f"{key}.{which}"] for which in KINDS if f"{key}.{which}" in found}
    if stand:
        yield Paragraph("body", text(f"paper.{key}", lang, **stand))
        yield Paragraph("note", text(note, lang))


def _listed(body: Body, lang: str) -> Iterator[Block]:
    unlisted = text("listed.unlisted", lang, n=f"{body['unlisted_major']:,}")
    if not body["listed"]:
        yield Paragraph("body", _sentences([text("listed.none", lang), unlisted], lang))
        return
    listed = text("paper.listed", lang, n=f"{len(body['listed']):,}", annex=numbers(body)["listed"])
    yield Paragraph("body", _sentences([listed, unlisted], lang))
    yield from _tabled(annexes.matrix(body, lang), lang)


def _reporters(body: Body, lang: str) -> Iterator[Block]:
    grids = [annexes.missing(body, lang), annexes.late(body, lang)]
    if not any(grid.rows for grid in grids):
        yield Paragraph("body", text("reporters.none", lang))
        return
    missing, late = (f"{len(grid.rows):,}" for grid in grids)
    yield Paragraph("body", text("paper.reporters", lang, missing=missing, late=late))
    for grid in grids:
        yield from _tabled(grid, lang)


def _provenance(edition: Edition, lang: str) -> Iterator[Block]:
    values: Any = edition
    keys = ("watermark", "ledger_head", "ledger_root", "policy_hash", "body_digest")
    said = (
        text("format.labelled", lang, label=text(f"provenance.{k}", lang), value=str(values[k]))
        for k in keys
        if k in values
    )
    yield Paragraph("body", text("paper.provenance", lang))
    yield Paragraph("note", "\n".join(said))
