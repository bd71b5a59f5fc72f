"""The validation page as one self-contained file: no script, nothing loaded, every text escaped.

Promise: the same figures and language give the same bytes. The style is the bulletin's.
"""

from dataclasses import dataclass
from typing import Any

from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.grid import Column, Grid, Kind, Row, Value
from tasks.rendering.page import rendered

_COUNTED = ("received", "taken", "refused", "known", "warned")
CHART_HEIGHT, BAR, GAP = 160, 46, 18


@dataclass(frozen=True)
class Tally:
    """The rows of one source, week or submission. received = taken + refused + known."""

    name: str
    period: str
    received: int
    taken: int
    refused: int
    known: int
    warned: int


@dataclass(frozen=True)
class Example:
    column: str
    cell: str


@dataclass(frozen=True)
class WorstRule:
    """A rule with the rows it refused, those it warned of, and a few cells that broke it."""

    code: str
    words: str
    refused: int
    warned: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Remark:
    """What is unusual about a submission as a whole."""

    name: str
    period: str
    words: str
    field: str
    now: float
    usual: float


@dataclass(frozen=True)
class Page:
    """Everything on the page, in the order in which it is shown."""

    county: str
    sources: tuple[Tally, ...]
    weeks: tuple[Tally, ...]
    submissions: tuple[Tally, ...]
    rules: tuple[WorstRule, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Bar:
    """One week of the chart, in its units: where its bars stand and what is written."""

    x: int
    taken: float
    refused: float
    label: str
    share: str


def render(page: Page, lang: str) -> bytes:
    """The page in "zh" or "en", UTF-8."""
    grids = {
        "sources": _counts("source", page.sources, lang, total=True),
        "rules": _rules(page.rules, lang),
        "remarks": _remarks(page.remarks, lang),
        "submissions": _counts("unit", page.submissions, lang, periods=True),
    }
    bars = _bars(page.weeks, lang)
    context = {
        "title": text("validation.title", lang, county=wording.scrubbed(page.county)),
        "grids": {name: grid for name, grid in grids.items() if grid.rows},
        "bars": bars,
        "chart_width": GAP + len(bars) * (BAR + GAP),
        "chart_height": CHART_HEIGHT,
        "bar_width": BAR,
    }
    return rendered("validation.html.j2", context, lang)


def _grid(key: str, columns: tuple[tuple[str, Kind], ...], rows: Any, lang: str) -> Grid:
    heads = tuple(Column(text(f"validation.column.{c}", lang), kind) for c, kind in columns)
    return Grid(text(f"validation.{key}", lang), heads, tuple(rows))


def _counts(
    first: str,
    tallies: tuple[Tally, ...],
    lang: str,
    total: bool = False,
    periods: bool = False,
) -> Grid:
    """A table of counts, with the share that was refused."""
    rows = [_count_row(t, lang, periods) for t in tallies]
    if total and tallies:
        sums = (sum(getattr(t, c) for t in tallies) for c in _COUNTED)
        whole = Tally(text("validation.all", lang), "", *sums)
        rows.append(_count_row(whole, lang, periods, is_total=True))
    when: tuple[tuple[str, Kind], ...] = (("period", "text"),) if periods else ()
    counts: tuple[tuple[str, Kind], ...] = tuple((c, "count") for c in _COUNTED)
    key = "submissions" if periods else "sources"
    return _grid(key, ((first, "name"), *when, *counts, ("share", "percent")), rows, lang)


def _count_row(tally: Tally, lang: str, periods: bool, is_total: bool = False) -> Row:
    when = (wording.period(tally.period, lang),) if periods else ()
    counts = tuple(getattr(tally, c) for c in _COUNTED)
    cells: tuple[Value, ...] = (wording.scrubbed(tally.name), *when, *counts, _share(tally))
    return Row(cells, is_total=is_total)


def _share(tally: Tally) -> str:
    judged = tally.taken + tally.refused
    return f"{100 * tally.refused / judged:.1f}" if judged else "/"


def _rules(rules: tuple[WorstRule, ...], lang: str) -> Grid:
    rows = (
        Row((f"{r.code} {r.words}", r.refused, r.warned, _shown(r.examples, lang))) for r in rules
    )
    columns: tuple[tuple[str, Kind], ...] = (
        ("rule", "name"),
        ("refused", "count"),
        ("warned", "count"),
        ("examples", "text"),
    )
    return _grid("rules", columns, rows, lang)


def _shown(examples: tuple[Example, ...], lang: str) -> str:
    said = [
        text("validation.example", lang, column=e.column, cell=_short(e.cell)) for e in examples
    ]
    return str(wording.scrubbed(wording.joined(said, lang, "validation.between")))


def _short(cell: str, most: int = 40) -> str:
    return cell if len(cell) <= most else cell[: most - 1] + "…"


def _remarks(remarks: tuple[Remark, ...], lang: str) -> Grid:
    rows = (
        Row(
            (r.name, wording.period(r.period, lang), r.words, r.field, f"{r.now:g}", f"{r.usual:g}")
        )
        for r in remarks
    )
    columns: tuple[tuple[str, Kind], ...] = (
        ("unit", "name"),
        ("period", "text"),
        ("remark", "text"),
        ("field", "text"),
        ("now", "text"),
        ("usual", "text"),
    )
    return _grid("remarks", columns, rows, lang)


def _bars(weeks: tuple[Tally, ...], lang: str) -> list[Bar]:
    most = max((w.taken + w.refused for w in weeks), default=0) or 1
    return [
        Bar(
            GAP + n * (BAR + GAP),
            round(CHART_HEIGHT * week.taken / most, 1),
            round(CHART_HEIGHT * week.refused / most, 1),
            week.name.partition("-")[2] or week.name,
            wording.percent(_share(week)),
        )
        for n, week in enumerate(weeks)
    ]
