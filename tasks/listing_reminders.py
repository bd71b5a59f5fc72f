"""Reminders of what listings owe and have not done: one message per listing, duty and due date.

The unit hears of its plan, its progress and its application; the office of what it owes itself.
"""

from typing import Any

import pandas as pd

from rules.listing_duties import Duty
from rules.listing_life import Listing
from schemas.vocabulary import ListingState
from tasks.county import County
from tasks.listing_file import duties_of, verified_of
from tasks.own_events import append
from tasks.posting import messages
from tasks.store import ledger, listings, outbox
from tasks.store.engine import reading

_OF_THE_UNIT = ("plan", "progress", "apply")
_ENDED = (ListingState.REFUSED, ListingState.CLOSED)


def remind(county: County, now: int) -> int:
    """Put what is late and was not told before into the outbox; how many messages."""
    return ledger.settled(lambda: _remind(county, now))


def _remind(county: County, now: int) -> int:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        rows = [r for r in listings.every(connection, county.code) if r.state not in _ENDED]
        verified = verified_of(connection, county, listings.hazards(connection, county.code))
        late = [
            _message(county, row, duty, now)
            for row in rows
            for duty in duties_of(county, row, verified)
            if not duty.done_at and duty.is_late(now)
        ]
        told = outbox.known(connection, county.code, [m["key"] for m in late])
    fresh = [m for m in late if m["key"] not in told]
    if fresh:
        append(county, head, pd.DataFrame(), (messages(fresh, now),), now)
    return len(fresh)


def _message(county: County, row: Listing, duty: Duty, now: int) -> dict[str, Any]:
    unit = f"unit:{row.unit_name}" if row.unit_name else f"town:{row.town_code}"
    return {
        "key": f"duty:{row.listing_id}:{duty.name}:{duty.due_at}",
        "recipient": unit if duty.name in _OF_THE_UNIT else "leader",
        "kind": "listing_duty",
        "duty": duty.name,
        "listing": row.listing_id,
        "number": row.number,
        "unit_name": row.unit_name,
        "due_on": county.days.day_of(duty.due_at - 1).isoformat(),
        "day": county.days.day_of(now).isoformat(),
    }
