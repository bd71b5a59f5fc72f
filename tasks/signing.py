"""清样: a draft is kept, towns look at what stands behind their row, a leader signs or refuses.

Promise: what is signed is the draft that was looked at, byte for byte in its figures; whoever signs
proves it by a code; a refusal keeps the draft with its reason, and the same figures do not come
back; an unsigned draft has no number and is no edition. Where policy gives towns time to look,
nothing is signed before it is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from rules.seal import canonical
from schemas.edition import DraftState, Edition
from schemas.period import HOUR_MS, Period
from schemas.vocabulary import EditionKind, OperatorRole
from tasks.county import County
from tasks.operators import eligible, prove
from tasks.posting import messages, send
from tasks.previews import previews
from tasks.publication import archive, corrected, shelf
from tasks.publication.files import render
from tasks.publication.issuing import tell
from tasks.publication.releasing import EditionReport, Next, PublishRefused, put, report
from tasks.publication.reporting import instant
from tasks.publication.shelf import DOCUMENT, ITEMS
from tasks.rendering.catalogue import text
from tasks.store import drafts, ledger
from tasks.store.drafts import Draft
from tasks.store.engine import Connection, reading, writing
from tasks.store.lease import hold

DRAFTED, SIGNED, REFUSED = "edition_drafted", "draft_signed", "draft_refused"


class SigningRefused(PublishRefused):
    """The draft cannot be signed or refused now; the message says why."""

    area = "refusal.sign"


@dataclass(frozen=True)
class Pending:
    """A draft that waits: from when on it may be signed (ISO), and where it lies."""

    kind: str
    period: str
    draft: int
    edition: int
    made_at: str
    sign_from: str
    folder: str


def keep(county: County, coming: Next, now: int) -> EditionReport:
    """Keep the next edition of a period as its draft; the same figures are the same draft."""
    body = coming.edition["body"]
    with reading(county.engine) as connection:
        known = drafts.drafts(connection, county.code, body["kind"], body["period"])
        own = previews(connection, county, coming.edition)
    if known and _is_same(county, known[-1], coming.edition):
        send(county, now)  # a crash may have kept the towns' messages
        return _report(county, known[-1], coming.edition, is_new=False)
    number = len(known) + 1
    folder = Path("drafts") / county.code / body["kind"] / body["period"] / str(number)
    files = render(coming.edition, coming.items) | own
    shelf.put(county.home, folder, files)
    row = _row(coming.edition, number, str(folder), shelf.digests(files), now)
    ledger.settled(lambda: _enter(county, row, now))
    send(county, now)
    with reading(county.engine) as connection:
        kept = drafts.drafts(connection, county.code, body["kind"], body["period"])[-1]
    return _report(county, kept, coming.edition, is_new=True)


def _is_same(county: County, last: Draft, edition: Edition) -> bool:
    """Whether a draft lies there undamaged with these figures and names these objections."""
    if last.state == DraftState.REPLACED or last.body_digest != edition["body_digest"]:
        return False
    if shelf.damaged(county.home, last.folder, last.files):
        return False
    return set(corrected.named(edition)) <= set(corrected.named(_kept(county, last)))


def pending(county: County) -> list[Pending]:
    """Every draft that waits for a signature, oldest first."""
    with reading(county.engine) as connection:
        waiting = drafts.drafts(connection, county.code, state=DraftState.OPEN.value)
    return [
        Pending(
            kind=one.kind,
            period=one.period,
            draft=one.number,
            edition=one.edition,
            made_at=instant(one.made_at, county.zone),
            sign_from=instant(sign_from(county, one), county.zone),
            folder=str(county.home / one.folder),
        )
        for one in waiting
    ]


def sign(county: County, period: Period, signer: str, code: str, now: int) -> EditionReport:
    """Make the open draft of a period its edition. Raises SigningRefused, NotProved."""
    with hold(county.engine, county.code, f"publish:{period.kind}:{period.code}"):
        one = _open_draft(county, period)
        since = sign_from(county, one)
        if now < since:
            values = {"period": period.code, "since": instant(since, county.zone)}
            raise SigningRefused("preview", values)
        edition = _unchanged(county, one)
        _require_next(county, period, one)
        person = _proved(county, signer, code, now)
        return put(
            county,
            Next(edition, _items(county, one)),
            now,
            signed_by=person,
            also=lambda c: _decide(c, county, one, DraftState.SIGNED, person, "", now),
        )


def refuse(county: County, period: Period, signer: str, code: str, reason: str, now: int) -> Draft:
    """Refuse the open draft of a period; it stays with its reason. Raises SigningRefused,
    NotProved."""
    if not reason.strip():
        raise SigningRefused("no_reason")
    with hold(county.engine, county.code, f"publish:{period.kind}:{period.code}"):
        one = _open_draft(county, period)
        person = _proved(county, signer, code, now)

        def refused() -> None:
            with writing(county.engine) as connection:
                _decide(connection, county, one, DraftState.REFUSED, person, reason, now)
                connection.commit()

        ledger.settled(refused)
    return one


def _proved(county: County, signer: str, code: str, now: int) -> str:
    """The leader who signs, by the code of their device. No other person need be there: what is
    signed was made by a run."""
    found = eligible(county, "bulletin", signer, now, roles=(OperatorRole.LEADER,))
    return prove(county, found.name, code, now).name


def _open_draft(county: County, period: Period) -> Draft:
    with reading(county.engine) as connection:
        found = drafts.drafts(
            connection, county.code, period.kind.value, period.code, DraftState.OPEN.value
        )
    if not found:
        raise SigningRefused("no_draft", {"kind": period.kind.value, "period": period.code})
    return found[-1]


def sign_from(county: County, one: Draft) -> int:
    """From when on (UTC ms) a draft may be signed: the towns have had their time to look."""
    hours = county.policy.bulletin.of_kind(EditionKind(one.kind)).preview_hours
    return one.made_at + hours * HOUR_MS


def _unchanged(county: County, one: Draft) -> Edition:
    """The draft as it was kept. Raises SigningRefused where a file of it is not what it was."""
    damaged = shelf.damaged(county.home, one.folder, one.files)
    if damaged:
        raise SigningRefused("damaged", {"files": ", ".join(damaged)})
    return _kept(county, one)


def _kept(county: County, one: Draft) -> Edition:
    edition: Edition = orjson.loads(shelf.read(county.home, one.folder, DOCUMENT))
    return edition


def _items(county: County, one: Draft) -> Any:
    return orjson.loads(shelf.read(county.home, one.folder, ITEMS))


def _require_next(county: County, period: Period, one: Draft) -> None:
    """Nothing was published since the draft was made."""
    with reading(county.engine) as connection:
        latest = archive.latest(connection, county.code, period)
    number = latest.number if latest else 0
    if one.edition != number + 1:
        values = {"period": period.code, "latest": number, "edition": one.edition}
        raise SigningRefused("overtaken", values)


def _row(
    edition: Edition, number: int, folder: str, files: Mapping[str, str], now: int
) -> dict[str, Any]:
    body = edition["body"]
    return {
        "kind": body["kind"],
        "period": body["period"],
        "number": number,
        "edition": edition["edition"],
        "watermark": edition["watermark"],
        "body_digest": edition["body_digest"],
        "folder": folder,
        "files": canonical(dict(files)).decode(),
        "state": DraftState.OPEN.value,
        "made_at": now,
        "decided_at": 0,
        "decided_by": "",
        "reason": "",
    }


def _enter(county: County, row: dict[str, Any], now: int) -> None:
    """Event, row and the towns' messages in one transaction. Raises HeadMoved."""
    with writing(county.engine) as connection:
        head = tell(connection, county, DRAFTED, row, now, "bulletin")
        drafts.add(connection, county.code, head, row)
        posted = messages(_letters(county, row), now)
        posted.write(connection, county.code, head)
        connection.commit()


