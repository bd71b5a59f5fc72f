"""The gate's own count of duties and rows, by plain SQL of its own.

Shares nothing with `tasks.store.duties` and `tasks.store.submissions`: a place is here its last row
that began before the window's end, and a check is found by joining, not by looking it up.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import String, bindparam, text

from tasks.store.engine import Connection

Cell = tuple[str, str, str]  # kind, code, split
Recounted = dict[Cell, dict[str, int]]

_KNOWN = "county = :county AND seq_from <= :watermark AND seq_to > :watermark"

_OWED = f"""
SELECT place.town_code, place.sector_code, COUNT(*) AS due, COUNT(visited.place_id) AS kept
FROM (SELECT * FROM place_span WHERE {_KNOWN}) AS place
JOIN (SELECT place_id, MAX(ordinal) AS latest FROM place_span
      WHERE {_KNOWN} AND claimed_from < :at GROUP BY place_id) AS newest
  ON place.place_id = newest.place_id AND place.ordinal = newest.latest
LEFT JOIN (SELECT DISTINCT place_id FROM check_visit
           WHERE {_KNOWN} AND checked_at BETWEEN :start AND :at - 1 {{by}}) AS visited
  ON place.place_id = visited.place_id
WHERE place.place_class IN :classes AND place.active_from <= :start
  AND NOT place.active_to BETWEEN 1 AND :at - 1
GROUP BY place.town_code, place.sector_code
"""

_ROWS = """
SELECT reporting_unit, SUM(rows_received - rows_known) AS rows_received,
       SUM(rows_received - rows_known - rows_refused) AS rows_accepted
FROM submission
WHERE county = :county AND seq <= :watermark AND period IN :weeks
GROUP BY reporting_unit
"""


@dataclass(frozen=True)
class Asked:
    """One check of each place of these classes in [start, end), UTC ms, counted by two measures;
    "" and (): through any channel, by anybody."""

    due: str
    kept: str
    classes: tuple[str, ...]
    start: int
    end: int
    channel: str = ""
    actors: tuple[str, ...] = ()


def recount_duties(
    connection: Connection, county: str, watermark: int, towns: tuple[str, ...], asked: list[Asked]
) -> Recounted:
    """(kind, code, "all") → measure → count: what `rules.gate` compares with."""
    found = _zeros(county, towns, *dict.fromkeys(m for one in asked for m in (one.due, one.kept)))
    for one in asked:
        values = {"county": county, "watermark": watermark, "start": one.start, "at": one.end}
        lists: dict[str, tuple[str, ...]] = {"classes": one.classes}
        by = ""
        if one.channel:
            by, values["channel"] = "AND channel = :channel", one.channel
        if one.actors:
            by, lists["actors"] = f"{by} AND actor_kind IN :actors", one.actors
        for town, sector, due, kept in _rows(connection, _OWED.format(by=by), values, lists):
            for unit in (("towns", town), ("sectors", sector), ("total", county)):
                if unit[1]:
                    found[*unit, "all"][one.due] += int(due)
                    found[*unit, "all"][one.kept] += int(kept)
    return dict(found)


def recount_rows(
    connection: Connection, county: str, watermark: int, towns: tuple[str, ...], weeks: list[str]
) -> Recounted:
    """Rows received and accepted of the deliveries for these weeks, by town and whole."""
    values = {"county": county, "watermark": watermark}
    found = _zeros(county, towns, "rows_received", "rows_accepted")
    for unit, received, accepted in _rows(connection, _ROWS, values, {"weeks": tuple(weeks)}):
        units = [("total", county), *([("towns", unit)] if unit in towns else [])]
        for cell in ((*named, "all") for named in units):
            found[cell]["rows_received"] += int(received)
            found[cell]["rows_accepted"] += int(accepted)
    return dict(found)


def _zeros(county: str, towns: tuple[str, ...], *measures: str) -> Recounted:
    """What nobody has is compared as well."""
    cells = [("total", county, "all"), *(("towns", town, "all") for town in towns)]
    found: Recounted = defaultdict(lambda: defaultdict(int))
    return found | {cell: dict.fromkeys(measures, 0) for cell in cells}


def _rows(
    connection: Connection,
    statement: str,
    values: dict[str, object],
    lists: dict[str, tuple[str, ...]],
) -> list[tuple[str, ...]]:
    # An empty list has no value that would tell PostgreSQL its kind.
    bound = (bindparam(name, type_=String, expanding=True) for name in lists)
    query = text(statement).bindparams(*bound)
    given = values | {name: list(one) for name, one in lists.items()}
    return [tuple(row) for row in connection.execute(query, given)]
