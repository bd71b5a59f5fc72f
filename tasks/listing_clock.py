"""What the clock does for listings: propose what is to be listed, follow what the level above does.

Promise: a major hazard is proposed once; policy says whether the proposal waits for a named leader
or lists at once. A hazard that another source says is listed gets its listing here, with that
source's number; so its duties run beside ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from rules.listing import next_numbers, plan_end, proposals, term_end
from rules.listing_life import Listing, Said, after
from schemas.period import FOREVER
from schemas.vocabulary import (
    FactKind,
    ListingLevel,
    ListingState,
    ListingStep,
    Severity,
    StreamKind,
)
from tasks.county import County
from tasks.entering import prepare
from tasks.listing_steps import RECORD, hazard_fact, notice, payload
from tasks.own_events import append, own_drafts
from tasks.posting import messages
from tasks.store import ledger, listings, lookups
from tasks.store.changes import Change
from tasks.store.engine import Connection, reading
from tasks.store.measures import Cut
from tasks.store.standing import awaiting, standing

SOURCE = "supervise"
_ENDED = (ListingState.REFUSED, ListingState.DELISTED, ListingState.CLOSED)
_GROUP = ["unit_name", "town_code", "sector_code", "level"]


@dataclass(frozen=True)
class ListingRun:
    """Proposals made (ids), numbers given at once, listings adopted from above, events appended."""

    proposed: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    appended: int = 0


@dataclass(frozen=True)
class _New:
    """A listing that begins, with its hazards and what its first step says."""

    row: Listing
    roots: tuple[str, ...]
    said: Said


def run(county: County, now: int) -> ListingRun:
    """Follow the level above first: what it has listed needs no proposal of ours."""
    adopted, lifted, first = ledger.settled(lambda: _follow(county, now))
    proposed, numbers, second = ledger.settled(lambda: _propose(county, now))
    return ListingRun(proposed, numbers, adopted, lifted, first + second)


# -- proposals ------------------------------------------------------------------------------------


def _propose(county: County, now: int) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        majors = awaiting(connection, county.code)
        majors = majors[majors["severity"] == int(Severity.MAJOR)]
        wanted = proposals(majors, county.policy, county.days, now)
        wanted = wanted[~wanted["root_id"].isin(_under_listing(connection, county))]
        used = listings.numbers(connection, county.code)
    if wanted.empty:
        return (), (), 0
    begun = [_proposal(group, now) for group in _together(wanted)]
    if county.policy.listing.approval == "at_once":
        return _list_at_once(county, begun, used, now)
    appended = _begin(county, head, begun, ListingStep.PROPOSED, now)
    return tuple(new.row.listing_id for new in begun), (), appended


def _under_listing(connection: Connection, county: County) -> set[str]:
    """Hazards of listings that have not ended; a refused proposal is not made again."""
    ended = {
        row.listing_id
        for row in listings.every(connection, county.code)
        if row.state in _ENDED and row.state is not ListingState.REFUSED
    }
    known = listings.hazards(connection, county.code)
    return set(known.loc[~known["listing_id"].isin(ended), "root_id"])


def _together(wanted: pd.DataFrame) -> list[pd.DataFrame]:
    """One listing for one unit of a town and sector; a hazard without a named unit stands alone."""
    alone = wanted["unit_name"].fillna("").str.strip() == ""
    named = [group for _, group in wanted[~alone].groupby(_GROUP, sort=True)]
    return [*named, *(wanted.loc[[at]] for at in wanted.index[alone])]


def _proposal(hazards: pd.DataFrame, now: int) -> _New:
    first = hazards.iloc[0]
    level = ListingLevel(int(first["level"]))
    row = Listing(
        "listing:" + str(first["root_id"]).removeprefix("hazard:"),
        str(first["unit_name"] or ""),
        str(first["town_code"]),
        str(first["sector_code"]),
        level,
        "operator",
    )
    said = Said(now, level=level)
    proposed = after(row, ListingStep.PROPOSED, said)
    return _New(proposed, tuple(sorted(hazards["root_id"])), said)


def _list_at_once(
    county: County, proposed: Sequence[_New], used: list[str], now: int
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    rule = county.policy.listing
    levels = [new.row.level for new in proposed]
    given = next_numbers(county.policy, county.code, levels, county.days.day_of(now).year, used)
    due, plan = term_end(now, rule, county.days), plan_end(now, rule, county.days)
    begun = []
    for new, number in zip(proposed, given, strict=True):
        said = Said(
            now, number=number, due_at=due, plan_due_at=plan, level=new.row.level,
            organisation=SOURCE,
        )  # fmt: skip
        unproposed = replace(new.row, proposed_at=0)  # its first event is the approval
        begun.append(_New(after(unproposed, ListingStep.APPROVED, said), new.roots, said))
    facts = [
        hazard_fact(root, FactKind.LISTED.value, new.row, replace(new.said, due_at=0), SOURCE)
        for new in begun
        for root in new.roots
    ]
    entry = prepare(county, SOURCE, facts, now, SOURCE)
    drafts = _drafts(begun, ListingStep.APPROVED, now)
    told = messages((notice(county, new.row, new.roots, now) for new in begun), now)
    appended = entry.commit((*_changes(begun), told), drafts)
    return tuple(new.row.listing_id for new in begun), tuple(given), appended


# -- the level above ------------------------------------------------------------------------------


def _follow(county: County, now: int) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Listings that other sources told of: begun where we have none, lifted where they ended."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        begun = _from_above(connection, county, head.seq)
        lifted = _lifted(connection, county, now)
        ids = [row.listing_id for row in lifted]
        lengths = lookups.stream_lengths(connection, county.code, ids)
    if not begun and not lifted:
        return (), (), 0
    appended = _begin(county, head, begun, ListingStep.ADOPTED, now, (lifted, lengths))
    return (
        tuple(new.row.number for new in begun),
        tuple(row.number for row in lifted),
        appended,
    )


def _from_above(connection: Connection, county: County, seq: int) -> list[_New]:
    cut = Cut(county.code, seq, FOREVER, {}, 0)
    listed = listings.open_listed(connection, cut)
    if listed.empty:
        return []
    told = listings.notices(connection, cut, listed["root_id"])
    ours = {row.number for row in listings.every(connection, county.code)}
    told = told[~told["number"].isin(ours) & (told["number"] != "")]
    rows = told.merge(listed, on="root_id")
    return [_adopted(county, group) for _, group in rows.groupby("number", sort=True)]


def _adopted(county: County, hazards: pd.DataFrame) -> _New:
    first = hazards.sort_values(["claimed_at", "root_id"]).iloc[0]
    at, rule = int(first["claimed_at"]), county.policy.listing
    level, number = ListingLevel(int(first["listed_level"])), str(first["number"])
    due = max(int(hazards["due_at"].max()), term_end(at, rule, county.days))
    plan = plan_end(at, rule, county.days)
    said = Said(at, number=number, level=level, due_at=due, plan_due_at=plan)
    row = Listing(
        f"listing:{first['source']}:{number}",
        str(first["unit_name"] or ""),
        str(first["town_code"]),
        str(first["sector_code"]),
        level,
        str(first["source"]),
    )
    return _New(after(row, ListingStep.ADOPTED, said), tuple(sorted(hazards["root_id"])), said)


def _lifted(connection: Connection, county: County, now: int) -> list[Listing]:
    """Listings of other sources none of whose hazards is listed any more."""
    theirs = {
        row.listing_id: row
        for row in listings.every(connection, county.code)
        if row.source != "operator" and row.state not in _ENDED
    }
    known = listings.hazards(connection, county.code)
    known = known[known["listing_id"].isin(list(theirs))]
    if known.empty:
        return []
    levels = standing(connection, county.code, known["root_id"]).set_index("root_id")
    highest = known["root_id"].map(levels["listed_level"]).groupby(known["listing_id"]).max()
    gone = highest.index[highest.to_numpy() == 0]
    said = Said(now)
    return [after(theirs[k], ListingStep.LIFTED, said) for k in gone]


# -- writing --------------------------------------------------------------------------------------


def _begin(
    county: County,
    head: ledger.Head,
    begun: Sequence[_New],
    step: ListingStep,
    now: int,
    ended: tuple[Sequence[Listing], pd.Series] = ((), pd.Series(dtype="int64")),
) -> int:
    """New listings, and listings that end with the lengths of their streams, in one slice."""
    lifted, lengths = ended
    drafts = [_drafts(begun, step, now)] if begun else []
    changes = list(_changes(begun)) if begun else []
    if step is ListingStep.PROPOSED:
        changes.append(messages((_to_leader(county, new, now) for new in begun), now))
    if lifted:
        gone = [_New(row, (), Said(now)) for row in lifted]
        base = pd.Series([int(lengths[row.listing_id]) for row in lifted])
        drafts.append(_drafts(gone, ListingStep.LIFTED, now, base))
        changes.append(listings.written(lifted, [row.listing_id for row in lifted]))
    return append(county, head, pd.concat(drafts, ignore_index=True), tuple(changes), now)


def _to_leader(county: County, new: _New, now: int) -> dict[str, Any]:
    """A proposal waits for the named leader's approval."""
    return {
        "key": f"proposal:{new.row.listing_id}",
        "recipient": "leader",
        "kind": "listing_proposed",
        "listing": new.row.listing_id,
        "level": new.row.level.name.lower(),
        "hazards": list(new.roots),
        "unit_name": new.row.unit_name,
        "town": new.row.town_code,
        "sector": new.row.sector_code,
        "day": county.days.day_of(now).isoformat(),
        "proposal": True,
    }


def _changes(begun: Sequence[_New]) -> tuple[Change, ...]:
    rows = listings.written([new.row for new in begun])
    return rows, listings.joined({new.row.listing_id: new.roots for new in begun})


def _drafts(
    new: Sequence[_New], step: ListingStep, now: int, base: "int | pd.Series" = 0
) -> pd.DataFrame:
    ids = pd.Series([one.row.listing_id for one in new])
    payloads = [payload(one.row, one.said, one.roots) for one in new]
    drafts = own_drafts(
        ids, StreamKind.LISTING, step.value, ids + f":{step}", payloads, now,
        source=SOURCE, record=RECORD, actor=SOURCE, base_version=base,
    )  # fmt: skip
    return drafts.assign(claimed_at=[one.said.at for one in new])
