"""Publish an edition: count, score, pass the gate, put it on the shelf, say so in the ledger.

Promise: the first edition of a period speaks of what was known at its cut-off, however late the
run; a later edition exists only if its figures differ, and says why; a refused gate publishes
nothing. A crash leaves the old edition or the new one, never half (see `tasks.publication.shelf`).
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from rules.gate import check
from rules.periods import cut_off, previous_week
from rules.revision import revision
from rules.seal import canonical, digest
from schemas.edition import Body, Edition, Revision
from schemas.events import Head
from schemas.period import Period
from schemas.vocabulary import StreamKind
from tasks.county import County
from tasks.publication import archive, shelf
from tasks.publication.body import LastRanks, build
from tasks.publication.files import render
from tasks.publication.reporting import instant
from tasks.store import editions, ledger, submissions
from tasks.store.editions import Published
from tasks.store.engine import Connection, reading, writing
from tasks.store.lease import hold
from tasks.store.recount import recount

EDITION_PUBLISHED = "edition_published"
_ATTEMPTS = 5


class PublishRefused(Exception):
    """Nothing was published; the message says why and what to do."""


@dataclass(frozen=True)
class EditionReport:
    """The stable keys of `bihuan bulletin --json`, and the edition itself."""

    kind: str
    period: str
    edition: int
    watermark: int
    policy_hash: str
    root: str
    files: list[dict[str, str]]
    gate: dict[str, Any]
    is_new: bool
    revision: Revision | None
    edition_doc: Edition


def publish(
    county: County, period: Period, now: int, *, revise: bool = False, dry_run: bool = False
) -> EditionReport:
    """Publish the first edition of a period, or with `revise` what late data made of it.

    Without `revise` a period that has an edition returns it. `dry_run` counts and checks, and
    writes nothing. Raises PublishRefused.
    """
    with hold(county.engine, county.code, f"publish:{period.kind}:{period.code}"):
        with reading(county.engine) as connection:
            before = archive.latest(connection, county.code, period)
            if before is not None and not revise:
                return _existing(county, before)
            made = _make(connection, county, period, now, before)
        if before is not None and made["body_digest"] == before.body_digest:
            return _existing(county, before)
        if dry_run:
            return _report(county, made, {}, is_new=True)
        return _put(county, made, now)


def _make(
    connection: Connection, county: County, period: Period, now: int, before: Published | None
) -> Edition:
    """The next edition of a period, checked by the gate. Raises PublishRefused."""
    head = _watermark(connection, county, period, now, before)
    body, last = remake(connection, county, period, head.seq)
    _require_sources(county, body)
    items = recount(connection, county.code, head.seq, period.start, period.end)
    refusals = [str(refusal) for refusal in check(body, items, last)]
    if refusals:
        shown = "; ".join(refusals[:5])
        raise PublishRefused(
            f"the gate refuses {period.code}: {len(refusals)} cells do not agree, first: {shown}."
            " Nothing was published; run `bihuan audit`, then publish again"
        )
    made = Edition(
        edition=before.number + 1 if before else 1,
        watermark=head.seq,
        ledger_head=head.hash,
        policy_hash=county.policy_hash,
        body_digest=digest(body),
        body=body,
    )
    if before is not None:
        note = _note(connection, county, period, before, body)
        if note is not None:
            made["revision"] = note
    return made


def remake(
    connection: Connection, county: County, period: Period, watermark: int
) -> tuple[Body, Body | None]:
    """(body of a period at a watermark, body of the edition its movement refers to)."""
    known = archive.latest(connection, county.code, previous_week(period, county.zone), watermark)
    last = archive.document(county, known)["body"] if known else None
    return build(connection, county, period, watermark, _ranks(last)), last


def _watermark(
    connection: Connection, county: County, period: Period, now: int, before: Published | None
) -> Head:
    """What was known at the cut-off for a first edition, all that is known for a later one."""
    limit = cut_off(period, county.policy, county.days)
    if now < limit:
        raise PublishRefused(
            f"{period.code} is open until its cut-off {instant(limit, county.zone)}; it is"
            f" {instant(now, county.zone)} now. Run again after the cut-off"
        )
    head = ledger.watermark(connection, county.code, None if before else limit)
    if head.seq == 0:
        raise PublishRefused(
            f"nothing was received by the cut-off {instant(limit, county.zone)} of {period.code}:"
            " run `bihuan collect` first, or publish a later week"
        )
    return head


def _require_sources(county: County, body: Body) -> None:
    """A missing source is named in the bulletin, or refuses it, as policy or the source says."""
    silent = [m for m in body["missing"] if m["unit"] == m["source"]]
    refuse_all = county.policy.bulletin.on_missing_source == "refuse"
    fatal = sorted({m["source"] for m in silent if refuse_all or county.sources[m["source"]].vital})
    if fatal:
        raise PublishRefused(
            f"{', '.join(fatal)} did not report for {body['period']}, and policy does not let a"
            " bulletin appear without: run `bihuan collect`, then publish again"
        )


def _ranks(last: Body | None) -> LastRanks:
    if last is None:
        return {}
    return {
        "towns": {u["code"]: u["rank"] for u in last["towns"]},
        "sectors": {u["code"]: u["rank"] for u in last["sectors"]},
    }


def _note(
    connection: Connection, county: County, period: Period, before: Published, body: Body
) -> Revision | None:
    previous = archive.document(county, before)
    late = _submissions_since(connection, county, before.watermark, period.end)
    return revision(previous, body, late, county.policy_hash)


def _submissions_since(
    connection: Connection, county: County, watermark: int, end: int
) -> list[dict[str, str]]:
    """Submissions the previous edition did not know, that tell of times before the period's end."""
    return [
        {
            "source": row["source"],
            "unit": row["reporting_unit"],
            "period": row["period"],
            "received_at": instant(row["received_at"], county.zone),
            "delivery": row["delivery"],
            "rows_taken": str(row["rows_taken"]),
        }
        for row in submissions.telling(connection, county.code, watermark, end)
    ]


