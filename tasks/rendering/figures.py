"""The figures of an edition as tables: key figures, sums, the balance, every count.

Measures and rates keep the order of `schemas.edition`; what a cut does not have (coverage is not
split by who found) is None and printed as a dash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rules.counting import RATES
from schemas.edition import (
    COVERAGE_MEASURES,
    MEASURES,
    SCOPES,
    SPLITS,
    Body,
    Rate,
    Scope,
    Split,
    Unit,
)
from tasks.rendering import wording
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Row, Value
from tasks.rendering.ranking import ordered

CUTS = tuple((scope, split) for scope in SCOPES for split in SPLITS)

INFLOWS = ("found", "reopened", "moved_in")
OUTFLOWS = ("closed", "rejected", "merged", "transferred", "moved_out")
# Counts of the sums table; the rates below it carry the rest.
SUMMED = (
    "opening",
    "found",
    "reopened",
    "closed",
    "rejected",
    "merged",
    "transferred",
    "closing",
    "due",
    "on_time",
    "backdated",
    "overdue",
    "overdue_major",
    "acceptances",
    "reworked",
    "major_open",
    "major_complete",
    "places_due",
    "places_checked",
)


Alarm = Literal["", "value", "note"]  # which part of a key figure calls for attention


@dataclass(frozen=True)
class Figure:
    label: str
    value: str
    note: str
    alarm: Alarm = ""


def key_figures(body: Body, lang: str) -> list[Figure]:
    """The eight numbers a leader reads first."""
    return [
        _flow(body, "found", lang),
        _flow(body, "closed", lang),
        _closing(body, lang),
        _overdue(body, lang),
        _rate(body, "campaign", "rectification", lang),
        _rate(body, "period", "on_time", lang),
        _rate(body, "campaign", "coverage", lang),
        _listed(body, lang),
    ]


def _week(body: Body) -> dict[str, int]:
    return body["total"]["counts"]["period"]["all"]


def _flow(body: Body, measure: str, lang: str) -> Figure:
    total = body["total"]["counts"]["campaign"]["all"][measure]
    note = text(f"figure.{measure}.note", lang, total=f"{total:,}")
    return Figure(text(f"measure.{measure}", lang), f"{_week(body)[measure]:,}", note)


def _closing(body: Body, lang: str) -> Figure:
    week = _week(body)
    note = text("figure.closing.note", lang, major=f"{week['major_open']:,}")
    return Figure(text("measure.closing", lang), f"{week['closing']:,}", note)


def _overdue(body: Body, lang: str) -> Figure:
    week = _week(body)
    days = wording.mean(week["overdue_days"], week["overdue"])
    note = text("figure.overdue.note", lang, major=f"{week['overdue_major']:,}", days=days)
    alarm: Alarm = "value" if week["overdue"] else ""
    return Figure(text("measure.overdue", lang), f"{week['overdue']:,}", note, alarm)


def _rate(body: Body, scope: Scope, rate: str, lang: str) -> Figure:
    found = body["total"]["rates"][scope]["all"][rate]
    note = text(
        "figure.rate.note",
        lang,
        part=f"{found['numerator']:,}",
        whole=f"{found['denominator']:,}",
        scope=text(f"figure.scope.{scope}", lang),
    )
    return Figure(text(f"rate.{rate}", lang), wording.percent(found["value"]), note)


def _listed(body: Body, lang: str) -> Figure:
    note = text("figure.listed.note", lang, unlisted=f"{body['unlisted_major']:,}")
    alarm: Alarm = "note" if body["unlisted_major"] else ""
    return Figure(text("figure.listed", lang), f"{len(body['listed']):,}", note, alarm)


def sums(body: Body, lang: str) -> Grid:
    """County totals: a row per count and per rate, a column per span and split."""
    total = body["total"]
    columns = (Column(text("column.measure", lang), "name"), *_cut_columns(lang))
    how_many, how_good = text("group.counts", lang), text("group.rates", lang)
    counts = tuple(
        Row((text(f"measure.{m}", lang), *_counts(total, m)), "count", how_many) for m in SUMMED
    )
    rates = tuple(
        Row((text(f"rate.{r}", lang), *_rates(total, r)), "percent", how_good)
        for r in _rate_names(total)
    )
    return Grid(text("table.sums", lang), columns, counts + rates)


def _cut_columns(lang: str) -> tuple[Column, ...]:
    return tuple(
        Column(text(f"split.{split}", lang), "count", text(f"scope.{scope}", lang))
        for scope, split in CUTS
    )


def _counts(unit: Unit, measure: str) -> tuple[Value, ...]:
    return tuple(unit["counts"][scope][split].get(measure) for scope, split in CUTS)


def _rates(unit: Unit, rate: str) -> tuple[Value, ...]:
    return tuple(_value(unit["rates"][scope][split].get(rate)) for scope, split in CUTS)


def _value(rate: Rate | None) -> Value:
    return rate["value"] if rate else None


def _held(unit: Unit, measures: Iterable[str]) -> list[str]:
    """Measures that a unit has in any cut: duties of months are not in a weekly edition."""
    known = {m for scope, split in CUTS for m in unit["counts"][scope][split]}
    return [m for m in measures if m in known]


def _rate_names(unit: Unit) -> list[str]:
    """Rates of a unit in the order they stand, each once, over all cuts."""
    held = {r for scope, split in CUTS for r in unit["rates"][scope][split]}
    return [r for r in RATES if r in held]


def balance(body: Body, lang: str) -> Grid:
    """Domain §5's balance of the week per town, signs in the heads, the county at the foot."""
    heads = [("", "opening"), *(("+ ", m) for m in INFLOWS), *(("\u2212 ", m) for m in OUTFLOWS)]
    columns = (
        Column(text("column.town", lang), "name"),
        *(Column(sign + text(f"measure.{m}", lang), "count") for sign, m in heads),
        Column("= " + text("measure.closing", lang), "count"),
    )
    measures = [*(m for _, m in heads), "closing"]
    rows = [_balance_row(u, measures, lang) for u in ordered(body["towns"], body)]
    return Grid(
        text("table.balance", lang),
        columns,
        (*rows, _balance_row(body["total"], measures, lang, is_total=True)),
    )


