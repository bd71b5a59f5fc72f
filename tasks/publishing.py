"""Publish an edition: count, score, pass the gate, put it on the shelf, say so in the ledger.

Promise: the first edition of a period speaks of what was known at its cut-off, however late the
run; a later edition exists only if its figures differ, and says why; a refused gate publishes
nothing; after the days that policy gives, a period is frozen. Where policy wants a signature, a
draft waits for it (`tasks.signing`). A crash leaves the old edition or the new one, never half.
"""

from collections.abc import Sequence

from rules.periods import cut_off, frozen_at
from rules.revision import Reason, revision
from schemas.edition import Edition, Revision
from schemas.events import Head
from schemas.period import Period
from schemas.vocabulary import EditionKind, StreamKind
from tasks.county import County
from tasks.publication import archive, corrected
from tasks.publication.making import Made, made
from tasks.publication.releasing import (
    EditionReport,
    Next,
    PublishRefused,
    existing,
    put,
    report,
)
from tasks.publication.reporting import instant
from tasks.signing import keep
from tasks.store import events, ledger, submissions
from tasks.store.editions import Published
from tasks.store.engine import Connection, reading
from tasks.store.lease import hold

LIVES = (
    StreamKind.HAZARD.value,
    StreamKind.CHECK.value,
)  # what happens; places may be known before


def publish(
    county: County,
    period: Period,
    now: int,
    *,
    revise: bool = False,
    dry_run: bool = False,
    history: bool = False,
    corrections: Sequence[Reason] = (),
) -> EditionReport:
    """Publish the first edition of a period, or with `revise` what late data made of it.

    Without `revise` a period that has an edition returns it. `dry_run` counts and checks, and
    writes nothing. `history`: where nothing of any hazard was known at the cut-off yet, because the
    county came in later, the first edition speaks of all that is known now. `corrections`:
    objections to be named beside those that are owed an answer. Raises PublishRefused.
    """
    with hold(county.engine, county.code, f"publish:{period.kind}:{period.code}"):
        with reading(county.engine) as connection:
            before = archive.latest(connection, county.code, period)
            if before is not None and not revise:
                return existing(county, before, mend=not dry_run)
            causes = [*corrections, *corrected.owed(connection, county, period)]
            coming = upcoming(connection, county, period, now, before, causes, history=history)
        if before is not None and coming.edition["body_digest"] == before.body_digest:
            return existing(county, before, mend=not dry_run)
        if dry_run:
            return report(county, coming.edition, {}, is_new=True)
        if county.policy.bulletin.of_kind(period.kind).approval == "required":
            return keep(county, coming, now)
        return put(county, coming, now, signed_by="")


def upcoming(
    connection: Connection,
    county: County,
    period: Period,
    now: int,
    before: Published | None,
    corrections: Sequence[Reason] = (),
    *,
    history: bool = False,
) -> Next:
    """The next edition of a period, checked by the gate. Raises PublishRefused."""
    head = _watermark(connection, county, period, now, before, bool(corrections))
    if (
        history
        and before is None
        and not events.any_until(connection, county.code, head.seq, LIVES)
    ):
        head = ledger.read_head(connection, county.code)
    if head.seq == 0:
        limit = instant(cut_off(period, county.policy, county.days), county.zone)
        raise PublishRefused("nothing_received", {"period": period.code, "limit": limit})
    found = made(connection, county, period, head.seq)
    _require_sources(county, found)
    _require_agreement(period, found)
    edition = Edition(
        edition=before.number + 1 if before else 1,
        watermark=head.seq,
        ledger_head=head.hash,
        ledger_root=ledger.root_at(connection, county.code, head.seq),
        policy_hash=county.policy_hash,
        body_digest=found.digest,
        body=found.body,
    )
    if before is not None:
        note = _note(connection, county, period, before, found, corrections)
        if note is not None:
            edition["revision"] = note
    return Next(edition, found.items)


def _watermark(
    connection: Connection,
    county: County,
    period: Period,
    now: int,
    before: Published | None,
    is_correction: bool,
) -> Head:
    """What was known at the cut-off for a first edition; later, all that is known or was known
    when the period froze, unless an upheld objection corrects it. Nobody filed for a span that is
    asked for: it speaks of all that is known."""
    limit = cut_off(period, county.policy, county.days)
    if now < limit:
        values = {"limit": instant(limit, county.zone), "now": instant(now, county.zone)}
        raise PublishRefused("open", {"period": period.code, **values})
    frozen = frozen_at(period, county.policy)
    known_by = None if is_correction or now < frozen else frozen
    is_first = before is None and period.kind is not EditionKind.SPAN
    head = ledger.watermark(connection, county.code, limit if is_first else known_by)
    return max(head, before_head(connection, county, before), key=lambda h: h.seq)


def before_head(connection: Connection, county: County, before: Published | None) -> Head:
    """A later edition never knows less than the one before."""
    return ledger.head_at(connection, county.code, before.watermark) if before else Head()


def _require_agreement(period: Period, found: Made) -> None:
    if found.refusals:
        shown = "; ".join(str(refusal) for refusal in found.refusals[:5])
        values = {"period": period.code, "n": len(found.refusals), "shown": shown}
        raise PublishRefused("gate", values)


def _require_sources(county: County, found: Made) -> None:
    """A missing source is named in the bulletin, or refuses it, as policy or the source says."""
    silent = [m for m in found.body["missing"] if m["unit"] == m["source"]]
    refuse_all = county.policy.bulletin.on_missing_source == "refuse"
    fatal = sorted({m["source"] for m in silent if refuse_all or county.sources[m["source"]].vital})
    if fatal:
        values = {"period": found.body["period"], "sources": ", ".join(fatal)}
        raise PublishRefused("silent", values)


def _note(
    connection: Connection,
    county: County,
    period: Period,
    before: Published,
    found: Made,
    corrections: Sequence[Reason],
) -> Revision | None:
    previous = archive.document(county, before)
    late = _submissions_since(connection, county, before.watermark, period.end)
    return revision(previous, found.body, late, county.policy_hash, corrections)


def _submissions_since(
    connection: Connection, county: County, watermark: int, end: int
) -> list[Reason]:
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
