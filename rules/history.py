"""Which past editions are due: every period of the recurring kinds whose cut-off has passed.

Order: as periods end, the shorter first, so that a year finds its weeks and a week the one before.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from rules.clocks import WorkingDays
from rules.kinds import containing
from rules.periods import cut_off
from schemas.period import Period
from schemas.policy import Policy
from schemas.vocabulary import EditionKind


def due(
    first: date, now: int, kinds: Sequence[EditionKind], policy: Policy, days: WorkingDays
) -> list[Period]:
    """The periods from the one that `first` lies in to the last whose cut-off is not after `now`.

    `kinds`: recurring ones (`rules.kinds.RECURRING`); of equal periods the kind named first comes
    first.
    """
    found = [p for kind in kinds for p in _of_kind(kind, first, now, policy, days)]
    return sorted(found, key=lambda p: (p.end, -p.start, kinds.index(p.kind)))


def _of_kind(
    kind: EditionKind, first: date, now: int, policy: Policy, days: WorkingDays
) -> list[Period]:
    found, period = [], containing(kind, first, days.zone)
    while period.end <= now and cut_off(period, policy, days) <= now:
        found.append(period)
        period = containing(kind, period.last_day + timedelta(days=1), days.zone)
    return found


def first_day(told: date, go_live: date | None, since: date | None) -> date:
    """From which day editions are due: nothing is judged before the county went live, and nothing
    was told of before the first day that anything tells of."""
    return max([told, *(day for day in (go_live, since) if day is not None)])
