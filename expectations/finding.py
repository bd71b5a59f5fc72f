"""The suite of findings: one hazard reported, by whichever channel.

Texts that say nothing are a warning here, because a grid worker's two words may be all there is;
a source whose texts are to be judged strictly says so in its declaration (`extra_rules`).
"""

from typing import Any

from expectations.building import (
    absent,
    not_after_receipt,
    one_of,
    readable,
    required,
    sound,
    suite_of,
    unlike,
    within,
)
from expectations.phrases import SAYS_NOTHING, SAYS_RECTIFIED
from expectations.words import CHANNELS, SEVERITIES, Words
from schemas.records import FINDING


def suite(words: Words) -> Any:
    """Finding rows as an ExpectationSuite."""
    return suite_of(
        FINDING,
        [
            *required(FINDING),
            *readable(FINDING),
            *not_after_receipt("found_at", "sent_at__stated"),
            one_of("town_code", words.towns, "U001"),
            one_of("sector_code", words.sectors, "U002"),
            one_of("severity", SEVERITIES),
            one_of("channel", CHANNELS),
            unlike("description__gist", SAYS_NOTHING, "T001"),
            unlike("description__gist", SAYS_RECTIFIED, "T002"),
            absent("description__repeats", "T004"),
            absent("description__terse", "T008"),
            *within(words.extent),
            *sound(),
        ],
    )
