"""Who owes a check and had one: places of a campaign, of a month, of a quarter.

Promise: plain loops over the world's own places and checks; what a duty is comes from the policy as
written. A place owes where it was active at the first and at the last instant of the window, by the
registry's rows that were received; it is counted where it then lies.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from demo.model import KNOWN, NEVER, TAKEN, PlaceVersion
from demo.world import World

Coverage = dict[str, dict[str, int]]
Days = tuple[date, date]  # first and last


class Check(NamedTuple):
    at: int
    received: int
    channel: str
    actor: str


@dataclass(frozen=True)
class Window:
    """[start, end), and until when rows count."""

    start: int
    end: int
    received_by: int


@dataclass
class Checks:
    """A world's checks, laid out once for every cut."""

    world: World
    of_place: dict[str, list[Check]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for row in self.world.rows:
            if row.record == "check" and row.expect in (TAKEN, KNOWN):
                said = str(row.fields["channel"]), str(row.fields["actor_kind"])
                check = Check(row.claimed, row.receipt.received, *said)
                self.of_place[str(row.fields["place_id"])].append(check)

    def campaign(self, window: Window, units: list[str]) -> Coverage:
        """places_due and places_checked by unit."""
        classes = self.world.policy["campaign"]["place_classes"]
        made = _blank(units, "places_due", "places_checked")
        self._count(made, classes, window, (), ())
        return made

    def duties(self, days: Days, received_by: int, units: list[str]) -> Coverage:
        """What is owed of every whole month and quarter of these days; nothing where is none."""
        made: Coverage = {u: {} for u in units}
        rule = self.world.policy["indices"]["self_check"]
        if months := _whole(days, 1, rule["since"]):
            found = _blank(units, "self_checks_due", "self_checks_kept")
            for window in self._windows(months, received_by):
                self._count(found, rule["place_classes"], window, ("self_check",), ())
            made = {u: made[u] | found[u] for u in units}
        rule = self.world.policy["quarterly"]
        if quarters := _whole(days, 3, rule["since"]):
            found = _blank(units, "quarter_due", "quarter_checked")
            actors = rule["actor_kinds"]
            for window in self._windows(quarters, received_by):
                for asked in [[a] for a in actors] if rule["by"] == "each" else [actors]:
                    self._count(found, rule["place_classes"], window, (), asked)
            made = {u: made[u] | found[u] for u in units}
        return made

    def _windows(self, spans: list[Days], received_by: int) -> Iterator[Window]:
        clock = self.world.weeks.clock
        for first, last in spans:
            yield Window(clock.at(first), clock.end_of(last), received_by)

    def _count(
        self,
        made: Coverage,
        classes: Sequence[str],
        window: Window,
        channels: Sequence[str],
        actors: Sequence[str],
    ) -> None:
        """() of channels or actors: anybody's check will do."""
        due, kept = next(iter(made.values()))
        for place_id, versions in self.world.places.versions.items():
            now = _in_force(versions, window)
            if now is None or now.place_class not in classes:
                continue
            is_kept = any(
                window.start <= check.at < window.end
                and check.received <= window.received_by
                and (not channels or check.channel in channels)
                and (not actors or check.actor in actors)
                for check in self.of_place.get(place_id, ())
            )
            for unit in ("total", now.town, now.sector):
                made[unit][due] += 1
                made[unit][kept] += is_kept


def _blank(units: list[str], due: str, kept: str) -> Coverage:
    return {u: {due: 0, kept: 0} for u in units}


def _whole(days: Days, months: int, since: date) -> list[Days]:
    """Every month (or quarter) that begins and ends within these days, none before `since`."""
    day, last = days
    found = []
    while day <= last:
        if day.day == 1 and (day.month - 1) % months == 0 and day >= since:
            end = day
            for _ in range(months):
                end = (end + timedelta(days=31)).replace(day=1)
            if end - timedelta(days=1) <= last:
                found.append((day, end - timedelta(days=1)))
        day += timedelta(days=1)
    return found


def _in_force(versions: list[PlaceVersion], window: Window) -> PlaceVersion | None:
    """The registry's row at the window's end, if the place was active then and at the start."""
    known = [v for v in versions if v.known <= window.received_by and v.known < NEVER]
    rows = {v.valid_from: v for v in sorted(known, key=lambda v: v.sent)}
    before = [start for start in rows if start < window.end]
    if not before or min(rows) > window.start:
        return None
    now = rows[max(before)]
    return now if now.active_to == 0 or now.active_to >= window.end else None
