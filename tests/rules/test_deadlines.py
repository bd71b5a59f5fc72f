"""Default due dates, and until when a fact must have been received to count in time."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml

from rules.clocks import WorkingDays
from rules.deadlines import default_dues, file_by
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy import Deadlines, Policy
from schemas.source import SourceDeclaration
from schemas.vocabulary import Channel

CIXI = Path(__file__).resolve().parents[2] / "config" / "cixi"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = WorkingDays.build()
TERMS = Deadlines(
    general_days=10,
    major_days=30,
    by_channel={Channel.PUBLIC_REPORT: 7, Channel.SELF_CHECK: 15},
)


@cache
def policy() -> Policy:
    raw = yaml.safe_load((CIXI / "policy.yaml").read_text("utf-8"))
    return Policy.model_validate(raw | {"continuous_filing_hours": 48})


@cache
def source(name: str) -> SourceDeclaration:
    raw = yaml.safe_load((CIXI / "sources" / f"{name}.yaml").read_text("utf-8"))
    return SourceDeclaration.model_validate(raw)


def at(text: str) -> int:
    """An instant from local text, UTC ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


def dues(claimed: str, channel: str = "grid_patrol") -> list[int]:
    return default_dues(np.array([at(claimed)]), np.array([channel]), TERMS, DAYS)[0].tolist()


# -- default due dates ---------------------------------------------------------------------------


def test_a_term_ends_at_24_00_of_its_last_calendar_day_for_general_and_major() -> None:
    assert dues("2025-03-03T09:30") == [at("2025-03-14"), at("2025-04-03")]


@pytest.mark.parametrize("time", ["00:00", "00:00:00.001", "12:00", "23:59:59.999"])
def test_the_hour_of_the_day_does_not_change_the_due_date(time: str) -> None:
    assert dues(f"2025-03-03T{time}")[0] == at("2025-03-14")


def test_the_day_is_that_of_the_county_and_not_of_greenwich() -> None:
    assert dues("2025-03-04T00:30") == [at("2025-03-15"), at("2025-04-04")]  # still 3 March in UTC


@pytest.mark.parametrize(
    ("channel", "days"), [("public_report", 7), ("self_check", 15), ("media", 10)]
)
def test_a_channel_may_have_its_own_term_for_general_hazards_only(channel: str, days: int) -> None:
    general, major = dues("2025-03-03T09:30", channel)
    first = datetime(2025, 3, 4, tzinfo=SHANGHAI)
    assert general == (first + timedelta(days=days)).timestamp() * 1000
    assert major == at("2025-04-03")


def test_whole_columns_are_what_single_rows_are() -> None:
    rng = np.random.default_rng(7)
    claimed = at("2025-01-01") + rng.integers(0, 400 * DAY_MS, 200)
    channels = rng.choice([str(c) for c in Channel], 200).astype(object)
    whole = default_dues(claimed, channels, TERMS, DAYS)
    single = [
        default_dues(claimed[i : i + 1], channels[i : i + 1], TERMS, DAYS)[0] for i in range(200)
    ]
    assert np.array_equal(whole, single)
    assert (whole > claimed[:, None]).all()


def test_no_rows_give_no_dues() -> None:
    none = default_dues(np.array([], np.int64), np.array([], object), TERMS, DAYS)
    assert none.shape == (0, 2)


def test_every_channel_has_a_term_in_the_shipped_policy() -> None:
    channels = np.array([str(c) for c in Channel], dtype=object)
    claimed = np.full(len(channels), at("2025-03-03"))
    given = default_dues(claimed, channels, policy().deadlines, DAYS)
    assert (given >= claimed[:, None] + 2 * DAY_MS).all()


# -- received in time ----------------------------------------------------------------------------


def by(name: str, claimed: str, received: str, previous: str | int = "2025-01-01") -> int:
    pulled = previous if isinstance(previous, int) else at(previous)
    made = file_by(np.array([at(claimed)]), source(name), policy(), DAYS, at(received), pulled)
    return int(made[0])


@pytest.mark.parametrize(
    ("claimed", "deadline"),
    [
        ("2025-03-03T00:00", "2025-03-10T08:00"),
        ("2025-03-09T23:59:59.999", "2025-03-10T08:00"),
        ("2025-03-10T00:00", "2025-03-17T08:00"),  # Sunday 24:00 belongs to the next week
        ("2025-09-28T10:00", "2025-09-29T08:00"),  # a Sunday worked; Monday as usual
        ("2025-09-30T10:00", "2025-10-09T08:00"),  # Monday 6 October is a holiday
        ("2025-04-03T10:00", "2025-04-07T08:00"),
        ("2025-05-04T10:00", "2025-05-06T08:00"),  # Monday 5 May is a holiday
    ],
)
def test_a_weekly_source_files_by_the_deadline_of_the_week_of_the_fact(
    claimed: str, deadline: str
) -> None:
    assert by("grid", claimed, "2025-12-01", "2025-11-30") == at(deadline)


