"""A person's word on what waits (`tasks.pending`): approve or refuse, proved by their code.

Promise: one door for every kind; what is decided goes on from there at once (a signed draft is
published, a listing gets its number and notice, an upheld objection its correction); who decides is
never only typed; a dry run says what would follow and uses no code up.

    decide(county, Word("weekly/2025-W10", approve=True, person="…", code="123456"), now)
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from rules.kinds import period_of
from rules.listing_life import Said
from schemas.period import Period
from schemas.vocabulary import EditionKind, FactKind, ListingLevel, ListingStep
from tasks import climbing, objecting, signing
from tasks.acting import act
from tasks.county import County
from tasks.listing_steps import advance
from tasks.operators import eligible, prove
from tasks.pending import DECIDED_BY, Asked, Waiting, pending
from tasks.publication.releasing import EditionReport
from tasks.publication.reporting import instant
from tasks.refusing import Refusal


class NothingWaits(Refusal):
    """Nothing waits under this name, or it cannot be decided so; the text says what does."""

    area = "refusal.decide"


@dataclass(frozen=True)
class Word:
    """What somebody decides: on which name, how, who proves it by which code, and why.

    actor: who types it, as claimed; blank where the decider does. due_on: another day than the one
    that was asked for (YYYY-MM-DD).
    """

    name: str
    approve: bool
    person: str
    code: str = ""
    reason: str = ""
    actor: str = ""
    due_on: str = ""


@dataclass(frozen=True)
class Decided:
    """What the decision does, or would do; ok is False where a guard refuses or data are missing.

    edition: what it published, if anything; number: of a listing.
    """

    asked: str
    name: str
    approve: bool
    ok: bool
    dry_run: bool
    reason: str = ""
    missing: tuple[str, ...] = ()
    number: str = ""
    edition: EditionReport | None = None


def decide(county: County, word: Word, now: int, *, dry_run: bool = True) -> Decided:
    """Decide what waits under a name. Raises NothingWaits, NotProved, and what the matter's own
    module refuses (SigningRefused, ObjectionRefused, PublishRefused)."""
    waiting = _named(county, word.name, now)
    if not word.approve and not word.reason.strip():
        raise NothingWaits("no_reason", {"name": word.name})
    role = DECIDED_BY[waiting.asked]
    roles = (role,) if role else ()
    found = eligible(county, word.actor or waiting.by or "-", word.person, now, roles=roles)
    told = replace(word, person=found.name, actor=word.actor or waiting.by or found.name)
    done = _DOORS[waiting.asked](county, waiting, told, now, dry_run)
    return replace(done, dry_run=dry_run)


def _named(county: County, name: str, now: int) -> Waiting:
    found = pending(county, now)
    for one in found:
        if one.name == name.strip():
            return one
    if not found:
        raise NothingWaits("nothing", {"name": name})
    known = ", ".join(one.name for one in found[:20])
    raise NothingWaits("unknown", {"name": name, "known": known})


def _done(waiting: Waiting, word: Word, **what: Any) -> Decided:
    said = {"ok": True, "dry_run": False} | what
    return Decided(waiting.asked.value, waiting.name, word.approve, **said)


def _edition(county: County, one: Waiting, word: Word, now: int, dry_run: bool) -> Decided:
    period = _period(county, one)
    if dry_run:
        is_early = word.approve and now < one.not_before
        values = {"period": period.code, "since": instant(one.not_before, county.zone)}
        if is_early:
            raise signing.SigningRefused("preview", values)
        return _done(one, word)
    if word.approve:
        made = signing.sign(county, period, word.person, word.code, now)
        return _done(one, word, edition=made)
    signing.refuse(county, period, word.person, word.code, word.reason, now)
    return _done(one, word)


def _period(county: County, one: Waiting) -> Period:
    return period_of(EditionKind(one.about["kind"]), one.about["period"], county.zone)


def _step(
    approved: ListingStep, refused: ListingStep | None
) -> Callable[[County, Waiting, Word, int, bool], Decided]:
    """The door of a listing's step; where there is no refusing step, only approval is asked."""

    def door(county: County, one: Waiting, word: Word, now: int, dry_run: bool) -> Decided:
        step = approved if word.approve else refused
        if step is None:
            raise NothingWaits("no_refusal", {"name": one.name})
        done = advance(
            county, one.name, step, _said(county, one, word, now), actor=word.actor, now=now,
            code=word.code, dry_run=dry_run,
        )  # fmt: skip
        return _done(
            one, word, ok=done.ok, reason=done.reason, missing=done.missing, number=done.number
        )

    return door


def _listing(county: County, one: Waiting, word: Word, now: int, dry_run: bool) -> Decided:
    """Approved by the leader's code in the step itself; refused by the same proof before it."""
    door = _step(ListingStep.APPROVED, ListingStep.REFUSED)
    if not word.approve and not dry_run:
        prove(county, word.person, word.code, now)
    return door(county, one, word, now, dry_run)


def _said(county: County, one: Waiting, word: Word, now: int) -> Said:
    due = one.due_at
    if word.due_on:
        due = _end_of(county, word.due_on)
    level = ListingLevel[one.about["level"].upper()]
    return Said(
        now,
        person=word.actor,
        second_person=word.person,
        reason=word.reason or one.reason,
        due_at=due,
        level=level if one.asked is Asked.DELISTING else ListingLevel.NONE,
    )


def _end_of(county: County, day: str) -> int:
    from tasks.listing_values import said_of

    return said_of(county, {"due_at": day}, 0).due_at


def _extended(county: County, one: Waiting, word: Word, now: int, dry_run: bool) -> Decided:
    event = FactKind.EXTENDED if word.approve else FactKind.EXTENSION_REFUSED
    data = {"reason": word.reason or one.reason, "second_person": word.person}
    if word.approve:
        data["due_date"] = word.due_on or county.days.day_of(one.due_at - 1).isoformat()
    done = act(
        county, one.name, event.value, data, now, actor=word.actor, code=word.code, dry_run=dry_run
    )
    return _done(one, word, ok=done.ok, reason=done.reason, missing=done.missing)


def _objection(county: County, one: Waiting, word: Word, now: int, dry_run: bool) -> Decided:
    if dry_run:
        if word.approve:
            objecting.would_correct(county, one.name, word.reason, now)
        return _done(one, word)
    door = objecting.uphold if word.approve else objecting.refuse
    made = door(county, one.name, word.reason, word.person, word.code, now)
    return _done(one, word, edition=made.edition)


def _proposal(county: County, one: Waiting, word: Word, now: int, dry_run: bool) -> Decided:
    if dry_run:
        return _done(one, word)
    person = prove(county, word.person, word.code, now).name
    climbing.decide(
        county, one.name, confirm=word.approve, reason=word.reason, actor=person, now=now
    )
    return _done(one, word)


_DOORS: Mapping[Asked, Callable[[County, Waiting, Word, int, bool], Decided]] = {
    Asked.EDITION: _edition,
    Asked.LISTING: _listing,
    Asked.LISTING_EXTENSION: _step(ListingStep.EXTENDED, ListingStep.EXTENSION_REFUSED),
    Asked.DELISTING: _step(ListingStep.DELISTED, None),
    Asked.EXTENSION: _extended,
    Asked.OBJECTION: _objection,
    Asked.PROPOSAL: _proposal,
}


def plain(done: Decided) -> dict[str, Any]:
    """The stable keys of a decision for JSON; the edition apart."""
    return {k: v for k, v in asdict(replace(done, edition=None)).items() if k != "edition"}
