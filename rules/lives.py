"""The present of every hazard while it is folded, and what each kind of fact does to it.

Promise: one function per kind of fact, each on whole arrays; the change of state itself is
`rules.lifecycle.NEXT`, here are only its effects. Used by `rules.fold` alone.
"""

from collections.abc import Callable

import numpy as np

from rules.elements import STICKY, SUBMISSION, Need
from rules.facts import Facts
from rules.lifecycle import UNDER_WAY
from schemas.period import DAY_MS
from schemas.vocabulary import FACT_RANK, FactKind, Mark, State

NONE = -1
_UNDER_WAY = np.isin(np.arange(len(State)), UNDER_WAY)
_HALTED = Mark.EXTENSION_PENDING | Mark.SUSPENDED

SPAN_FIELDS = (
    "state",
    "town",
    "town_found",
    "sector",
    "severity",
    "self_check",
    "have",
    "level",
    "found_at",
    "verified_at",
    "assigned_at",
    "due_at",
    "original_due_at",
    "accepted_at",
    "closed_at",
    "backdated",
    "marks",
)


_OWN = (
    "responsible",
    "rectifier",
    "submitter",
    "requester",  # who handed it in for the responsible unit
    "asker",
    "public",
    "asked_at",  # since when an extension is asked for
    "resumption_at",  # since when resuming production is asked for; 0: not asked
    "interim_from",
    "interim_until",  # 0: until further notice
)
_BLANK_IS_NONE = (
    "town",
    "town_found",
    "sector",
    "responsible",
    "rectifier",
    "submitter",
    "requester",
    "asker",
)


