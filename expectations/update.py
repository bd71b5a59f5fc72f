"""The suite of updates: one thing that happened to a hazard.

What a kind of event needs beyond this (a reason, a due date, evidence) refuses no row: a move that
lacks data is pending, and the fold's guards name what is missing (`rules.lifecycle`). What a
delivery itself shows to be out of order is a warning, so that its sender hears of it early.
"""

from typing import Any

from expectations.building import (
    absent,
    not_after_receipt,
    not_negative,
    one_of,
    readable,
    required,
    sound,
    suite_of,
)
from expectations.words import EVENTS, LISTING_LEVELS, SEVERITIES, Words
from schemas.records import UPDATE

# What `expectations.lives` finds, and the rule that it breaks.
DISORDER = {
    "finished__early": "D005",
    "due__early": "D006",
    "step__early": "D008",
    "granted__early": "D009",
    "finished__late": "D010",
    "plan__missing": "E001",
    "closed__unaccepted": "E002",
    "accepted__early": "E003",
}


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
            *(absent(column, code) for column, code in DISORDER.items()),
            *sound(),
        ],
    )