def _put(county: County, made: Edition, now: int) -> EditionReport:
    """Folder first, then the ledger, then the pointer."""
    body = made["body"]
    files = render(made)
    folder = shelf.folder_of(county.code, body["kind"], body["period"], made["edition"])
    shelf.sweep(county.home, folder)
    shelf.put(county.home, folder, files)
    for attempt in range(_ATTEMPTS):
        try:
            _enter(county, made, str(folder), shelf.digests(files), now)
            break
        except ledger.HeadMoved:
            if attempt == _ATTEMPTS - 1:
                raise
    shelf.point(county.home, folder)
    return _report(county, made, shelf.digests(files), is_new=True)


def _enter(county: County, made: Edition, folder: str, files: dict[str, str], now: int) -> None:
    """The event and the row of a published edition, in one transaction."""
    body = made["body"]
    row = {
        "kind": body["kind"],
        "period": body["period"],
        "number": made["edition"],
        "watermark": made["watermark"],
        "policy_hash": made["policy_hash"],
        "body_digest": made["body_digest"],
        "folder": folder,
        "files": canonical(files).decode(),
        "published_at": now,
    }
    with writing(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        drafts = pd.DataFrame([_event(row, now)])
        after = ledger.append(connection, county.code, head, drafts, ledger.Stamp(now, now, ""))
        editions.add(connection, county.code, after.seq, row)
        connection.commit()


def _event(row: dict[str, Any], now: int) -> dict[str, Any]:
    return {
        "stream_id": f"{StreamKind.EDITION}:{row['kind']}:{row['period']}",
        "stream_kind": StreamKind.EDITION.value,
        "kind": EDITION_PUBLISHED,
        "claimed_at": now,
        "sent_at": now,
        "received_at": now,
        "file_by": now,
        "actor": "bulletin",
        "source": "bulletin",
        "record": StreamKind.EDITION.value,
        "source_id": f"{row['kind']}:{row['period']}:{row['number']}",
        "row_digest": row["body_digest"][:16],
        "delivery": "",
        "payload": canonical(row).decode(),
        "base_version": row["number"] - 1,
    }


def _existing(county: County, published: Published) -> EditionReport:
    made = archive.document(county, published)
    return _report(county, made, published.files, is_new=False)


def _report(county: County, made: Edition, files: dict[str, str], *, is_new: bool) -> EditionReport:
    body = made["body"]
    folder = shelf.folder_of(county.code, body["kind"], body["period"], made["edition"])
    return EditionReport(
        kind=body["kind"],
        period=body["period"],
        edition=made["edition"],
        watermark=made["watermark"],
        policy_hash=made["policy_hash"],
        root=made["ledger_head"],
        files=[
            {"path": str(county.home / folder / name), "sha256": sha}
            for name, sha in sorted(files.items())
        ],
        gate={"ok": True, "refusals": []},
        is_new=is_new,
        revision=made.get("revision"),
        edition_doc=made,
    )
