"""Real requests for service: repeats at one address are one hazard, an answer closes none of them.

The expected figures are counted from the publisher's file by plain pandas.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.vocabulary import FactKind, State
from tasks.auditing import audit

FILE = "myla311/2018_mini_a.csv"
WINDOW, TERM = pd.Timedelta(days=7), pd.Timedelta(days=7 + 1)  # of the county's policy
WITHOUT_DISTRICT = 5
CLOSED_BEFORE_CREATED = 23


@pytest.fixture(scope="module")
def county(collected: Callable[..., Any]) -> Any:
    return collected("losangeles", "myla311", FILE)


@pytest.fixture(scope="module")
def own(shared_data: Path) -> pd.DataFrame:
    """The publisher's rows that have a district, each with the first request of its matter."""
    rows = pd.read_csv(shared_data / FILE, dtype=str, keep_default_na=False)
    for name in ("CreatedDate", "ServiceDate", "ClosedDate"):
        rows[name] = pd.to_datetime(rows[name], format="%m/%d/%Y %I:%M:%S %p")
    rows = rows[rows["CD"] != ""].sort_values("CreatedDate", kind="stable")
    apart = rows.groupby(["Address", "RequestType"])["CreatedDate"].diff()
    first = rows["SRNumber"].where(apart.isna() | (apart > WINDOW))
    matter = first.groupby([rows["Address"], rows["RequestType"]]).ffill()
    return rows.assign(matter=matter, public=rows["RequestSource"] != "Driver Self Report")


def test_every_row_is_taken_or_refused_by_rule_and_known_the_second_time(county: Any) -> None:
    first, second = county.first, county.second
    assert not first.problem
    assert (first.received, first.taken, first.refused, first.known) == (10_000, 9_995, 5, 0)
    assert first.refused_by == {"R001": WITHOUT_DISTRICT}
    assert (second.appended, second.known) == (0, 10_000)
    assert audit(county.county).findings == []


def test_repeats_at_one_address_within_a_week_are_one_hazard(
    county: Any, own: pd.DataFrame
) -> None:
    roots = county.table(
        "select f.source_id, r.source_id as root from finding f "
        "join finding r on r.stream_id = f.root_id"
    ).set_index("source_id")["root"]
    pairs = own[["SRNumber", "matter"]].assign(root=own["SRNumber"].map(roots))
    # Which of two requests of one second is called the root is ours to say.
    pairs = pairs[["matter", "root"]].drop_duplicates()
    assert pairs["matter"].is_unique
    assert pairs["root"].is_unique
    assert (len(roots), len(pairs)) == (9_995, 8_926)


def test_hazards_and_what_did_not_apply_add_up_to_what_was_taken(county: Any) -> None:
    noted, standing = county.noted(), county.standing()
    assert standing == {
        "submitted": 7_822,
        "closed": 729,
        "rejected": 325,
        "rectifying": 41,
        "transferred": 9,
    }
    assert sum(standing.values()) == len(county.entered(FactKind.REGISTERED)) == 8_926
    assert noted["registered", "not_from_this_state"] == 9_995 - 8_926
    for kind, status in ((FactKind.REJECTED, 403), (FactKind.TRANSFERRED, 10)):
        assert len(county.entered(kind)) + noted[kind, "not_from_this_state"] == status


def test_what_is_reported_again_after_its_end_is_noted_and_stays_ended(county: Any) -> None:
    """Identity looks at content alone: these are named, and nobody reopens them."""
    noted = county.table(
        "select n.state, count(*) as n from fact_note n join event e on e.seq = n.event_seq"
        " where e.kind = 'registered' and n.seq_to > 9000000000000000 group by n.state"
    )
    by_state = {State(state): n for state, n in zip(noted["state"], noted["n"], strict=True)}
    assert (by_state[State.CLOSED], by_state[State.REJECTED]) == (42, 13)


def test_an_answer_closes_the_report_of_a_citizen_and_not_the_hazard(
    county: Any, own: pd.DataFrame
) -> None:
    closed = county.entered(FactKind.CLOSED)["root_id"]
    found = county.table("select stream_id, source_id from finding").set_index("stream_id")
    firsts = own.set_index("SRNumber")
    assert not firsts.loc[found.loc[closed, "source_id"], "public"].any()
    reported_by_drivers = firsts.loc[firsts["matter"].unique()].query("not public")
    assert len(closed) == len(reported_by_drivers) == 729
    refused = county.noted()["acceptance_passed", "implied_acceptance"]
    assert refused == 8_706


def test_what_drivers_reported_is_closed_on_time_or_late(county: Any, own: pd.DataFrame) -> None:
    closed = county.entered(FactKind.CLOSED)
    on_time = int((closed["accepted_at"] <= closed["due_at"]).sum())
    mine = own[~own["public"]]
    day = mine["ServiceDate"].dt.normalize()
    promised = day.where(day == mine["ServiceDate"]) + pd.Timedelta(days=1)
    due = promised.fillna(mine["CreatedDate"].dt.normalize() + TERM)
    by_matter = mine.assign(due=due).groupby("matter")
    done = by_matter["ClosedDate"].min() <= by_matter["due"].first()
    assert int(done[done.index.isin(mine["SRNumber"])].sum()) == on_time
    assert (on_time, len(closed) - on_time) == (720, 9)


def test_what_was_closed_before_it_was_created_stays_open_by_name(
    county: Any, own: pd.DataFrame
) -> None:
    wrong = own[own["ClosedDate"] < own["CreatedDate"]]
    before_it_was = county.table(
        "select e.source_id from fact_note n join event e on e.seq = n.event_seq"
        " where n.reason = 'not_from_this_state' and n.state = 0 and e.kind = 'submitted'"
    )["source_id"]
    assert len(wrong) == CLOSED_BEFORE_CREATED
    assert set(before_it_was) == set(wrong["SRNumber"] + ":submitted")
