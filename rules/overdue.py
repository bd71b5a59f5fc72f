"""How long hazards were overdue, and where: 属地变更 leaves the days so far with the old town.

A day counts when it ends with the hazard open, unaccepted and past its due date; it counts for the
town that has the hazard then. The sum over the towns is the time past due in whole days.
"""

import numpy as np
import pandas as pd

from rules.lifecycle import OPEN_STATES
from schemas.period import DAY_MS

_OPEN = [int(state) for state in OPEN_STATES]


def overdue_days(spans: pd.DataFrame, now: int) -> np.ndarray:
    """Days that each row of `hazard_span` was overdue until `now` (UTC ms). int64, (n,).

    spans: state, due_at, accepted_at, claimed_from, claimed_to; at most one row of a hazard holds
    at any instant.
    """
    due = spans["due_at"].to_numpy(dtype=np.int64)
    waits = spans["state"].isin(_OPEN).to_numpy() & (spans["accepted_at"].to_numpy() == 0)
    start = np.maximum(spans["claimed_from"].to_numpy(dtype=np.int64), due)
    end = np.minimum(spans["claimed_to"].to_numpy(dtype=np.int64), now)
    passed = (end - due) // DAY_MS - (start - due) // DAY_MS
    return np.where(waits & (due > 0) & (end > start), passed, 0)


def by_town(spans: pd.DataFrame, now: int) -> dict[str, int]:
    """Overdue days of one hazard by the town that had it, in the order of its life."""
    days = pd.Series(overdue_days(spans, now), index=spans["town_code"].to_numpy())
    total = days[days > 0].groupby(level=0, sort=False).sum()
    return {str(town): int(count) for town, count in total.items()}
