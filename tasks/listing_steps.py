"""Listings at work: proposed by the clock, advanced by people, adopted from the level above.

Promise: a step is judged by `rules.listing_life`, and its event, the listing's row and what it
means for the hazards (listed, extended, delisted) are one transaction; the hazards' own guards have
their say first. A dry run decides and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from rules.elements import names
from rules.lifecycle import EXITS
from rules.listing import next_number, plan_end, term_end
from rules.listing_life import BY_STEP, Circumstances, Listing, Said, after, hazard_event, refusal
from rules.seal import canonical
from schemas.vocabulary import ListingState, ListingStep, OperatorRole, Outcome, StreamKind
from tasks.county import County
from tasks.entering import Entry, prepare
from tasks.operators import eligible, require_second
from tasks.own_events import append, own_drafts
from tasks.posting import messages, send
from tasks.refusing import Refusal
from tasks.store import ledger, listings, lookups
from tasks.store.changes import Change
from tasks.store.engine import Connection, reading
from tasks.store.standing import standing

SOURCE, RECORD = "operator", "listing"
ABOUT = ("unit_name", "town_code", "sector_code", "source")
_NUMBERED = (ListingStep.APPROVED, ListingStep.RAISED)
_OUT = [int(state) for state in EXITS]


class NoSuchListing(Refusal):
    """No listing has this id or number."""

    area = "refusal.listing"


@dataclass(frozen=True)
class ListingReport:
    """What a step does, or would do; ok is False where a guard refuses or data are missing."""

    listing: str
    number: str
    step: str
    ok: bool
    reason: str
    missing: tuple[str, ...]
    state_before: str
    state_after: str
    hazards: tuple[str, ...]
    appended: int
    dry_run: bool


@dataclass(frozen=True)
class _Case:
    """One listing with its hazards as they are against one head."""

    head: ledger.Head
    row: Listing
    roots: tuple[str, ...]
    present: pd.DataFrame
    asker: str
    used: tuple[str, ...]
    length: int


def advance(
    county: County,
    key: str,
    step: ListingStep,
    said: Said,
    *,
    actor: str,
    now: int,
    code: str = "",
    dry_run: bool = True,
) -> ListingReport:
    """Make one step of a listing (id or number). Raises NoSuchListing, NotProved.

    code: of the second person where the step needs one; an approval needs a leader's.
    """
    if said.second_person and "second_person" in BY_STEP[step].needs:
        said = _with_second(county, step, said, actor, now)
        would = _advance(county, key, step, said, actor, now, True)
        if dry_run or not would.ok:  # a code is good once: what is refused must not use it up
            return replace(would, dry_run=dry_run)
        require_second(county, actor, said.second_person, code, now, roles=_roles(step))
    done = ledger.settled(lambda: _advance(county, key, step, said, actor, now, dry_run))
    if done.appended:
        send(county, now)
    return done


def _with_second(county: County, step: ListingStep, said: Said, actor: str, now: int) -> Said:
    """The second person by the enrolled name, as far as that is known without a code."""
    found = eligible(county, actor, said.second_person, now, roles=_roles(step))
    return replace(said, second_person=found.name)


def _roles(step: ListingStep) -> tuple[OperatorRole, ...]:
    return (OperatorRole.LEADER,) if step is ListingStep.APPROVED else ()


def _advance(
    county: County, key: str, step: ListingStep, said: Said, actor: str, now: int, dry_run: bool
) -> ListingReport:
    with reading(county.engine) as connection:
        case = _case(connection, county, key)
    said = _completed(county, case, step, said)
    refused = refusal(case.row, step, said, _circumstances(county, case))
    if refused is not None:
        return _report(case, step, case.row, dry_run, refused.reason, refused.missing)
    row = after(case.row, step, said)
    entry, refused_by = _on_hazards(county, case, row, step, said, actor, now)
    if refused_by is not None:
        return _report(case, step, case.row, dry_run, *refused_by)
    if dry_run:
        return _report(case, step, row, dry_run)
    appended = _write(county, case, row, step, said, entry, actor, now)
    return replace(_report(case, step, row, dry_run), appended=appended)


def _case(connection: Connection, county: County, key: str) -> _Case:
    head = ledger.read_head(connection, county.code)
    row = named(connection, county, key)
    known = listings.hazards(connection, county.code)
    roots = tuple(sorted(set(known.loc[known["listing_id"] == row.listing_id, "root_id"])))
    present = standing(connection, county.code, roots)
    used = tuple(listings.numbers(connection, county.code))
    lengths = lookups.stream_lengths(connection, county.code, [row.listing_id])
    asked = lookups.last_said(
        connection, county.code, row.listing_id, ListingStep.EXTENSION_ASKED.value
    )
    asker = str(asked.get("person") or asked.get("actor", ""))
    return _Case(head, row, roots, present, asker, used, int(lengths.get(row.listing_id, 0)))


def named(connection: Connection, county: County, key: str) -> Listing:
    """A listing by its number or id. Raises NoSuchListing."""
    row = listings.one(connection, county.code, key)
    if row is None:
        raise NoSuchListing("no_listing", {"listing": key})
    return row


def _completed(county: County, case: _Case, step: ListingStep, said: Said) -> Said:
    """What the office fills in itself: the next number, the term where no date was named."""
    rule = county.policy.listing
    level = said.level or case.row.level
    if step in _NUMBERED and not said.number:
        year = county.days.day_of(said.at).year
        said = replace(said, number=next_number(county.policy, county.code, level, year, case.used))
    if step is ListingStep.APPROVED:
        due = said.due_at or term_end(said.at, rule, county.days)
        said = replace(said, due_at=due, plan_due_at=plan_end(said.at, rule, county.days))
    return said


def _circumstances(county: County, case: _Case) -> Circumstances:
    present = case.present
    out = present["state"].isin(_OUT)
    return Circumstances(
        all_accepted=bool((out | (present["accepted_at"] > 0)).all()),
        all_closed=bool(out.all()),
        asker=case.asker,
        notice_working_days=county.policy.extension.listed_notice_working_days,
        days=county.days,
    )


def _on_hazards(
    county: County,
    case: _Case,
    row: Listing,
    step: ListingStep,
    said: Said,
    actor: str,
    now: int,
) -> tuple[Entry | None, tuple[str, tuple[str, ...]] | None]:
    """What the step enters on the hazards that are not out yet; or why one of them refuses it."""
    event = hazard_event.get(step)
    open_ = case.present.loc[~case.present["state"].isin(_OUT), "root_id"].tolist()
    if event is None or not open_:
        return None, None
    rows = [hazard_fact(root, event.value, row, said, actor) for root in sorted(open_)]
    entry = prepare(county, SOURCE, rows, now, actor)
    for one in entry.outcomes():
        if one.outcome != Outcome.APPLIED:
            return None, (one.reason, names(one.missing))
    return entry, None


def hazard_fact(root: str, event: str, row: Listing, said: Said, actor: str) -> dict[str, Any]:
    """A listing's step as a fact of one of its hazards."""
    return {
        "stream_id": root,
        "event": event,
        "happened_at": said.at,
        "listing_number": row.number,
        "listing_level": row.level.name.lower(),
        "due_date": said.due_at or None,
        "reason": said.reason or None,
        "interim_control": said.interim_control or None,
        "organisation": said.organisation or None,
        "person": said.person or actor,
        "second_person": said.second_person or None,
        "asked_at": row.extension_asked_at or None,
    }


