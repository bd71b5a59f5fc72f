"""The official papers of one listing, filled from what the ledger says.

Each function gives a form of `schemas.forms`; `tasks.rendering.forms.render` makes the Word file.
"""

from typing import Any

import pandas as pd

from rules.facts import latest_revisions
from rules.listing_duties import OFFICE
from schemas.forms import AcceptanceOpinion, ExtensionOpinion, Hazard, ListingNotice
from schemas.vocabulary import FactKind, ListingStep
from tasks.county import County
from tasks.listing_steps import named
from tasks.paper_items import NoPaper, committee_of, day_of, described, in_lang, items_of, last_day
from tasks.store import listings, lookups
from tasks.store.engine import Connection, reading


def notice(county: County, key: str, lang: str) -> ListingNotice:
    """挂牌督办通知书 of a listing (number or id). Raises NoSuchListing, NoPaper."""
    with reading(county.engine) as connection:
        row, hazards = _listing(connection, county, key, lang)
        if row.source != OFFICE:
            raise NoPaper(f"{row.number} was listed by another office, whose notice it is")
        approved = _step(connection, county, row.listing_id, ListingStep.APPROVED)
        received = lookups.last_said(connection, county.code, row.listing_id, ListingStep.RECEIVED)
    leader = in_lang(county.policy.listing.approved_by, lang)
    received_on = day_of(county, int(received["at"])) if received else None
    return ListingNotice(
        number=row.number,
        level=row.level,
        unit=row.unit_name,
        hazards=hazards,
        due_on=last_day(county, row.original_due_at),
        plan_due_on=last_day(county, row.plan_due_at),
        department=committee_of(county, row.sector_code, lang),
        approver=str(approved.get("second_person") or leader),
        office=in_lang(county.organisation.issuer, lang),
        issued_on=day_of(county, row.listed_at),
        received_by=str(received.get("person", "")),
        received_on=received_on,
    )


def extension(county: County, key: str, lang: str) -> ExtensionOpinion:
    """延期审批意见书: the decision on the last application. Raises NoSuchListing, NoPaper."""
    with reading(county.engine) as connection:
        row, hazards = _listing(connection, county, key, lang)
        asked = _step(connection, county, row.listing_id, ListingStep.EXTENSION_ASKED)
        granted, refused = (
            lookups.last_said(connection, county.code, row.listing_id, step)
            for step in (ListingStep.EXTENDED, ListingStep.EXTENSION_REFUSED)
        )
    decided = max(granted, refused, key=lambda said: int(said.get("at", 0)))
    if int(decided.get("at", 0)) < int(asked["at"]):
        raise NoPaper(f"the extension of {row.number} is not decided yet: grant or refuse it first")
    is_granted = decided is granted
    before = row.original_due_at if is_granted else row.due_at
    return ExtensionOpinion(
        listing_number=row.number,
        unit=row.unit_name,
        hazards=hazards,
        due_on=last_day(county, before),
        asked_due_on=last_day(county, int(asked["due_at"])),
        asked_on=day_of(county, int(asked["at"])),
        reason=str(asked["reason"]),
        interim_control=str(asked["interim_control"]),
        is_granted=is_granted,
        new_due_on=last_day(county, int(decided["due_at"])) if is_granted else None,
        decider=str(decided["second_person"]),
        decided_on=day_of(county, int(decided["at"])),
        office=in_lang(county.organisation.issuer, lang),
        opinion=str(decided.get("reason", "")),
    )


def acceptance(county: County, key: str, lang: str) -> AcceptanceOpinion:
    """验收意见书: the last opinion on a listing. Raises NoSuchListing, NoPaper."""
    with reading(county.engine) as connection:
        row, hazards = _listing(connection, county, key, lang)
        passed, failed = (
            lookups.last_said(connection, county.code, row.listing_id, step)
            for step in (ListingStep.PASSED, ListingStep.FAILED)
        )
        told = _submissions(connection, county, row.listing_id)
    opinion = max(passed, failed, key=lambda said: int(said.get("at", 0)))
    if not opinion:
        raise NoPaper(f"{row.number} has no opinion on its acceptance yet: enter it first")
    return AcceptanceOpinion(
        listing_number=row.number,
        unit=row.unit_name,
        hazards=hazards,
        done="；".join(told["work_done"].dropna().unique()),
        spent_fen=int(told["funding_spent_fen"].fillna(0).sum()) if len(told) else None,
        evidence=tuple(told["evidence"].dropna().unique()),
        organisation=str(opinion["organisation"]),
        persons=(str(opinion.get("person") or opinion["actor"]),),
        is_passed=opinion is passed,
        accepted_on=day_of(county, int(opinion["at"])),
        office=in_lang(county.organisation.issuer, lang),
        opinion=str(opinion.get("reason", "")) if opinion is passed else "",
        remains="" if opinion is passed else str(opinion["reason"]),
    )


def _listing(
    connection: Connection, county: County, key: str, lang: str
) -> tuple[Any, tuple[Hazard, ...]]:
    row = named(connection, county, key)
    if not row.number:
        raise NoPaper(f"{key!r} has no number yet: a notice is numbered with the approval")
    known = listings.hazards(connection, county.code)
    roots = known.loc[known["listing_id"] == row.listing_id, "root_id"].unique()
    items = items_of(connection, county, roots)
    return row, tuple(described(county, item, lang) for item in items.to_dict("records"))


def _step(
    connection: Connection, county: County, listing: str, step: ListingStep
) -> dict[str, Any]:
    found = lookups.last_said(connection, county.code, listing, step)
    if not found and step is ListingStep.APPROVED:
        found = lookups.last_said(connection, county.code, listing, ListingStep.ADOPTED)
    if not found:
        raise NoPaper(f"{listing} has no step {step} that the paper could tell of")
    return found


def _submissions(connection: Connection, county: County, listing: str) -> pd.DataFrame:
    """The last submission for acceptance of each of the listing's hazards."""
    known = listings.hazards(connection, county.code)
    roots = known.loc[known["listing_id"] == listing, "root_id"].unique()
    members = lookups.members_of(connection, county.code, roots)
    facts = latest_revisions(lookups.facts_of(connection, county.code, members["stream_id"]))
    told = facts[facts["kind"] == FactKind.SUBMITTED.value].sort_values("claimed_at")
    return told.drop_duplicates("stream_id", keep="last")
