"""The ledger's word for every reporter sealed in a delivery, before anything of it is taken.

The vault commits first, the ledger second. The commitments of landed deliveries are a slice of
their own ahead of their rows: whatever of them is in the ledger has its commitment there, and a
crash in between is made up for by the next collect, which appends what is missing and nothing else.
A sealed row that neither the ledger nor a landed delivery names is an orphan (`tasks.vaulting`).
"""

from collections.abc import Iterable, Iterator

from tasks.county import County
from tasks.intake.landing import Delivery
from tasks.intake.landing_redaction import tokens_in
from tasks.store import ledger, vault_events
from tasks.store.engine import reading, writing
from tasks.store.vault_events import SEALED, VaultEvent


def commit(county: County, deliveries: Iterable[Delivery], now: int) -> int:
    """Append a commitment for every sealed row of landed deliveries that has none; how many.

    Again appends nothing. Nothing is appended of a token that the vault does not know.
    """
    received = {token: d.received_at for d in deliveries for token in tokens_of(d)}
    if not received:
        return 0
    rows = [row for row in county.vault.rows() if row.token in received]
    events = [
        VaultEvent(
            row.token,
            SEALED,
            {"commitment": row.commitment, "key": row.key_id},
            row.source,
            received[row.token],
            row.source,
        )
        for row in rows
    ]
    return ledger.settled(lambda: append(county, events, now, once=True)) if events else 0


def tokens_of(delivery: Delivery) -> Iterator[str]:
    """Every token that stands in a landed delivery. Raises Damaged."""
    for part in delivery.parts():
        yield from tokens_in(part.content)


def append(county: County, events: list[VaultEvent], now: int, *, once: bool) -> int:
    """Append vault events; how many. `once`: leave out those whose stream has their kind already.

    Raises HeadMoved when another writer was faster.
    """
    appended = 0
    for start in range(0, len(events), ledger.SLICE_EVENTS):
        appended += _append(county, events[start : start + ledger.SLICE_EVENTS], now, once)
    return appended


def _append(county: County, events: list[VaultEvent], now: int, once: bool) -> int:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        known = vault_events.said(connection, county.code, [each.token for each in events])
    there = set(zip(known["token"], known["kind"], strict=True)) if once else set()
    new = [each for each in events if (each.token, each.kind) not in there]
    if not new:
        return 0
    stamp = ledger.Stamp(now, max(each.at for each in new), "")
    with writing(county.engine) as connection:
        ledger.append(connection, county.code, head, vault_events.drafts(new, known), stamp)
        connection.commit()
    return len(new)