def _balance_row(unit: Unit, measures: list[str], lang: str, is_total: bool = False) -> Row:
    week = unit["counts"]["period"]["all"]
    said = text("column.total", lang) if is_total else name(unit["name"], lang)
    return Row((said, *(week[m] for m in measures)), is_total=is_total)


def counts(body: Body, lang: str) -> Grid:
    """Every count and rate of every unit: a row per unit, span and split."""
    rates = _rate_names(body["total"])
    measures = tuple(_held(body["total"], (*MEASURES, *COVERAGE_MEASURES)))
    columns = (
        *(Column(text(f"column.{c}", lang), "text") for c in ("code", "unit", "scope", "split")),
        *(Column(text(f"measure.{m}", lang), "count") for m in measures),
        *(Column(text(f"rate.{r}", lang), "percent") for r in rates),
    )
    units = [*ordered(body["towns"], body), *ordered(body["sectors"], body), body["total"]]
    rows = (
        _count_row(unit, scope, split, measures, rates, lang)
        for unit in units
        for scope, split in CUTS
    )
    return Grid(text("table.counts", lang), columns, tuple(rows))


def _count_row(
    unit: Unit, scope: Scope, split: Split, measures: tuple[str, ...], rates: list[str], lang: str
) -> Row:
    found, rated = unit["counts"][scope][split], unit["rates"][scope][split]
    lead = (
        unit["code"],
        name(unit["name"], lang),
        text(f"scope.{scope}", lang),
        text(f"split.{split}", lang),
    )
    cells = (*lead, *(found.get(m) for m in measures), *(_value(rated.get(r)) for r in rates))
    return Row(cells)
