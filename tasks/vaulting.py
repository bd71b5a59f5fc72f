"""The custodian's acts on sealed reporters: open, erase, sweep; and whether vault and ledger agree.

Promise: what is opened leaves exactly one event, committed before anybody sees the clear text; no
event, log line or error ever holds any of it. An opening and an erasure need a reason and a second
person, whom `proof` proves; a typed name alone is recorded as claimed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import orjson
import pandas as pd

from rules.redaction import holds, needles
from schemas.period import DAY_MS
from tasks.county import County
from tasks.intake.commitments import append, tokens_of
from tasks.intake.landing import landed
from tasks.store import ledger, vault_events
from tasks.store.engine import Connection, reading
from tasks.store.lease import hold
from tasks.store.vault import SealedRow
from tasks.store.vault_events import ERASED, KEY_CHANGED, KEY_STREAM, OPENED, SEALED, VaultEvent
from tasks.store.vault_keys import KEY_BYTES, VaultError, key_id

ORPHAN_DAYS = 30  # a sealed row may wait so long for its delivery to be landed and committed

# (county, who acts, the second person, their code, now) → how the second person was proved.
Proof = Callable[[County, str, str, str, int], str]


class VaultRefused(Exception):
    """The act is not done: who asks, who approves or why does not suffice."""


@dataclass(frozen=True)
class Order:
    """Why something is done to a sealed reporter, by whom, and who approved it."""

    reason: str
    actor: str
    approver: str
    code: str = field(default="", repr=False)  # what the approver proves to be one with


@dataclass(frozen=True)
class Opened:
    """A clear text, for the custodian's eyes. `commitment`: matches, differs or none."""

    token: str
    source: str
    sealed_at: int
    commitment: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


def as_claimed(_county: County, _actor: str, _second: str, _code: str, _now: int) -> str:
    """No proof: the name of the second person is what somebody typed."""
    return "claimed"


def open_reporter(
    county: County, token: str, private: bytes, order: Order, now: int, proof: Proof = as_claimed
) -> Opened:
    """Open one token with the custodian's key. Raises VaultError, VaultRefused.

    The event is committed before this returns; without it nothing is returned.
    """
    how = _permitted(county, order, now, proof)
    (row,) = [r for r in county.vault.siblings(token) if r.token == token]
    cleartext, commitment = county.vault.unseal(private, token)
    fields = tuple((str(name), str(value)) for name, value in orjson.loads(cleartext))
    if holds(order.reason, _names(county, row.source, fields)):
        raise VaultRefused("the purpose names the reporter, and it is kept; say it without")
    agrees = _compared(county, token, commitment)
    payload = {"approver": order.approver, "commitment": agrees, "proof": how}
    event = VaultEvent(token, OPENED, payload | {"purpose": order.reason}, order.actor, now)
    ledger.settled(lambda: append(county, [event], now, once=False))
    return Opened(token, row.source, row.sealed_at, agrees, fields)


def _names(county: County, source: str, fields: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """How the reporter may be named: by the declared fields, or by any where none of them is."""
    declared = county.sources[source].reporter_fields if source in county.sources else ()
    own = [value for name, value in fields if name in declared]
    return needles(own or [value for _, value in fields])


def erase_reporter(
    county: County, token: str, order: Order, now: int, proof: Proof = as_claimed
) -> list[str]:
    """Erase the report that a token belongs to; all its tokens. Raises VaultError, VaultRefused.

    The ledger first: a destruction that nobody accounts for must not be. What a crash left undone
    the audit names, and erasing again completes it without a second event.
    """
    how = _permitted(county, order, now, proof)
    tokens = [row.token for row in county.vault.siblings(token)]
    payload = {"approver": order.approver, "proof": how, "reason": order.reason}
    events = [VaultEvent(each, ERASED, payload, order.actor, now) for each in tokens]
    ledger.settled(lambda: append(county, events, now, once=True))
    county.vault.erase(tokens, now)
    return tokens


def change_key(
    county: County, public: bytes, order: Order, now: int, proof: Proof = as_claimed
) -> str:
    """Seal for another custodian's key from now on; its name. Raises VaultError, VaultRefused."""
    how = _permitted(county, order, now, proof)
    if len(public) != KEY_BYTES:
        raise VaultError(f"a public key has {KEY_BYTES} bytes; copy it whole, as 64 hex digits")
    new = key_id(public)
    if new == county.vault.key_id:
        return new
    payload = {"approver": order.approver, "key": new, "proof": how, "reason": order.reason}
    event = VaultEvent(KEY_STREAM, KEY_CHANGED, payload, order.actor, now)
    ledger.settled(lambda: append(county, [event], now, once=False))
    county.vault.change_key(public)
    return new


def _permitted(county: County, order: Order, now: int, proof: Proof) -> str:
    """How the second person was proved. Raises VaultRefused."""
    names = [" ".join(name.split()).casefold() for name in (order.actor, order.approver)]
    if not order.reason.strip() or not all(names):
        raise VaultRefused("say what for, who does it and who approved it; none may be blank")
    if names[0] == names[1]:
        raise VaultRefused(f"{order.actor} cannot approve this alone; a second person must")
    if holds(order.reason, ()):
        raise VaultRefused("the reason holds a person's number or address; say it without")
    return proof(county, order.actor, order.approver, order.code, now)


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
