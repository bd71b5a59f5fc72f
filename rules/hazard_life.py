"""One hazard's facts as people read them: what the fold made of each, and the life step by step.

Promise: nothing is decided here. Outcomes, states and dates are those of `rules.fold`, fact by
fact, so that what is shown of a hazard is what is counted of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from rules.element_versions import Filing, Step
from rules.elements import names
from rules.facts import Facts
from rules.fold import APPLIED, PENDING, REASONS, Folded
from rules.interim_checks import Span, joined
from rules.lifecycle import OPEN_STATES, UNDER_WAY
from schemas.period import FOREVER
from schemas.vocabulary import FACT_RANK, FactKind, Mark, Outcome, State

_REOPENED = FACT_RANK[FactKind.REOPENED]
_OUTCOME = {APPLIED: Outcome.APPLIED, PENDING: Outcome.PENDING}
_KINDS = tuple(FactKind)


@dataclass(frozen=True)
class Lived:
    """What became of one fact. `position`: of its event in the frame that was folded.

    effective_at: when it took effect (UTC ms), later than it was claimed where it waited for data;
    0 where it did not. `counts`: the data it brings were filed.
    """

    position: int
    kind: FactKind
    outcome: Outcome
    reason: str
    missing: tuple[str, ...]
    effective_at: int
    state: State
    counts: bool
    voided: bool


@dataclass(frozen=True)
class Life:
    """The facts of one hazard in the fold's order, and the rows of its life."""

    facts: tuple[Lived, ...]
    steps: tuple[Step, ...]
    states: tuple[State, ...]  # one for each step

    @property
    def under_way(self) -> list[Span]:
        """When somebody was at work on it: assigned, rectifying or submitted."""
        ends = [*(step.at for step in self.steps[1:]), FOREVER]
        spans = zip((step.at for step in self.steps), ends, self.states, strict=True)
        return joined((at, end) for at, end, state in spans if state in UNDER_WAY and at < end)


@cache
def marked(marks: int) -> tuple[str, ...]:
    """The names of a row's marks (bits of `Mark`)."""
    return tuple(str(mark.name).lower() for mark in Mark if marks & mark)


def life_of(facts: Facts, folded: Folded) -> Life:
    """The life of the one hazard that these facts are of."""
    spans = pd.DataFrame(folded.spans)
    steps = tuple(
        Step(int(at), int(fact), int(due), int(original))
        for at, fact, due, original in zip(
            *(spans[c] for c in ("at", "fact", "due_at", "original_due_at")), strict=True
        )
    )
    states = tuple(State(int(s)) for s in spans["state"])
    after = {step.by: (step.at, state) for step, state in zip(steps, states, strict=True)}
    return Life(tuple(_lived(facts, folded, i, after) for i in range(len(facts))), steps, states)


def _lived(
    facts: Facts, folded: Folded, place: int, after: Mapping[int, tuple[int, State]]
) -> Lived:
    met = State(int(folded.state_met[place]))
    effective_at, state = after.get(place, (0, met))
    voided = bool(facts.cancelled[place])
    reopens = facts.kind[place] == _REOPENED and effective_at > 0
    return Lived(
        position=int(facts.row[place]),
        kind=_KINDS[int(facts.kind[place])],
        outcome=_OUTCOME.get(int(folded.outcome[place]), Outcome.INEFFECTIVE),
        reason=REASONS[int(folded.reason[place])],
        missing=names(int(folded.missing[place])),
        effective_at=effective_at,
        state=state,
        counts=not voided and (met in OPEN_STATES or reopens),
        voided=voided,
    )


def filings(life: Life, events: Sequence[Mapping[str, object]]) -> list[Filing]:
    """The facts as filings of elements; events: as folded, each with its payload as `said`."""
    return [_filing(fact, events[fact.position]) for fact in life.facts]


def _filing(fact: Lived, event: Mapping[str, object]) -> Filing:
    said = event["said"]
    assert isinstance(said, dict)
    return Filing(
        seq=_integer(event["seq"]),
        kind=fact.kind,
        said=said,
        person=str(said.get("person", "")),
        second_person=str(said.get("second_person", "")),
        organisation=str(said.get("organisation", "")),
        source=str(event["source"]),
        claimed_at=_integer(event["claimed_at"]),
        received_at=_integer(event["received_at"]),
        counts=fact.counts,
        applied=fact.effective_at > 0,
        voided=fact.voided,
    )


def _integer(value: object) -> int:
    assert isinstance(value, int)
    return value
