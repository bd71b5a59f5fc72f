"""What is true beside the hazards' lives: each report's steps, and enforcement by town and sector.

Promise: plain loops over the rows that were collected; the pipeline's rules are not asked.
"""

from bisect import bisect_right
from collections import Counter
from typing import Any

from demo.model import NEVER, TAKEN, Hazard, Row
from demo.world import World
from schemas.vocabulary import Channel, Enforcement, ReportStep

_STEPS, _MEASURES = frozenset(ReportStep), frozenset(Enforcement)


def reports(world: World) -> list[dict[str, Any]]:
    """Every report from the public with its steps in the order they happened."""
    told: dict[tuple[str, str], list[Row]] = {}
    for row in _updates(world):
        if row.fields["event"] in _STEPS:
            told.setdefault(_finding(row), []).append(row)
    found = [r for r in world.rows if r.record == "finding" and _is_report(r)]
    return [
        {
            "source": row.source,
            "source_id": row.id,
            "steps": [
                {"event": s.fields["event"], "at": s.claimed, "fen": s.fields.get("amount_fen", 0)}
                for s in sorted(told.get((row.source, row.id), []), key=lambda r: r.claimed)
            ],
        }
        for row in found
    ]


def enforcement(world: World) -> list[dict[str, Any]]:
    """Count and fen of each measure by the town the hazard was in then, and its sector."""
    hazards = {(h.source, h.id): h for h in world.hazards}
    counts, fen = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for row in _updates(world):
        if row.fields["event"] in _MEASURES:
            hazard = hazards[_finding(row)]
            key = _town_at(hazard, row.claimed), hazard.sector, str(row.fields["event"])
            counts[key] += 1
            fen[key] += int(row.fields.get("amount_fen") or 0)
    return [
        {
            "town": town,
            "sector": sector,
            "event": event,
            "count": n,
            "fen": fen[town, sector, event],
        }
        for (town, sector, event), n in sorted(counts.items())
    ]


def _updates(world: World) -> list[Row]:
    return [
        r
        for r in world.rows
        if r.record == "update" and r.expect == TAKEN and r.receipt.received < NEVER
    ]


def _finding(row: Row) -> tuple[str, str]:
    """(source, number) of the finding that an update is about."""
    return str(row.fields["finding_source"] or row.source), str(row.fields["finding_id"])


def _is_report(row: Row) -> bool:
    public = row.fields.get("channel") == Channel.PUBLIC_REPORT
    return public and row.expect == TAKEN and row.receipt.received < NEVER


def _town_at(hazard: Hazard, instant: int) -> str:
    steps = hazard.steps[: bisect_right([s.at for s in hazard.steps], instant)]
    return (steps or hazard.steps)[-1].after.town