def _write(
    county: County,
    case: _Case,
    row: Listing,
    step: ListingStep,
    said: Said,
    entry: Entry | None,
    actor: str,
    now: int,
) -> int:
    ids = pd.Series([row.listing_id])
    keys = ids + f":{step}:{case.length + 1}"
    drafts = own_drafts(
        ids, StreamKind.LISTING, step.value, keys, [payload(row, said)], now,
        source=SOURCE, record=RECORD, actor=actor, base_version=case.length,
    )  # fmt: skip
    changes: tuple[Change, ...] = (listings.written([row], [row.listing_id]),)
    if step in _NUMBERED:
        changes = (*changes, messages([notice(county, row, case.roots, now)], now))
    if entry is None:
        return append(county, case.head, drafts.assign(claimed_at=said.at), changes, now)
    return entry.commit(changes, drafts.assign(claimed_at=said.at))


def payload(row: Listing, said: Said, hazards: tuple[str, ...] = ()) -> str:
    """What a listing's event says: all that replaying it needs, blanks left out.

    hazards: those it begins with.
    """
    told: Mapping[str, Any] = asdict(said) | {
        "level": int(said.level),
        "hazards": list(hazards),
        "listing": {
            n: getattr(row, n) for n in ("unit_name", "town_code", "sector_code", "source")
        },
    }
    return canonical({k: v for k, v in told.items() if v}).decode()


def notice(county: County, row: Listing, hazards: tuple[str, ...], now: int) -> dict[str, Any]:
    """The message that a numbered notice is out (挂牌督办通知书), to the unit's town."""
    return {
        "key": f"listing:{row.number}",
        "recipient": f"town:{row.town_code}",
        "kind": "listing_notice",
        "number": row.number,
        "level": row.level.name.lower(),
        "listing": row.listing_id,
        "hazards": list(hazards),
        "unit_name": row.unit_name,
        "town": row.town_code,
        "sector": row.sector_code,
        "day": county.days.day_of(now).isoformat(),
        "due_on": county.days.day_of(row.due_at - 1).isoformat(),
        "plan_due_on": county.days.day_of(row.plan_due_at).isoformat(),
    }


def _report(
    case: _Case,
    step: ListingStep,
    row: Listing,
    dry_run: bool,
    reason: str = "",
    missing: tuple[str, ...] = (),
) -> ListingReport:
    return ListingReport(
        listing=case.row.listing_id,
        number=row.number,
        step=step.value,
        ok=not reason and not missing,
        reason=reason,
        missing=missing,
        state_before=ListingState(case.row.state).name.lower(),
        state_after=ListingState(row.state).name.lower(),
        hazards=case.roots,
        appended=0,
        dry_run=dry_run,
    )
