"""State is a fold: a hazard is what its facts, in claimed order, make of it (domain §3).

Promise: any order of arrival ends in the same spans, because the input is sorted by content alone
(`rules.facts`). Round k takes every stream's k-th fact at once; states are small integers and
guards are bit masks, so a county folds in about a second. Each fact ends as
    applied      it moved the hazard, or filed what it brought;
    pending      its move lacks only data, named by bits of `rules.elements.Need` as they stand at
                 the end; it takes effect at the claimed time of the fact that completes it;
    ineffective  its state does not allow it, or a guard that no data can mend refuses it, when it
                 is claimed or when it is completed.
Of one fact, first the data it brings count, then the moves that waited for them, then its own.
"""

from dataclasses import dataclass

import numpy as np

from rules.elements import Need
from rules.facts import Facts
from rules.guards import GUARDS, FoldPolicy, Moment, refusals
from rules.lifecycle import NEEDS, NEXT, OPEN_STATES
from rules.lives import EFFECTS, SPAN_FIELDS, Lives
from schemas.vocabulary import FACT_RANK, FactKind, State

_R = {kind: FACT_RANK[kind] for kind in FactKind}
_OPEN = np.isin(np.arange(len(State)), OPEN_STATES)
_BRINGS_DUE = [_R[k] for k in (FactKind.ELEMENTS_FILED, FactKind.STARTED)]
APPLIED, PENDING, INEFFECTIVE = 0, 1, 2
REASONS = ("", "not_from_this_state", "left_meanwhile", "voided", *refusals())
_REASON = {name: code for code, name in enumerate(REASONS)}


@dataclass
class Folded:
    """The fold's result. Spans are sorted by (stream, order of effect); outcomes align with facts.

    `spans` holds int64 arrays: stream, fact, at, kind, town_before and SPAN_FIELDS.
    """

    spans: dict[str, np.ndarray]
    outcome: np.ndarray
    reason: np.ndarray
    missing: np.ndarray
    state_met: np.ndarray


def fold(facts: Facts, policy: FoldPolicy) -> Folded:
    """Fold all streams. Never raises on content: whatever a fact says has an outcome."""
    run = _Run(facts, policy)
    longest_first = np.argsort(-facts.count, kind="stable")
    lengths = facts.count[longest_first]
    for k in range(int(lengths[0]) if len(lengths) else 0):
        streams = longest_first[: np.searchsorted(-lengths, -k, side="left")]
        run.round(streams, facts.start[streams] + k)
    return run.result()


