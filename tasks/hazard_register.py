"""The register of manual acts 人工操作登记: what people did to hazards by hand, and why.

Promise: it is read from the ledger, so nothing that was entered can be missing, and what had no
effect stands there with its reason. Registered are acts that take an item out, give it time, lower
it, undo a fact or decide what is one hazard; `everything` adds what anybody enters day by day.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from rules.periods import end_of_day, midnight
from schemas.period import FOREVER
from schemas.vocabulary import FactKind, Note, Severity
from tasks.county import County
from tasks.hazard_events import Zone
from tasks.store import lookups, manual_acts
from tasks.store.engine import reading

REGISTERED = (
    *(FactKind.REJECTED, FactKind.MERGED, FactKind.TRANSFERRED, FactKind.MOVED),
    *(FactKind.EXTENDED, FactKind.SUSPENDED, FactKind.VOIDED),
    *("linked", "parted", Note.CONFLICT_SETTLED.value),
)
_LINKS = ("linked", "parted")
DOWNGRADED = "downgraded"  # a change of severity to general


def register(
    county: County,
    by: str = "",
    first: date | None = None,
    last: date | None = None,
    *,
    everything: bool = False,
) -> dict[str, Any]:
    """{people, acts} entered from the first to the last day; by: who acted, or stood as second."""
    start = midnight(first, county.zone) if first else 0
    end = end_of_day(last, county.zone) if last else FOREVER
    with reading(county.engine) as connection:
        frame = manual_acts.acts(connection, county.code, start, end)
        rows = frame.assign(said=[orjson.loads(p) for p in frame["payload"]]).to_dict("records")
        others = [row["said"]["to"] for row in rows if row["kind"] in _LINKS]
        findings = lookups.findings_by_stream(connection, county.code, others)
    zone = Zone(county.zone, county.days)
    numbers = dict(
        zip(findings["stream_id"], findings["source"] + ":" + findings["source_id"], strict=True)
    )
    told = [_act(row, zone, numbers) for row in rows]
    chosen = [act for act in told if everything or _is_registered(act)]
    if by:
        chosen = [a for a in chosen if by in (a["actor"], a["person"], a["second_person"])]
    chosen.sort(key=lambda act: (act["actor"], act["seq"]))
    return {"people": _people(chosen), "acts": chosen}


def _act(row: Mapping[Any, Any], zone: Zone, numbers: Mapping[str, str]) -> dict[str, Any]:
    """numbers: source:number of the findings that links were made to, by stream."""
    said = row["said"] | {"to": numbers.get(row["said"].get("to"))}
    return {
        "seq": row["seq"],
        "act": _name(row["kind"], said),
        "hazard": row["hazard"],
        "number": row["number"],
        "town_code": row["town_code"],
        "actor": row["actor"],
        "person": said.get("person", ""),
        "second_person": said.get("second_person", ""),
        "reason": said.get("reason", ""),
        "claimed_at": zone.at(row["claimed_at"]),
        "entered_at": zone.at(row["received_at"]),
        "said": zone.said({k: v for k, v in said.items() if k != "reason"}),
        "outcome": row["outcome"] or "applied",
        "why_not": row["reason"],
    }


def _name(kind: str, said: Mapping[str, Any]) -> str:
    lowers = said.get("severity") == Severity.GENERAL.name.lower()
    return DOWNGRADED if kind == FactKind.SEVERITY_CHANGED and lowers else kind


def _is_registered(act: Mapping[str, Any]) -> bool:
    return act["act"] == DOWNGRADED or act["act"] in REGISTERED


def _people(acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How often each person did what."""
    counts: dict[str, Counter[str]] = {}
    for act in acts:
        counts.setdefault(act["actor"], Counter())[act["act"]] += 1
    return [{"actor": actor, "acts": dict(count)} for actor, count in counts.items()]
