"""The statutory monthly table by hand: counts, percentages and money of every row.

Promise: plain loops over the steps and rows of the world. Coverage is of the month, not of the
campaign; percentages and money have one decimal.
"""

from collections import Counter
from fractions import Fraction

from demo.checks import Window
from demo.marks import Page, half_up, percent
from demo.model import KNOWN, NEVER, TAKEN, Row
from demo.tally import Cut, Track
from demo.truth import Asked, Teller
from schemas.vocabulary import ListingLevel, Severity, State

_LEVELS = ("province", "city", "county")
_RATES = {
    "coverage": ("units_checked", "units_due"),
    "general_rate": ("general_closed", "general_found"),
    "major_rate": ("major_closed", "major_found"),
}
_COUNTED = ("general_found", "general_closed", "major_found", "major_closed", "five", "funds_fen",
            *(f"listed_{level}" for level in _LEVELS))  # fmt: skip
_FEN = 1_000_000  # in 10k yuan


def table(teller: Teller, asked: Asked, received_by: int) -> Page:
    """Towns, sectors and total as an edition has them, the rows under their codes."""
    counts = _Table(teller, asked, received_by).counts()
    county = teller.world.organisation.code
    return {
        "towns": {code: _row(code, counts[code]) for code in teller.towns},
        "sectors": {code: _row(code, counts[code]) for code in teller.sectors},
        "total": _row(county, counts["total"]),
    }


def _row(code: str, counts: Counter[str]) -> Page:
    names = (*_COUNTED, *counts)
    return {
        "code": code,
        "counts": {name: counts[name] for name in names},
        "rates": {name: percent(counts[a], counts[b], 1) for name, (a, b) in _RATES.items()},
        "funds": half_up(Fraction(counts["funds_fen"], _FEN), 1),
    }


class _Table:
    """The counts of one month."""

    def __init__(self, teller: Teller, asked: Asked, received_by: int) -> None:
        self.teller, self.received_by = teller, received_by
        self.cut = Cut(asked.start, asked.end, asked.start, asked.year, received_by, 0)
        self.found: dict[str, Counter[str]] = {u: Counter() for u in teller.units}

    def add(self, town: str, sector: str, measure: str, n: int = 1) -> None:
        for unit in (town, sector, "total"):
            self.found[unit][measure] += n

    def counts(self) -> dict[str, Counter[str]]:
        month = Window(self.cut.start, self.cut.end, self.received_by)
        for unit, covered in self.teller.checks.campaign(month, self.teller.units).items():
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
