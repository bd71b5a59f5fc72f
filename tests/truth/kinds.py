"""Editions of every kind against the truth of their world: months, quarters, years, any span.

What is true comes from the demo's own arithmetic (`demo.truth`); periods are written as dates, so
that what a code means is said here a second time. The statutory table is counted here, from the
steps and rows of the world.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from demo.model import KNOWN, NEVER, TAKEN, Row
from demo.tally import Cut, Track
from demo.truth import Asked, Teller
from rules.kinds import period_of
from schemas.edition import Body
from schemas.vocabulary import EditionKind, ListingLevel, Severity, State
from tasks.county import County
from tasks.publication.making import made
from tasks.store import ledger
from tasks.store.engine import reading
from tests.truth.worlds import disagreements

K = EditionKind
Named = tuple[EditionKind, str, date, date]  # kind, code, first and last day

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
_LEVELS = ("province", "city", "county")


def kinds_that_differ(
    county: County, teller: Teller, periods: Iterable[Named], known_by: int | None = None
) -> Iterator[str]:
    """Every figure of these editions that is not true, and what the gate says against them."""
    for kind, code, first, last in periods:
        period = period_of(kind, code, county.zone)
        asked = Asked.of_days(teller.world, first, last)
        received_by = known_by or teller.world.weeks.last
        with reading(county.engine) as connection:
            head = ledger.watermark(connection, county.code, known_by)
            edition = made(connection, county, period, head.seq)
        wrong = [*map(str, edition.refusals), *_differs(edition.body, teller, asked, received_by)]
        yield from (f"{kind.value} {code} by {received_by}: {text}" for text in wrong)


def _differs(body: Body, teller: Teller, asked: Asked, received_by: int) -> Iterator[str]:
    yield from disagreements(body, teller.cut(asked, received_by))
    if "statutory" not in body:
        return
    true = _Table(teller, asked, received_by).counts()
    table = body["statutory"]
    for row in (*table["towns"], *table["sectors"], table["total"] | {"code": "total"}):
        wanted = true[row["code"]]
        for name, printed in row["counts"].items():
            if printed != wanted[name]:
                yield f"statutory {row['code']}.{name}: {printed}, truth {wanted[name]}"


class _Table:
    """The statutory table of one month, in loops."""

    def __init__(self, teller: Teller, asked: Asked, received_by: int) -> None:
        self.teller, self.received_by = teller, received_by
        # Coverage is of the month, not of the campaign.
        self.cut = Cut(asked.start, asked.end, asked.start, asked.year, received_by, 0)
        self.found: dict[str, Counter[str]] = {u: Counter() for u in teller.units}

    def add(self, town: str, sector: str, measure: str, n: int = 1) -> None:
        for unit in (town, sector, "total"):
            self.found[unit][measure] += n

    def counts(self) -> dict[str, Counter[str]]:
        for unit, covered in self.teller.duties.coverage(self.cut, self.teller.units).items():
            self.found[unit]["units_due"] = covered["places_due"]
            self.found[unit]["units_checked"] = covered["places_checked"]
        spent = self._spent()
        for track in self.teller.tracks:
            if track.count_until(self.cut):
                self._count(track, spent.get(track.hazard.key, 0))
        for one in self.found.values():
            one["in_plan"] = one["major_found"] - one["major_closed"]
            one["listed"] = sum(one[f"listed_{level}"] for level in _LEVELS)
        return self.found

    def _count(self, track: Track, fen: int) -> None:
        steps = track.steps[: track.count_until(self.cut)]
        now, sector = steps[-1].after, track.hazard.sector
        if steps[0].at >= self.cut.start:
            town = steps[0].after.town
            is_major = now.severity is Severity.MAJOR
            word = "major" if is_major else "general"
            self.add(town, sector, f"{word}_found")
            if now.state is State.CLOSED:
                self.add(town, sector, f"{word}_closed")
            elif is_major and now.complete:
                self.add(town, sector, "five")
        if now.is_open and now.level:
            self.add(now.town, sector, f"listed_{ListingLevel(now.level).name.lower()}")
        self.add(now.town, sector, "funds_fen", fen)

    def _spent(self) -> Counter[str]:
        """What submissions that took effect told of, by hazard."""
        world = self.teller.world
        roots = {f"{r.source}:{r.id}": r.root for r in world.refinds}
        without_effect = {
            (o.source, o.id) for o in world.outcomes if o.outcome in ("ineffective", "pending")
        }
        told = {(r.source, r.id): r for r in world.rows if self._is_told(r)}  # some rows come twice
        spent = Counter[str]()
        for row in (told[key] for key in told.keys() - without_effect):
            source = row.fields.get("finding_source") or row.source
            key = f"{source}:{row.fields['finding_id']}"
            spent[roots.get(key, key)] += int(row.fields.get("funding_spent_fen") or 0)
        return spent

    def _is_told(self, row: Row) -> bool:
        told = row.record == "update" and row.fields["event"] == "submitted"
        good = row.expect in (TAKEN, KNOWN) and row.receipt.received <= self.received_by < NEVER
        return told and good and self.cut.start <= row.claimed < self.cut.end
