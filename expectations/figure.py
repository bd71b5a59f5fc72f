"""The suite of figures: totals that a unit declares of itself, always unproven."""

from typing import Any

from expectations.building import not_after_receipt, readable, required, sound, suite_of
from expectations.words import Words
from schemas.records import FIGURE


def suite(words: Words) -> Any:
    """Figure rows as an ExpectationSuite; a value may be negative, an indicator is free."""
    return suite_of(
        FIGURE,
        [
            *required(FIGURE),
            *readable(FIGURE),
            *not_after_receipt("reported_at", "sent_at__stated"),
            *sound(),
        ],
    )
