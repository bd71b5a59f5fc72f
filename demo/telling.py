"""How one hazard's life is told: its time, its rows, its steps. `demo.life` has what can happen.

Promise: rows of one hazard are sent in the order they happened, so what is known of it at any
instant is a beginning of its life. `attempt` writes a row that must have no effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from demo.model import MINUTE_MS, NEVER, Hazard, Row, Standing, Step, Value
from demo.scene import Scene
from schemas.period import DAY_MS
from schemas.vocabulary import Channel, FactKind, Severity, State

K = FactKind
_OPENS, _SHUTS = 8 * 60 + 30, 17 * 60 + 30  # office hours, minutes of the day


@dataclass(frozen=True)
class Origin:
    """Where a hazard begins: the finding as a source reports it."""

    source: str
    channel: str
    place_id: str
    unit_name: str
    town: str
    sector: str
    category: str
    description: str
    severity: Severity
    found_at: int
    via: str  # the source that tells the rest of its life


class Telling:
    """A hazard being told. `at` is the time of the last thing told, `now` what is true then."""

    def __init__(self, scene: Scene, rng: Random, origin: Origin, delay_ms: int = 0) -> None:
        self.scene, self.rng, self.origin = scene, rng, origin
        self.at = origin.found_at
        self.sent = 0
        self.known = 0
        self.steps: list[Step] = []
        self.now = Standing(State.NONE, origin.town, origin.severity)
        self.story = ""
        self.submitter = ""
        sent = max(origin.found_at + self._lag(origin.source), origin.found_at + delay_ms)
        self.finding = self._report(sent, origin)
        self.sent = sent
        self._step(K.REGISTERED, origin.found_at, self.finding, state=State.REGISTERED)

    @property
    def id(self) -> str:
        return self.finding.id

    def hazard(self, ambiguous_of: str = "") -> Hazard:
        o = self.origin
        return Hazard(
            o.source, self.id, o.place_id, o.category, o.sector, o.channel, o.found_at,
            o.description, self.story, tuple(self.steps), ambiguous_of,
        )  # fmt: skip

    # -- time ----------------------------------------------------------------------------------

    def after(self, low: float, high: float) -> int:
        """A minute in office hours, `low` to `high` days after the last thing told."""
        at = self.at + int(self.rng.uniform(low, high) * DAY_MS)
        return self.in_office(max(at, self.at + 2 * MINUTE_MS))

    def in_office(self, at: int) -> int:
        at -= at % MINUTE_MS
        local = self.scene.clock.local(at)
        minute = local.hour * 60 + local.minute
        if minute < _OPENS:
            return at + (_OPENS - minute + self.rng.randint(0, 50)) * MINUTE_MS
        if minute > _SHUTS:
            return at + (1440 + _OPENS - minute + self.rng.randint(0, 50)) * MINUTE_MS
        return at

    def before_due(self, low: float, high: float) -> int:
        """A minute at `low` to `high` of what is left until the due date, office hours aside."""
        left = self.now.due_at - self.at
        at = self.at + int(left * self.rng.uniform(low, high))
        return max(at - at % MINUTE_MS, self.at + 2 * MINUTE_MS)

    def due_in(self, days: int, at: int) -> date:
        return self.scene.clock.day(at) + timedelta(days=days)

    def default_days(self) -> int:
        deadlines = self.scene.policy["deadlines"]
        if self.now.severity is Severity.MAJOR:
            return int(deadlines["major_days"])
        by_channel = deadlines.get("by_channel") or {}
        return int(by_channel.get(self.origin.channel, deadlines["general_days"]))

    # -- rows and steps ------------------------------------------------------------------------

    def _lag(self, source: str) -> int:
        """From happening to being sent; the desk's requests are there at once."""
        return 0 if source == "complaints" else self.rng.randint(3, 90) * MINUTE_MS

    def _report(self, sent: int, o: Origin) -> Row:
        fields: dict[str, Value] = {
            "place_id": o.place_id,
            "unit_name": o.unit_name,
            "town_code": o.town,
            "sector_code": o.sector,
            "category": o.category,
            "description": o.description,
            "severity": o.severity.name.lower(),
            "channel": o.channel,
        }
        unit = o.town if o.source == "grid" else ""
        return self.scene.write(o.source, "finding", o.found_at, sent, fields, unit=unit)

    def tell(
        self,
        event: K,
        at: int,
        via: str = "",
        lag: int = 0,
        more: Mapping[str, Value] | None = None,
        **fields: Value,
    ) -> Row:
        """Write the row of one event; later rows of this hazard are never sent before it."""
        source = via or self.origin.via
        self.sent = max(self.sent + MINUTE_MS, at + (lag or self._lag(source)))
        home = self.origin.source
        whole: dict[str, Value] = {
            "finding_source": home if home != source else "",
            "finding_id": self.id,
            "event": event.value,
            **(more or {}),
            **fields,
        }
        unit = self.origin.town if source == "grid" else ""
        self.at = at
        return self.scene.write(source, "update", at, self.sent, whole, unit=unit)

    def attempt(self, event: K, at: int, more: Mapping[str, Value]) -> Row:
        """A fact that must have no effect."""
        row = self.tell(event, at, more=more)
        self.scene.note(row, "ineffective")
        return row

    def _step(self, kind: K, at: int, *rows: Row, **changes: object) -> None:
        """From `at` on something else is true; known when all it rests on is."""
        before = self.now.town
        self.now = replace(self.now, **changes)  # type: ignore[arg-type]
        self.known = min(max([self.known, *(r.receipt.received for r in rows)]), NEVER)
        self.steps.append(Step(at, kind, self.known, self.now, before))

    def _with(self, *elements: str) -> frozenset[str]:
        return self.now.elements | set(elements)

    # -- who ------------------------------------------------------------------------------------

    @property
    def office(self) -> str:
        return self.scene.town_name(self.now.town) + "应急管理所"

    @property
    def is_self_check(self) -> bool:
        return self.origin.channel == Channel.SELF_CHECK.value
