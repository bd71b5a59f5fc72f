"""The custodian's acts on sealed reporters: open, erase, sweep; and whether vault and ledger agree.

Promise: what is opened leaves exactly one event, committed before anybody sees the clear text; no
event, log line or error ever holds any of it. Opening, erasing and another key need a reason and a
second person, whose code proves that person (`tasks.operators`).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pandas as pd

from rules.redaction import holds, needles
from rules.second_person import is_plain, tidied
from schemas.period import DAY_MS
from tasks.county import County
from tasks.intake.commitments import append, tokens_of
from tasks.intake.landing import landed
from tasks.operators import SecondPerson, require_second
from tasks.rendering.catalogue import text
from tasks.store import ledger, vault_events
from tasks.store.engine import Connection, reading
from tasks.store.lease import hold
from tasks.store.vault import SealedRow
from tasks.store.vault_events import ERASED, KEY_CHANGED, KEY_STREAM, OPENED, SEALED, VaultEvent
from tasks.store.vault_keys import KEY_BYTES, key_id

ORPHAN_DAYS = 30  # a sealed row may wait so long for its delivery to be landed and committed
LONGEST_REASON = 500

# (county, who acts, the second person, their code, now) → who was proved. Raises NotProved.
Proof = Callable[[County, str, str, str, int], SecondPerson]


class VaultRefused(Exception):
    """Why the act is not done, and what to do: in words by `said`, as a code in `reason`."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason, values)
        self.reason, self.values = reason, values

    def said(self, lang: str) -> str:
        return text(f"vault.refused.{self.reason}", lang, **self.values)

    def __str__(self) -> str:
        return self.said("en")


@dataclass(frozen=True)
class Order:
    """Why something is done to a sealed reporter, by whom, and who approves it with which code."""

    reason: str
    actor: str
    approver: str
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Opened:
    """A clear text, for the custodian's eyes. `commitment`: matches, differs or none."""

    token: str
    source: str
    sealed_at: int
    commitment: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


def open_reporter(
    county: County,
    token: str,
    private: bytes,
    order: Order,
    now: int,
    proof: Proof = require_second,
) -> Opened:
    """Open one token with the custodian's key. Raises VaultError, VaultRefused, NotProved.

    The event is committed before this returns; without it nothing is returned.
    """
    reason = _reason(order)
    (row,) = [r for r in county.vault.siblings(token) if r.token == token]
    cleartext, commitment = county.vault.unseal(private, token)
    fields = tuple((str(name), str(value)) for name, value in orjson.loads(cleartext))
    if holds(reason, _names(county, row.source, fields)):
        raise VaultRefused("names_reporter")
    approved = _approved(county, order, now, proof)
    agrees = _compared(county, token, commitment)
    payload = approved | {"commitment": agrees, "purpose": reason}
    event = VaultEvent(token, OPENED, payload, order.actor, now)
    ledger.settled(lambda: append(county, [event], now, once=False))
    return Opened(token, row.source, row.sealed_at, agrees, fields)


