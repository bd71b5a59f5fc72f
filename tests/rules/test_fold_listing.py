"""Listing and delisting of one hazard (domain sections 3 and 4)."""

import pytest

from tests.rules.facts_of_lives import (
    APPLIED,
    LISTED,
    OFFICE,
    Fact,
    life_up_to,
    refused,
    tell,
    waits_for,
)

ACCEPTED = life_up_to("acceptance_passed", "major")
LISTING: Fact = ("listed", 1.5, LISTED)


def listed(level: str, at: float) -> Fact:
    return "listed", at, {"listing_number": "2025-002", "listing_level": level}


def delisted(at: float, level: str = "county") -> Fact:
    return "delisted", at, {"listing_level": level}


def test_a_listed_hazard_closes_only_after_its_delisting() -> None:
    facts = [*ACCEPTED, LISTING, ("closed", 8, {})]
    told = tell(*facts)
    assert (told.last, told.now["level"]) == (waits_for("delisting"), 1)
    told = tell(*facts, delisted(12))
    assert (told.state, told.now["closed_at"], told.now["level"]) == ("closed", 12, 0)


def test_a_delisting_names_the_level_that_delists() -> None:
    told = tell(*ACCEPTED, LISTING, ("delisted", 9, {}))
    assert (told.last, told.now["level"]) == (waits_for("listing_level"), 1)


@pytest.mark.parametrize("level", ["city", "province"])
def test_only_the_level_that_listed_delists(level: str) -> None:
    told = tell(*ACCEPTED, LISTING, delisted(9, level))
    assert (told.last, told.now["level"]) == (refused("delisted_by_other_level"), 1)


def test_the_level_it_was_raised_to_delists_and_the_one_before_no_more() -> None:
    told = tell(*ACCEPTED, LISTING, listed("city", 2), delisted(9), delisted(10, "city"))
    assert told.outcomes[-2:] == [refused("delisted_by_other_level"), APPLIED]


def test_a_delisting_waits_for_the_acceptance() -> None:
    told = tell(*life_up_to("submitted", "major"), LISTING, delisted(8))
    assert (told.last, told.now["level"]) == (waits_for("acceptance"), 1)
    told = tell(*life_up_to("submitted", "major"), LISTING, delisted(8),
                ("acceptance_passed", 9, OFFICE))  # fmt: skip
    assert (told.now["level"], told.now["at"]) == (0, 9)


def test_an_acceptance_that_failed_later_delists_nothing() -> None:
    told = tell(*ACCEPTED, LISTING, ("acceptance_failed", 6, OFFICE), delisted(9))
    assert told.last == waits_for("acceptance")


def test_what_is_not_listed_is_not_delisted() -> None:
    assert tell(*ACCEPTED, delisted(9)).last == refused("not_listed")


@pytest.mark.parametrize(
    ("level", "outcome", "is_now"),
    [("county", refused("listed_higher"), 2), ("city", APPLIED, 2), ("province", APPLIED, 3)],
)
def test_a_listing_is_raised_or_numbered_anew_and_never_lowered(
    level: str, outcome: object, is_now: int
) -> None:
    told = tell(*ACCEPTED, listed("city", 6), listed(level, 7))
    assert (told.last, told.now["level"]) == (outcome, is_now)
