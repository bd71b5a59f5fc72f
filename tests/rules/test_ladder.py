from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import ladder
from rules.clocks import WorkingDays, published_until
from rules.periods import end_of_day
from schemas.policy import LadderStep, Policy
from schemas.vocabulary import ListingLevel, Rung

ROOT = Path(__file__).resolve().parents[2]
POLICY = Policy.model_validate(
    yaml.safe_load((ROOT / "config" / "cixi" / "policy.yaml").read_text("utf-8"))
)
DAYS = WorkingDays.build()
NONE_FIRED = pd.DataFrame({"root_id": [], "rung": [], "due_at": []})


def _items(*rows: tuple[str, date, int], unit: str = "示例五金厂") -> pd.DataFrame:
    return pd.DataFrame(
        [
            (root, end_of_day(due, DAYS.zone), listed, "330282002", "fire", unit)
            for root, due, listed in rows
        ],
        columns=list(ladder.ITEM_COLUMNS),
    )


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text + "+08:00").timestamp()) * 1000


def _fired(items: pd.DataFrame, now: str, before: pd.DataFrame = NONE_FIRED) -> list[str]:
    rungs = ladder.due_rungs(items, before, POLICY.ladder, DAYS, _at(now))
    return rungs["rung"].tolist()


FRIDAY = date(2025, 3, 14)


@pytest.mark.parametrize(
    ("now", "rungs"),
    [
        ("2025-03-10T23:59", []),
        ("2025-03-11T00:00", ["remind"]),  # three working days before Friday
        ("2025-03-14T23:59", ["remind"]),
        ("2025-03-15T00:00", []),  # due date gone: reminding is over, urging starts on Monday
        ("2025-03-17T00:00", ["urge"]),
        ("2025-03-19T00:00", ["urge", "supervise"]),
        ("2025-03-21T00:00", ["urge", "supervise", "warn", "criticise"]),
    ],
)
def test_rungs_are_reached_at_the_start_of_their_working_day(now: str, rungs: list[str]) -> None:
    assert _fired(_items(("a", FRIDAY, 0)), now) == rungs


def test_a_listed_hazard_is_reminded_fifteen_working_days_before() -> None:
    items = _items(("a", FRIDAY, 0), ("b", FRIDAY, int(ListingLevel.CITY)))
    rungs = ladder.due_rungs(items, NONE_FIRED, POLICY.ladder, DAYS, _at("2025-02-21T00:00"))
    assert rungs["root_id"].tolist() == ["b"]
    assert DAYS.count(date(2025, 2, 21), FRIDAY) == 15
    assert _fired(items, "2025-02-20T23:59") == []


def test_holidays_put_the_ladder_off() -> None:
    items = _items(("a", date(2025, 9, 30), 0))
    assert _fired(items, "2025-10-08T23:59") == []
    assert _fired(items, "2025-10-09T00:00") == ["urge"]


def test_a_rung_fires_once_for_a_due_date_and_again_for_a_new_one() -> None:
    items = _items(("a", FRIDAY, 0))
    first = ladder.due_rungs(items, NONE_FIRED, POLICY.ladder, DAYS, _at("2025-03-19T08:00"))
    assert _fired(items, "2025-03-19T20:00", first) == []
    assert _fired(items, "2025-03-21T08:00", first) == ["warn", "criticise"]
    extended = _items(("a", date(2025, 4, 18), 0))
    assert _fired(extended, "2025-04-16T08:00", first) == ["remind"]


def test_a_hazard_without_a_due_date_has_no_ladder() -> None:
    items = _items(("a", FRIDAY, 0)).assign(due_at=0)
    assert _fired(items, "2026-03-14T08:00") == []


def test_beyond_the_published_calendar_statutory_rungs_wait() -> None:
    year = published_until().year + 1
    items = _items(("a", date(year, 3, 10), 0))
    late = f"{year}-06-01T00:00"
    assert _fired(items, late) == ["urge"]
    assert ladder.waiting(items, POLICY.ladder, DAYS, _at(late)) == 5
    known = WorkingDays.build(official_until=date(year, 12, 31))
    rungs = ladder.due_rungs(items, NONE_FIRED, POLICY.ladder, known, _at(late))
    assert len(rungs) == 6
    assert ladder.waiting(items, POLICY.ladder, known, _at(late)) == 0


def test_a_rung_whose_days_cross_the_edge_of_the_calendar_waits() -> None:
    items = _items(("a", published_until(), 0))
    year = published_until().year + 1
    assert _fired(items, f"{year}-02-01T00:00") == ["urge"]


