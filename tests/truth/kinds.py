"""Editions of every kind against the truth of their world: months, quarters, years, any span.

What is true comes from the demo's own arithmetic (`demo.page`); periods are written as dates, so
that what a code means is said here a second time.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from demo.page import Pager
from demo.truth import Asked
from rules.kinds import period_of
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.publication.making import Made, made
from tasks.store import ledger
from tasks.store.engine import reading
from tests.truth.bodies import disagreements

K = EditionKind
Named = tuple[EditionKind, str, date, date]  # kind, code, first and last day

WEEK: Named = (K.WEEKLY, "2025-W12", date(2025, 3, 17), date(2025, 3, 23))
MARCH: Named = (K.MONTHLY, "2025-03", date(2025, 3, 1), date(2025, 3, 31))
FEW: tuple[Named, ...] = (
    MARCH,
    (K.QUARTER, "2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
    (K.CAMPAIGN, "2025-01-01--2025-03-23", date(2025, 1, 1), date(2025, 3, 23)),
    (K.SPAN, "2025-03-05--2025-03-20", date(2025, 3, 5), date(2025, 3, 20)),
)
# Of a world of sixty weeks from 2025-03-03 on.
ALL: tuple[Named, ...] = (
    MARCH,
    (K.MONTHLY, "2025-09", date(2025, 9, 1), date(2025, 9, 30)),
    (K.MONTHLY, "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
    (K.STATUTORY, "2025-05", date(2025, 5, 1), date(2025, 5, 31)),
    (K.STATUTORY, "2025-12", date(2025, 12, 1), date(2025, 12, 31)),
    (K.QUARTER, "2025-Q2", date(2025, 4, 1), date(2025, 6, 30)),
    (K.QUARTER, "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
    (K.HALF_YEAR, "2025-H1", date(2025, 1, 1), date(2025, 6, 30)),
    (K.HALF_YEAR, "2025-H2", date(2025, 7, 1), date(2025, 12, 31)),
    (K.YEAR, "2025", date(2025, 1, 1), date(2025, 12, 31)),
    (K.CAMPAIGN, "2025-01-01--2025-10-31", date(2025, 1, 1), date(2025, 10, 31)),
    (K.SPAN, "2025-12-17--2026-01-20", date(2025, 12, 17), date(2026, 1, 20)),
    (K.SPAN, "2025-06-30--2025-06-30", date(2025, 6, 30), date(2025, 6, 30)),
)


def kinds_that_differ(
    county: County, pager: Pager, periods: Iterable[Named], known_by: int | None = None
) -> Iterator[str]:
    """Every figure of these editions that is not true, and what the gate says against them."""
    received_by = known_by or pager.world.weeks.last
    for named in periods:
        kind, code, first, last = named
        edition, asked = (
            edition_of(county, named, known_by),
            Asked.of_days(pager.world, first, last),
        )
        found = disagreements(edition.body, pager, asked, received_by)
        wrong = [*map(str, edition.refusals), *found]
        yield from (f"{kind.value} {code} by {received_by}: {text}" for text in wrong)


def edition_of(county: County, named: Named, known_by: int | None = None) -> Made:
    """An edition as known by an instant, or at the head."""
    period = period_of(named[0], named[1], county.zone)
    with reading(county.engine) as connection:
        head = ledger.watermark(connection, county.code, known_by)
        return made(connection, county, period, head.seq)
