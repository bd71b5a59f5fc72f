"""What happens beside a hazard's life: told after all lives, from a chance of its own.

Promise: the stories, their rows and their dirt are what they would be without it, because each
hazard draws from a `Random` of its own here and rows have series of numbers of their own. Only what
is collected in this world is told, and never before the finding it belongs to.
"""

from collections.abc import Mapping
from random import Random

from demo.model import MINUTE_MS, NEVER, Row, Value
from demo.scene import Scene
from schemas.period import DAY_MS

_OPENS, _SHUTS = 8 * 60 + 30, 17 * 60 + 30  # office hours, minutes of the day


class Aside:
    """One finding: `at` is when the last thing was told, `known` when the finding is collected."""

    def __init__(self, scene: Scene, seed: str, finding: tuple[str, str], at: int, known: int):
        self.scene, self.rng, self.finding = scene, Random(seed), finding
        self.at, self.known = at, known
        self.is_over = False  # this world ends before what happens next is collected

    def after(self, low: float, high: float, since: int = 0) -> int:
        """A minute in office hours, `low` to `high` days after the last thing told, or `since`."""
        at = max(self.at, since) + int(self.rng.uniform(low, high) * DAY_MS)
        at -= at % MINUTE_MS
        local = self.scene.clock.local(at)
        minute = local.hour * 60 + local.minute
        if minute < _OPENS:
            return at + (_OPENS - minute) * MINUTE_MS
        return at + (1440 + _OPENS - minute) * MINUTE_MS if minute > _SHUTS else at

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def tell(
        self, via: str, series: str, event: str, at: int, fields: Mapping[str, Value], lag: int = 0
    ) -> Row | None:
        """The row of one step in the source `via`; None where it is not collected in this world."""
        source, number = self.finding
        receipt = self.scene.post.receipt(via, "", at + lag)
        self.is_over |= receipt.received >= NEVER
        if self.is_over or receipt.received < self.known:
            return None
        whole: dict[str, Value] = {
            "finding_source": source if source != via else "",
            "finding_id": number,
            "event": event,
            **fields,
        }
        row_id = f"{series}-{self.scene.number(f'beside/{series}'):06d}"
        self.at = at
        return self.scene.write(via, "update", at, at + lag, whole, row_id=row_id)
