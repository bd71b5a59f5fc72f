"""The suite of updates: one thing that happened to a hazard.

What a kind of event needs beyond this (a reason, a due date, evidence) is not judged here: a move
that lacks data is pending, and the fold's guards name what is missing (`rules.lifecycle`).
"""

from typing import Any

from expectations.building import (
    not_after_receipt,
    not_negative,
    one_of,
    readable,
    required,
    storable,
    suite_of,
)
from expectations.words import EVENTS, LISTING_LEVELS, SEVERITIES, Words
from schemas.records import UPDATE


def suite(words: Words) -> Any:
    """Update rows as an ExpectationSuite."""
    return suite_of(
        UPDATE,
        [
            *required(UPDATE),
            *readable(UPDATE),
            *not_after_receipt("happened_at", "asked_at", "finished_on", "sent_at__stated"),
            *not_negative(*UPDATE.of_kind("money")),
            one_of("event", EVENTS),
            one_of("town_code", words.towns, "U001"),
            one_of("severity", SEVERITIES),
            one_of("listing_level", LISTING_LEVELS),
            storable(),
        ],
    )
