"""The random lives of `tests.rules.random_lives` as rows that two sources deliver."""

from random import Random
from typing import Any

from schemas.records import UPDATE
from tests.machine.county import SOURCES, Row
from tests.rules.facts_of_lives import HOUR
from tests.rules.random_lives import batch

_SOURCE = dict(zip(("grid", "inspection"), SOURCES, strict=True))


def delivered(rng: Random, hazards: int) -> dict[str, list[Row]]:
    """Rows of random lives by the source that tells them, in no particular order.

    Of several findings of one hazard the first is taken, with its revisions; a life without any
    finding stays untold: its updates wait. Some hazards are found again, by the other source, in
    the same words: what is told of either finding happens to the one hazard.
    """
    facts = batch(rng, hazards)
    findings = _first_findings(facts)
    rows: dict[str, list[Row]] = {source: [] for source in SOURCES}
    for fact in facts:
        source, name = findings.get(fact["root_id"], ("grid", ""))
        here, there = SOURCES if _SOURCE[source] == SOURCES[0] else SOURCES[::-1]
        is_twin = _is_found_again(fact["root_id"])
        if fact["kind"] != "registered":
            named = there if is_twin and rng.random() < 0.5 else here
            rows[_SOURCE[fact["source"]]].append(_update(fact, named))
        elif fact["source_id"] == name:
            rows[here].append(_finding(fact))
            if is_twin:
                rows[there].append(_finding(fact) | {"found_at": fact["claimed_at"] + HOUR})
    return rows


def _is_found_again(root: str) -> bool:
    return int(root[1:]) % 3 == 0


def _first_findings(facts: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """The source and id of every hazard's first finding."""
    found = sorted((f for f in facts if f["kind"] == "registered"), key=lambda f: -f["seq"])
    return {fact["root_id"]: (fact["source"], fact["source_id"]) for fact in found}


def _finding(fact: dict[str, Any]) -> Row:
    root, said = fact["root_id"], ("town_code", "sector_code", "severity", "channel", "sent_at")
    return {name: fact[name] for name in said} | {
        "record": "finding",
        "source_id": root,
        "place_id": f"P-{root}",
        "unit_name": f"虚构五金厂{root}",
        "category": "消防通道",
        "description": f"{root}号厂房消防通道被成品货物堵塞，无法通行",
        "found_at": fact["claimed_at"],
    }


def _update(fact: dict[str, Any], source: str) -> Row:
    said = {name: fact[name] for name in UPDATE.names if fact.get(name) is not None}
    return said | {
        "record": "update",
        "finding_source": source,
        "finding_id": fact["root_id"],
        "event": fact["kind"],
        "happened_at": fact["claimed_at"],
        "due_date": fact.get("due_general"),
    }
