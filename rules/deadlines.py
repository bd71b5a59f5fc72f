"""Until when: default due dates, and until when a fact must have been received to count in time.

Both are worked out once, when a fact is appended, and stand in its event: a later change of policy
does not rewrite history (domain §5, "on time").
"""

import numpy as np

from rules.clocks import WorkingDays
from rules.periods import filing_deadlines
from schemas.period import HOUR_MS
from schemas.policy import Deadlines, Policy
from schemas.source import SourceDeclaration
from schemas.vocabulary import Severity


def default_dues(
    claimed: np.ndarray, channels: np.ndarray, deadlines: Deadlines, days: WorkingDays
) -> np.ndarray:
    """Due instants, (n, 2) by severity: 24:00 of the n-th calendar day after each claimed instant.

    claimed: UTC ms; channels: the discovery channel of each hazard.
    """
    words, where = np.unique(channels.astype(str), return_inverse=True)
    terms = np.array([deadlines.days(word) for word in words], dtype=np.int64).reshape(-1, 2)
    local = days.local_days(claimed)
    dues = [days.midnights(local + terms[where, severity] + 1) for severity in Severity]
    return np.column_stack(dues)


def file_by(
    claimed: np.ndarray,
    source: SourceDeclaration,
    policy: Policy,
    days: WorkingDays,
    received_at: int | np.ndarray,
    previous_pull_at: int | np.ndarray,
    failing_since: int | np.ndarray = 0,
) -> np.ndarray:
    """Until when each fact had to be received (UTC ms).

    A weekly source: the filing deadline of the week the fact lies in, and where we did not ask
    between that week's end and the deadline, or failed to, our next successful pull (`kept`). A
    continuous source: some hours after the fact; if our own pulls failed since, our next
    successful pull is in time. received_at and what follows it: one for all facts, or one for each.
    """
    due = next((d for d in policy.calendar if d.source == source.name), None)
    if source.cadence == "weekly" and due is not None:
        within = days.within(days.local_days(claimed))
        deadline = filing_deadlines(days.midnights(within), due, days)
        ends = days.midnights(within - (within - 1) % 7 + 7)
        return kept(deadline, ends, received_at, previous_pull_at, failing_since)
    deadline = claimed + policy.continuous_filing_hours * HOUR_MS
    ours = previous_pull_at <= deadline
    return np.where(ours, np.maximum(deadline, received_at), deadline)


def kept(
    deadline: int | np.ndarray,
    week_end: int | np.ndarray,
    received_at: int | np.ndarray,
    previous_pull_at: int | np.ndarray,
    failing_since: int | np.ndarray,
) -> np.ndarray:
    """A weekly deadline as our own pulls let it be kept: nobody answers for a failure of ours.

    previous_pull_at: our last successful pull before the one that received it; failing_since: our
    first failed one after that, 0 for none (all UTC ms). What a pull of the week's reporting time
    could have received and did not, because none was made or one failed, is in time at the next.
    """
    not_asked = np.asarray(previous_pull_at) <= week_end
    failing = np.asarray(failing_since)
    failed = (failing > 0) & (failing <= deadline)
    moved = np.maximum(deadline, received_at)
    return np.asarray(np.where(not_asked | failed, moved, deadline), dtype=np.int64)