class _Run:
    """One fold in progress: the streams' present, the facts' outcomes, the spans so far."""

    def __init__(self, facts: Facts, policy: FoldPolicy) -> None:
        self.facts, self.policy = facts, policy
        self.life = Lives(facts)
        n = len(facts)
        self.outcome = np.zeros(n, dtype=np.int8)
        self.reason = np.zeros(n, dtype=np.int8)
        self.missing = np.zeros(n, dtype=np.int64)
        self.state_met = np.zeros(n, dtype=np.int8)
        self.now = np.zeros(len(facts.roots), dtype=np.int64)  # claimed time of each stream's fact
        self.outcome[facts.cancelled] = INEFFECTIVE
        self.reason[facts.cancelled] = _REASON["voided"]
        self.waits = np.zeros(0, dtype=np.int64)  # facts whose move lacks data
        self.spans: list[dict[str, np.ndarray]] = []

    def round(self, streams: np.ndarray, rows: np.ndarray) -> None:
        self.now[streams] = self.facts.claimed[rows]
        counts = ~self.facts.cancelled[rows]
        streams, rows = streams[counts], rows[counts]
        self._file(streams, rows)
        self._complete(streams)
        self._try(streams, rows)
        self._complete(streams)

    def result(self) -> Folded:
        names = ("stream", "fact", "at", "kind", "town_before", *SPAN_FIELDS)
        empty = np.zeros(0, dtype=np.int64)
        spans = {
            k: np.concatenate([s[k] for s in self.spans]) if self.spans else empty for k in names
        }
        order = np.argsort(spans["stream"], kind="stable")
        sorted_spans = {k: v[order] for k, v in spans.items()}
        self.missing[self.waits] = self._lacking(self.facts.stream[self.waits], self.waits)
        return Folded(sorted_spans, self.outcome, self.reason, self.missing, self.state_met)

    # -- data a fact brings, whether or not its move applies ---------------------------------

    def _file(self, streams: np.ndarray, rows: np.ndarray) -> None:
        """Elements and submission data stand from their claimed time while the hazard is open."""
        life, facts = self.life, self.facts
        is_open = _OPEN[life["state"][streams]]
        life.file(streams[is_open], rows[is_open])
        first_due = (
            is_open & np.isin(facts.kind[rows], _BRINGS_DUE) & (life["due_at"][streams] == 0)
        )
        life.set_due(streams[first_due], rows[first_due])

    # -- moves -------------------------------------------------------------------------------

    def _available(self, streams: np.ndarray, rows: np.ndarray) -> np.ndarray:
        life = self.life
        bits = life["have"][streams] | self.facts.provides[rows]
        in_force = life.interim_in_force(streams, self.now[streams])
        bits &= np.where(in_force, -1, ~int(Need.INTERIM_CONTROL))
        bits |= np.where(life["accepted_at"][streams] > 0, int(Need.ACCEPTANCE), 0)
        bits |= np.where(life["resumption_at"][streams] > 0, int(Need.APPLICATION), 0)
        return np.asarray(bits | np.where(life["level"][streams] == 0, int(Need.DELISTING), 0))

    def _lacking(self, streams: np.ndarray, rows: np.ndarray) -> np.ndarray:
        needs = NEEDS[self.facts.kind[rows], self.life["severity"][streams]]
        return np.asarray(needs & ~self._available(streams, rows))

    def _try(self, streams: np.ndarray, rows: np.ndarray) -> None:
        state = self.life["state"][streams]
        self.state_met[rows] = state
        refused = np.where(
            NEXT[self.facts.kind[rows], state] < 0,
            _REASON["not_from_this_state"],
            self._refusals(streams, rows),
        )
        lacking = np.where(refused > 0, 0, self._lacking(streams, rows))
        self.reason[rows] = refused
        self.missing[rows] = lacking
        self.outcome[rows] = np.where(
            refused > 0, INEFFECTIVE, np.where(lacking > 0, PENDING, APPLIED)
        )
        self.waits = np.concatenate((self.waits, rows[lacking > 0]))
        go = (refused == 0) & (lacking == 0)
        self._apply(streams[go], rows[go])

    def _refusals(self, streams: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Guards that no further data can satisfy, judged at each stream's now; 0: none refuses."""
        kinds = self.facts.kind[rows]
        reason = np.zeros(len(rows), dtype=np.int64)
        for kind in np.unique(kinds):
            for guard in GUARDS.get(int(kind), ()):
                mine = np.flatnonzero((kinds == kind) & (reason == 0))
                at = Moment(self.life, self.policy, streams[mine], rows[mine], self.now)
                reason[mine[guard.refuses(at)]] = _REASON[guard.reason]
        return reason

    # -- pending moves -----------------------------------------------------------------------

    def _waiting(self, streams: np.ndarray) -> np.ndarray:
        """The facts of these streams whose moves wait for data."""
        asked = np.zeros(len(self.now), dtype=bool)
        asked[streams] = True
        return np.asarray(self.waits[asked[self.facts.stream[self.waits]]])

    def _complete(self, streams: np.ndarray) -> None:
        """Let pending moves take effect as long as what they lacked has come."""
        while len(rows := self._first_complete(streams)):
            streams = self.facts.stream[rows]
            refused = self._refusals(streams, rows)
            self._settle(rows, np.where(refused > 0, INEFFECTIVE, APPLIED), refused)
            go = refused == 0
            self._apply(streams[go], rows[go])

    def _first_complete(self, streams: np.ndarray) -> np.ndarray:
        """The earliest pending fact that lacks nothing any more, of each stream that has one."""
        if not len(self.waits):
            return self.waits
        rows = self._waiting(streams)
        whole = np.sort(rows[self._lacking(self.facts.stream[rows], rows) == 0])
        _, first = np.unique(self.facts.stream[whole], return_index=True)
        return np.asarray(whole[first])

    def _abandon(self, streams: np.ndarray) -> None:
        """Another move has left the state: what was pending there will not happen."""
        if len(self.waits):
            self._settle(self._waiting(streams), INEFFECTIVE, _REASON["left_meanwhile"])

    def _settle(
        self, rows: np.ndarray, outcome: np.ndarray | int, reason: np.ndarray | int
    ) -> None:
        """These facts wait no longer."""
        if not len(rows):
            return
        self.waits = self.waits[~np.isin(self.waits, rows)]
        self.outcome[rows] = outcome
        self.reason[rows] = reason
        self.missing[rows] = 0

    # -- effects -----------------------------------------------------------------------------

    def _apply(self, streams: np.ndarray, rows: np.ndarray) -> None:
        if not len(streams):
            return
        life, kind, at = self.life, self.facts.kind[rows], self.now[streams]
        before, town_before = life["state"][streams], life["town"][streams]
        life["state"][streams] = NEXT[kind, before]
        for each in np.unique(kind):
            mine = kind == each
            EFFECTS[each](life, streams[mine], rows[mine], at[mine])
        self._abandon(streams[life["state"][streams] != before])
        self._record(streams, rows, town_before)

    def _record(self, streams: np.ndarray, rows: np.ndarray, town_before: np.ndarray) -> None:
        span = {name: self.life[name][streams] for name in SPAN_FIELDS}
        span |= {"stream": streams, "fact": rows, "at": self.now[streams]}
        self.spans.append(span | {"kind": self.facts.kind[rows], "town_before": town_before})
