"""What one fact says, and what it should have said: the domain's section 3, plainly.

Part of the oracle: shares no table, mask or function with the pipeline's rules.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chinese_calendar import is_workday

from tests.rules.oracle_story import Row

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = 86_400_000
# What is filed with these is evidence of themselves, not of the work.
_ABOUT_THEMSELVES = (
    "extension_asked", "extension_refused", "suspended", "continued", "production_stopped",
    "resumption_asked", "production_resumed", "interim_checked", "voided",
)  # fmt: skip
_ON_ITSELF: dict[str, dict[str, str]] = {
    "verified": {"organisation": "organisation"},
    "rejected": {"organisation": "organisation", "reason": "reason"},
    "bounced": {"reason": "reason"},
    "reopened": {"reason": "reason"},
    "moved": {"town": "town_code", "second_person": "second_person"},
    "severity_changed": {"severity": "severity"},
    "acceptance_passed": {"organisation": "organisation"},
    "acceptance_failed": {"organisation": "organisation"},
    "merged": {"target": "target"},
    "transferred": {"target": "target"},
    "delisted": {"listing_level": "listing_level"},
    "extension_asked": {"reason": "reason", "due_date": "due_general"},
    "extended": {"reason": "reason", "second_person": "second_person", "due_date": "due_general"},
    "extension_refused": {"reason": "reason", "second_person": "second_person"},
    "suspended": {"reason": "reason", "second_person": "second_person"},
    "continued": {"organisation": "organisation", "second_person": "second_person"},
    "production_stopped": {"organisation": "organisation", "reason": "reason"},
    "resumption_asked": {"organisation": "organisation"},
    "production_resumed": {"organisation": "organisation", "review": "evidence"},
    "interim_checked": {"organisation": "organisation"},
    "voided": {"reason": "reason", "second_person": "second_person", "target": "target"},
}


def told(fact: Row, column: str) -> bool:
    return fact.get(column) is not None


def untold(fact: Row, is_major: bool) -> set[str]:
    """What the fact itself must say and does not. is_major: the hazard it is about."""
    wanted = dict(_ON_ITSELF.get(fact["kind"], {}))
    if fact["kind"] == "severity_changed" and is_major:
        wanted |= {"reason": "reason", "second_person": "second_person"}
    missing = {name for name, column in wanted.items() if not told(fact, column)}
    whole_number = told(fact, "listing_number") and told(fact, "listing_level")
    if fact["kind"] == "listed" and not whole_number:
        missing.add("listing_number")
    return missing


def elements(fact: Row) -> set[str]:
    columns = {
        "responsibility": ("responsible_unit",),
        "measures": ("measures",),
        "funding": ("funding_planned_fen", "funding_source"),
        "plan": ("plan_reference",),
        "interim_control": ("interim_control",),
    }
    return {name for name, needed in columns.items() if all(told(fact, c) for c in needed)}


def handed_in(fact: Row) -> set[str]:
    names = {"finished_on": "finished_on", "work_done": "work_done", "evidence": "evidence"}
    names["funding_spent"] = "funding_spent_fen"
    brought = {name for name, column in names.items() if told(fact, column)}
    return brought - {"evidence"} if fact["kind"] in _ABOUT_THEMSELVES else brought


def interim(fact: Row) -> tuple[int, int | None]:
    """From 00:00 of the first day until 24:00 of the last; days are written as their 24:00."""
    first, last = fact.get("interim_from"), fact.get("interim_until")
    return first - DAY if first else 0, last or None


def day_of(instant: int) -> date:
    return datetime.fromtimestamp(instant // 1000, SHANGHAI).date()


def working_days(asked: int, due: int) -> int:
    """Working days after the day of asking up to the last day of the term."""
    day, last, found = day_of(asked), day_of(due - 1), 0
    while day < last:
        day += timedelta(days=1)
        found += is_workday(day)
    return found