def _names(county: County, source: str, fields: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """How the reporter may be named: by the declared fields, or by any where none of them is."""
    declared = county.sources[source].reporter_fields if source in county.sources else ()
    own = [value for name, value in fields if name in declared]
    return needles(own or [value for _, value in fields])


def erase_reporter(
    county: County, token: str, order: Order, now: int, proof: Proof = require_second
) -> list[str]:
    """Erase the report that a token belongs to; all its tokens. Raises as `open_reporter` does.

    The ledger first: a destruction that nobody accounts for must not be. What a crash left undone
    the audit names, and erasing again completes it without a second event.
    """
    reason = _reason(order)
    tokens = [row.token for row in county.vault.siblings(token)]
    payload = _approved(county, order, now, proof) | {"reason": reason}
    events = [VaultEvent(each, ERASED, payload, order.actor, now) for each in tokens]
    ledger.settled(lambda: append(county, events, now, once=True))
    county.vault.erase(tokens, now)
    return tokens


def change_key(
    county: County, public: bytes, order: Order, now: int, proof: Proof = require_second
) -> str:
    """Seal for another custodian's key from now on; its name. Raises as `open_reporter` does."""
    reason = _reason(order)
    if len(public) != KEY_BYTES:
        raise VaultRefused("no_key", bytes=KEY_BYTES, digits=2 * KEY_BYTES)
    new = key_id(public)
    if new != county.vault.key_id:
        payload = _approved(county, order, now, proof) | {"key": new, "reason": reason}
        event = VaultEvent(KEY_STREAM, KEY_CHANGED, payload, order.actor, now)
        ledger.settled(lambda: append(county, [event], now, once=False))
        county.vault.change_key(public)
    return new


def _reason(order: Order) -> str:
    """The reason as it is kept. Raises VaultRefused."""
    reason = tidied(order.reason)
    if not is_plain(reason, LONGEST_REASON):
        raise VaultRefused("no_reason", most=LONGEST_REASON)
    if holds(reason, ()):
        raise VaultRefused("holds_number")
    return reason


def _approved(county: County, order: Order, now: int, proof: Proof) -> dict[str, Any]:
    """What an event says of the second person."""
    second = proof(county, order.actor, order.approver, order.code, now)
    return {"approver": second.name, "enrolment": second.enrolment}


def _compared(county: County, token: str, commitment: str) -> str:
    """Whether the ledger's commitment is the one that the clear text gives."""
    with reading(county.engine) as connection:
        said = vault_events.said(connection, county.code, [token])
    sealed = said.loc[said["kind"] == SEALED, "payload"].tolist()
    known = sealed[0]["commitment"] if sealed else ""
    if not known:
        return "none"
    return "matches" if known == commitment else "differs"


def orphans(county: County, now: int, days: int = ORPHAN_DAYS) -> list[SealedRow]:
    """Sealed rows of at least so many days that neither the ledger nor a landed delivery names."""
    last = now - days * DAY_MS
    # A row without a commitment is older than commitments are; the ledger has no word for those.
    old = [row for row in county.vault.rows() if row.sealed_at <= last and row.commitment]
    if not old:
        return []
    with reading(county.engine) as connection:
        known = set(vault_events.said(connection, county.code)["token"])
    strange = [row for row in old if row.token not in known]
    named = {
        token
        for source in {row.source for row in strange}
        for delivery in landed(county.landing, source)
        for token in tokens_of(delivery)
    }
    return [row for row in strange if row.token not in named]


def sweep(county: County, now: int, days: int = ORPHAN_DAYS) -> list[SealedRow]:
    """Remove the orphans; which they were. No collect of their sources goes on meanwhile."""
    swept: list[SealedRow] = []
    for source in sorted({row.source for row in orphans(county, now, days)}):
        with hold(county.engine, county.code, f"collect:{source}"):
            own = [row for row in orphans(county, now, days) if row.source == source]
            county.vault.discard(row.token for row in own)
            swept += own
    return swept


@dataclass(frozen=True)
class VaultStatus:
    """What lies in the vault. `by_key`: rows that can be opened, by the key they are sealed for."""

    key: str
    sealed: int
    erased: int
    opened: int  # times
    orphans: int
    by_key: dict[str, int]
    findings: list[str]


def status(county: County, now: int, days: int = ORPHAN_DAYS) -> VaultStatus:
    """Raises VaultError where there is no vault."""
    key, rows = county.vault.key_id, county.vault.rows()
    with reading(county.engine) as connection:
        said = vault_events.said(connection, county.code)
        findings = list(disagreements(connection, county))
    live = [row for row in rows if row.size]
    return VaultStatus(
        key=key,
        sealed=len(live),
        erased=len(rows) - len(live),
        opened=int((said["kind"] == OPENED).sum()),
        orphans=len(orphans(county, now, days)),
        by_key=dict(Counter(row.key_id for row in live)),
        findings=findings,
    )


def disagreements(connection: Connection, county: County) -> Iterator[str]:
    """Where vault and ledger say different things, a sentence for each way in which they do."""
    said = vault_events.said(connection, county.code)
    said = said[said["token"] != KEY_STREAM]
    if said.empty:
        return
    rows = {row.token: row for row in county.vault.rows()}
    by_kind = {kind: said[said["kind"] == kind] for kind in (SEALED, ERASED)}
    erased = set(by_kind[ERASED]["token"])
    sealed = {t: p["commitment"] for t, p in _pairs(by_kind[SEALED])}
    lost = [t for t in sealed if t not in rows and t not in erased]
    held = [t for t in erased if t in rows and rows[t].size]
    silent = [t for t, row in rows.items() if row.erased_at and t not in erased]
    other = [t for t, c in sealed.items() if t in rows and rows[t].commitment != c]
    for found, what in (
        (lost, "sealed by the ledger, not in the vault: restore the vault's folder"),
        (held, "erased by the ledger, not in the vault: run `bihuan vault erase` again"),
        (silent, "erased in the vault without an event: find out who did it"),
        (other, "of another commitment than the ledger's: restore the vault's folder"),
    ):
        if found:
            yield f"{len(found)} reporters {what} (the first is {min(found)})"


def _pairs(frame: pd.DataFrame) -> list[tuple[str, dict[str, str]]]:
    return list(zip(frame["token"].tolist(), frame["payload"].tolist(), strict=True))
