"""One real county with seven sources, each with a heading of its own; drift is named, nothing lost.

The expected figures are counted from the publishers' files by plain pandas.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules.elements import names
from schemas.vocabulary import FactKind
from tasks.auditing import audit

FOLDER = "nycdb_samples"
# (rows, taken, refused by rule); a row may break two rules
SOURCES: dict[str, tuple[int, int, dict[str, int]]] = {
    "dob_complaints": (100, 100, {}),
    "dob_violations": (100, 96, {"D004": 4}),  # four are from before 1990
    "dob_safety_violations": (9, 9, {}),
    "ecb_violations": (5, 5, {}),
    "hpd_vacateorders": (100, 100, {}),
    "hpd_violations": (100, 100, {}),
    "oath_hearings": (100, 5, {"R001": 95, "U001": 92}),
}


@dataclass(frozen=True)
class NewYork:
    home: Any
    first: dict[str, Any]
    second: dict[str, Any]


@pytest.fixture(scope="module")
def newyork(shared_data: Path, home: Callable[[str, Iterable[str]], Any]) -> NewYork:
    made = home("newyork", SOURCES)
    for source in SOURCES:
        made.drop(source, shared_data / FOLDER / f"{source}.csv")
    first, second = ({source: made.collect(source) for source in SOURCES} for _ in range(2))
    return NewYork(made, first, second)


@pytest.fixture(scope="module")
def own(shared_data: Path) -> Callable[[str], pd.DataFrame]:
    def rows(source: str) -> pd.DataFrame:
        path = shared_data / FOLDER / f"{source}.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False)

    return rows


def since_1990(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["ISSUE_DATE"] >= "19900101"]


@pytest.mark.parametrize("source", SOURCES)
def test_every_row_is_taken_or_refused_by_rule_and_known_the_second_time(
    newyork: NewYork, own: Callable[[str], pd.DataFrame], source: str
) -> None:
    rows, taken, refused_by = SOURCES[source]
    first, second = newyork.first[source], newyork.second[source]
    assert not first.problem
    assert len(own(source)) == first.received == rows
    assert (first.taken, first.refused, first.known) == (taken, rows - taken, 0)
    assert first.refused_by == refused_by
    assert (second.appended, second.known) == (0, rows)


def test_the_ledger_of_all_sources_passes_the_audit(newyork: NewYork) -> None:
    assert audit(newyork.home.county).findings == []
    taken = sum(report.taken for report in newyork.first.values())
    assert len(newyork.home.table("select * from finding")) == taken == 415
    assert sum(newyork.home.standing().values()) == 414  # two orders of one day say the same


def test_summonses_are_refused_that_say_neither_where_nor_what(
    newyork: NewYork, own: Callable[[str], pd.DataFrame]
) -> None:
    rows = own("oath_hearings")
    outside = rows["Violation Location (Borough)"] == "NOT NYC"
    silent = (rows["Violation Description"] + rows["Charge #1: Code Description"]) == ""
    assert (int(outside.sum()), int(silent.sum())) == (92, 95)
    assert newyork.first["oath_hearings"].refused == int((outside | silent).sum())
    told = newyork.home.table(
        "select source_id, description from finding where source = 'oath_hearings'"
    ).set_index("source_id")["description"]
    mine = rows[~outside & ~silent].set_index("Ticket Number")
    what = mine["Violation Description"].where(
        mine["Violation Description"] != "", mine["Charge #1: Code Description"]
    )
    assert told.to_dict() == what.to_dict()


def test_boroughs_are_the_same_towns_whatever_a_file_calls_them(
    newyork: NewYork, own: Callable[[str], pd.DataFrame]
) -> None:
    by_town = newyork.home.table(
        "select source, town_code, count(*) as n from finding group by source, town_code"
    ).set_index(["source", "town_code"])["n"]
    bronx = {
        "dob_complaints": own("dob_complaints")["Community Board"].str[0] == "2",
        "dob_violations": since_1990(own("dob_violations"))["BORO"] == "2",
        "dob_safety_violations": own("dob_safety_violations")["Borough"] == "Bronx",
        "ecb_violations": own("ecb_violations")["BORO"] == "2",
        "hpd_vacateorders": own("hpd_vacateorders")["BOROUGH"] == "BX",
        "hpd_violations": own("hpd_violations")["Borough"] == "BRONX",
    }
    assert by_town.xs("036005000", level="town_code").to_dict() == {
        source: int(mine.sum()) for source, mine in bronx.items() if mine.any()
    }


def test_lives_end_as_the_statuses_say(
    newyork: NewYork, own: Callable[[str], pd.DataFrame]
) -> None:
    closed = newyork.home.table(
        "select f.source, s.* from hazard_span s join finding f on f.stream_id = s.root_id"
        " where s.entered_by = (select min(entered_by) from hazard_span where closed_at > 0)"
        " and s.seq_to > 9000000000000000"
    )
    dob = since_1990(own("dob_violations"))
    ended = dob["VIOLATION_CATEGORY"].str.contains("(?i)dismissed|resolved")
    ended &= dob["DISPOSITION_DATE"] != ""
    hpd = own("hpd_violations")
    assert closed["source"].value_counts().to_dict() == {
        "dob_violations": int(ended.sum()),
        "hpd_violations": int((hpd["ViolationStatus"] == "Close").sum()),
    }
    assert closed["source"].value_counts().to_dict() == {"dob_violations": 70, "hpd_violations": 73}
    on_time = closed[closed["accepted_at"] <= closed["due_at"]]["source"].value_counts()
    in_time = _days(hpd["CurrentStatusDate"]) <= _days(hpd["OriginalCertifyByDate"])
    in_time &= hpd["ViolationStatus"] == "Close"
    assert on_time["hpd_violations"] == int(in_time.sum()) == 7
    failed = hpd["CurrentStatus"] == "INVALID CERTIFICATION"
    failed |= (hpd["CurrentStatus"] == "NOT COMPLIED WITH") & (hpd["CertifiedDate"] != "")
    assert len(newyork.home.entered(FactKind.ACCEPTANCE_FAILED)) == int(failed.sum()) == 2


def test_complaints_end_by_their_dispositions(
    newyork: NewYork, own: Callable[[str], pd.DataFrame]
) -> None:
    codes = own("dob_complaints")["Disposition Code"].str.strip()
    assert len(newyork.home.entered(FactKind.REJECTED)) == int((codes == "I2").sum()) == 13
    waiting = newyork.home.table(
        "select n.missing from fact_note n join event e on e.seq = n.event_seq"
        " where e.kind = 'merged' and n.outcome = 'pending'"
    )["missing"]
    assert len(waiting) == int((codes == "H1").sum()) == 4
    assert {names(int(m)) for m in waiting} == {("target",)}  # merged, but nobody says into which


def test_a_major_hazard_is_not_closed_without_its_five_elements_though_its_order_is_lifted(
    newyork: NewYork, own: Callable[[str], pd.DataFrame]
) -> None:
    lifted = own("hpd_vacateorders")["RESCIND DATE"] != ""
    notes = newyork.home.table(
        "select e.kind, n.outcome, n.missing from fact_note n join event e on e.seq = n.event_seq"
        " where e.source = 'hpd_vacateorders' and n.seq_to > 9000000000000000"
    )
    assert int((notes["kind"] == "closed").sum()) == int(lifted.sum()) == 39
    started = notes[notes["kind"] == "started"]
    assert {names(int(m)) for m in started["missing"]} == {("funding", "plan")}
    assert len(started) == 100


def test_a_renamed_column_degrades_its_source_by_name_and_nothing_is_lost(
    shared_data: Path, home: Callable[[str, Iterable[str]], Any]
) -> None:
    made = home("newyork", ["ecb_violations"])
    folder = shared_data / FOLDER
    made.drop("ecb_violations", folder / "ecb_violations_invalid_header.csv", "ecb_violations.csv")
    for _ in range(2):  # it is asked for again until it is mended
        broken = made.collect("ecb_violations")
        assert (broken.taken, broken.refused, broken.appended) == (0, 0, 0)
        assert "column 'HEARING_STATUS' is missing" in broken.problem
        assert "nearest is 'MISHEARING_STATUS'" in broken.problem
    made.drop("ecb_violations", folder / "ecb_violations.csv")
    mended = made.collect("ecb_violations")
    assert not mended.problem
    assert (mended.received, mended.taken) == (5, 5)
    assert audit(made.county).findings == []


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="%m/%d/%Y")
