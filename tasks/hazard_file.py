"""One hazard, whole: its timeline, elements, clocks, marks, listing, rungs, messages and findings.

Promise: everything that the store has of it, nothing decided anew: outcomes and states are the
fold's, dates those in force. The result is plain data for JSON: codes in English, times ISO 8601
in the county's zone, days `YYYY-MM-DD`, money whole fen; people's words are made elsewhere.

    hazard_file(county, "hazard:…", now)["clocks"]["overdue_days"]
"""

from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd

from rules.hazard_life import marked
from schemas.vocabulary import SIDE_KINDS, ListingLevel, ListingState, ReportStep, Rung, State
from tasks.county import County
from tasks.entering import hazard_roots, stream_of
from tasks.hazard_events import RECORDED, Story, Told, Zone, told
from tasks.hazard_standing import File, clocks, elements, interim_control
from tasks.store.engine import reading
from tasks.store.hazard_rows import rows_of

_MEMBER = ("unit_name", "town_code", "sector_code", "channel", "category", "description")
_MOMENTS = ("found_at", "verified_at", "assigned_at", "accepted_at", "closed_at")
_LISTING_DAYS = ("due_at", "original_due_at", "plan_due_at")
_LISTING_TIMES = (
    *("proposed_at", "listed_at", "plan_filed_at", "progress_at", "reported_up_at"),
    *("published_at", "extension_asked_at", "applied_at", "decided_at", "delisted_at"),
    "closed_at",
)


class NoSuchHazard(Exception):
    """No finding of this county has this name."""


def hazard_file(county: County, hazard: str, now: int) -> dict[str, Any]:
    """Everything about the hazard that this finding belongs to. Raises NoSuchHazard."""
    root = hazard_roots(county, [hazard]).get(hazard)
    if root is None:
        raise NoSuchHazard(
            f"{hazard!r} is no hazard of this county: write source:number, or copy an id from"
            " `bihuan hazard list`"
        )
    with reading(county.engine) as connection:
        rows = rows_of(connection, county.code, root)
    story = Story.of(rows.events, root, county.fold_policy)
    file = File(county, rows, story, Zone(county.zone, county.days), now)
    events = told(story, file.zone, file.numbers)
    return {
        **_head(file, root, stream_of(county, hazard)),
        "events": events,
        "elements": elements(file),
        "interim_control": interim_control(file),
        "clocks": clocks(file),
        "listings": _listings(file),
        "rungs": _rungs(file),
        "messages": _messages(file),
        "side_steps": [
            e["seq"] for e in events if e["kind"] in SIDE_KINDS and e["outcome"] == RECORDED
        ],
        "findings": _findings(file, root),
        "links": _links(file),
    }


def _head(file: File, root: str, asked: str) -> dict[str, Any]:
    present, zone = file.present, file.zone
    own = file.rows.members.set_index("stream_id").loc[root]
    return {
        "hazard": root,
        "number": file.numbers[root],
        "asked": asked,
        "as_of": zone.at(file.now),
        "description": own["description"],
        "unit_name": own["unit_name"],
        "category": own["category"],
        "channel": own["channel"],
        "state": State(int(present["state"])).name.lower(),
        "severity": file.severity.name.lower(),
        "town_code": present["town_code"],
        "town_found": present["town_found"],
        "sector_code": present["sector_code"],
        "self_check": bool(present["self_check"]),
        "listed_level": ListingLevel(int(present["listed_level"])).name.lower(),
        "marks": list(marked(int(present["marks"]))),
        "backdated": bool(present["backdated"]),
        **{name: zone.at(present[name]) for name in _MOMENTS},
    }


# -- what was sent and decided ---------------------------------------------------------------------


def _listings(file: File) -> list[dict[str, Any]]:
    zone = file.zone
    return [
        {
            "listing": row["listing_id"],
            "number": row["number"],
            "level": ListingLevel(row["level"]).name.lower(),
            "state": ListingState(row["state"]).name.lower(),
            "source": row["source"],
            **{name.removesuffix("_at") + "_on": zone.day(row[name]) for name in _LISTING_DAYS},
            **{name: zone.at(row[name]) for name in _LISTING_TIMES},
        }
        for row in file.rows.listings.to_dict("records")
    ]


def _rungs(file: File) -> list[dict[str, Any]]:
    zone, order = file.zone, [str(name) for name in (*Rung, *ReportStep)]
    rows = file.rows.rungs.to_dict("records")
    rows.sort(key=lambda row: (row["fired_at"], order.index(row["rung"])))
    return [
        {
            "rung": row["rung"],
            "due_on": zone.day(row["due_at"]),
            "fired_at": zone.at(row["fired_at"]),
            "recipient": row["recipient"],
            "proposal": bool(row["proposal"]),
            "message": row["digest_key"],
            "decision": row["decision"],
            "decided_by": row["decided_by"],
            "decided_at": zone.at(row["decided_at"]),
        }
        for row in rows
    ]


def _messages(file: File) -> list[dict[str, Any]]:
    zone = file.zone
    frame = file.rows.messages.astype({"sent_at": "Int64"})
    return [
        {name: row[name] for name in ("key", "kind", "recipient", "channel")}
        | {"created_at": zone.at(row["created_at"])}
        | {"sent_at": None if row["sent_at"] is pd.NA else zone.at(row["sent_at"])}
        for row in frame.to_dict("records")
    ]


# -- findings --------------------------------------------------------------------------------------


def _findings(file: File, root: str) -> list[Told]:
    return [
        {
            "hazard": row["stream_id"],
            "number": file.numbers[row["stream_id"]],
            "is_root": row["stream_id"] == root,
            "found_at": file.zone.at(row["found_at"]),
            **{name: row[name] for name in _MEMBER},
        }
        for row in file.rows.members.to_dict("records")
    ]


def _links(file: File) -> list[Told]:
    """Why findings are one hazard, or are not: the decision that holds for each pair, and its why.

    score: how alike, of 100; 101 and 0 are an operator's word (`rules.identity_clusters`).
    """
    why = {
        (said["to"], row["stream_id"]): (row, said)
        for row in file.rows.link_events.to_dict("records")
        for said in [orjson.loads(row["payload"])]
    }
    return [
        _link(file, row, *why.get((row["stream_a"], row["stream_b"]), ({}, {})))
        for row in file.rows.links.to_dict("records")
    ]


def _link(
    file: File, row: Mapping[Any, Any], event: Mapping[Any, Any], said: Mapping[str, Any]
) -> Told:
    numbers = file.numbers
    return {
        "a": row["stream_a"],
        "b": row["stream_b"],
        "a_number": numbers.get(row["stream_a"], ""),
        "b_number": numbers.get(row["stream_b"], ""),
        "score": int(row["score"]),
        "by": said.get("by", ""),
        "reason": said.get("reason"),
        "actor": event.get("actor", ""),
        "decided_at": file.zone.at(event.get("claimed_at", 0)),
    }