def _letters(county: County, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One message to each town: where its workbook lies and until when it may look."""
    hours = county.policy.bulletin.of_kind(EditionKind(row["kind"])).preview_hours
    until = instant(row["made_at"] + hours * HOUR_MS, county.zone)
    stem = f"{row['kind']}:{row['period']}:{row['number']}"
    return [
        {
            "key": f"preview:{stem}:{town.code}",
            "recipient": f"town:{town.code}",
            "kind": "preview",
            "text": text("preview.letter", "zh", period=row["period"], until=until),
            "file": f"{row['folder']}/town-{town.code}.xlsx",
        }
        for town in county.organisation.towns
    ]


def _decide(
    connection: Connection,
    county: County,
    one: Draft,
    state: DraftState,
    by: str,
    reason: str,
    now: int,
) -> None:
    """The event and the row, in the caller's transaction. Raises HeadMoved."""
    said = {
        "kind": one.kind,
        "period": one.period,
        "draft": one.number,
        "body_digest": one.body_digest,
        "by": by,
        "reason": reason,
    }
    kind = SIGNED if state is DraftState.SIGNED else REFUSED
    tell(connection, county, kind, said, now, by)
    drafts.decide(connection, county.code, one, state, by, reason, now)


def _report(county: County, one: Draft, edition: Edition, *, is_new: bool) -> EditionReport:
    told = partial(report, county, edition, one.files, is_new=is_new, folder=one.folder)
    if one.state != DraftState.REFUSED:
        return told(state="draft")
    at = instant(one.decided_at, county.zone)
    return told(state="refused", decision={"by": one.decided_by, "at": at, "reason": one.reason})
