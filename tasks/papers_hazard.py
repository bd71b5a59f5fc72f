"""The official papers of one hazard, or of one digest of the ladder.

Each function gives a form of `schemas.forms`; `tasks.rendering.forms.render` makes the Word file.
A slip to a unit about a report from the public says the office's own words, never the report's.
"""

from datetime import date
from typing import Any

import pandas as pd

from rules.facts import latest_revisions
from schemas.forms import OverdueItem, RectificationReport, RiskSlip, SupervisionLetter
from schemas.vocabulary import Channel, FactKind
from tasks.county import County
from tasks.paper_items import (
    NoPaper,
    day_of,
    in_lang,
    item_of,
    items_of,
    last_day,
    numbered,
    recipient_of,
    slip_number,
    where_of,
)
from tasks.store import ladder_rungs, lookups
from tasks.store.engine import reading


def slip(
    county: County, hazard: str, lang: str, now: int, *, what: str = "", requirement: str = ""
) -> RiskSlip:
    """风险提示单 to the responsible unit. Raises NoPaper; what: the office's own words."""
    item = item_of(county, hazard)
    days = county.policy.slips.answer_working_days
    told = what or ("" if item["channel"] == Channel.PUBLIC_REPORT else item["description"])
    if not told:
        raise NoPaper(
            f"{hazard} was reported by the public: say in the office's own words what is wrong"
            " (--what), the report's words would give the reporter away"
        )
    seen = int(item["verified_at"] or 0)
    if item["channel"] == Channel.PUBLIC_REPORT and not seen:
        raise NoPaper(f"{hazard} is not verified yet: a slip tells what an official has seen")
    return RiskSlip(
        number=slip_number(county, item, now),
        unit=item["unit_name"],
        what=told,
        where=where_of(county, item, lang),
        found_on=day_of(county, seen or int(item["found_at"])),
        requirement=requirement,
        answer_by=county.days.add(day_of(county, now), days),
        answer_working_days=days,
        office=in_lang(county.organisation.issuer, lang),
        issued_on=day_of(county, now),
    )


def report(county: County, hazard: str, lang: str, now: int) -> RectificationReport:
    """整改报告单 for the unit to fill in, with what it has handed in already. Raises NoPaper."""
    item = item_of(county, hazard)
    with reading(county.engine) as connection:
        members = lookups.members_of(connection, county.code, [item["root_id"]])
        facts = latest_revisions(lookups.facts_of(connection, county.code, members["stream_id"]))
    told = facts[facts["kind"] == FactKind.SUBMITTED.value].sort_values("claimed_at").tail(1)
    last: dict[Any, Any] = told.to_dict("records")[0] if len(told) else {}
    spent = last.get("funding_spent_fen")
    public = item["channel"] == Channel.PUBLIC_REPORT
    return RectificationReport(
        slip_number=slip_number(county, item, now),
        unit=item["unit_name"],
        what=item["category"] if public else item["description"],
        office=in_lang(county.organisation.issuer, lang),
        done=str(last.get("work_done") or ""),
        spent_fen=None if spent is None or pd.isna(spent) else int(spent),
        evidence=tuple(filter(None, [last.get("evidence")])),
        responsible=str(last.get("person") or ""),
    )


def letter(
    county: County, key: str, lang: str, now: int, requirement: str = ""
) -> SupervisionLetter:
    """督办函 of one digest of the ladder, by its key. Raises NoPaper."""
    with reading(county.engine) as connection:
        rungs = ladder_rungs.of_digest(connection, county.code, key)
        if rungs.empty:
            raise NoPaper(f"{key!r} is no digest of the ladder; messages carry their key")
        items = items_of(connection, county, rungs["root_id"]).set_index("root_id")
    today = day_of(county, now)
    return SupervisionLetter(
        number=numbered("letter", today.year, key.rpartition(":")[2][:8], county),
        addressee=recipient_of(county, str(rungs["recipient"].iloc[0]), lang),
        items=tuple(_overdue(county, items, row, today) for row in rungs.to_dict("records")),
        counted_on=today,
        reply_by=county.days.add(today, county.policy.slips.answer_working_days),
        office=in_lang(county.organisation.issuer, lang),
        issued_on=today,
        requirement=requirement,
    )


def _overdue(county: County, items: pd.DataFrame, row: dict[Any, Any], today: date) -> OverdueItem:
    item, due = items.loc[row["root_id"]], last_day(county, int(row["due_at"]))
    public = item["channel"] == Channel.PUBLIC_REPORT
    return OverdueItem(
        what=str(item["category"] if public else item["description"]),
        unit=str(item["unit_name"]),
        due_on=due,
        days_overdue=max(0, (today - due).days),
    )
