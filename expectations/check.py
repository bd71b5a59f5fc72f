"""The suite of checks: one visit to one place, with or without findings."""

from typing import Any

from expectations.building import not_after_receipt, one_of, readable, required, sound, suite_of
from expectations.words import ACTOR_KINDS, CHANNELS, CHECK_RESULTS, Words
from schemas.records import CHECK


def suite(words: Words) -> Any:
    """Check rows as an ExpectationSuite."""
    return suite_of(
        CHECK,
        [
            *required(CHECK),
            *readable(CHECK),
            *not_after_receipt("checked_at", "sent_at__stated"),
            one_of("channel", CHANNELS),
            one_of("actor_kind", ACTOR_KINDS),
            one_of("result", CHECK_RESULTS),
            *sound(),
        ],
    )
