"""Lives of hazards written as short tuples, and what the fold makes of them, in words.

A fact is `(kind, hour, data)`: the hour counts from Monday 2025-03-03 00:00 Shanghai; `data` are
payload columns of a finding or update, dates and times as hours too; `due` stands for both dues.
`Told` holds the outcome of every fact in the order given, and the spans in words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from rules.clocks import WorkingDays
from rules.elements import names
from rules.facts import prepare
from rules.fold import REASONS, fold
from rules.guards import FoldPolicy
from rules.lives import SPAN_FIELDS
from schemas.vocabulary import FactKind, Mark, Outcome, State

START = 1_740_931_200_000  # 2025-03-03 00:00 Shanghai
HOUR = 3_600_000
DAY = 24
POLICY = FoldPolicy(listed_notice=15, days=WorkingDays.build())

_INSTANTS = (
    "due", "due_general", "due_major", "finished_on", "asked_at", "interim_from", "interim_until",
)  # fmt: skip
_EVENT = (
    "source", "record", "source_id", "row_digest", "claimed_at", "sent_at", "received_at",
    "file_by",
)  # fmt: skip
_NUMBERS = (
    "due_general", "due_major", "funding_planned_fen", "funding_spent_fen", "finished_on",
    "asked_at", "implied", "opening", "interim_from", "interim_until", "policy_days",
)  # fmt: skip
_TEXTS = (
    "organisation", "person", "second_person", "reason", "responsible_unit", "measures",
    "funding_source", "plan_reference", "interim_control", "work_done", "evidence", "town_code",
    "sector_code", "severity", "channel", "target", "listing_number", "listing_level",
)  # fmt: skip
_OUTCOMES = (Outcome.APPLIED, Outcome.PENDING, Outcome.INEFFECTIVE)
_WORDED = ("town", "town_found", "sector")
_TIMED = (
    "found_at", "verified_at", "assigned_at", "due_at", "original_due_at", "accepted_at",
    "closed_at",
)  # fmt: skip
named = cache(names)

Fact = tuple[str, float, Mapping[str, Any]]


def ms(hour: float) -> int:
    return START + round(hour * HOUR)


def hour(instant: int) -> float | None:
    """The hour of an instant of the fold, None for an absent one."""
    return (instant - START) / HOUR if instant else None


def rows_of(facts: Iterable[Fact], root: str = "h") -> list[dict[str, Any]]:
    """Event rows of one hazard; whatever a fact does not say of its coming is unremarkable."""
    rows = []
    for number, (kind, at, data) in enumerate(facts):
        said = dict(data)
        if "due" in said:
            said["due_general"] = said["due_major"] = said.pop("due")
        said |= {k: ms(v) for k, v in said.items() if k in _INSTANTS and v is not None}
        base = {
            "root_id": root,
            "seq": number + 1,
            "kind": kind,
            "claimed_at": ms(at),
            "source": "inspection",
            "record": "finding" if kind == FactKind.REGISTERED else "update",
            "source_id": f"{root}-{number}",
            "row_digest": f"8{number:015x}",
            "sent_at": ms(at),
            "received_at": ms(at),
            "file_by": ms(at + 2 * DAY),
        }
        rows.append(base | said)
    return rows


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Event rows as the frame that the store gives: Int64 and str columns, all of them there."""
    plain = {name: [row[name] for row in rows] for name in ("root_id", "seq", "kind", *_EVENT)}
    payload = {
        name: pd.array([row.get(name) for row in rows], "Int64" if name in _NUMBERS else "str")
        for name in (*_NUMBERS, *_TEXTS)
    }
    return pd.DataFrame(plain | payload)


@dataclass(frozen=True)
class Told:
    """What became of one hazard. An outcome is (outcome, reason, missing needs)."""

    outcomes: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def now(self) -> dict[str, Any]:
        return self.spans[-1]

    @property
    def state(self) -> str:
        return self.spans[-1]["state"] if self.spans else "none"

    @property
    def last(self) -> tuple[str, str, tuple[str, ...]]:
        return self.outcomes[-1]


APPLIED = ("applied", "", ())
SUPERSEDED = ("superseded", "", ())
BESIDE = ("beside", "", ())  # it moves no hazard, and counts


