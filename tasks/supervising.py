"""Supervise: run the clocks of a county once: reminders, the ladder, listings, who did not report.

Promise: a rung fires once per hazard and due date, whoever runs this however often; its event, its
row and its message are one transaction. What a person must confirm goes out as a proposal.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rules.ladder import digests, due_rungs
from rules.listing import next_numbers, proposals, term_end
from rules.periods import previous_week, week_of
from rules.seal import canonical
from schemas.vocabulary import FactKind, ListingLevel, Severity, StreamKind
from tasks.county import County
from tasks.entering import prepare
from tasks.posting import messages, send
from tasks.publication.reporting import instant, owed
from tasks.store import bulk, ladder_rungs, ledger, listings, lookups
from tasks.store.changes import Change
from tasks.store.engine import reading, writing
from tasks.store.lease import hold
from tasks.store.standing import awaiting

RUNG_FIRED = "rung_fired"
LISTING_PROPOSED = "listing_proposed"
SOURCE = "supervise"


@dataclass(frozen=True)
class SuperviseReport:
    """What one run of the clocks did."""

    fired: dict[str, int] = field(default_factory=dict)
    proposals: int = 0
    listed: list[str] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    messages: int = 0
    appended: int = 0


def supervise(county: County, now: int) -> SuperviseReport:
    """Fire what is due at `now` (UTC ms) and has not fired; running again does nothing."""
    with hold(county.engine, county.code, SOURCE):
        rungs, climbed = ledger.settled(lambda: _climb(county, now))
        numbers, listed = ledger.settled(lambda: _list_majors(county, now))
        sent = send(county, now)
    return SuperviseReport(
        fired=dict(Counter(rungs["rung"].tolist())),
        proposals=int(rungs["proposal"].sum()) + len(numbers),
        listed=numbers,
        missing=_silent(county, now),
        messages=sent,
        appended=climbed + listed,
    )


def _climb(county: County, now: int) -> tuple[pd.DataFrame, int]:
    """The ladder: rungs that fire now, and the events appended for them."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        items = awaiting(connection, county.code)
        fired = ladder_rungs.fired(connection, county.code)
        rungs = due_rungs(items, fired, county.policy.ladder, county.days, now)
        lengths = lookups.stream_lengths(connection, county.code, rungs["root_id"].unique())
    if rungs.empty:
        return rungs, 0
    day = county.days.day_of(now)
    drafts = _rung_drafts(county, rungs, lengths, now)
    notes = [m | {"kind": m["rung"]} for m in digests(rungs, day.isoformat())]
    changes = (ladder_rungs.beginning(rungs.assign(fired_at=now)), messages(notes, now))
    return rungs, _append(county, head, drafts, changes, now)


def _rung_drafts(county: County, rungs: pd.DataFrame, lengths: pd.Series, now: int) -> pd.DataFrame:
    payloads = [
        canonical(
            {
                "due_at": due,
                "policy": county.policy_hash,
                "proposal": proposal,
                "recipient": recipient,
                "rung": name,
            }
        ).decode()
        for name, due, recipient, proposal in bulk.tuples(
            rungs, ["rung", "due_at", "recipient", "proposal"]
        )
    ]
    keys = rungs["rung"] + ":" + rungs["root_id"] + ":" + rungs["due_at"].astype("str")
    return _own_drafts(rungs["root_id"], StreamKind.HAZARD, RUNG_FIRED, keys, payloads, now).assign(
        base_version=rungs["root_id"].map(lengths).fillna(0).astype("int64")
    )


def _own_drafts(
    streams: pd.Series,
    kind: StreamKind,
    event: str,
    keys: pd.Series,
    payloads: list[str],
    now: int,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stream_id": streams,
            "stream_kind": kind.value,
            "kind": event,
            "claimed_at": now,
            "sent_at": now,
            "received_at": now,
            "file_by": now,
            "actor": SOURCE,
            "source": SOURCE,
            "record": "clock",
            "source_id": keys,
            "row_digest": "",
            "delivery": "",
            "payload": payloads,
            "base_version": 0,
        }
    )


