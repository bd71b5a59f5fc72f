"""Real inspections: places, checks with and without findings, and what was corrected on the spot.

The expected figures are counted from the publisher's file by plain pandas.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules.elements import names
from schemas.vocabulary import FactKind
from tasks.auditing import audit

FILE = "toronto_dinesafe/dinesafe.2012.csv"
ROWS, PLACES, CHECKS, CLEAN = 17_188, 4_849, 10_647, 6_347
ON_THE_SPOT = "Corrected During Inspection"


@pytest.fixture(scope="module")
def county(collected: Callable[..., Any]) -> Any:
    return collected("toronto", "dinesafe", FILE)


@pytest.fixture(scope="module")
def own(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / FILE, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def orders(own: pd.DataFrame) -> pd.DataFrame:
    """One row per infraction of a place and day; five inspections were entered twice."""
    found = own[own["Infraction Details"] != ""].assign(corrected=own["Action"] == ON_THE_SPOT)
    key = ["Establishment ID", "Inspection Date", "Severity", "Infraction Details"]
    return found.groupby(key, as_index=False)["corrected"].any()


def test_every_row_is_taken_and_known_the_second_time(county: Any) -> None:
    first, second = county.first, county.second
    assert not first.problem
    assert (first.received, first.taken, first.refused, first.known) == (ROWS, ROWS, 0, 0)
    assert (second.appended, second.known) == (0, ROWS)
    assert audit(county.county).findings == []


def test_a_place_named_in_many_rows_is_one_place(county: Any, own: pd.DataFrame) -> None:
    places = county.table("select place_id, name from place_span")
    expected = own.drop_duplicates("Establishment ID").set_index("Establishment ID")
    assert len(places) == len(expected) == PLACES
    known = places.set_index("place_id")["name"].reindex(expected.index)
    assert (known == expected["Establishment Name"]).all()


def test_names_that_differ_by_case_alone_do_not_join_places(county: Any) -> None:
    names_of = county.table("select place_id, name from place_span")["name"]
    assert (names_of.nunique(), names_of.str.lower().nunique()) == (3_976, 3_963)


def test_an_inspection_without_findings_is_a_check_too(county: Any, own: pd.DataFrame) -> None:
    checks = county.table("select result, count(*) as n from check_visit group by result")
    found = own.groupby("Inspection ID")["Infraction Details"].max() != ""
    assert checks.set_index("result")["n"].to_dict() == {
        "clean": int((~found).sum()),
        "hazards_found": int(found.sum()),
    }
    assert (len(found), int((~found).sum())) == (CHECKS, CLEAN)


def test_an_infraction_is_a_hazard_once_a_day_however_often_it_was_entered(
    county: Any, orders: pd.DataFrame
) -> None:
    registered = county.entered(FactKind.REGISTERED)
    crucial = orders["Severity"].str.startswith("C")
    assert len(registered) == len(orders) == 10_816
    assert int((registered["severity"] == 1).sum()) == int(crucial.sum()) == 425
    assert county.noted()["registered", "not_from_this_state"] == 10_841 - 10_816 == 25


def test_what_was_corrected_during_the_inspection_is_found_and_closed_at_once(
    county: Any, own: pd.DataFrame, orders: pd.DataFrame
) -> None:
    general = orders["corrected"] & ~orders["Severity"].str.startswith("C")
    closed = county.entered(FactKind.CLOSED)
    assert len(closed) == int(general.sum()) == 2_685
    assert (closed["closed_at"] == closed["found_at"]).all()
    assert (closed["accepted_at"] <= closed["due_at"]).all()
    assert int((own["Outcome"] != "").sum()) == 214  # of courts: no record holds them
    assert county.standing() == {"assigned": 10_816 - 2_685, "closed": 2_685}


def test_a_crucial_one_is_not_closed_on_the_spot_without_its_five_elements(
    county: Any, orders: pd.DataFrame
) -> None:
    crucial = orders["corrected"] & orders["Severity"].str.startswith("C")
    waiting = county.table("select missing from fact_note where outcome = 'pending'")["missing"]
    assert len(waiting) == int(crucial.sum()) == 1
    assert names(int(waiting[0])) == ("funding", "plan", "interim_control")


def test_a_text_for_which_the_store_has_no_room_refuses_its_row_and_stops_no_other(
    shared_data: Path, tmp_path: Path, postgres_url: str, home: Callable[..., Any]
) -> None:
    """The infraction in place of the name, on PostgreSQL: 200 characters and no more."""
    shutil.copytree(Path(__file__).parent / "config" / "toronto", tmp_path / "toronto")
    source = tmp_path / "toronto" / "sources" / "dinesafe.yaml"
    text = source.read_text("utf-8").replace(
        "unit_name: Establishment Name", "unit_name: Infraction Details"
    )
    source.write_text(text, "utf-8")
    made = home("toronto", ["dinesafe"], tmp_path, database_url=postgres_url)
    rows = pd.read_csv(shared_data / FILE, dtype=str, keep_default_na=False)
    too_long = rows[rows["Infraction Details"].str.len() > 200]
    part = tmp_path / "dinesafe.2012.csv"
    pd.concat([rows[:100], too_long]).to_csv(part, index=False)
    made.drop("dinesafe", part)
    report = made.collect("dinesafe")
    assert not report.problem
    assert report.refused_by == {"T007": len(too_long)} == {"T007": 15}
    assert (report.received, report.taken, report.refused) == (115, 100, 15)
