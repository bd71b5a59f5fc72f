"""A year of hazards for the ladder, and what should fire on which day, told by hand.

The oracle counts day by day with the published calendar and walks each life with ifs; it shares
nothing with `rules.ladder`, `rules.fold` or `rules.clocks`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from chinese_calendar import is_workday

HOUR, DAY = 3_600_000, 86_400_000
ZONE = timedelta(hours=8)
FIRST, LAST = date(2025, 1, 2), date(2025, 12, 31)
CHANGE = date(2025, 6, 1)  # a new policy is in force from here on
DECIDE_WITHIN = 10  # working days that a pending extension holds the ladder
LOCAL_HOLIDAY, LOCAL_WORKDAY = date(2025, 3, 31), date(2025, 8, 16)

# rung → (working days from the due day, the same for listed hazards, is it a proposal)
Steps = dict[str, tuple[int, int, bool]]
BEFORE: Steps = {
    "remind": (-3, -15, False),
    "urge": (1, 1, False),
    "supervise": (3, 3, False),
    "warn": (5, 5, True),
    "interview": (10, 10, True),
    "raise_level": (15, 10, True),
}
AFTER: Steps = BEFORE | {"remind": (-5, -15, False), "urge": (2, 1, False), "warn": (4, 4, True)}
UNITS = ("虚构五金厂", "虚构塑料厂", "虚构木器厂")


@dataclass(frozen=True)
class Told:
    """One fact: what happened when, and when we heard of it (UTC ms)."""

    kind: str
    at: int
    received: int
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    name: str
    unit: str
    facts: tuple[Told, ...]


def midnight(day: date) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - ZONE
    return int(start.timestamp() * 1000)


def day_of(instant: int) -> date:
    return (datetime.fromtimestamp(instant / 1000, UTC) + ZONE).date()


def end_of(day: date) -> int:
    return midnight(day) + DAY


def works(day: date) -> bool:
    if day in (LOCAL_HOLIDAY, LOCAL_WORKDAY):
        return day == LOCAL_WORKDAY
    return is_workday(day) if day.year <= 2026 else day.weekday() < 5


@cache
def moved(day: date, working_days: int) -> date:
    """The n-th working day after a day, or before it; one day after the other."""
    step = timedelta(days=1 if working_days > 0 else -1)
    for _ in range(abs(working_days)):
        day += step
        while not works(day):
            day += step
    return day


# -- a year of lives ------------------------------------------------------------------------------


def lives(seed: int, count: int) -> list[Life]:
    rng = Random(seed)
    return [Life(f"h{n}", rng.choice(UNITS), tuple(_life(rng))) for n in range(count)]


class _Story:
    """Facts in the order they happen; from some point on they reach us late, in their order."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.at = midnight(FIRST) + rng.randrange(0, 250 * 24) * HOUR
        self.lag = rng.choice((0, 0, 0, 2, 9, 30)) * DAY
        self.late_from = self.at + rng.randrange(0, 60) * DAY
        self.facts: list[Told] = []

    def tell(self, kind: str, hours: float, **data: Any) -> None:
        self.at += max(1, int(hours * HOUR))
        late = self.lag if self.at >= self.late_from else 0
        received = max(self.at + HOUR + late, self.facts[-1].received if self.facts else 0)
        self.facts.append(Told(kind, self.at, received, data))


def _life(rng: Random) -> list[Told]:
    story = _Story(rng)
    major = rng.random() < 0.2
    story.tell("registered", 0, severity="major" if major else "general")
    story.tell("verified", 5)
    due = day_of(story.at) + timedelta(days=rng.randrange(8, 50))
    story.tell("assigned", 5, due=end_of(due))
    if major and rng.random() < 0.7:
        story.tell("listed", 6)
    story.tell("started", 8)
    for turn in rng.sample((_extension, _pause, _rework, _nothing), 2):
        due = turn(rng, story, due)
    if rng.random() < 0.6:
        story.tell("submitted", rng.randrange(20, 900))
        story.tell("acceptance_passed", rng.randrange(2, 70))
        if rng.random() < 0.2 and not any(f.kind == "listed" for f in story.facts):
            story.tell("closed", 5)
            again = day_of(story.at) + timedelta(days=rng.randrange(10, 30))
            story.tell("reopened", 200, due=end_of(again + timedelta(days=9)))
    return story.facts