def fold_rows(rows: list[dict[str, Any]], policy: FoldPolicy = POLICY) -> dict[str, Told]:
    """Fold event rows of any number of hazards, in the order given. `Told` by root."""
    facts = prepare(frame_of(rows))
    folded = fold(facts, policy)
    told = {row["root_id"]: Told() for row in rows}
    where: list[tuple[str, str, tuple[str, ...]]] = [SUPERSEDED] * len(rows)
    for position, row in enumerate(facts.row):
        where[row] = (
            str(_OUTCOMES[folded.outcome[position]]),
            REASONS[folded.reason[position]],
            named(int(folded.missing[position])),
        )
    for row in facts.beside:
        where[row] = BESIDE
    for row, outcome in zip(rows, where, strict=True):
        told[row["root_id"]].outcomes.append(outcome)
    for span in _spans(folded.spans):
        told[facts.roots[span["stream"]]].spans.append(_worded(span, facts.words))
    return told


def _spans(spans: Mapping[str, np.ndarray]) -> Iterable[dict[str, int]]:
    columns = {name: values.tolist() for name, values in spans.items()}
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _worded(span: dict[str, int], words: np.ndarray) -> dict[str, Any]:
    told: dict[str, Any] = {name: span[name] for name in SPAN_FIELDS}
    told |= {name: words[span[name]] if span[name] >= 0 else "" for name in _WORDED}
    told["town_before"] = words[span["town_before"]] if span["town_before"] >= 0 else ""
    told |= {name: hour(span[name]) for name in _TIMED}
    told |= {"at": hour(span["at"]), "kind": str(list(FactKind)[span["kind"]])}
    told |= {"state": State(span["state"]).name.lower(), "have": set(named(span["have"]))}
    return told | {"marks": {mark.name.lower() for mark in Mark if span["marks"] & mark}}


def tell(*facts: Fact, policy: FoldPolicy = POLICY) -> Told:
    """Fold the life of one hazard."""
    return fold_rows(rows_of(facts), policy)["h"]


def refused(reason: str) -> tuple[str, str, tuple[str, ...]]:
    return ("ineffective", reason, ())


def waits_for(*missing: str) -> tuple[str, str, tuple[str, ...]]:
    return ("pending", "", missing)


# -- usual facts -----------------------------------------------------------------------------

REGISTERED = {
    "town_code": "330282002", "sector_code": "fire", "severity": "general",
    "channel": "grid_patrol",
}  # fmt: skip
ASSIGNED = {"responsible_unit": "Foundry One", "due": 10 * DAY}
TREATMENT = {"measures": "replace the valve"}
PLAN = {
    "funding_planned_fen": 100, "funding_source": "own", "plan_reference": "P-1",
    "interim_control": "fenced off",
}  # fmt: skip
SUBMITTED = {
    "finished_on": 5 * DAY, "work_done": "replaced", "funding_spent_fen": 90, "evidence": "photo",
}  # fmt: skip
OFFICE = {"organisation": "Safety Office"}
EXTENSION = {
    "reason": "parts are late", "second_person": "Deputy Example", "interim_control": "fenced off",
}  # fmt: skip

LISTED = {"listing_number": "330282-county-2025-001", "listing_level": "county"}
UNIT = {"organisation": "Foundry One"}

_MAIN_LINE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("registered", REGISTERED),
    ("verified", OFFICE),
    ("assigned", ASSIGNED),
    ("started", TREATMENT),
    ("submitted", SUBMITTED),
    ("acceptance_passed", OFFICE),
    ("closed", {}),
)


def life_up_to(
    kind: str, severity: str = "general", channel: str = "grid_patrol", **more: Mapping[str, Any]
) -> list[Fact]:
    """The main line to `kind`, one fact an hour; `more` adds to the data of the named facts."""
    facts: list[Fact] = []
    for number, (step, data) in enumerate(_MAIN_LINE):
        said = {**data, **more.get(step, {})}
        if step == "registered":
            said |= {"severity": severity, "channel": channel}
        if step == "started" and severity == "major":
            said |= PLAN
        facts.append((step, number, said))
        if step == kind:
            return facts
    raise ValueError(kind)
