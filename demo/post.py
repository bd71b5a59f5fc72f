"""Who files what when: the fate of a row from its entry upstream to the collect that brings it.

Promise: decided before any hazard exists, from the seed alone. Continuous sources are read at the
first collect after a row was sent. A grid row lies in the ledger of the week it was entered; a
town that files nothing, nothing but a nil return, or an empty file brings its rows a week later.
"""

from dataclasses import dataclass, field
from random import Random

from demo.clock import Weeks
from demo.model import NEVER, Filing, Receipt
from schemas.period import DAY_MS, HOUR_MS

WEEKLY = ("grid",)
# Chance per town and week; what is left files on time.
_CHANCES = (("late", 0.04), ("nil", 0.015), ("none", 0.01), ("empty", 0.005), ("supplement", 0.02))
# Week number → what the story of the demo needs to happen there, and to which town by rank of
# size (0 is the largest).
DRIVE = (2, 0)
_SCRIPT = {
    (1, 1): "late",
    DRIVE: "late",  # the late ledger that changes ranks, see demo.places.drive
    (2, 17): "nil",
    (3, 5): "none",
    (4, 9): "supplement",
    (4, 3): "late",
    (5, 12): "empty",
    (6, 2): "late",
}


@dataclass
class Post:
    """The filing plan of every town and week, and where each row ends up."""

    weeks: Weeks
    towns: tuple[str, ...]  # largest first
    plan: dict[tuple[str, int], Filing] = field(default_factory=dict)

    @classmethod
    def planned(cls, weeks: Weeks, towns: tuple[str, ...], rng: Random) -> "Post":
        post = cls(weeks, towns)
        for week in range(weeks.count):
            for rank, town in enumerate(towns):
                status = _SCRIPT.get((week, rank)) or _drawn(rng)
                post.plan[town, week] = post._filing(town, week, status, rng)
        return post

    def _filing(self, town: str, week: int, status: str, rng: Random) -> Filing:
        end, first = self.weeks.end(week), self.weeks.first[week]
        early = end + rng.randint(10, 400) * 60_000
        late = self.weeks.second[week] - rng.randint(2, 20) * HOUR_MS
        dropped = {"late": late, "none": NEVER}.get(status, min(early, first))
        if status != "supplement":
            return Filing(town, week, status, dropped)
        split = end - DAY_MS - 12 * HOUR_MS
        return Filing(town, week, "on_time", dropped, late, split)

    def receipt(self, source: str, unit: str, sent: int) -> Receipt:
        """When a row sent (or entered) then is collected; a Receipt of NEVER if it never is."""
        return self._grid(unit, sent) if source in WEEKLY else self._continuous(source, sent)

    def _continuous(self, source: str, sent: int) -> Receipt:
        pull = self.weeks.pull_after(sent)
        if pull is None:
            return Receipt()
        week = self.weeks.week_of_pull(pull[0], source)
        return Receipt(pull[0], pull[1], self.weeks.code(week))

    def _grid(self, unit: str, sent: int) -> Receipt:
        entered = max(self.weeks.week_at(sent), 0)
        for week in range(entered, self.weeks.count):
            filing = self.plan[unit, week]
            if filing.status not in ("on_time", "late"):
                continue
            more = filing.supplement_at and week == entered and sent >= filing.split_at
            return self._dropped(filing, supplement=bool(more))
        return Receipt()

    def _dropped(self, filing: Filing, supplement: bool) -> Receipt:
        at = filing.supplement_at if supplement else filing.dropped_at
        pull = self.weeks.pull_after(at)
        if pull is None:
            return Receipt()
        code = self.weeks.code(filing.week)
        name = f"{filing.town}_{code}" + ("_补报1" if supplement else "")
        return Receipt(pull[0], pull[1], code, name)

    def filed_late(self, source: str, claimed: int, receipt: Receipt) -> bool:
        """True: told after the filing deadline of its claimed time, so not credited as on time."""
        if source in WEEKLY:
            week = self.weeks.week_at(claimed)
            return receipt.received > self.weeks.filing_deadline(week, source)
        hours = self.weeks.policy["continuous_filing_hours"]
        return receipt.previous > claimed + hours * HOUR_MS


def _drawn(rng: Random) -> str:
    draw = rng.random()
    for status, chance in _CHANCES:
        if draw < chance:
            return status
        draw -= chance
    return "on_time"
