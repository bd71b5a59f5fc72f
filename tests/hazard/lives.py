"""Rows of random or told lives as the life and the elements that people read."""

from typing import Any

from rules.element_versions import Elements, elements_of
from rules.facts import prepare
from rules.fold import Folded, fold
from rules.hazard_life import Life, filings, life_of
from tests.rules.facts_of_lives import POLICY, Fact, frame_of, rows_of

_EVENT = {"seq", "kind", "source", "claimed_at", "received_at"}


def read(rows: list[dict[str, Any]]) -> tuple[Life, Elements, Folded]:
    """The rows of one hazard, in any order."""
    facts = prepare(frame_of(rows))
    folded = fold(facts, POLICY)
    life = life_of(facts, folded)
    events = [row | {"said": {k: v for k, v in row.items() if k not in _EVENT}} for row in rows]
    return life, elements_of(filings(life, events), life.steps), folded


def told(*facts: Fact) -> tuple[Life, Elements]:
    life, elements, _ = read(rows_of(facts))
    return life, elements
