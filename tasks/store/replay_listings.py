"""Listings and rungs worked out again from their own events, for the audit to compare."""

from dataclasses import asdict
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection

from rules.listing_life import Listing, Said, after
from schemas.tables import event
from schemas.vocabulary import ListingLevel, ListingStep, StreamKind
from tasks.store import ledger

_RUNG = ["root_id", "rung", "due_at", "recipient", "proposal", "decision"]
RUNGS = ("rung_fired", "rung_confirmed", "rung_dropped", "rung_lapsed")


def listings(connection: Connection, county: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(rows of `listing`, rows of `listing_hazard`) as the events of the listings make them."""
    told = ledger.read_events(connection, county, event.c.stream_kind == StreamKind.LISTING.value)
    rows: dict[str, Listing] = {}
    joined: list[tuple[str, str]] = []
    columns = (told[name].tolist() for name in ("stream_id", "kind", "payload"))
    for stream, kind, text in zip(*columns, strict=True):
        said = orjson.loads(text)
        row = rows.get(stream) or _begun(stream, said)
        rows[stream] = after(row, ListingStep(kind), said_of(said))
        joined += [(stream, hazard) for hazard in said.get("hazards", ())]
    shown = pd.DataFrame([asdict(row) | {"number": row.number or None} for row in rows.values()])
    return shown, pd.DataFrame(joined, columns=["listing_id", "stream_id"])


def _begun(stream: str, said: dict[str, Any]) -> Listing:
    return Listing(stream, **_texts(said["listing"]), level=ListingLevel(said["level"]))


def _texts(about: dict[str, str]) -> dict[str, Any]:
    return {
        name: about.get(name, "") for name in ("unit_name", "town_code", "sector_code", "source")
    }


def said_of(said: dict[str, Any]) -> Said:
    """A listing event's payload as the step it says."""
    own = {k: v for k, v in said.items() if k not in ("hazards", "listing", "level")}
    return Said(**own, level=ListingLevel(said.get("level", 0)))


def rungs(connection: Connection, county: str) -> pd.DataFrame:
    """Rows of `rung` without what only orders them: hazard, rung, due date, recipient, decision."""
    told = ledger.read_events(connection, county, event.c.kind.in_(RUNGS))
    said = pd.DataFrame([orjson.loads(text) for text in told["payload"].tolist()])
    if said.empty:
        return pd.DataFrame(
            columns=["root_id", "rung", "due_at", "recipient", "proposal", "decision"]
        )
    said = said.assign(root_id=told["stream_id"], decision=told["kind"].str.removeprefix("rung_"))
    last = said.drop_duplicates(["root_id", "rung", "due_at"], keep="last")
    last = last.assign(decision=last["decision"].where(last["decision"] != "fired", ""))
    return last.assign(proposal=last["proposal"].astype(bool))[_RUNG]
