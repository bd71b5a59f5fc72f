"""What waits for a person's word: drafts, listings, extensions, objections, the ladder's proposals.

Promise: it is worked out from the store each time, so nothing is lost when a run ends, a server
falls or a year passes; what `tasks.deciding` may decide is here, under the name it is decided by.

    for one in pending(county, now): print(said(county, one, "zh"))
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.edition import DraftState, ObjectionState
from schemas.vocabulary import ListingState, ListingStep, Mark, OperatorRole
from tasks import climbing, signing
from tasks.county import County
from tasks.publication.reporting import instant
from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.pending import render
from tasks.store import drafts, listings, lookups, objections, standing
from tasks.store.engine import Connection, reading

CLOCK = "supervise"  # who asks where no person does


class Asked(StrEnum):
    """What is asked of somebody."""

    EDITION = "edition"
    LISTING = "listing"
    LISTING_EXTENSION = "listing_extension"
    DELISTING = "delisting"
    EXTENSION = "extension"
    OBJECTION = "objection"
    PROPOSAL = "proposal"


# Who may decide; None: any enrolled operator but the one who asked.
DECIDED_BY: Mapping[Asked, OperatorRole | None] = {
    Asked.EDITION: OperatorRole.LEADER,
    Asked.LISTING: OperatorRole.LEADER,
    Asked.LISTING_EXTENSION: None,
    Asked.DELISTING: None,
    Asked.EXTENSION: None,
    Asked.OBJECTION: None,
    Asked.PROPOSAL: None,
}


@dataclass(frozen=True)
class Waiting:
    """One question. `name` is what it is decided by; times in UTC ms, 0 where there is none.

    about: codes and names that its wording needs; due_at: the day that is asked for (its 24:00).
    """

    asked: Asked
    name: str
    about: Mapping[str, str]
    by: str = ""
    since: int = 0
    not_before: int = 0
    until: int = 0
    due_at: int = 0
    reason: str = ""

    def is_overdue(self, now: int) -> bool:
        return 0 < self.until <= now


def pending(county: County, now: int) -> list[Waiting]:
    """Everything that waits, the oldest first."""
    with reading(county.engine) as connection:
        found = [
            *_editions(connection, county),
            *_listings(connection, county),
            *_extensions(connection, county),
            *_objections(connection, county),
            *_proposals(county),
        ]
    return sorted(found, key=lambda one: (one.since, one.asked, one.name))


def _editions(connection: Connection, county: County) -> list[Waiting]:
    waiting = drafts.drafts(connection, county.code, state=DraftState.OPEN.value)
    return [
        Waiting(
            Asked.EDITION,
            f"{draft.kind}/{draft.period}",
            {"kind": draft.kind, "period": draft.period, "edition": str(draft.edition)},
            since=draft.made_at,
            not_before=signing.sign_from(county, draft),
        )
        for draft in waiting
    ]


def _listings(connection: Connection, county: County) -> list[Waiting]:
    found = []
    for row in listings.every(connection, county.code):
        named = {"unit": row.unit_name, "level": row.level.name.lower(), "town": row.town_code}
        key = row.number or row.listing_id
        if row.state == ListingState.PROPOSED:
            step = ListingStep.PROPOSED.value
            said = lookups.last_said(connection, county.code, row.listing_id, step)
            by, reason = str(said.get("actor", "")), str(said.get("reason", ""))
            found.append(Waiting(Asked.LISTING, key, named, by, row.proposed_at, reason=reason))
        elif row.state == ListingState.PASSED:
            found.append(Waiting(Asked.DELISTING, key, named, since=row.decided_at))
        elif row.state == ListingState.IN_FORCE and row.extension_asked_at:
            step = ListingStep.EXTENSION_ASKED.value
            asked = lookups.last_said(connection, county.code, row.listing_id, step)
            found.append(_extension(Asked.LISTING_EXTENSION, key, named, asked, row.due_at))
    return found


def _extensions(connection: Connection, county: County) -> list[Waiting]:
    """Hazards whose extension is asked for, but for those that a listing asks for."""
    rows = standing.awaiting(connection, county.code)
    rows = rows[(rows["marks"] & int(Mark.EXTENSION_PENDING)) > 0]
    asked = standing.extensions_asked(connection, county.code, rows["root_id"])
    found = []
    for row in rows.to_dict("records"):
        named = {"unit": str(row["unit_name"] or ""), "town": str(row["town_code"])}
        said = asked.get(str(row["root_id"]), {})
        found.append(
            _extension(Asked.EXTENSION, str(row["root_id"]), named, said, int(row["due_at"]))
        )
    return found


def _extension(
    asked: Asked, name: str, named: Mapping[str, str], said: Mapping[str, Any], until: int
) -> Waiting:
    """To be decided before the date that it would move."""
    return Waiting(
        asked,
        name,
        named,
        by=str(said.get("person") or said.get("actor", "")),
        since=int(said.get("at", 0)),
        until=until,
        due_at=int(said.get("due_at") or said.get("due_date") or 0),
        reason=str(said.get("reason") or ""),
    )


def _objections(connection: Connection, county: County) -> list[Waiting]:
    filed = objections.objections(connection, county.code, state=ObjectionState.FILED.value)
    return [
        Waiting(
            Asked.OBJECTION,
            each.objection_id,
            {"kind": each.kind, "period": each.period, "edition": str(each.edition)}
            | {"cell": each.cell},
            by=each.filed_by,
            since=each.filed_at,
            until=each.decide_by,
            reason=each.evidence,
        )
        for each in filed
    ]


def _proposals(county: County) -> list[Waiting]:
    return [
        Waiting(
            Asked.PROPOSAL,
            each["key"],
            {"rung": each["rung"], "recipient": each["recipient"], "n": str(len(each["items"]))},
            since=each["fired_at"],
        )
        for each in climbing.proposals(county)
    ]


# -- as people read it ----------------------------------------------------------------------------


def said(county: County, one: Waiting, lang: str) -> str:
    """The question in one sentence."""
    about = dict(one.about)
    if "kind" in about:
        about["kind"] = text(f"edition_kind.{about['kind']}", lang)
        about["period"] = wording.period(about["period"], lang)
    for kind, key in (("level", "listing_level"), ("rung", "rung")):
        if kind in about:
            about[kind] = text(f"{key}.{about[kind]}", lang)
    if "recipient" in about:
        about["recipient"] = _recipient(county, about["recipient"], lang)
    due = county.days.day_of(one.due_at - 1).isoformat() if one.due_at else "-"
    return text(f"pending.{one.asked.value}", lang, due=due, **about)


def _recipient(county: County, key: str, lang: str) -> str:
    """What the town, sector or leader is called who would be told."""
    kind, _, code = key.partition(":")
    units = county.organisation
    towns = {town.code: town.name for town in units.towns}
    sectors = {sector.code: sector.name for sector in units.sectors}
    named = (towns if kind == "town" else sectors if kind == "sector" else {}).get(code)
    return getattr(named, lang) if named else text("cli.ladder.leader", lang)


def plain(county: County, one: Waiting, now: int, lang: str) -> dict[str, Any]:
    """A row of the list for a table or JSON: times as ISO 8601 in the county's zone."""
    times = {
        name: instant(value, county.zone) if value else ""
        for name, value in asdict(one).items()
        if name in ("since", "not_before", "until")
    }
    role = DECIDED_BY[one.asked]
    return {
        "asked": one.asked.value,
        "name": one.name,
        "what": said(county, one, lang),
        "by": text("job.supervise", lang) if one.by == CLOCK else one.by,
        "reason": one.reason,
        **times,
        "is_overdue": one.is_overdue(now),
        "decided_by": role.value if role else OperatorRole.OPERATOR.value,
    }


def write(county: County, now: int, lang: str = "zh") -> Path:
    """Write HOME/pages/pending.html; its path."""
    rows = [plain(county, one, now, lang) for one in pending(county, now)]
    path = county.home / "pages" / "pending.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    named = getattr(county.organisation.name, lang)
    path.write_bytes(render(named, rows, instant(now, county.zone), lang))
    return path
