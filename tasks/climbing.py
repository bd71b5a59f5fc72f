"""The ladder at work: rungs fire by the clock, and a person confirms what is only proposed.

Promise: a rung fires once per hazard and due date, whoever runs this however often; its event, its
row and its message are one transaction. What policy calls a proposal (警示、通报、约谈、
提级) is told to nobody before a person confirms it; what was accepted meanwhile lapses.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from rules.ladder import digests, due_rungs, halted, with_keys
from rules.reports import overdue
from rules.seal import canonical
from schemas.vocabulary import Mark, StreamKind
from tasks.county import County
from tasks.own_events import append, own_drafts
from tasks.posting import messages, send
from tasks.reports import standing as standing_reports
from tasks.store import ladder_rungs, ledger, lookups
from tasks.store.engine import Connection, reading
from tasks.store.standing import asked_since, awaiting

SOURCE, RECORD = "supervise", "clock"
FIRED, CONFIRMED, DROPPED, LAPSED = "rung_fired", "confirmed", "dropped", "lapsed"
_SAID = ("rung", "due_at", "recipient", "proposal")


class NoSuchProposal(Exception):
    """No undecided proposal has this key."""


@dataclass(frozen=True)
class Decided:
    """What became of a proposal: how many items it was decided for, how many had lapsed."""

    key: str
    decision: str
    items: int
    lapsed: int
    messages: int


def climb(county: County, now: int) -> tuple[pd.DataFrame, int]:
    """Fire the rungs that are due at `now` (UTC ms); (what fired, events appended)."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        items = _climbing(connection, county, now)
        fired = ladder_rungs.fired(connection, county.code)
        climbed = due_rungs(items, fired, county.policy.ladder, county.days, now)
        rungs = pd.concat([climbed, _late_reports(county, fired, now)], ignore_index=True)
        lengths = lookups.stream_lengths(connection, county.code, rungs["root_id"].unique())
    if rungs.empty:
        return rungs, 0
    told = digests(rungs, county.days.day_of(now).isoformat())
    rows = with_keys(rungs, told).assign(fired_at=now)
    drafts = _drafts(county, rungs, FIRED, lengths, now, SOURCE)
    sent = messages((d | {"kind": d["rung"]} for d in told if not d["proposal"]), now)
    return rungs, append(county, head, drafts, (ladder_rungs.beginning(rows), sent), now)


def _late_reports(county: County, fired: pd.DataFrame, now: int) -> pd.DataFrame:
    """What is owed to reporters and late, as rungs of its own: each told to the town once."""
    late = overdue(standing_reports(county, now), now)
    known = pd.MultiIndex.from_frame(fired[["stream_id", "rung", "due_at"]])
    fresh = late[~pd.MultiIndex.from_frame(late[["stream_id", "step", "due_at"]]).isin(known)]
    return pd.DataFrame(
        {
            "root_id": fresh["stream_id"],
            "rung": fresh["step"],
            "due_at": fresh["due_at"],
            "recipient": fresh["recipient"],
            "proposal": False,
        }
    )


def _climbing(connection: Connection, county: County, now: int) -> pd.DataFrame:
    """Hazards that wait for their rectification to be accepted and are not halted."""
    items = awaiting(connection, county.code)
    pending = items.loc[(items["marks"] & int(Mark.EXTENSION_PENDING)) > 0, "root_id"]
    asked = asked_since(connection, county.code, pending) if len(pending) else pd.Series(dtype=int)
    items = items.assign(asked_at=items["root_id"].map(asked).fillna(0).astype("int64"))
    return items[~halted(items, county.policy.extension, county.days, now)]


def proposals(county: County) -> list[dict[str, Any]]:
    """What waits for a person, by digest: key, rung, recipient, day, fired_at, items,
    still_open."""
    with reading(county.engine) as connection:
        rungs = ladder_rungs.undecided(connection, county.code)
        is_open = _is_open(connection, county, rungs)
    shown = []
    for key, group in rungs.assign(is_open=is_open).groupby("digest_key", sort=False):
        first = group.iloc[0]
        shown.append(
            {
                "key": key,
                "rung": first["rung"],
                "recipient": first["recipient"],
                "day": county.days.day_of(int(first["fired_at"])).isoformat(),
                "fired_at": int(first["fired_at"]),
                "items": group["root_id"].tolist(),
                "still_open": int(group["is_open"].sum()),
            }
        )
    return shown


def decide(
    county: County, key: str, *, confirm: bool, reason: str, actor: str, now: int
) -> Decided:
    """Confirm a proposal, which sends it, or drop it. Raises NoSuchProposal."""
    done = ledger.settled(lambda: _decide(county, key, confirm, reason, actor, now))
    send(county, now)
    return done


def _decide(county: County, key: str, confirm: bool, reason: str, actor: str, now: int) -> Decided:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        waiting = ladder_rungs.undecided(connection, county.code)
        rungs = waiting[waiting["digest_key"] == key].reset_index(drop=True)
        if rungs.empty:
            raise NoSuchProposal(
                f"{key!r} is no proposal that waits; `bihuan ladder list` shows those that do"
            )
        is_open = _is_open(connection, county, rungs)
        lengths = lookups.stream_lengths(connection, county.code, rungs["root_id"])
    decision = CONFIRMED if confirm else DROPPED
    decided = rungs.assign(
        decision=is_open.map({True: decision, False: LAPSED}), decided_by=actor, decided_at=now
    )
    kinds = "rung_" + decided["decision"]
    drafts = _drafts(county, decided, kinds, lengths, now, actor, reason)
    told = _confirmed(county, decided[decided["decision"] == CONFIRMED], now)
    changes = (ladder_rungs.deciding(decided), messages(told, now))
    append(county, head, drafts, changes, now)
    return Decided(key, decision, int(is_open.sum()), int((~is_open).sum()), len(told))


def _is_open(connection: Connection, county: County, rungs: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the hazard of each rung still waits, and for the date the rung counts from."""
    present = awaiting(connection, county.code)[["root_id", "due_at"]]
    roots = lookups.roots_of(connection, county.code, rungs["root_id"])
    now = pd.MultiIndex.from_frame(present)
    asked = pd.MultiIndex.from_arrays([rungs["root_id"].map(roots), rungs["due_at"]])
    return pd.Series(asked.isin(now), index=rungs.index)


def _confirmed(county: County, rungs: pd.DataFrame, now: int) -> list[dict[str, Any]]:
    day: date = county.days.day_of(now)
    told = digests(rungs.assign(proposal=False), day.isoformat())
    return [d | {"kind": d["rung"], "confirmed_by": rungs["decided_by"].iloc[0]} for d in told]


def _drafts(
    county: County,
    rungs: pd.DataFrame,
    kind: "str | pd.Series",
    lengths: pd.Series,
    now: int,
    actor: str,
    reason: str = "",
) -> pd.DataFrame:
    """One event per rung on its hazard's stream."""
    rows = zip(*(rungs[name].tolist() for name in _SAID), strict=True)
    more = {"policy": county.policy_hash} | ({"reason": reason} if reason else {})
    payloads = [canonical(dict(zip(_SAID, row, strict=True)) | more).decode() for row in rows]
    done = rungs["decision"] + ":" if "decision" in rungs else ""
    keys = done + rungs["rung"] + ":" + rungs["root_id"] + ":" + rungs["due_at"].astype("str")
    base = rungs["root_id"].map(lengths).fillna(0).astype("int64")
    return own_drafts(
        rungs["root_id"], StreamKind.HAZARD, kind, keys, payloads, now,
        source=SOURCE, record=RECORD, actor=actor, base_version=base,
    )  # fmt: skip
