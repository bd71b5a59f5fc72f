"""The gate's own count: some figures taken from the items again, by plain SQL of its own.

Shares nothing with `tasks.store.cube`: the state of a hazard at an instant is here its last span
that began before it, found by its number, not the span that lasts over it.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import text

from tasks.store.engine import Connection

Cell = tuple[str, str, str]  # kind, code, split

# Ranks of FactKind, numbers of State and bits of Mark (the lowest: opening, not judged on time),
# written out: a second hand, not a second import.
_REGISTERED, _CLOSED_FACT = 0, 15
_OPEN = "(1, 2, 3, 4, 5)"
_CLOSED = 6

_KNOWN = "county = :county AND seq_from <= :watermark AND seq_to > :watermark"

_LAST = f"""
SELECT span.* FROM hazard_span AS span
JOIN (SELECT root_id, MAX(ordinal) AS latest FROM hazard_span
      WHERE {_KNOWN} AND claimed_from < :at GROUP BY root_id) AS newest
  ON span.root_id = newest.root_id AND span.ordinal = newest.latest
WHERE {_KNOWN}
"""

_STANDING = f"""
SELECT town_code, sector_code, self_check,
       COUNT(CASE WHEN state IN {_OPEN} THEN 1 END) AS closing,
       COUNT(CASE WHEN state IN {_OPEN} AND severity = 1 THEN 1 END) AS major_open,
       COUNT(CASE WHEN state IN {_OPEN} AND accepted_at = 0 AND due_at BETWEEN 1 AND :at
             THEN 1 END) AS overdue,
       COUNT(CASE WHEN (state IN {_OPEN} OR state = {_CLOSED})
                   AND due_at > :start AND due_at <= :at AND marks % 2 = 0 THEN 1 END) AS due,
       COUNT(CASE WHEN (state IN {_OPEN} OR state = {_CLOSED})
                   AND due_at > :start AND due_at <= :at AND marks % 2 = 0
                   AND accepted_at > 0 AND accepted_at <= due_at AND backdated = 0
             THEN 1 END) AS on_time
FROM ({_LAST}) AS standing GROUP BY town_code, sector_code, self_check
"""

_OPENED = f"""
SELECT town_code, sector_code, self_check, COUNT(*) AS opening
FROM ({_LAST.replace(":at", ":start")}) AS standing
WHERE state IN {_OPEN} GROUP BY town_code, sector_code, self_check
"""

_HAPPENED = f"""
SELECT town_code, sector_code, self_check,
       COUNT(CASE WHEN entered_by = {_REGISTERED} THEN 1 END) AS found,
       COUNT(CASE WHEN entered_by = {_CLOSED_FACT} THEN 1 END) AS closed
FROM hazard_span
WHERE {_KNOWN} AND claimed_from >= :start AND claimed_from < :at
GROUP BY town_code, sector_code, self_check
"""

Recounted = dict[Cell, dict[str, int]]


def recount(connection: Connection, county: str, watermark: int, start: int, end: int) -> Recounted:
    """(kind, code, split) → measure → count for the period: what `rules.gate` compares with."""
    values = {"county": county, "watermark": watermark, "start": start, "at": end}
    found: Recounted = defaultdict(lambda: defaultdict(int))
    for statement in (_STANDING, _OPENED, _HAPPENED):
        for row in connection.execute(text(statement), values).mappings():
            measures = dict(row)
            town, sector = measures.pop("town_code"), measures.pop("sector_code")
            splits = ("self_check" if measures.pop("self_check") else "supervision", "all")
            units = (("towns", town), ("sectors", sector), ("total", county))
            _add(found, [(*unit, split) for unit in units for split in splits], measures)
    return dict(found)


def _add(found: Recounted, cells: list[Cell], measures: dict[str, Any]) -> None:
    for cell in cells:
        for name, number in measures.items():
            found[cell][name] += int(number)
