"""Twenty years of real inspections are mapped by YAML alone, and every row is accounted for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.vocabulary import RecordKind
from tasks.intake.checking import Checked
from tasks.intake.mapping import unmapped

FINDING, UPDATE = RecordKind.FINDING, RecordKind.UPDATE
ROWS = 15_079
WITHOUT_BOARD = 5  # no community board, so no town answers for them
EVENTS = {
    "verified": 15_079,
    "assigned": 15_074,
    "started": 15_074,
    "extended": 2_653,
    "submitted": 2_200,  # 1,568 dated, 312 invalid and 320 closed without a day
    "acceptance_failed": 751,
    "acceptance_passed": 706,
    "closed": 706,
    "reopened": 4,
}
CLOSED_ON_TIME, CLOSED_LATE = 122, 584


@pytest.fixture(scope="module")
def bronx(real_county: Callable[[str], Any]) -> Any:
    return real_county("bronx")


@pytest.fixture(scope="module")
def rows(shared_data: Path, bronx: Any, deliver: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return deliver(bronx, shared_data / "hpd_bronx" / "violations_2004_2024.csv.gz")


@pytest.fixture(scope="module")
def frames(rows: pd.DataFrame, bronx: Any) -> dict[RecordKind, pd.DataFrame]:
    mapped: dict[RecordKind, pd.DataFrame] = bronx.map(rows)
    return mapped


@pytest.fixture(scope="module")
def checked(frames: dict[RecordKind, pd.DataFrame], bronx: Any) -> dict[RecordKind, Checked]:
    return {kind: bronx.check(frame, kind) for kind, frame in frames.items()}


def test_every_row_delivered_is_a_finding(
    rows: pd.DataFrame, frames: dict[RecordKind, pd.DataFrame]
) -> None:
    assert len(rows) == len(frames[FINDING]) == ROWS
    assert unmapped(rows, frames.values()).empty


def test_accepted_and_refused_add_up_to_what_was_mapped(
    frames: dict[RecordKind, pd.DataFrame], checked: dict[RecordKind, Checked]
) -> None:
    for kind, frame in frames.items():
        assert len(checked[kind].accepted) + len(checked[kind].refused) == len(frame)
    refused = checked[FINDING].refused
    assert refused["codes"].value_counts().to_dict() == {"R001": WITHOUT_BOARD}
    assert refused["town_code"].isna().all()
    assert checked[UPDATE].refused.empty


def test_the_dates_and_the_status_of_a_row_become_its_life(
    frames: dict[RecordKind, pd.DataFrame],
) -> None:
    updates = frames[UPDATE]
    assert updates["event"].value_counts().to_dict() == EVENTS
    assert updates["source_id"].is_unique
    assert updates["finding_id"].isin(frames[FINDING]["source_id"]).all()


def test_what_was_only_concluded_from_a_status_is_marked_implied(
    frames: dict[RecordKind, pd.DataFrame],
) -> None:
    implied = frames[UPDATE][frames[UPDATE]["implied"].fillna(False)]
    assert implied["event"].value_counts().to_dict() == {
        "started": 15_074,
        "extended": 2_130,
        "acceptance_passed": 706,
        "closed": 706,
        "submitted": 632,
    }


def test_closures_on_time_and_late_are_those_of_the_published_dates(
    rows: pd.DataFrame, frames: dict[RecordKind, pd.DataFrame]
) -> None:
    # By the updates: accepted by the end of the last due date.
    updates = frames[UPDATE]
    due = updates.dropna(subset="due_date").groupby("finding_id")["due_date"].max()
    accepted = updates[updates["event"] == "acceptance_passed"].set_index("finding_id")
    in_time = accepted["happened_at"] <= due.reindex(accepted.index)
    assert (int(in_time.sum()), int((~in_time).sum())) == (CLOSED_ON_TIME, CLOSED_LATE)
    # And by the publisher's own columns, as texts.
    own = rows.set_index("violationid").loc[accepted.index]
    done = own["certifieddate"].where(own["certifieddate"] != "", own["currentstatusdate"])
    last = own["newcertifybydate"].where(
        own["newcertifybydate"] != "", own["originalcertifybydate"]
    )
    assert int((done <= last).sum()) == CLOSED_ON_TIME


def test_a_due_day_ends_at_midnight_of_the_countys_own_zone(
    rows: pd.DataFrame, frames: dict[RecordKind, pd.DataFrame]
) -> None:
    assigned = frames[UPDATE].query("event == 'assigned'").set_index("finding_id")["due_date"]
    ends = pd.to_datetime(assigned, unit="ms", utc=True).dt.tz_convert("America/New_York")
    days = (ends - pd.Timedelta(hours=1)).dt.strftime("%Y-%m-%d")
    written = rows.set_index("violationid")["originalcertifybydate"].str.slice(0, 10)
    assert (ends.dt.strftime("%H:%M") == "00:00").all()
    assert (days == written.reindex(days.index)).all()


def test_the_description_is_what_is_peculiar_to_the_violation(
    frames: dict[RecordKind, pd.DataFrame],
) -> None:
    texts = frames[FINDING]["description"]
    assert texts.notna().all()
    assert not texts.str.contains("RCNY", regex=False).any()
