"""Duties and data quality: a row per town or sector, the county at the foot.

A group of columns stands only where the edition counts it: duties of months and quarters where it
holds a whole one, rows of deliveries with towns. Mean days are recomputed from sums.
"""

from collections.abc import Callable

from rules.counting import RATES
from rules.scoring import rate
from schemas.edition import Body, Unit
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Kind, Row, Value
from tasks.rendering.ranking import ordered
from tasks.rendering.wording import mean

KINDS = ("towns", "sectors")
DATA = "data"  # the columns that sources have too
QUALITY = {name: RATES[name] for name in ("accepted_rows", "completeness")}
Told = Callable[[Unit], Value]


def _count(measure: str) -> Told:
    return lambda unit: unit["counts"]["period"]["all"].get(measure)


def _rate(of: str) -> Told:
    def told(unit: Unit) -> Value:
        rate = unit["rates"]["period"]["all"].get(of)
        return rate["value"] if rate else None

    return told


def _days(unit: Unit) -> Value:
    counts = unit["counts"]["period"]["all"]
    return mean(counts["overdue_days"], counts["overdue"])


# (heading that columns share, column, kind, what it says)
COLUMNS: tuple[tuple[str, str, Kind, Told], ...] = (
    ("self_check", "due", "count", _count("self_checks_due")),
    ("self_check", "done", "count", _count("self_checks_kept")),
    ("self_check", "rate", "percent", _rate("self_check_coverage")),
    ("quarter", "due", "count", _count("quarter_due")),
    ("quarter", "done", "count", _count("quarter_checked")),
    ("quarter", "rate", "percent", _rate("quarterly_coverage")),
    ("discovery", "found", "count", _count("found")),
    ("discovery", "outside", "count", _count("found_outside")),
    ("discovery", "share", "percent", _rate("discovery")),
    ("overdue", "overdue", "count", _count("overdue")),
    ("overdue", "days", "tenth", _days),
    (DATA, "rows", "count", _count("rows_received")),
    (DATA, "accepted", "percent", _rate("accepted_rows")),
    (DATA, "filled", "percent", _rate("completeness")),
)


def tables(body: Body, lang: str) -> list[Grid]:
    """Of towns, of sectors."""
    return [_grid(body, which, lang) for which in KINDS]


def _grid(body: Body, which: str, lang: str) -> Grid:
    units: list[Unit] = body["towns"] if which == "towns" else body["sectors"]
    shown = [c for c in COLUMNS if any(c[3](unit) is not None for unit in units)]
    columns = [
        Column(text(f"duties.{key}", lang), kind, text(f"duties.over.{over}", lang))
        for over, key, kind, _ in shown
    ]
    lead = Column(text("column.town" if which == "towns" else "column.sector", lang), "name")
    rows = [
        Row((name(unit["name"], lang), *(told(unit) for *_, told in shown)))
        for unit in ordered(units, body)
    ]
    if which == "towns" and any(over == DATA for over, *_ in shown):
        rest = _of_sources(body)
        told = (tell(rest) if over == DATA else None for over, *_, tell in shown)
        rows.append(Row((text("duties.sources", lang), *told)))
    whole = Row(
        (text("column.total", lang), *(told(body["total"]) for *_, told in shown)), is_total=True
    )
    return Grid(text(f"table.duties.{which}", lang), (lead, *columns), (*rows, whole))


def _of_sources(body: Body) -> Unit:
    """What sources deliver for themselves: the county without its towns, so that rows add up."""
    towns, total = (body["towns"], body["total"]["counts"]["period"]["all"])
    own = {
        m: total[m] - sum(town["counts"]["period"]["all"][m] for town in towns)
        for pair in QUALITY.values()
        for m in pair
    }
    made = {of: rate(own[part], own[whole]) for of, (part, whole) in QUALITY.items()}
    unit = body["total"].copy()
    unit["counts"] = {"period": {"all": own}}
    unit["rates"] = {"period": {"all": made}}
    return unit
