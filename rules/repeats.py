"""Repeat hazards (重复隐患): the same category at the same place, again.

A hazard is a repeat when an earlier one of its category at its place
    was closed before it was found, at most `after_closing_days` earlier, or
    was found on an earlier day, at most `again_within_days` before it.
What one visit finds on one day is no repeat of itself. A hazard that names no category or no place
is none, and makes none. Works on whole frames; the order of rows has no effect.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rules.clocks import Days
from schemas.period import DAY_MS
from schemas.policy_indices import Repeats

AFTER_CLOSING, AGAIN = "after_closing", "again"


def repeats(hazards: pd.DataFrame, days: Days, policy: Repeats) -> pd.DataFrame:
    """`because` (AFTER_CLOSING, AGAIN or "") and `earlier`, the hazard that it repeats.

    hazards: root_id (unique), at (number of the place, -1: none), category ("": none), found_at,
    closed_at (UTC ms, 0: not closed), all of them real; days: the local day of found_at as an
    ordinal. Index as given.
    """
    said = (hazards["at"] >= 0) & (hazards["category"] != "")
    rows = pd.DataFrame(
        {
            "root_id": hazards["root_id"].to_numpy(dtype=object),
            "spot": hazards.groupby(["at", "category"], sort=False).ngroup().to_numpy(np.int64),
            "found_at": hazards["found_at"].to_numpy(np.int64),
            "closed_at": hazards["closed_at"].to_numpy(np.int64),
            "day": days,
            "row": np.arange(len(hazards)),
        }
    )[said.to_numpy(dtype=bool)]
    rows = rows[rows["spot"].duplicated(keep=False)]
    rows = rows.sort_values(["spot", "found_at", "root_id"], ignore_index=True)
    closed, again = _closed_before(rows, policy), _found_before(rows, policy)
    earlier = np.where(closed != "", closed, again)
    because = np.where(closed != "", AFTER_CLOSING, np.where(again != "", AGAIN, ""))
    found = pd.DataFrame({"because": "", "earlier": ""}, index=range(len(hazards)), dtype="str")
    found.loc[rows["row"], "because"] = because
    found.loc[rows["row"], "earlier"] = earlier
    return found.set_index(hazards.index)


def _found_before(rows: pd.DataFrame, policy: Repeats) -> NDArray[np.object_]:
    """The last hazard of an earlier day, near enough; "" where there is none."""
    spot, day = rows["spot"].to_numpy(), rows["day"].to_numpy()
    position = np.arange(len(rows))
    new_day = np.ones(len(rows), dtype=bool)
    new_day[1:] = (spot[1:] != spot[:-1]) | (day[1:] != day[:-1])
    before = np.maximum.accumulate(np.where(new_day, position, 0)) - 1
    known = (before >= 0) & (spot[before] == spot)
    near = known & (day - day[before] <= policy.again_within_days)
    return np.asarray(np.where(near, rows["root_id"].to_numpy(dtype=object)[before], ""))


def _closed_before(rows: pd.DataFrame, policy: Repeats) -> NDArray[np.object_]:
    """The hazard that was closed last before each was found, near enough; "" where none was."""
    closed = rows.loc[rows["closed_at"] > 0, ["spot", "closed_at", "root_id"]]
    closings = closed.sort_values(["closed_at", "root_id"]).rename(columns={"root_id": "earlier"})
    asked = rows[["spot", "found_at"]].assign(at=np.arange(len(rows))).sort_values("found_at")
    last = pd.merge_asof(
        asked, closings, left_on="found_at", right_on="closed_at", by="spot",
        allow_exact_matches=False,
    ).sort_values("at")  # fmt: skip
    gap = last["found_at"] - last["closed_at"]
    near = (gap <= policy.after_closing_days * DAY_MS).to_numpy(dtype=bool)
    return np.asarray(np.where(near, last["earlier"].to_numpy(dtype=object), ""))
