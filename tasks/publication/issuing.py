"""What signing fixes, and how a published edition is told to the ledger.

Issue numbers run per kind and year of the period's last day, by first editions in the order of
their publication; a correction keeps its period's number and says which correction it is.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from rules.kinds import period_of
from rules.seal import canonical
from schemas.edition import Edition, Issue
from schemas.period import Period
from schemas.vocabulary import EditionKind, StreamKind
from tasks.county import County
from tasks.publication import archive, corrected
from tasks.publication.body import bilingual
from tasks.store import editions, ledger
from tasks.store.engine import Connection, reading, writing

EDITION_PUBLISHED = "edition_published"


def issue(county: County, edition: Edition, signed_by: str) -> Edition:
    """The edition with its number, signer and recipients, as policy has them for its kind."""
    body = edition["body"]
    period = period_of(EditionKind(body["kind"]), body["period"], county.zone)
    rule = county.policy.bulletin.of_kind(period.kind)
    numbered = edition.copy()
    numbered["issue"] = Issue(
        year=period.last_day.year,
        number=_number(county, period),
        correction=edition["edition"] - 1,
        signer=bilingual(rule.signer) if rule.signer else None,
        signed_by=signed_by,
        recipients=list(rule.recipients),
    )
    return numbered


def _number(county: County, period: Period) -> int:
    """That of the period's first edition, or the next one of the kind and year."""
    kind, year = period.kind, period.last_day.year
    with reading(county.engine) as connection:
        first = [e for e in editions.published(connection, county.code, kind) if e.number == 1]
    for own in (e for e in first if e.period == period.code):
        known = archive.document(county, own)
        if "issue" in known:
            return known["issue"]["number"]
    before = (period_of(kind, e.period, county.zone) for e in first)
    return 1 + sum(p.last_day.year == year for p in before)


def nothing(_connection: Connection) -> None:
    """What a publication writes beside itself: nothing."""


def enter(
    county: County,
    edition: Edition,
    folder: str,
    files: dict[str, str],
    now: int,
    also: Callable[[Connection], None] = nothing,
) -> None:
    """The event and the row of a published edition, the objections it answers, and what `also`
    writes, in one transaction. Raises HeadMoved."""
    body = edition["body"]
    row = {
        "kind": body["kind"],
        "period": body["period"],
        "number": edition["edition"],
        "watermark": edition["watermark"],
        "policy_hash": edition["policy_hash"],
        "body_digest": edition["body_digest"],
        "folder": folder,
        "files": canonical(files).decode(),
        "published_at": now,
    }
    said = row | {"issue": edition["issue"], "objections": corrected.named(edition)}
    with writing(county.engine) as connection:
        seq = tell(connection, county, EDITION_PUBLISHED, said, now, "bulletin")
        editions.add(connection, county.code, seq, row)
        corrected.answered(connection, county, edition)
        also(connection)
        connection.commit()


def tell(
    connection: Connection, county: County, kind: str, said: dict[str, Any], now: int, actor: str
) -> int:
    """Append an event to the stream of the period that `said` names; its seq. Raises HeadMoved.

    A period's stream holds its drafts, editions and objections in their order.
    """
    stream = f"{StreamKind.EDITION}:{said['kind']}:{said['period']}"
    head = ledger.read_head(connection, county.code)
    length = editions.told(connection, county.code, stream)
    event = pd.DataFrame([_event(stream, kind, said, length, now, actor)])
    return ledger.append(connection, county.code, head, event, ledger.Stamp(now, now, "")).seq


def _event(
    stream: str, kind: str, said: dict[str, Any], length: int, now: int, actor: str
) -> dict[str, Any]:
    return {
        "stream_id": stream,
        "stream_kind": StreamKind.EDITION.value,
        "kind": kind,
        "claimed_at": now,
        "sent_at": now,
        "received_at": now,
        "file_by": now,
        "actor": actor,
        "source": "bulletin",
        "record": StreamKind.EDITION.value,
        "source_id": f"{stream}:{length + 1}",
        "row_digest": str(said.get("body_digest", ""))[:16],
        "delivery": "",
        "payload": canonical(said).decode(),
        "base_version": length,
    }
