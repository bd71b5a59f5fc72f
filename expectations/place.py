"""The suite of places: a registry row names a thing that must be checked."""

from typing import Any

from expectations.building import (
    absent,
    not_after_receipt,
    one_of,
    readable,
    required,
    sound,
    suite_of,
    within,
)
from expectations.words import Words
from schemas.records import PLACE


def suite(words: Words) -> Any:
    """Place rows as an ExpectationSuite; a place may become active in the future."""
    return suite_of(
        PLACE,
        [
            *required(PLACE),
            *readable(PLACE),
            *not_after_receipt("sent_at__stated"),
            one_of("town_code", words.towns, "U001"),
            one_of("sector_code", words.sectors, "U002"),
            one_of("place_class", words.place_classes),
            absent("credit_code__wrong", "P001"),
            absent("ends__early", "D007"),
            *within(words.extent),
            *sound(),
        ],
    )
