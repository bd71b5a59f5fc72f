"""What every story of the city writes on: the county, the calendar, the post, the ink.

Promise: the only place that numbers rows and gives them their receipt. All chance comes from the
`Random` that is passed in; there is no global state.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from demo.clock import Clock, Weeks
from demo.model import TAKEN, Ink, Outcome, Row, Value
from demo.post import Post
from schemas.organisation import Organisation
from schemas.records import SHAPES
from schemas.vocabulary import RecordKind

_PREFIX = {"check": "C", "finding": "H", "update": "U", "place": "P"}
# The upper platform and the complaints desk number in their own ways.
_OWN_PREFIX = {"upper/update": "SJ", "complaints/finding": "25"}


@dataclass
class Scene:
    """One world while it is being written."""

    organisation: Organisation
    policy: dict[str, Any]
    weeks: Weeks
    post: Post
    rng: Random
    ink: Ink = field(default_factory=Ink)
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.weeks.clock

    def town_name(self, code: str) -> str:
        return next(t.name.zh for t in self.organisation.towns if t.code == code)

    def number(self, series: str) -> int:
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return self._numbers[series]

    def new_id(self, source: str, record: str) -> str:
        prefix = _OWN_PREFIX.get(f"{source}/{record}", _PREFIX[record])
        return f"{prefix}-{self.number(f'{source}/{record}'):06d}"

    def write(
        self,
        source: str,
        record: str,
        claimed: int,
        sent: int,
        fields: dict[str, Value],
        *,
        unit: str = "",
        row_id: str = "",
        expect: str = TAKEN,
        dirt: str = "",
        spoil: tuple[tuple[str, str], ...] = (),
    ) -> Row:
        """Put one row into a source; `fields` without source_id, claimed and sent."""
        row_id = row_id or self.new_id(source, record)
        shape = SHAPES[RecordKind(record)]
        whole = {"source_id": row_id, **fields, shape.claimed: claimed, "sent_at": sent}
        receipt = self.post.receipt(source, unit, sent)
        n = len(self.ink.rows)
        row = Row(
            n, source, record, row_id, unit, claimed, sent, whole, receipt, expect, dirt, spoil
        )
        self.ink.rows.append(row)
        return row

    def note(self, row: Row, outcome: str) -> None:
        event = str(row.fields.get("event", ""))
        self.ink.outcomes.append(Outcome(row.source, row.id, event, outcome))
