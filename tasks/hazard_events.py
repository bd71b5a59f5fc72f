"""The events of one hazard as they are told: who said what when, and what became of it.

Promise: every event of every member is there, in the order of the fold; those that are no facts
(links, rungs) and revisions that a later one replaced stand where they were claimed. Times are ISO
8601 in the county's zone, days `YYYY-MM-DD`, money whole fen, words the codes of the ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import pandas as pd

from rules.clocks import WorkingDays
from rules.element_versions import Filing
from rules.facts import Facts, prepare
from rules.fold import Folded, fold
from rules.guards import FoldPolicy
from rules.hazard_life import Life, Lived, filings, life_of
from schemas.records import FINDING, UPDATE
from schemas.vocabulary import FactKind, Outcome, State
from tasks.publication.reporting import instant
from tasks.store import lookups

SUPERSEDED, RECORDED = "superseded", "recorded"  # beside the outcomes of the fold
_WHO = ("person", "second_person", "organisation", "evidence", "implied")
# What the ledger keeps for its own counting, or says elsewhere.
_OWN = {
    *_WHO,
    *("event", "finding_id", "finding_source"),
    *("due_general", "due_major", "policy_days", "policy"),
}
_DAYS = {*UPDATE.of_kind("date"), "due_at"}
_TIMES = {*UPDATE.of_kind("time"), *FINDING.of_kind("time")}
_TERM_STARTS = (FactKind.ASSIGNED, FactKind.REOPENED)

Told = dict[str, Any]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Zone:
    """Instants and days as a county says them."""

    name: str
    days: WorkingDays

    def at(self, ms: int) -> str | None:
        return instant(int(ms), self.name) if ms else None

    def day(self, ms: int) -> str | None:
        """A day that is stored as its 24:00."""
        return self.days.day_of(int(ms) - 1).isoformat() if ms else None

    def said(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What a payload says in so many words; who said it is told apart."""
        return {k: self._value(k, v) for k, v in payload.items() if k not in _OWN and v is not None}

    def _value(self, name: str, value: Any) -> Any:
        if name in _DAYS:
            return self.day(value)
        return self.at(value) if name in _TIMES else value


@dataclass(frozen=True)
class Story:
    """One hazard's events, folded. `events`: rows of `event` with the column `said` of payloads."""

    events: pd.DataFrame
    facts: Facts
    folded: Folded

    @classmethod
    def of(cls, events: pd.DataFrame, root: str, policy: FoldPolicy) -> "Story":
        """events: every row of `event` of the hazard's members."""
        rows = events.assign(said=[orjson.loads(p) for p in events["payload"].tolist()])
        is_fact = rows["kind"].isin(lookups.FOLDED).to_numpy(dtype=bool)
        rows = pd.concat([rows[is_fact], rows[~is_fact]], ignore_index=True)
        folding = rows[: int(is_fact.sum())].assign(root_id=root)
        facts = prepare(lookups.unpacked(folding[[*lookups.FOLD_EVENT_COLUMNS, "root_id"]]))
        return cls(rows, facts, fold(facts, policy))

    @cached_property
    def life(self) -> Life:
        return life_of(self.facts, self.folded)

    @cached_property
    def filings(self) -> list[Filing]:
        return filings(self.life, self.rows)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        return self.events.to_dict("records")  # type: ignore[return-value]

    def happened(self, kind: FactKind) -> list[int]:
        """When facts of this kind took effect."""
        return sorted(f.effective_at for f in self.life.facts if f.kind is kind and f.effective_at)


def told(story: Story, zone: Zone, numbers: Mapping[str, str]) -> list[Told]:
    """Every event in the order in which it counts; numbers: source:number by stream."""
    rank = {fact.position: place for place, fact in enumerate(story.life.facts)}
    ends = _endings(story, zone)

    def place(position: int) -> tuple[int, int, int]:
        row = story.rows[position]
        return row["claimed_at"], rank.get(position, len(story.rows)), row["seq"]

    order = sorted(range(len(story.rows)), key=place)
    return [_event(story.rows[i], ends[i], zone, numbers) for i in order]


def _event(row: Mapping[str, Any], end: Told, zone: Zone, numbers: Mapping[str, str]) -> Told:
    said = row["said"]
    who = {name: said.get(name) for name in _WHO}
    return {
        "seq": int(row["seq"]),
        "hazard": row["stream_id"],
        "number": numbers[row["stream_id"]],
        "kind": row["kind"],
        "claimed_at": zone.at(row["claimed_at"]),
        "sent_at": zone.at(row["sent_at"]),
        "received_at": zone.at(row["received_at"]),
        "filed_late": bool(row["received_at"] > row["file_by"]),
        "actor": row["actor"],
        **who,
        "implied": bool(said.get("implied")),
        "source": row["source"],
        "source_id": row["source_id"],
        "delivery": row["delivery"],
        "said": zone.said(said) | _by_policy(row, zone),
        **end,
    }


def _by_policy(row: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
    """The date that policy set where whoever began the term named none."""
    said = row["said"]
    if row["kind"] not in _TERM_STARTS or said.get("due_date") is not None:
        return {}
    return {"due_by_policy": zone.day(said["due_general"])} if "due_general" in said else {}


def _endings(story: Story, zone: Zone) -> list[Told]:
    """outcome, reason, missing, effective_at and state_after of every event, by position."""
    facts = {fact.position: fact for fact in story.life.facts}
    counted = {int(position) for position in story.facts.beside}
    newest = _newest(story.rows)
    return [
        _of_fact(facts[i], zone) if i in facts else _of_other(story, i, i in counted, newest)
        for i in range(len(story.rows))
    ]


def _of_fact(fact: Lived, zone: Zone) -> Told:
    return {
        "outcome": fact.outcome.value,
        "reason": fact.reason,
        "missing": list(fact.missing),
        "effective_at": zone.at(fact.effective_at),
        "state_after": fact.state.name.lower(),
    }


def _of_other(story: Story, position: int, counts: bool, newest: Mapping[Key, int]) -> Told:
    """What is no fact of the life: a step beside it, a decision, a rung; or a fact that is not."""
    row = story.rows[position]
    told: Told = {
        "reason": "",
        "missing": [],
        "effective_at": None,
        "state_after": _state(story, row),
    }
    if counts or row["kind"] not in lookups.FOLDED:
        return {"outcome": RECORDED} | told
    if newest[_key(row)] != position:
        return {"outcome": SUPERSEDED} | told
    return {"outcome": Outcome.INEFFECTIVE.value} | told | {"reason": "voided"}


def _newest(rows: Sequence[Mapping[str, Any]]) -> dict[Key, int]:
    """The position of the latest revision of each (source, record, source id)."""
    order = sorted(range(len(rows)), key=lambda i: (rows[i]["sent_at"], rows[i]["row_digest"]))
    return {_key(rows[i]): i for i in order}


def _key(row: Mapping[str, Any]) -> Key:
    return row["source"], row["record"], row["source_id"]


def _state(story: Story, row: Mapping[str, Any]) -> str:
    """The state when this happened."""
    life = story.life
    before = [
        s for step, s in zip(life.steps, life.states, strict=True) if step.at <= row["claimed_at"]
    ]
    return (before[-1] if before else State.NONE).name.lower()