def test_who_is_told_follows_the_policy_and_proposals_are_marked() -> None:
    rungs = ladder.due_rungs(
        _items(("a", FRIDAY, 0)), NONE_FIRED, POLICY.ladder, DAYS, _at("2025-04-30T00:00")
    )
    told = dict(zip(rungs["rung"], rungs["recipient"], strict=True))
    assert told["urge"] == "unit:示例五金厂"
    assert told["supervise"] == "town:330282002"
    assert told["criticise"] == "sector:fire"
    assert told["interview"] == "leader"
    proposed = rungs.loc[rungs["proposal"], "rung"].tolist()
    assert proposed == ["warn", "criticise", "interview", "raise_level"]


def test_an_unnamed_unit_is_answered_for_by_its_town_and_a_long_name_stays_distinct() -> None:
    unnamed = _items(("a", FRIDAY, 0), unit=" ")
    now = _at("2025-03-17T08:00")
    rungs = ladder.due_rungs(unnamed, NONE_FIRED, POLICY.ladder, DAYS, now)
    assert rungs["recipient"].tolist() == ["town:330282002"]
    long = pd.concat([_items(("a", FRIDAY, 0)), _items(("b", FRIDAY, 0))], ignore_index=True)
    long["unit_name"] = ["厂" * 199 + "甲", "厂" * 199 + "乙"]
    recipients = ladder.due_rungs(long, NONE_FIRED, POLICY.ladder, DAYS, now)["recipient"]
    assert recipients.nunique() == 2
    assert recipients.str.len().max() == ladder.RECIPIENT_LENGTH


def test_a_digest_gathers_all_items_of_a_recipient_and_rung() -> None:
    items = _items(*[(f"h{n}", FRIDAY, 0) for n in range(5)])
    rungs = ladder.due_rungs(items, NONE_FIRED, POLICY.ladder, DAYS, _at("2025-03-19T08:00"))
    letters = ladder.digests(rungs, "2025-03-19")
    assert [(d["recipient"], d["rung"], len(d["items"])) for d in letters] == [
        ("town:330282002", "supervise", 5),
        ("unit:示例五金厂", "urge", 5),
    ]
    shuffled = rungs.sample(frac=1, random_state=1)
    assert ladder.digests(shuffled, "2025-03-19") == letters
    assert ladder.digests(rungs.iloc[:-1], "2025-03-19")[0]["key"] != letters[0]["key"]


def test_nothing_due_gives_no_letter_and_the_same_columns() -> None:
    empty = _items()
    rungs = ladder.due_rungs(empty, NONE_FIRED, POLICY.ladder, DAYS, _at("2025-03-19T08:00"))
    assert tuple(rungs.columns) == ladder.RUNG_COLUMNS
    assert ladder.digests(rungs, "2025-03-19") == []


DUES = st.dates(date(2024, 1, 1), date(2026, 6, 30))


@given(
    st.lists(st.tuples(DUES, st.integers(0, 3)), max_size=20),
    st.lists(st.dates(date(2024, 1, 1), date(2026, 6, 30)), min_size=1, max_size=4),
)
@settings(max_examples=8)
def test_however_often_it_runs_no_rung_fires_twice(
    rows: list[tuple[date, int]], runs: list[date]
) -> None:
    items = _items(*[(f"h{n}", due, listed) for n, (due, listed) in enumerate(rows)])
    fired = NONE_FIRED
    for day in sorted(runs):
        now = end_of_day(day, DAYS.zone)
        new = ladder.due_rungs(items, fired, POLICY.ladder, DAYS, now)
        fired = new if fired.empty else pd.concat([fired, new], ignore_index=True)
        assert ladder.due_rungs(items, fired, POLICY.ladder, DAYS, now).empty
    assert not fired.duplicated(ladder.KEY).any()


@given(DUES, st.integers(0, 1), st.integers(-20, 20))
@settings(max_examples=40)
def test_a_frame_agrees_with_the_calendar_one_day_at_a_time(
    due: date, listed: int, offset: int
) -> None:
    step = LadderStep(rung=Rung.URGE, offset_days=offset, to="town")
    items = _items(("a", due, listed))
    day = DAYS.add(due, offset)
    now = end_of_day(day, DAYS.zone) - 1
    rungs = ladder.due_rungs(items, NONE_FIRED, (step,), DAYS, now)
    lapsed = offset < 0 and end_of_day(due, DAYS.zone) <= now
    assert len(rungs) == (0 if lapsed else 1)
    early = end_of_day(day, DAYS.zone) - 86_400_001
    assert ladder.due_rungs(items, NONE_FIRED, (step,), DAYS, early).empty


def test_a_due_date_beyond_every_calendar_stops_nobody_elses_rungs() -> None:
    """9999, written for "no date", never comes; the year 1975 is long ago, and urged once."""
    odd = _items(("far", date(9999, 12, 30), 0), ("old", date(1975, 5, 1), 1))
    near = _items(("near", date(2025, 3, 7), 0))
    assert _fired(odd, "2025-03-10T09:00") == ["urge"]
    both = pd.concat([odd, near], ignore_index=True)
    assert _fired(both, "2025-03-10T09:00") == ["urge"] * 2
