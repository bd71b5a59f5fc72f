"""Days past due are counted for the town that had the hazard when they ended."""

from collections import defaultdict
from random import Random

import pandas as pd
import pytest

from rules.overdue import by_town, overdue_days
from schemas.period import DAY_MS, FOREVER
from schemas.vocabulary import State
from tests.hazard.lives import read
from tests.rules.random_lives import batch

DUE = 20_000 * DAY_MS
HOURS = DAY_MS // 24


def spans(*rows: tuple[int, int, str, State, int, int]) -> pd.DataFrame:
    """Days from the due date: from, to, town, state, accepted (0: not), due."""
    names = ("claimed_from", "claimed_to", "town_code", "state", "accepted_at", "due_at")
    made = [
        (DUE + a * DAY_MS, FOREVER if b < 0 else DUE + b * DAY_MS, town, int(state), acc, due)
        for a, b, town, state, acc, due in rows
    ]
    return pd.DataFrame(made, columns=names)


def test_a_move_leaves_the_days_so_far_with_the_old_town() -> None:
    moved = spans(
        (-5, 3, "old", State.RECTIFYING, 0, DUE), (3, -1, "new", State.RECTIFYING, 0, DUE)
    )
    assert by_town(moved, DUE + 10 * DAY_MS) == {"old": 3, "new": 7}
    assert by_town(moved, DUE + 2 * DAY_MS) == {"old": 2}
    assert by_town(moved, DUE - DAY_MS) == {}


def test_a_date_that_is_reset_with_the_move_starts_a_new_count() -> None:
    later = DUE + 6 * DAY_MS
    moved = spans(
        (-5, 3, "old", State.RECTIFYING, 0, DUE), (3, -1, "new", State.RECTIFYING, 0, later)
    )
    assert by_town(moved, DUE + 10 * DAY_MS) == {"old": 3, "new": 4}


def test_accepted_closed_or_undated_no_day_is_overdue() -> None:
    lived = spans(
        (-5, 2, "a", State.SUBMITTED, 0, DUE),
        (2, 4, "a", State.SUBMITTED, DUE + 2 * DAY_MS, DUE),
        (4, -1, "a", State.CLOSED, DUE + 2 * DAY_MS, DUE),
    )
    assert overdue_days(lived, DUE + 9 * DAY_MS).tolist() == [2, 0, 0]
    assert overdue_days(spans((0, -1, "a", State.VERIFIED, 0, 0)), DUE + DAY_MS).tolist() == [0]


def test_a_part_of_a_day_is_no_day_and_short_stays_add_up() -> None:
    whole = spans((0, -1, "a", State.ASSIGNED, 0, DUE))
    assert overdue_days(whole, DUE + DAY_MS - 1).tolist() == [0]
    assert overdue_days(whole, DUE + DAY_MS).tolist() == [1]
    rows = [
        (DUE + 10 * h * HOURS, DUE + 10 * (h + 1) * HOURS, "ab"[h % 2], 3, 0, DUE)
        for h in range(12)
    ]
    names = ("claimed_from", "claimed_to", "town_code", "state", "accepted_at", "due_at")
    towns = by_town(pd.DataFrame(rows, columns=names), DUE + 5 * DAY_MS)
    assert sum(towns.values()) == 5
    # Days end 24, 48, 72, 96 and 120 hours on: in the stays that begin at 20, 40, 70, 90 and 110.
    assert towns == {"a": 2, "b": 3}


@pytest.mark.parametrize("seed", range(2))
def test_in_random_lives_the_towns_add_up_to_every_overdue_midnight(seed: int) -> None:
    rows = batch(Random(seed), 40)
    seen = 0
    for number in range(40):
        _, _, folded = read([r for r in rows if r["root_id"] == f"h{number}"])
        frame = pd.DataFrame(folded.spans)
        frame = frame.assign(
            claimed_from=frame["at"],
            claimed_to=frame["at"].shift(-1, fill_value=FOREVER),
            town_code=frame["town"].astype("str"),
        )
        now = 1_740_931_200_000 + 60 * DAY_MS
        expected = _midnight_by_midnight(frame, now)
        assert by_town(frame, now) == expected
        seen += sum(expected.values())
    assert seen > 50


def _midnight_by_midnight(frame: pd.DataFrame, now: int) -> dict[str, int]:
    """Walk every due date's midnights and ask each row whether it held there, open and late."""
    found: dict[str, int] = defaultdict(int)
    for row in frame.to_dict("records"):
        if row["due_at"] <= 0 or row["accepted_at"] or not 1 <= row["state"] <= 5:
            continue
        midnight = row["due_at"] + DAY_MS
        while midnight <= min(now, row["claimed_to"]):
            if midnight > row["claimed_from"]:
                found[row["town_code"]] += 1
            midnight += DAY_MS
    return {town: days for town, days in found.items() if days}
