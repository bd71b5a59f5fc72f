"""The clocks of reports from the public: what is owed to whoever reported, by which working day.

Promise: a duty is counted from a step in effect, in working days of the county, to 24:00 of the
last one. A reply ends every duty but the reward. Whoever passes a report on 移送, or declines it
不予受理, owes no check and no handling any more, and the reply all the same. [choice]
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.clocks import Days, Flags, WorkingDays
from rules.report_steps import NOT, Moments, instants
from schemas.policy_duties import ReportClock
from schemas.vocabulary import ReportStep

K = ReportStep


@dataclass(frozen=True)
class Duty:
    """One clock of every report; `due` is 0 where nothing is owed, `open_due` NOT where done."""

    step: ReportStep
    due: Days
    open_due: Days
    is_late: Flags


def duty(
    clock: ReportClock,
    rows: pd.DataFrame,
    moments: Moments,
    last: Moments,
    declined: Flags,
    days: WorkingDays,
    now: int,
) -> Duty:
    done, lapses = _ends(clock.step, moments, last, declined)
    start = _start(clock, rows, moments)
    owed = (start < NOT) & (_rewardable(rows, moments) if clock.step is K.REWARDED else True)
    due = _due(np.where(owed, start, 0), clock.working_days, days)
    is_open = owed & (np.minimum(done, lapses) == NOT)
    return Duty(
        step=clock.step,
        due=np.where(is_open | (owed & (moments[clock.step] < NOT)), due, 0),
        open_due=np.where(is_open, due, NOT),
        is_late=owed & (np.minimum(np.minimum(done, lapses), now) > due),
    )


def _start(clock: ReportClock, rows: pd.DataFrame, moments: Moments) -> Days:
    """What a duty is counted from; a report that was declined is owed its reply from then on."""
    if not isinstance(clock.after, ReportStep):
        return instants(rows["received_at"])
    start = moments[clock.after]
    if clock.after is K.ACCEPTED and clock.step is K.REPLIED:
        start = np.where(start == NOT, moments[K.DECLINED], start)
    return start


def _ends(step: ReportStep, moments: Moments, last: Moments, declined: Flags) -> tuple[Days, Days]:
    """When a duty was done, and when it went away without: by a reply, elsewhere, by a decline."""
    never = np.full(len(declined), NOT, dtype=np.int64)
    if step is K.ACCEPTED:
        return np.minimum(moments[K.ACCEPTED], moments[K.DECLINED]), never
    if step in (K.REPLIED, K.REWARDED):
        return moments[step], never
    elsewhere = np.minimum(moments[K.REPLIED], moments[K.TRANSFERRED])
    return moments[step], np.where(declined, np.minimum(elsewhere, last[K.DECLINED]), elsewhere)


def _rewardable(rows: pd.DataFrame, moments: Moments) -> Flags:
    """To whom a reward is owed: the accepted report of a major hazard that was found true."""
    major = rows["is_major"].to_numpy(dtype=bool)
    return np.asarray(major & (rows["true_at"] > 0).to_numpy() & (moments[K.ACCEPTED] < NOT))


def _due(start: Days, working_days: int, days: WorkingDays) -> Days:
    """24:00 of the n-th working day after the day of each instant."""
    day = days.shift(days.within(days.local_days(start)), working_days)
    return days.midnights(day + 1)


def first_due(duties: list[Duty], count: int, days: WorkingDays, now: int) -> dict[str, np.ndarray]:
    """The open duty that is due first; of two on one day the one that stands first in policy."""
    dues = np.stack([*(d.open_due for d in duties), np.full(count, NOT, dtype=np.int64)])
    names = np.array([*(str(d.step) for d in duties), ""], dtype=object)
    due = dues.min(axis=0)
    none = due == NOT
    last_day = days.within(days.local_days(np.where(none, 1, due) - 1))
    return {
        "next_step": np.where(none, "", names[dues.argmin(axis=0)]),
        "next_due": np.where(none, 0, due),
        "next_provisional": ~none & ~days.covered(last_day),
        "is_late": due < now,
    }
