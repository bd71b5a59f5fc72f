"""The fictitious city, week by week: `build(seed, weeks, hazards)` tells all of it at once.

Promise: deterministic. The same arguments give the same rows, the same truth, the same bytes; all
chance comes from one `random.Random(seed)`, and nothing reads the wall clock. The world spans
ISO weeks from Monday 2025-03-03. Try: python -m demo --out DIR --weeks 3
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from demo import shipped
from demo.clock import Clock, Weeks
from demo.dirt import soil
from demo.enforcement import enforce
from demo.hazards import Population
from demo.model import Hazard, Outcome, Refind, Row
from demo.places import Places, clean_visits, drive, populate
from demo.post import DRIVE, Post
from demo.reports import tell_reports
from demo.scene import Scene
from schemas.organisation import Organisation

SOURCES = ("registry", "inspection", "complaints", "grid", "selfcheck", "upper")
# Shares of hazards and places by size of town, largest first.
_SIZES = (16, 12, 10, 8, 7, 6, 6, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2)


@dataclass(frozen=True)
class World:
    """All that upstream systems ever hold, and all that is true of it."""

    seed: int
    organisation: Organisation
    policy: dict[str, Any]
    weeks: Weeks
    post: Post
    places: Places
    hazards: tuple[Hazard, ...]
    refinds: tuple[Refind, ...]
    rows: tuple[Row, ...]
    outcomes: tuple[Outcome, ...]

    def of_source(self, source: str) -> list[Row]:
        """A source's rows in the order they were sent."""
        return sorted((r for r in self.rows if r.source == source), key=lambda r: (r.sent, r.n))


def build(
    seed: int = 1,
    weeks: int = 8,
    hazards: int = 5_000,
    policy: dict[str, Any] | None = None,
    organisation: Organisation | None = None,
    *,
    hard: bool = False,
) -> World:
    """Tell a whole world. `policy` is the content of a policy.yaml; None: the shipped one.

    hard: re-finds in other words, by other names of their place, and other hazards right beside,
    to measure identity on; such a world's truth file says what is true, not what a rule can see.
    """
    rules = policy or shipped.policy()
    county = organisation or shipped.organisation()
    rng = Random(seed)
    calendar = Weeks(Clock(county.zone), weeks, rules)
    towns = list(county.town_codes())
    rng.shuffle(towns)
    sizes = {t: _SIZES[i % len(_SIZES)] for i, t in enumerate(towns)}
    week, rank = DRIVE
    diligent = towns[rank]
    slack = {t: rng.choice((0.0, 0.02, 0.05, 0.09, 0.15)) for t in towns} | {diligent: 0.0}
    scene = Scene(county, rules, calendar, Post.planned(calendar, tuple(towns), rng), rng)
    places = populate(scene, hazards, sizes)
    population = Population(scene, places, slack, sizes, hard=hard)
    for _ in range(hazards):
        population.spawn()
    clean_visits(scene, places, round(hazards * 0.35), (diligent, calendar.start(week)))
    if week < weeks:
        drive(scene, places, diligent, week)
    soil(scene, places)
    tell_reports(scene, seed, population.hazards, population.refinds)
    enforce(scene, seed, population.hazards)
    return World(
        seed, county, rules, calendar, scene.post, places, tuple(population.hazards),
        tuple(population.refinds), tuple(scene.ink.rows), tuple(scene.ink.outcomes),
    )  # fmt: skip