def _extension(rng: Random, story: _Story, due: date) -> date:
    """Asked for in time; granted in time, refused, or never decided."""
    left = end_of(due) - story.at
    if left < 40 * DAY:
        return due
    later = due + timedelta(days=rng.randrange(10, 40))
    story.tell("extension_asked", rng.randrange(2, 60), due=end_of(later))
    way = rng.random()
    if way < 0.5:
        story.tell("extended", rng.randrange(5, 200), due=end_of(later))
        return later
    if way < 0.75:
        story.tell("extension_refused", rng.randrange(5, 200))
    return due


def _pause(rng: Random, story: _Story, due: date) -> date:
    story.tell("suspended", rng.randrange(5, 300))
    if rng.random() < 0.8:
        later = day_of(story.at) + timedelta(days=rng.randrange(60, 90))
        story.tell("continued", rng.randrange(24, 800), due=end_of(later))
        return later
    return due


def _rework(rng: Random, story: _Story, due: date) -> date:
    story.tell("submitted", rng.randrange(20, 400))
    story.tell("acceptance_failed", rng.randrange(5, 60))
    return due


def _nothing(rng: Random, story: _Story, due: date) -> date:
    return due


# -- what should fire -----------------------------------------------------------------------------

Fired = tuple[str, str, int, date]  # hazard, rung, due instant, day of the run


def runs() -> Iterator[tuple[date, int]]:
    """08:00 of every working day of the year."""
    day = FIRST
    while day <= LAST:
        if works(day):
            yield day, midnight(day) + 8 * HOUR
        day += timedelta(days=1)


def expected(known: list[Life]) -> list[Fired]:
    fired: list[Fired] = []
    before: set[tuple[str, str, int]] = set()
    for day, now in runs():
        steps = BEFORE if day < CHANGE else AFTER
        for life in known:
            for rung, due in _reached(life, now, steps):
                if (life.name, rung, due) not in before:
                    before.add((life.name, rung, due))
                    fired.append((life.name, rung, due, day))
    return fired


def _reached(life: Life, now: int, steps: Steps) -> Iterator[tuple[str, int]]:
    due, listed, waits = _stands(life, now)
    if not waits or not due:
        return
    for rung, (plain, as_listed, _) in steps.items():
        offset = as_listed if listed else plain
        day = moved(day_of(due - 1), offset)
        if midnight(day) <= now and not (offset < 0 and now >= due):
            yield rung, due


def _stands(life: Life, now: int) -> tuple[int, bool, bool]:
    """(due instant in force, is it listed, does it climb) as known at `now`."""
    due, listed, accepted, closed, paused, asked = 0, False, False, False, False, 0
    for fact in life.facts:
        if fact.received > now:
            break
        if fact.kind in ("assigned", "extended", "continued", "reopened"):
            due = fact.data["due"]
        if fact.kind == "listed":
            listed = True
        if fact.kind == "extension_asked":
            asked = fact.at
        if fact.kind in ("extended", "extension_refused", "submitted", "reopened"):
            asked = 0
        if fact.kind == "suspended":
            paused = True
        if fact.kind in ("continued", "submitted", "reopened"):
            paused = False
        if fact.kind in ("acceptance_failed", "reopened", "submitted"):
            accepted = False
        accepted = accepted or fact.kind == "acceptance_passed"
        closed = fact.kind == "closed" or (closed and fact.kind != "reopened")
    held = asked and now < end_of(moved(day_of(asked), DECIDE_WITHIN))
    return due, listed, not (accepted or closed or paused or held)