def _append(
    county: County,
    head: ledger.Head,
    drafts: pd.DataFrame,
    changes: tuple[Change, ...],
    now: int,
) -> int:
    with writing(county.engine) as connection:
        stamp = ledger.Stamp(now, now, "")
        after = ledger.append(connection, county.code, head, drafts, stamp)
        for change in changes:
            change.write(connection, county.code, after.seq)
        connection.commit()
    return after.seq - head.seq


def _list_majors(county: County, now: int) -> tuple[list[str], int]:
    """Numbered notices for verified major hazards that have none; (numbers, events appended)."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        majors = awaiting(connection, county.code)
        majors = majors[majors["severity"] == int(Severity.MAJOR)]
        wanted = proposals(majors, county.policy, county.days, now)
        known = listings.noticed(connection, county.code)
    wanted = wanted[~wanted["root_id"].isin(known["root_id"])].reset_index(drop=True)
    if wanted.empty:
        return [], 0
    rows = _listing_rows(county, wanted, known["number"].tolist(), now)
    drafts = _own_drafts(
        rows["listing_id"], StreamKind.LISTING, LISTING_PROPOSED, rows["listing_id"],
        [canonical(_notice(r)).decode() for r in rows.to_dict("records")], now,
    )  # fmt: skip
    notes = [_message(county, r, now) for r in rows.to_dict("records")]
    changes = (listings.beginning(rows), messages(notes, now))
    if county.policy.listing.approval == "at_once":
        entry = prepare(county, SOURCE, [_listed(r, now) for r in rows.to_dict("records")], now)
        return rows["number"].tolist(), entry.commit(changes, drafts)
    return rows["number"].tolist(), _append(county, head, drafts, changes, now)


def _listing_rows(county: County, wanted: pd.DataFrame, used: list[str], now: int) -> pd.DataFrame:
    year = county.days.day_of(now).year
    levels = [ListingLevel(int(v)) for v in wanted["level"]]
    return pd.DataFrame(
        {
            "listing_id": "listing:" + wanted["root_id"].str.removeprefix("hazard:"),
            "number": next_numbers(county.policy, county.code, levels, year, used),
            "level": [int(v) for v in levels],
            "year": year,
            "root_id": wanted["root_id"],
            "unit_name": wanted["unit_name"],
            "town_code": wanted["town_code"],
            "sector_code": wanted["sector_code"],
            "listed_at": now,
            "due_at": term_end(now, county.policy.listing, county.days),
        }
    )


def _notice(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("number", "level", "year", "root_id", "due_at")}


def _message(county: County, row: Mapping[Hashable, Any], now: int) -> dict[str, Any]:
    """The numbered notice, to the leader who approves it (挂牌督办通知书)."""
    return {
        "key": f"listing:{row['number']}",
        "recipient": "leader",
        "kind": "listing_notice",
        "number": row["number"],
        "level": ListingLevel(row["level"]).name.lower(),
        "hazard": row["root_id"],
        "unit_name": row["unit_name"],
        "town": row["town_code"],
        "sector": row["sector_code"],
        "day": county.days.day_of(now).isoformat(),
        "due_on": county.days.day_of(row["due_at"] - 1).isoformat(),
        "proposal": county.policy.listing.approval == "required",
    }


def _listed(row: Mapping[Hashable, Any], now: int) -> dict[str, Any]:
    return {
        "stream_id": row["root_id"],
        "event": FactKind.LISTED.value,
        "happened_at": now,
        "listing_number": row["number"],
        "listing_level": ListingLevel(row["level"]).name.lower(),
        "organisation": SOURCE,
    }


def _silent(county: County, now: int) -> list[dict[str, str]]:
    """Who owes a submission for the week before and has not filed, past its deadline."""
    period = previous_week(week_of(now, county.zone), county.zone)
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        lines = owed(connection, county, period, head.seq)
    return [
        {
            "source": line.source,
            "unit": line.unit,
            "period": period.code,
            "due_at": instant(line.due_at, county.zone),
        }
        for line in lines
        if not line.received_at and line.due_at < now
    ]
