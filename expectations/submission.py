"""The suite of submissions: one delivery by one reporting unit for one period."""

from typing import Any

from expectations.building import (
    not_after_receipt,
    not_negative,
    readable,
    required,
    sound,
    suite_of,
)
from expectations.words import Words
from schemas.records import SUBMISSION


def suite(words: Words) -> Any:
    """Submission rows as an ExpectationSuite."""
    return suite_of(
        SUBMISSION,
        [
            *required(SUBMISSION),
            *readable(SUBMISSION),
            *not_after_receipt("received_at"),
            *not_negative(*SUBMISSION.of_kind("integer")),
            *sound(),
        ],
    )
