"""The values of the fictitious city: rows that upstream systems hold, and what is true of a hazard.

Promise: everything here is frozen, and nothing knows of the pipeline. A `Row` is what a source
says; a `Step` is what really came of it, decided by the story that wrote it. All instants are UTC
milliseconds; 0 is "absent", NEVER is "not within this world".
"""

from dataclasses import dataclass, field

from schemas.period import FOREVER
from schemas.vocabulary import FactKind, Severity, State

NEVER = FOREVER
MINUTE_MS = 60_000
FIVE = frozenset({"responsibility", "measures", "deadline", "funding", "plan"})
OPEN = frozenset(range(State.REGISTERED, State.SUBMITTED + 1))

Value = str | int | None
# Outcomes a row can have besides a rule code such as U001.
TAKEN, KNOWN = "taken", "known"


@dataclass(frozen=True, slots=True)
class Receipt:
    """When a row is collected first, and by what: `previous` is the pull of its source before."""

    received: int = NEVER
    previous: int = 0
    period: str = ""
    file: str = ""  # grid only: the name of the ledger it lies in


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one source. `fields` are canonical; `spoil` is what stands there instead.

    `expect` is what must become of it: taken, known, or the code of the rule that refuses it.
    `dirt` names the kind of dirt, "" for a clean row.
    """

    n: int
    source: str
    record: str
    id: str
    unit: str  # the town that reports it (grid), else ""
    claimed: int
    sent: int
    fields: dict[str, Value]
    receipt: Receipt
    expect: str = TAKEN
    dirt: str = ""
    spoil: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a hazard from one step to the next."""

    state: State
    town: str
    severity: Severity
    due_at: int = 0
    original_due_at: int = 0
    accepted_at: int = 0
    accepted_late: bool = False  # the acceptance was filed too late to count as on time
    elements: frozenset[str] = frozenset()
    level: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def complete(self) -> bool:
        return self.elements >= FIVE


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that took effect at `at`, and could be known from `known` on."""

    at: int
    kind: FactKind
    known: int
    after: Standing
    town_before: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard as it really was, with every step of its life in order."""

    source: str
    id: str
    place_id: str
    category: str
    sector: str
    channel: str
    found_at: int
    description: str
    story: str
    steps: tuple[Step, ...]
    ambiguous_of: str = ""  # "source:id" of the hazard it really is; the text does not show it

    @property
    def key(self) -> str:
        return f"{self.source}:{self.id}"


@dataclass(frozen=True, slots=True)
class Refind:
    """A finding that reports a hazard found before; near-same text, so the same hazard."""

    source: str
    id: str
    root: str  # "source:id" of the hazard it is
    found_at: int
    received: int


@dataclass(frozen=True, slots=True)
class PlaceVersion:
    """What the registry says of a place from `sent` on."""

    id: str
    name: str
    place_class: str
    town: str
    sector: str
    credit_code: str
    valid_from: int  # this version holds from here on; the first one's is when the place opened
    active_to: int  # 0: still runs
    sent: int
    known: int


@dataclass(frozen=True, slots=True)
class Filing:
    """One town's ledger of one week: status is on_time, late, nil, nil_late, none or empty."""

    town: str
    week: int
    status: str
    dropped_at: int
    supplement_at: int = 0  # 0: no supplement
    split_at: int = 0  # rows entered from here on lie in the supplement


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fact that did not simply apply, for tests of the lifecycle."""

    source: str
    id: str
    event: str
    outcome: str  # pending_then_applied | pending | ineffective


@dataclass
class Ink:
    """What a world is written with: rows, outcomes and a counter of row numbers."""

    rows: list[Row] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
