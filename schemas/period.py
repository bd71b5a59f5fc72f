"""A period: a half-open span of time that an edition speaks of.

All instants are UTC milliseconds. `start` is included, `end` is not: a fact claimed at Sunday
24:00 belongs to the next week.
"""

from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import EditionKind

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
FOREVER = 2**62  # "until further notice" in claimed_to and seq_to; far past any time or count


@dataclass(frozen=True)
class Period:
    kind: EditionKind
    code: str  # e.g. 2025-W10; `rules.kinds` has them all
    first_day: date
    last_day: date
    start: int
    end: int
