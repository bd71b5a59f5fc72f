"""A real feed of snapshots: absence closes nothing, what comes back is the same, deadlines move.

The expected figures are counted from the publisher's snapshots by plain Python and pandas.
"""

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.vocabulary import FactKind
from tasks.auditing import audit

SNAPSHOTS, ROWS, OUTAGES = 131, 87_068, 10_774
ZONE = "America/Los_Angeles"


@pytest.fixture(scope="module")
def own(shared_data: Path) -> pd.DataFrame:
    """Every row of every snapshot, and the number of the snapshot it stands in."""
    paths = sorted((shared_data / "pge_outages").glob("*.json.gz"))
    lists = [pd.DataFrame(json.loads(gzip.decompress(path.read_bytes()))) for path in paths]
    rows = pd.concat(lists, keys=range(len(lists)), names=["snapshot"]).reset_index("snapshot")
    return rows.assign(OUTAGE_CAUSE=rows["OUTAGE_CAUSE"].fillna(""))


@pytest.fixture(scope="module")
def collected_twice(
    shared_data: Path, home: Callable[[str, Iterable[str]], Any]
) -> tuple[Any, Any, Any]:
    made = home("outages", ["pge_outages"])
    for path in (shared_data / "pge_outages").glob("*.json.gz"):
        (made.county.home / "drop" / "pge_outages" / path.name).write_bytes(path.read_bytes())
    return made, made.collect("pge_outages"), made.collect("pge_outages")


@pytest.fixture(scope="module")
def feed(collected_twice: tuple[Any, Any, Any]) -> Any:
    return collected_twice[0]


@pytest.fixture(scope="module")
def promises(own: pd.DataFrame) -> pd.DataFrame:
    """Every (number, last update, promised end) that was ever shown, in its order."""
    key = ["F_OUTAGE_ID", "LAST_UPDATE", "CURRENT_ETOR"]
    shown = own.dropna(subset=["CURRENT_ETOR"])[key].drop_duplicates().astype("int64")
    day = pd.to_datetime(shown["CURRENT_ETOR"], unit="ms", utc=True).dt.tz_convert(ZONE)
    ends = day.dt.tz_localize(None).dt.normalize() + pd.Timedelta(days=1)
    return shown.assign(due=_ms(ends.dt.tz_localize(ZONE))).sort_values(key)


def test_every_row_of_every_snapshot_is_taken_or_known(
    collected_twice: tuple[Any, Any, Any], own: pd.DataFrame
) -> None:
    made, first, second = collected_twice
    assert not first.problem
    assert (first.deliveries, first.received, first.refused) == (SNAPSHOTS, len(own), 0)
    assert (first.taken, first.known) == (16_717, ROWS - 16_717)
    assert (second.appended, second.known) == (0, second.received)
    assert audit(made.county).findings == []


def test_a_number_is_one_hazard_though_it_vanishes_and_comes_back(
    feed: Any, own: pd.DataFrame
) -> None:
    away = own.sort_values(["F_OUTAGE_ID", "snapshot"])
    away = away.groupby("F_OUTAGE_ID")["snapshot"].diff() > 1
    assert int(away.sum()) == 235  # came back after one snapshot or more without it
    assert own["F_OUTAGE_ID"].nunique() == len(feed.entered(FactKind.REGISTERED)) == OUTAGES
    assert len(feed.table("select distinct root_id from finding")) == OUTAGES


def test_nothing_is_closed_by_absence(feed: Any, own: pd.DataFrame) -> None:
    last = own[own["snapshot"] == SNAPSHOTS - 1]
    assert len(last) == 53  # all that the last snapshot lists
    standing = feed.standing()
    assert standing == {"verified": 6_337, "assigned": 4_437}
    assert sum(standing.values()) == OUTAGES


def test_the_first_promise_is_the_original_deadline_and_the_last_one_in_time_holds(
    feed: Any, promises: pd.DataFrame
) -> None:
    spans = feed.table(
        "select f.source_id, s.original_due_at, s.due_at from hazard_span s"
        " join finding f on f.stream_id = s.root_id"
        " where s.claimed_to > 9000000000000000 and s.seq_to > 9000000000000000 and s.due_at > 0"
    )
    spans = spans.assign(outage=spans["source_id"].astype("int64")).set_index("outage")
    lives = {outage: _life(shown) for outage, shown in promises.groupby("F_OUTAGE_ID")}
    assert len(lives) == len(spans) == 4_437
    assert spans["original_due_at"].to_dict() == {o: first for o, (first, _, _, _) in lives.items()}
    assert spans["due_at"].to_dict() == {o: last for o, (_, last, _, _) in lives.items()}
    effective = sum(life[2] for life in lives.values())
    too_late = sum(life[3] for life in lives.values())
    assert len(feed.entered(FactKind.EXTENDED)) == effective == 7_647
    assert feed.noted()["extended", "extension_after_expiry"] == too_late == 6
    moved = int((spans["original_due_at"] != spans["due_at"]).sum())
    assert (moved, int((spans["due_at"] < spans["original_due_at"]).sum())) == (675, 20)


def test_a_changed_cause_is_a_revision_of_the_finding(feed: Any, own: pd.DataFrame) -> None:
    shown = own.drop_duplicates(["F_OUTAGE_ID", "LAST_UPDATE", "OUTAGE_CAUSE"])
    tied = shown.duplicated(["F_OUTAGE_ID", "LAST_UPDATE"], keep=False)
    assert shown.loc[tied, "F_OUTAGE_ID"].nunique() == 2  # two causes under one last update
    shown = shown[~shown["F_OUTAGE_ID"].isin(shown.loc[tied, "F_OUTAGE_ID"])]
    shown = shown.sort_values(["F_OUTAGE_ID", "LAST_UPDATE"])
    latest = shown.drop_duplicates("F_OUTAGE_ID", keep="last").set_index("F_OUTAGE_ID")
    told = feed.table("select source_id, description from finding")
    told = told.assign(outage=told["source_id"].astype("int64")).set_index("outage")["description"]
    cause = told.str.extract(r"because of ?(.*)$")[0]
    assert (cause[latest.index] == latest["OUTAGE_CAUSE"]).all()
    revisions = feed.table(
        "select source_id, count(*) as n from event where record = 'finding' group by source_id"
    )
    said = ["OUTAGE_CAUSE", "OUTAGE_START", "OUTAGE_EXTENT", "OUTAGE_DEVICE_ID"]
    changed = (own.groupby("F_OUTAGE_ID")[said].nunique() > 1).any(axis=1)
    assert int((revisions["n"] > 1).sum()) == int(changed.sum()) == 1_054


def _life(shown: pd.DataFrame) -> tuple[int, int, int, int]:
    """(original due, due, promises that hold, promises made when the one before had expired)."""
    original = due = int(shown["due"].iloc[0])
    held = late = 0
    for at, promised in zip(shown["LAST_UPDATE"], shown["due"], strict=True):
        if at < due:
            due, held = int(promised), held + 1
        else:
            late += 1
    return original, due, held, late


def _ms(instants: pd.Series) -> pd.Series:
    return instants.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ms]").astype(int)
