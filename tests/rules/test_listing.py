from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rules import listing
from rules.clocks import WorkingDays
from rules.periods import end_of_day
from schemas.policy import Policy
from schemas.policy_duties import ListingRule
from schemas.vocabulary import ListingLevel

ROOT = Path(__file__).resolve().parents[2]
POLICY = Policy.model_validate(
    yaml.safe_load((ROOT / "config" / "cixi" / "policy.yaml").read_text("utf-8"))
)
DAYS = WorkingDays.build()


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text + "+08:00").timestamp()) * 1000


def _majors(*rows: tuple[str, int, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["root_id", "verified_at", "listed_level", "sector_code"])
    return frame.assign(town_code="330282002", unit_name="示例化工厂")


FRIDAY = _ms("2025-03-07T10:00")  # verified then: to be listed by Friday 14 March, 24:00


def test_every_verified_unlisted_major_hazard_is_proposed_at_the_level_of_its_sector() -> None:
    majors = _majors(
        ("c", FRIDAY, 0, "fire"),
        ("a", FRIDAY, 0, "hazardous_chemicals"),
        ("listed", FRIDAY, 1, "fire"),
        ("unverified", 0, 0, "fire"),
        ("later", _ms("2025-03-11T00:00"), 0, "fire"),
    )
    made = listing.proposals(majors, POLICY, DAYS, _ms("2025-03-10T08:00"))
    assert made["root_id"].tolist() == ["a", "c"]
    assert made["level"].tolist() == [ListingLevel.CITY, ListingLevel.COUNTY]
    assert made["propose_by"].tolist() == [end_of_day(date(2025, 3, 14), DAYS.zone)] * 2
    assert not made["is_late"].any()
    assert tuple(made.columns) == listing.PROPOSAL_COLUMNS


def test_should_be_listed_and_is_not_begins_when_the_working_days_are_over() -> None:
    majors = _majors(("a", FRIDAY, 0, "fire"), ("b", FRIDAY, 2, "fire"), ("c", 0, 0, "fire"))
    before = listing.unlisted(majors, POLICY, DAYS, _ms("2025-03-14T23:59"))
    after = listing.unlisted(majors, POLICY, DAYS, _ms("2025-03-15T00:00"))
    assert before.tolist() == [False, False, False]
    assert after.tolist() == [True, False, False]


def test_no_major_hazard_gives_no_proposal() -> None:
    assert listing.proposals(_majors(), POLICY, DAYS, FRIDAY).empty
    assert listing.unlisted(_majors(), POLICY, DAYS, FRIDAY).tolist() == []


def test_numbers_run_per_level_and_year() -> None:
    used = [
        "330282-county-2025-001",
        "330282-county-2025-009",
        "330282-city-2025-001",
        "330282-county-2024-050",
        "甬安委督〔2025〕77号",
    ]
    county = listing.next_number(POLICY, "330282", ListingLevel.COUNTY, 2025, used)
    assert county == "330282-county-2025-010"
    city = listing.next_number(POLICY, "330282", ListingLevel.CITY, 2025, used)
    assert city == "330282-city-2025-002"
    first = listing.next_number(POLICY, "330282", ListingLevel.COUNTY, 2026, used)
    assert first == "330282-county-2026-001"
    past = listing.next_number(
        POLICY, "330282", ListingLevel.COUNTY, 2025, ["330282-county-2025-999"]
    )
    assert past == "330282-county-2025-1000"


LEVELS = st.sampled_from([ListingLevel.COUNTY, ListingLevel.CITY, ListingLevel.PROVINCE])


@given(
    st.lists(LEVELS, max_size=12),
    st.sampled_from(["{county}{level}〔{year}〕{number}号", "{year}.{level}+{number:04d}"]),
)
def test_no_number_is_given_twice(levels: list[ListingLevel], number_format: str) -> None:
    rule = POLICY.listing.model_copy(update={"number_format": number_format})
    policy = POLICY.model_copy(update={"listing": rule})
    first = listing.next_numbers(policy, "330282", levels, 2025, [])
    second = listing.next_numbers(policy, "330282", levels, 2025, first)
    assert len({*first, *second}) == 2 * len(levels)


def test_a_notice_without_a_level_has_no_number() -> None:
    with pytest.raises(ValueError, match="level"):
        listing.next_number(POLICY, "330282", ListingLevel.NONE, 2025, [])


def test_the_term_ends_with_its_last_day() -> None:
    end = listing.term_end(_ms("2025-03-07T10:00"), POLICY.listing, DAYS)
    assert end == end_of_day(date(2025, 9, 3), DAYS.zone)


@pytest.mark.parametrize("lacking", ["level", "year", "number"])
def test_a_number_format_that_could_repeat_itself_is_refused(lacking: str) -> None:
    fields: dict[str, Any] = POLICY.listing.model_dump()
    fields["number_format"] = "".join(f"{{{f}}}" for f in {"level", "year", "number"} - {lacking})
    with pytest.raises(ValidationError, match=lacking):
        ListingRule.model_validate(fields)