class Lives:
    """One entry per stream in every array; `life["state"]` is the array of present states."""

    def __init__(self, facts: Facts) -> None:
        n = len(facts.roots)
        self.facts = facts
        self.arrays = {
            k: np.full(n, NONE if k in _BLANK_IS_NONE else 0, dtype=np.int64)
            for k in (*SPAN_FIELDS, *_OWN)
        }

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def file(self, streams: np.ndarray, rows: np.ndarray) -> None:
        """Elements, submission data and the responsible unit that these facts bring, but no due."""
        self["have"][streams] |= self.facts.provides[rows] & int(STICKY & ~Need.DEADLINE)
        named = self.facts.responsible[rows] != NONE
        self["responsible"][streams[named]] = self.facts.responsible[rows[named]]
        self._file_interim(streams, rows)

    def _file_interim(self, streams: np.ndarray, rows: np.ndarray) -> None:
        """Interim control from its first day to the end of its last, as the latest filing says."""
        filed = (self.facts.provides[rows] & int(Need.INTERIM_CONTROL)) > 0
        streams, rows = streams[filed], rows[filed]
        ends = self.facts.interim_from[rows]  # a day is stored as its 24:00
        self["interim_from"][streams] = np.where(ends > 0, ends - DAY_MS, 0)
        self["interim_until"][streams] = self.facts.interim_until[rows]

    def interim_in_force(self, streams: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Whether the interim control on file covers the instant `at`."""
        until = self["interim_until"][streams]
        return np.asarray((self["interim_from"][streams] <= at) & ((until == 0) | (at < until)))

    def is_marked(self, mark: Mark, streams: np.ndarray) -> np.ndarray:
        return np.asarray((self["marks"][streams] & int(mark)) > 0)

    def mark(self, mark: Mark, streams: np.ndarray) -> None:
        self["marks"][streams] |= int(mark)

    def unmark(self, mark: Mark, streams: np.ndarray) -> None:
        self["marks"][streams] &= ~int(mark)

    def due(self, streams: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The due date these facts name, for the severity that each hazard has now."""
        return np.asarray(self.facts.due[rows, self["severity"][streams]])

    def set_due(self, streams: np.ndarray, rows: np.ndarray) -> None:
        """A due date where none is in force: it is also the original one."""
        due = self.due(streams, rows)
        named = due > 0
        self["due_at"][streams[named]] = due[named]
        self["original_due_at"][streams[named]] = due[named]
        self["have"][streams[named]] |= int(Need.DEADLINE)

    def void_submission(self, streams: np.ndarray) -> None:
        self["have"][streams] &= ~int(SUBMISSION)
        self["accepted_at"][streams] = 0
        self["backdated"][streams] = 0


def _registered(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    facts = life.facts
    life["found_at"][streams] = at
    life["town"][streams] = facts.town[rows]
    life["town_found"][streams] = facts.town[rows]
    life["sector"][streams] = facts.sector[rows]
    life["severity"][streams] = np.maximum(facts.severity[rows], 0)
    life["self_check"][streams] = facts.self_check[rows]
    life["public"][streams] = facts.public[rows]
    life.mark(Mark.OPENING, streams[facts.opening[rows]])


def _verified(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["verified_at"][streams] = at


def _assigned(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    fresh = life["assigned_at"][streams] == 0
    life["assigned_at"][streams[fresh]] = at[fresh]
    unset = life["due_at"][streams] == 0
    life.set_due(streams[unset], rows[unset])


def _bounced(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """Sent back: who is responsible and until when must be said anew."""
    life["have"][streams] &= ~int(Need.RESPONSIBILITY | Need.DEADLINE)
    for name in ("due_at", "original_due_at"):
        life[name][streams] = 0
    life["responsible"][streams] = NONE
    life.unmark(_HALTED, streams)


def _extended(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    _new_due(life, streams, rows, at)
    life.unmark(Mark.EXTENSION_PENDING, streams)


def _new_due(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """A later due date; the original one stays on record, but where none was in force."""
    unset = life["due_at"][streams] == 0
    life.set_due(streams[unset], rows[unset])
    due = life.due(streams, rows)
    life["due_at"][streams] = np.where(due > 0, due, life["due_at"][streams])


def _moved(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["town"][streams] = life.facts.town[rows]
    _new_due(life, streams, rows, at)


def _severity(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """An upgrade of an item under way returns it to assigned."""
    upgraded = life.facts.severity[rows] > life["severity"][streams]
    life["severity"][streams] = life.facts.severity[rows]
    back = streams[upgraded & _UNDER_WAY[life["state"][streams]]]
    life["state"][back] = State.ASSIGNED
    life.void_submission(back)


def _listed(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["level"][streams] = life.facts.level[rows]


def _delisted(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["level"][streams] = 0


def _submitted(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["submitter"][streams] = life.facts.person[rows]
    life["rectifier"][streams] = life["responsible"][streams]
    organisation, responsible = life.facts.organisation[rows], life["responsible"][streams]
    theirs = (organisation != NONE) & (organisation == responsible)
    life["requester"][streams] = np.where(theirs, life.facts.person[rows], NONE)
    life["accepted_at"][streams] = 0
    life.unmark(_HALTED, streams)


def _passed(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["accepted_at"][streams] = at
    life["backdated"][streams] = life.facts.late[rows]


def _failed(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life.void_submission(streams)


def _closed(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["closed_at"][streams] = at


def _reopened(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """The earlier closure stays in its span; a new term begins, with what the reopening names."""
    life.file(streams, rows)
    life.void_submission(streams)
    life["closed_at"][streams] = 0
    life.set_due(streams, rows)


def _asked(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """Asked for when the application says or was made, though its interim control came later."""
    said = life.facts.asked[rows]
    life.mark(Mark.EXTENSION_PENDING, streams)
    life["asked_at"][streams] = np.where(said != 0, said, life.facts.claimed[rows])
    life["asker"][streams] = life.facts.person[rows]


def _refused(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life.unmark(Mark.EXTENSION_PENDING, streams)


def _suspended(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life.mark(Mark.SUSPENDED, streams)


def _continued(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """The work goes on; a later date only if the second person names one."""
    life.unmark(Mark.SUSPENDED, streams)
    _new_due(life, streams, rows, at)


def _stopped(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life.mark(Mark.PRODUCTION_STOPPED, streams)
    life["resumption_at"][streams] = 0


def _resumption(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life["resumption_at"][streams] = at


def _resumed(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    life.unmark(Mark.PRODUCTION_STOPPED, streams)
    life["resumption_at"][streams] = 0


def _nothing(life: Lives, streams: np.ndarray, rows: np.ndarray, at: np.ndarray) -> None:
    """The change of state, or the data filed, is all there is."""


Effect = Callable[[Lives, np.ndarray, np.ndarray, np.ndarray], None]

EFFECTS: dict[int, Effect] = {FACT_RANK[kind]: _nothing for kind in FactKind} | {
    FACT_RANK[FactKind.REGISTERED]: _registered,
    FACT_RANK[FactKind.VERIFIED]: _verified,
    FACT_RANK[FactKind.ASSIGNED]: _assigned,
    FACT_RANK[FactKind.BOUNCED]: _bounced,
    FACT_RANK[FactKind.EXTENDED]: _extended,
    FACT_RANK[FactKind.MOVED]: _moved,
    FACT_RANK[FactKind.SEVERITY_CHANGED]: _severity,
    FACT_RANK[FactKind.LISTED]: _listed,
    FACT_RANK[FactKind.DELISTED]: _delisted,
    FACT_RANK[FactKind.SUBMITTED]: _submitted,
    FACT_RANK[FactKind.ACCEPTANCE_PASSED]: _passed,
    FACT_RANK[FactKind.ACCEPTANCE_FAILED]: _failed,
    FACT_RANK[FactKind.CLOSED]: _closed,
    FACT_RANK[FactKind.REOPENED]: _reopened,
    FACT_RANK[FactKind.EXTENSION_ASKED]: _asked,
    FACT_RANK[FactKind.EXTENSION_REFUSED]: _refused,
    FACT_RANK[FactKind.SUSPENDED]: _suspended,
    FACT_RANK[FactKind.CONTINUED]: _continued,
    FACT_RANK[FactKind.PRODUCTION_STOPPED]: _stopped,
    FACT_RANK[FactKind.RESUMPTION_ASKED]: _resumption,
    FACT_RANK[FactKind.PRODUCTION_RESUMED]: _resumed,
}
