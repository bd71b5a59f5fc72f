"""The gate's own count: some figures taken from the items again, by plain SQL of its own.

Shares nothing with `tasks.store.cube`: the state of a hazard at an instant is here its last span
that began before it, found by ranking, not the span that lasts over it; flows are distinct items.
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

_LAST = """
SELECT root_id, town_code, sector_code, self_check, state, due_at, accepted_at, backdated, severity,
       marks,
       ROW_NUMBER() OVER (PARTITION BY root_id ORDER BY ordinal DESC) AS latest
FROM hazard_span
WHERE county = :county AND seq_from <= :watermark AND seq_to > :watermark AND claimed_from < :at
"""

_STANDING = f"""
SELECT {{unit}} AS unit, self_check,
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
FROM ({_LAST}) AS standing WHERE latest = 1 GROUP BY {{unit}}, self_check
"""

_OPENED = f"""
SELECT {{unit}} AS unit, self_check, COUNT(*) AS opening
FROM ({_LAST.replace(":at", ":start")}) AS standing
WHERE latest = 1 AND state IN {_OPEN} GROUP BY {{unit}}, self_check
"""

_HAPPENED = f"""
SELECT {{unit}} AS unit, self_check,
       COUNT(CASE WHEN entered_by = {_REGISTERED} THEN 1 END) AS found,
       COUNT(CASE WHEN entered_by = {_CLOSED_FACT} THEN 1 END) AS closed
FROM hazard_span
WHERE county = :county AND seq_from <= :watermark AND seq_to > :watermark
  AND claimed_from >= :start AND claimed_from < :at
GROUP BY {{unit}}, self_check
"""

_UNITS = {"towns": "town_code", "sectors": "sector_code"}

Recounted = dict[Cell, dict[str, int]]


def recount(connection: Connection, county: str, watermark: int, start: int, end: int) -> Recounted:
    """(kind, code, split) → measure → count for the week: what `rules.gate` compares with."""
    values = {"county": county, "watermark": watermark, "start": start, "at": end}
    found: Recounted = defaultdict(lambda: defaultdict(int))
    for statement in (_STANDING, _OPENED, _HAPPENED):
        for kind in ("towns", "sectors"):
            for row in _rows(connection, statement, kind, values):
                units = [(kind, row.pop("unit"))]
                units += [("total", county)] if kind == "sectors" else []
                splits = ("self_check" if row.pop("self_check") else "supervision", "all")
                _add(found, [(*unit, s) for unit in units for s in splits], row)
    return dict(found)


def _add(found: Recounted, cells: list[Cell], measures: dict[str, Any]) -> None:
    for cell in cells:
        for name, number in measures.items():
            found[cell][name] += int(number)


def _rows(
    connection: Connection, statement: str, kind: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    query = text(statement.format(unit=_UNITS[kind]))
    return [dict(r) for r in connection.execute(query, values).mappings()]
