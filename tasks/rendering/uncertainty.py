"""The annex as tables: where scores and ranks may lie by chance, and the bands of scored rates.

A page shows one row per unit; a workbook shows the bands as numbers, one row per unit and rate.
"""

from schemas.edition import Body, Unit
from schemas.edition_annex import Band, Uncertain
from tasks.rendering.annexes import columns_of
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Row, Value
from tasks.rendering.ranking import indicators, ordered, shows_ranks, worded

KINDS = ("towns", "sectors")
NOTES = ("method", "rates", "ranks", "bands", "limits")


def standings(body: Body, lang: str) -> list[Grid]:
    """For a page: towns, then sectors; rank and score with their intervals, a band per rate."""
    return [_standing(body, which, lang) for which in KINDS] if "annex" in body else []


def bands(body: Body, lang: str) -> list[Grid]:
    """For a workbook: rank and score with their intervals, then every band in numbers."""
    if "annex" not in body:
        return []
    return [f(body, which, lang) for which in KINDS for f in (_ranges, _bands)]


def notes(body: Body, lang: str) -> list[str]:
    """How the intervals are made and what they do not say."""
    keys = (key for key in NOTES if key != "ranks" or shows_ranks(body))
    return [text(worded(f"annex.{key}", body), lang) for key in keys]


def _standing(body: Body, which: str, lang: str) -> Grid:
    base, rates = _ranges(body, which, lang), indicators(body, which)
    columns = tuple(
        Column(text(f"rate.{i['of']}", lang), "text", text(f"scope.{i['scope']}", lang))
        for i in rates
    )
    made = _made(body, which)
    rows = tuple(
        Row((*row.cells, *(_told(made[u["code"]]["bands"][_key(i)], lang) for i in rates)))
        for row, u in zip(base.rows, _units(body, which), strict=True)
    )
    return Grid(base.title, (*base.columns, *columns), rows)


def _ranges(body: Body, which: str, lang: str) -> Grid:
    ranked = shows_ranks(body)
    unit = Column(text("column.town" if which == "towns" else "column.sector", lang), "name")
    shown = (("rank", "rank"), ("rank_range", "text")) if ranked else ()
    columns = columns_of(lang, *shown, ("score", "score"), ("score_range", "text"))
    made = _made(body, which)
    rows = tuple(Row(_cells(u, made[u["code"]], ranked, lang)) for u in _units(body, which))
    return Grid(text(worded(f"table.annex.{which}", body), lang), (unit, *columns), rows)


def _cells(unit: Unit, row: Uncertain, ranked: bool, lang: str) -> tuple[Value, ...]:
    ranks = (unit["rank"], _range(row["rank_low"], row["rank_high"], lang)) if ranked else ()
    scores = (unit["score"], _range(row["score_low"], row["score_high"], lang))
    return (name(unit["name"], lang), *ranks, *scores)


def _bands(body: Body, which: str, lang: str) -> Grid:
    columns = columns_of(
        lang,
        ("unit", "name"),
        ("scope", "text"),
        ("indicator", "text"),
        ("periods", "count"),
        ("numerator", "count"),
        ("denominator", "count"),
        ("value_percent", "percent"),
        ("low", "percent"),
        ("high", "percent"),
    )
    made = _made(body, which)
    rows = tuple(
        Row((name(u["name"], lang), *_names(i, lang), *_figures(made[u["code"]]["bands"][_key(i)])))
        for u in _units(body, which)
        for i in indicators(body, which)
    )
    return Grid(text(f"table.bands.{which}", lang), columns, rows)


def _made(body: Body, which: str) -> dict[str, Uncertain]:
    rows = body["annex"]["towns" if which == "towns" else "sectors"]
    return {row["code"]: row for row in rows}


def _units(body: Body, which: str) -> list[Unit]:
    return ordered(body["towns"] if which == "towns" else body["sectors"], body)


def _key(indicator: dict[str, str]) -> str:
    return f"{indicator['scope']}.{indicator['of']}"


def _names(indicator: dict[str, str], lang: str) -> tuple[str, str]:
    return text(f"scope.{indicator['scope']}", lang), text(f"rate.{indicator['of']}", lang)


def _figures(band: Band) -> tuple[Value, ...]:
    counts = (band["periods"], band["numerator"], band["n"])
    return (*counts, band["value"], band["low"], band["high"])


def _told(band: Band, lang: str) -> str:
    if not band["n"]:
        return band["value"]
    return text("annex.band", lang, low=band["low"], high=band["high"], n=f"{band['n']:,}")


def _range(low: int | str | None, high: int | str | None, lang: str) -> Value:
    return None if low is None else text("annex.range", lang, low=low, high=high)
