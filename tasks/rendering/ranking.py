"""The ranking of units as tables and as bars: who stands where, from where, and by which rates.

Order: groups as the policy lists them, then rank, then code. Where the policy shows no ranks the
units stay in the order of their codes and no rank, movement or bar is made.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from schemas.edition import Body, Unit
from tasks.rendering import wording
from tasks.rendering.catalogue import known, name, text
from tasks.rendering.grid import Column, Grid, Row, Value


def shows_ranks(body: Body) -> bool:
    return bool(scoring(body).get("show_ranks", True))


def worded(key: str, body: Body) -> str:
    """The catalogue key of a heading or note: an edition without ranks speaks of scores alone."""
    unranked = f"{key}.unranked"
    return unranked if not shows_ranks(body) and known(unranked) else key


def scoring(body: Body) -> dict[str, Any]:
    found = body["policy"].get("scoring", {})
    return found if isinstance(found, dict) else {}


def indicators(body: Body, which: str) -> list[dict[str, Any]]:
    """The scored rates of "towns" or "sectors", campaign first, else as the policy lists them."""
    return sorted(scoring(body).get(which, []), key=lambda i: str(i["scope"]))


def ordered(units: list[Unit], body: Body) -> list[Unit]:
    if not shows_ranks(body):
        return sorted(units, key=lambda u: u["code"])
    groups = {g: i for i, g in enumerate(body["groups"])}
    return sorted(
        units,
        key=lambda u: (groups.get(u["group"], len(groups)), u["rank"] or 10**6, u["code"]),
    )


def ranking(body: Body, which: str, lang: str) -> Grid:
    """One row per unit of "towns" or "sectors": rank, change, name, score, rates, deductions."""
    units: list[Unit] = body["towns"] if which == "towns" else body["sectors"]
    scored = indicators(body, which)
    columns = (*_leading(body, which, lang), *(_rate_column(i, lang) for i in scored))
    columns += (Column(text("column.deducted", lang), "points"),)
    grouped = len({u["group"] for u in units}) > 1
    rows = tuple(_row(u, body, scored, grouped, lang) for u in ordered(units, body))
    return Grid(text(worded(f"table.{which}", body), lang), columns, rows)


def standing(body: Body, which: str, lang: str) -> Grid:
    """Rank, change, name, score and deductions with the remark, without the rates behind them."""
    grid = _of_kinds(ranking(body, which, lang), lambda kind: kind != "percent")
    note = Column(text("column.note", lang), "text")
    rows = tuple(replace(r, cells=(*r.cells, r.mark), mark="") for r in grid.rows)
    return replace(grid, columns=(*grid.columns, note), rows=rows)


def rated(body: Body, which: str, lang: str) -> Grid:
    """The rates behind the scores, with rank, name and group."""
    grid = _of_kinds(ranking(body, which, lang), lambda k: k in ("rank", "name", "percent"))
    plain = replace(grid, rows=tuple(replace(r, mark="") for r in grid.rows))
    grid = flattened(plain, lang)
    kept = replace(grid, columns=grid.columns[:-1], title=text(f"paper.rated.{which}", lang))
    return replace(kept, rows=tuple(replace(r, cells=r.cells[:-1], group="") for r in grid.rows))


def _of_kinds(grid: Grid, wanted: Callable[[str], bool]) -> Grid:
    """The same table with the columns whose kind is wanted."""
    kept = [i for i, c in enumerate(grid.columns) if wanted(c.kind)]
    rows = tuple(replace(r, cells=tuple(r.cells[i] for i in kept)) for r in grid.rows)
    return replace(grid, columns=tuple(grid.columns[i] for i in kept), rows=rows)


def flattened(grid: Grid, lang: str) -> Grid:
    """The same table with group and mark, which a page shows beside the name, as columns."""
    grouped = any(row.group for row in grid.rows)
    extra = ("group", "note") if grouped else ("note",)
    columns = (*grid.columns, *(Column(text(f"column.{key}", lang), "text") for key in extra))
    rows = tuple(
        replace(r, cells=(*r.cells, *((r.group,) if grouped else ()), r.mark), mark="")
        for r in grid.rows
    )
    return replace(grid, columns=columns, rows=rows)


def _leading(body: Body, which: str, lang: str) -> tuple[Column, ...]:
    unit = Column(text("column.town" if which == "towns" else "column.sector", lang), "name")
    score = Column(text("column.score", lang), "score")
    if not shows_ranks(body):
        return unit, score
    rank = Column(text("column.rank", lang), "rank")
    return rank, Column(text("column.movement", lang), "movement"), unit, score


def _rate_column(indicator: dict[str, Any], lang: str) -> Column:
    title = text(f"rate.{indicator['of']}", lang)
    return Column(title, "percent", text(f"scope.{indicator['scope']}", lang))


def _row(unit: Unit, body: Body, scored: list[dict[str, Any]], grouped: bool, lang: str) -> Row:
    lead: tuple[Value, ...] = (name(unit["name"], lang), unit["score"])
    if shows_ranks(body):
        lead = (unit["rank"], _movement(unit, lang), *lead)
    return Row(
        cells=(*lead, *(_rate(unit, i) for i in scored), deducted(unit)),
        group=wording.group(unit["group"], lang) if grouped else "",
        mark=mark(unit, body, lang),
    )


def _rate(unit: Unit, indicator: dict[str, Any]) -> Value:
    rate = unit["rates"][indicator["scope"]]["all"].get(indicator["of"])
    return rate["value"] if rate else None


def steps(unit: Unit) -> int | None:
    """Places won since the last edition; None where either rank is missing."""
    if unit["rank"] is None or unit["last_rank"] is None:
        return None
    return unit["last_rank"] - unit["rank"]


def _movement(unit: Unit, lang: str) -> Value:
    """Places won, or that the unit was not ranked last time; None for a unit without a rank."""
    if unit["rank"] is not None and unit["last_rank"] is None:
        return text("movement.new_short", lang)
    return steps(unit)


def deducted(unit: Unit) -> str:
    """All deductions of a unit together, as decimal text without superfluous zeros."""
    total = sum((Decimal(d) for d in unit["deductions"].values()), Decimal(0))
    return f"{total.normalize():f}" if total else "0"


def mark(unit: Unit, body: Body, lang: str) -> str:
    """Why a unit is not ranked, or that its sample is small; empty for most.

    Ranks that a policy hides for all are no remark on one: then only the reason is told.
    """
    why = unit["unranked_because"]
    if unit["rank"] is None and why and why != "hidden":
        reason = text(f"unranked.{why}", lang)
        if not shows_ranks(body):
            return reason
        return text("format.labelled", lang, label=text("mark.unranked", lang), value=reason)
    return text("mark.small_sample", lang) if unit["small_sample"] else ""


@dataclass(frozen=True)
class Bar:
    """One row of the chart. y positions in pixels; `width` in percent of the full scale."""

    name: str
    label: str
    rank: int
    score: str
    width: str
    y: int
    last_y: int | None
    last_index: int | None
    steps: int | None
    trend: str
    is_small: bool


@dataclass(frozen=True)
class Chart:
    group: str
    height: int
    bars: tuple[Bar, ...]

    @property
    def is_long(self) -> bool:
        """Names too long to stand beside the lines on a phone."""
        return any(wording.width(bar.name) > SHORT_NAME for bar in self.bars)

    @property
    def has_small(self) -> bool:
        return any(bar.is_small for bar in self.bars)


ROW_PX = 28
HEAD_PX = 30
SHORT_NAME = 8  # in columns: four Chinese characters


def charts(body: Body, which: str, lang: str) -> list[Chart]:
    """One chart per group that has ranked units; none where ranks are not shown."""
    units: list[Unit] = body["towns"] if which == "towns" else body["sectors"]
    if not shows_ranks(body):
        return []
    ranked = [u for u in ordered(units, body) if u["rank"] is not None and u["score"] is not None]
    groups = list(dict.fromkeys(u["group"] for u in ranked))
    return [_chart([u for u in ranked if u["group"] == g], len(groups) > 1, lang) for g in groups]


def _chart(units: list[Unit], grouped: bool, lang: str) -> Chart:
    before = sorted(
        (u for u in units if u["last_rank"] is not None),
        key=lambda u: (u["last_rank"], u["rank"], u["code"]),
    )
    last = {u["code"]: i for i, u in enumerate(before)}
    bars = tuple(_bar(u, i, last.get(u["code"]), lang) for i, u in enumerate(units))
    group = wording.group(units[0]["group"], lang) if grouped else ""
    return Chart(group, HEAD_PX + ROW_PX * len(units) + 4, bars)


def _y(index: int) -> int:
    return HEAD_PX + ROW_PX * index + ROW_PX // 2


def _bar(unit: Unit, index: int, last: int | None, lang: str) -> Bar:
    score, rank = unit["score"] or "0", unit["rank"] or 0
    said = name(unit["name"], lang)
    moved = steps(unit)
    trend = "same" if not moved else "up" if moved > 0 else "down"
    return Bar(
        name=said,
        label=text("chart.bar", lang, rank=rank, name=said, score=score)
        + text("format.clauses", lang)
        + wording.movement(moved, lang),
        rank=rank,
        score=score,
        width=score,
        y=_y(index),
        last_y=None if last is None else _y(last),
        last_index=last,
        steps=moved,
        trend=trend,
        is_small=unit["small_sample"],
    )