def test_when_we_received_it_does_not_move_a_weekly_deadline() -> None:
    """We asked between Sunday 24:00 and the deadline; what was there then is what was in time."""
    asked = "2025-03-10T07:30"
    early = by("grid", "2025-03-05", "2025-03-10T07:45", asked)
    assert early == by("grid", "2025-03-05", "2025-03-30", asked) == at("2025-03-10T08:00")


@pytest.mark.parametrize("previous", ["2025-03-09T23:00", "2025-03-10T00:00", "2025-03-03"])
def test_a_weekly_deadline_waits_for_our_next_pull_where_we_did_not_ask(previous: str) -> None:
    """Nothing filed after the week's end could be received: no pull of ours succeeded in time."""
    received = "2025-03-12T10:00"
    assert by("grid", "2025-03-05", received, previous) == at(received)
    assert by("grid", "2025-03-05", received, "2025-03-10T00:01") == at("2025-03-10T08:00")


@pytest.mark.parametrize(
    ("failed", "moves"),
    [("2025-03-10T07:30", True), ("2025-03-10T08:00", True), ("2025-03-10T08:01", False)],
)
def test_a_weekly_deadline_waits_for_our_next_pull_where_one_before_it_failed(
    failed: str, moves: bool
) -> None:
    """We asked at 01:00; at 07:30, when a ledger may have lain there, our pull failed."""
    received = at("2025-03-12T10:00")
    asked = at("2025-03-10T01:00")
    claimed = np.array([at("2025-03-05")])
    made = file_by(claimed, source("grid"), policy(), DAYS, received, asked, at(failed))
    assert made.tolist() == [received if moves else at("2025-03-10T08:00")]


def test_a_continuous_source_has_48_hours_from_the_fact() -> None:
    told_at_once = by("inspection", "2025-03-03T09:00", "2025-03-03T10:00", "2025-03-03T08:00")
    assert told_at_once == at("2025-03-05T09:00")


def test_what_a_pull_in_time_did_not_hold_and_a_later_one_does_is_late() -> None:
    """We asked after the deadline, it was not there; now it is."""
    deadline = by("inspection", "2025-03-03T09:00", "2025-03-07T10:00", "2025-03-06T10:00")
    assert deadline == at("2025-03-05T09:00")


def test_if_our_own_pull_failed_the_next_successful_one_is_in_time() -> None:
    """Last asked before the deadline and not again until now: the source is not to blame."""
    received = "2025-03-12T10:00"
    assert by("inspection", "2025-03-03T09:00", received, "2025-03-04T10:00") == at(received)
    on_the_hour = by("inspection", "2025-03-03T09:00", received, "2025-03-05T09:00")
    assert on_the_hour == at(received)
    just_after = by("inspection", "2025-03-03T09:00", received, at("2025-03-05T09:00") + 1)
    assert just_after == at("2025-03-05T09:00")


def test_whatever_the_first_pull_of_all_brings_is_in_time() -> None:
    assert by("inspection", "2024-03-03T09:00", "2025-03-12T10:00", previous=0) == at(
        "2025-03-12T10:00"
    )


def test_the_hours_of_a_continuous_source_are_policy() -> None:
    hasty = policy().model_copy(update={"continuous_filing_hours": 1})
    claimed = np.array([at("2025-03-03T09:00")])
    pulled = at("2025-03-04")
    found = file_by(claimed, source("inspection"), hasty, DAYS, at("2025-03-05"), pulled)
    assert found.tolist() == [claimed[0] + HOUR_MS]


def test_each_fact_of_a_batch_has_the_pulls_of_its_own_delivery() -> None:
    claimed = np.full(2, at("2025-03-03T09:00"))
    received = np.array([at("2025-03-12"), at("2025-03-13")])
    previous = np.array([at("2025-03-04"), at("2025-03-12")])
    found = file_by(claimed, source("inspection"), policy(), DAYS, received, previous)
    assert found.tolist() == [at("2025-03-12"), at("2025-03-05T09:00")]


def test_a_weekly_source_without_a_line_in_the_calendar_is_held_to_the_hours() -> None:
    bare = policy().model_copy(update={"calendar": ()})
    claimed = np.array([at("2025-03-03T09:00")])
    found = file_by(claimed, source("grid"), bare, DAYS, at("2025-03-04"), at("2025-03-01"))
    assert found.tolist() == [at("2025-03-05T09:00")]


@pytest.mark.parametrize("name", ["grid", "inspection"])
@pytest.mark.parametrize("claimed", ["0202-05-01", "1970-01-01", "1989-12-31", "9000-01-01"])
def test_a_date_beyond_every_calendar_stops_nothing(name: str, claimed: str) -> None:
    """One town's slip of the pen must not hold up a whole delivery."""
    claims = np.array([at(claimed), at("2025-03-05")])
    found = file_by(claims, source(name), policy(), DAYS, at("2025-03-12"), at("2025-03-11"))
    assert found[1] in (at("2025-03-10T08:00"), at("2025-03-07"))
    if claimed < "2000":
        assert found[0] < at("2025-03-01")
