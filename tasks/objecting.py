"""异议: a town contests a cell; it is upheld, and a correction follows, or refused with a reason.

Promise: an objection names edition, cell, items and evidence, and has a clock; upholding it without
anything that changes the figures is refused, for a correction that corrects nothing is none; the
correction is of class C and names the objection, which learns its edition when that is published or
its draft signed. Who decides proves it by a code.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rules.periods import end_of_day
from rules.seal import canonical, digest
from schemas.edition import ObjectionState
from schemas.period import Period
from tasks.as_published import period_of_edition
from tasks.county import County
from tasks.explaining import edition_named, parsed
from tasks.operators import eligible, prove
from tasks.publication import archive, corrected
from tasks.publication.issuing import tell
from tasks.publication.releasing import EditionReport
from tasks.publication.reporting import instant
from tasks.publishing import publish
from tasks.refusing import Refusal
from tasks.store import ledger
from tasks.store import objections as store
from tasks.store.engine import reading, writing
from tasks.store.objections import Objection

FILED, UPHELD, REFUSED = "objection_filed", "objection_upheld", "objection_refused"


class ObjectionRefused(Refusal):
    """The objection cannot be taken or decided so; the message says why and what to do."""

    area = "refusal.objection"


@dataclass(frozen=True)
class Decision:
    """What became of an objection, and the correction it made, if any."""

    objection: Objection
    edition: EditionReport | None


def file(
    county: County,
    edition: str,
    cell: str,
    items: Sequence[str],
    evidence: str,
    filed_by: str,
    now: int,
) -> Objection:
    """Take an objection to a cell of an edition. Raises ObjectionRefused, NoSuchCell."""
    published = edition_named(county, edition)
    rule = county.policy.bulletin.objections
    if rule is None:
        raise ObjectionRefused("not_taken")
    named = parsed(archive.document(county, published)["body"], cell).name
    if not evidence.strip() or not filed_by.strip():
        raise ObjectionRefused("no_evidence")
    until = _after(county, published.published_at, rule.file_working_days)
    if now >= until:
        values = {"period": published.period, "until": instant(until, county.zone)}
        raise ObjectionRefused("too_late", values)
    said = {
        "kind": published.kind,
        "period": published.period,
        "edition": published.number,
        "cell": named,
        "items": list(items),
        "evidence": evidence,
        "filed_by": filed_by,
    }
    row = said | {
        "objection_id": f"objection:{digest(said | {'filed_at': now})[:12]}",
        "items": canonical(list(items)).decode(),
        "filed_at": now,
        "decide_by": _after(county, now, rule.decide_working_days),
        "state": ObjectionState.FILED.value,
        "decided_at": 0,
        "decided_by": "",
        "reason": "",
        "corrected_by": 0,
    }
    ledger.settled(lambda: _file(county, row, now))
    return one(county, str(row["objection_id"]))


def one(county: County, objection_id: str) -> Objection:
    """An objection by its id. Raises ObjectionRefused."""
    with reading(county.engine) as connection:
        found = store.objections(connection, county.code, objection_id)
    if not found:
        raise ObjectionRefused("unknown", {"objection": objection_id})
    return found[0]


def listed(county: County, now: int) -> list[dict[str, Any]]:
    """Every objection with its clock, those that wait first."""
    with reading(county.engine) as connection:
        found = store.objections(connection, county.code)
    rows = [
        {
            **asdict(each),
            "filed_at": instant(each.filed_at, county.zone),
            "decide_by": instant(each.decide_by, county.zone),
            "is_overdue": each.state == ObjectionState.FILED and now >= each.decide_by,
        }
        for each in found
    ]
    return sorted(rows, key=lambda row: (row["state"] != ObjectionState.FILED, row["seq"]))


def uphold(
    county: County, objection_id: str, reason: str, decider: str, code: str, now: int
) -> Decision:
    """Correct the period: an edition of class C. Raises ObjectionRefused, PublishRefused,
    NotProved."""
    found = _open(county, objection_id, reason)
    period = would_correct(county, objection_id, reason, now)
    person = _proved(county, decider, code, now)
    # Decided first: from now on the next edition owes its answer, whatever happens to this run.
    _decide(county, found, ObjectionState.UPHELD, reason, person, now)
    made = publish(county, period, now, revise=True)
    return Decision(one(county, objection_id), made)


def would_correct(county: County, objection_id: str, reason: str, now: int) -> Period:
    """The period that upholding it would correct. Raises ObjectionRefused, PublishRefused."""
    found = _open(county, objection_id, reason)
    published = edition_named(county, f"{found.kind}/{found.period}")
    period = period_of_edition(county, published)
    cause = corrected.cause(found.objection_id, found.cell, reason)
    preview = publish(county, period, now, revise=True, dry_run=True, corrections=[cause])
    if not preview.is_new:
        raise ObjectionRefused("nothing_changes", {"period": found.period})
    return period


def refuse(
    county: County, objection_id: str, reason: str, decider: str, code: str, now: int
) -> Decision:
    """Refuse it with a reason. Raises ObjectionRefused, NotProved."""
    found = _open(county, objection_id, reason)
    person = _proved(county, decider, code, now)
    _decide(county, found, ObjectionState.REFUSED, reason, person, now)
    return Decision(one(county, objection_id), None)


def _open(county: County, objection_id: str, reason: str) -> Objection:
    found = one(county, objection_id)
    if found.state != ObjectionState.FILED:
        raise _decided(found)
    if not reason.strip():
        raise ObjectionRefused("no_reason")
    return found


def _decided(found: Objection) -> ObjectionRefused:
    """It was decided; and what is still to be done for one that was upheld."""
    if found.state != ObjectionState.UPHELD or found.corrected_by:
        return ObjectionRefused(f"was_{found.state}", {"objection": found.objection_id})
    values = {"kind": found.kind.replace("_", "-"), "period": found.period}
    return ObjectionRefused("uncorrected", {"objection": found.objection_id, **values})


def _proved(county: County, decider: str, code: str, now: int) -> str:
    return prove(county, eligible(county, "bulletin", decider, now).name, code, now).name


def _after(county: County, at: int, working_days: int) -> int:
    """24:00 of the day so many working days after."""
    return end_of_day(county.days.add(county.days.day_of(at), working_days), county.zone)


def _file(county: County, row: dict[str, Any], now: int) -> None:
    with writing(county.engine) as connection:
        seq = tell(connection, county, FILED, row, now, row["filed_by"])
        store.add(connection, county.code, seq, row)
        connection.commit()


def _decide(
    county: County,
    found: Objection,
    state: ObjectionState,
    reason: str,
    by: str,
    now: int,
) -> None:
    values = {
        "state": state.value,
        "reason": reason,
        "decided_by": by,
        "decided_at": now,
    }
    said = {
        "kind": found.kind,
        "period": found.period,
        "objection_id": found.objection_id,
        **values,
    }
    kind = UPHELD if state is ObjectionState.UPHELD else REFUSED

    def decided() -> None:
        with writing(county.engine) as connection:
            tell(connection, county, kind, said, now, by)
            store.decide(connection, county.code, found.objection_id, values)
            connection.commit()

    ledger.settled(decided)
