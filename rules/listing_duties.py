"""What a listing still owes, and since when it is late: the days are policy (domain §4).

Reported upward, filed, published, its plan filed, progress at least quarterly, acceptance applied
for before the term ends and judged some days after, closed after delisting.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rules.clocks import WorkingDays
from rules.listing_life import Listing
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy_duties import ListingRule
from schemas.vocabulary import ListingState

L = ListingState
_UNDER = (L.IN_FORCE, L.APPLIED, L.PASSED)
OFFICE = "operator"  # the source of listings that this office makes
_OF_ANY_LISTING = ("plan", "progress", "apply", "accept")


@dataclass(frozen=True)
class Duty:
    """One thing owed by `due_at`; done_at 0: not done yet (UTC ms)."""

    name: str
    due_at: int
    done_at: int

    def is_late(self, now: int) -> bool:
        return (self.done_at or now) > self.due_at


def duties(
    row: Listing, verified_at: int, rule: ListingRule, days: WorkingDays
) -> tuple[Duty, ...]:
    """Every duty of a listing in the order they fall due.

    verified_at: of its first hazard (UTC ms), 0 if unknown: majors are reported up from then on.
    """
    found = [*_upward(row, verified_at, rule), *_of_the_term(row, rule, days)]
    if row.source != OFFICE:  # whoever listed has told the level above and the public
        found = [duty for duty in found if duty.name in _OF_ANY_LISTING]
    return tuple(sorted(found, key=lambda duty: (duty.due_at, duty.name)))


def _upward(row: Listing, verified_at: int, rule: ListingRule) -> Iterator[Duty]:
    if verified_at:
        due = verified_at + rule.report_up_hours * HOUR_MS
        yield Duty("report_up", due, row.reported_up_at)


def _of_the_term(row: Listing, rule: ListingRule, days: WorkingDays) -> Iterator[Duty]:
    if not row.listed_at:
        return
    publish = _working(row.listed_at, rule.publish_within_working_days, days)
    yield Duty("publish", publish, row.published_at)
    yield Duty("plan", row.plan_due_at, row.plan_filed_at)
    if row.state in _UNDER:
        last = max(row.progress_at, row.listed_at)
        yield Duty("progress", last + rule.progress_every_days * DAY_MS, 0)
    yield Duty("apply", row.due_at, row.applied_at)
    if row.applied_at or row.state in _UNDER:
        begun = min(row.applied_at or row.due_at, row.due_at)
        accepted = row.decided_at if row.state not in (L.IN_FORCE, L.APPLIED) else 0
        yield Duty("accept", begun + rule.accept_within_days * DAY_MS, accepted)
    if row.delisted_at:
        again = _working(row.delisted_at, rule.publish_within_working_days, days)
        told = row.published_at if row.published_at >= row.delisted_at else 0
        yield Duty("publish_delisting", again, told)


def _working(instant: int, count: int, days: WorkingDays) -> int:
    """24:00 of the n-th working day after an instant."""
    first = days.within(days.local_days(np.array([instant], dtype=np.int64)))
    return int(days.midnights(days.shift(first, count) + 1)[0])
