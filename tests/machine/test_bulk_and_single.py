"""One table decides in bulk and one by one: batches, single hazards and operators' dry runs.

A county lives through random lives and then something happens to every hazard. Whether operators
ask about it one by one, or all at once, or a source delivers it for all: the outcome is the same.
"""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.elements import names
from schemas.period import DAY_MS
from schemas.vocabulary import SIDE_KINDS, State
from tasks.acting import Action, ActReport
from tests.machine import happenings
from tests.machine.counties import fresh
from tests.machine.county import ACTOR, SECOND, SOURCES, Home, Row, data_of, hazard
from tests.machine.oracle_of_store import FOREVER
from tests.rules.facts_of_lives import fold_rows
from tests.rules.random_lives import batch
from tests.store.tiny import MONDAY

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
HAZARDS = 30
# An operator's void and a source's do not mean the same fact, and what is entered beside a life has
# rules of its own (`tasks.acting`).
_OTHERWISE = ("voided", *SIDE_KINDS)
# What became of one fact: outcome, reason, what it lacks, and the state it made. A fact that did
# nothing made none: a source's still files its data, which may let an older one count, while an
# operator's refused act is never entered.
Fate = tuple[str, str, tuple[str, ...], str]


@settings(max_examples=2_000 if NIGHTLY else 12)
@given(st.randoms(use_true_random=False), st.integers(2, 5))
def test_hazards_fold_together_as_each_alone(rng: Random, hazards: int) -> None:
    rows = batch(rng, hazards)
    together = fold_rows(rows)
    for root, life in together.items():
        alone = fold_rows([row for row in rows if row["root_id"] == root])
        assert alone[root] == life


@pytest.mark.timeout(10 * 3600 if NIGHTLY else 300)
@pytest.mark.parametrize("seed", range(200 if NIGHTLY else 1))
def test_operators_are_told_what_a_delivery_then_does(seed: int) -> None:
    rng, home = Random(seed), fresh()
    try:
        cases, now = lived(rng, home)
        asked = {each.name: what_next(rng, each, now) for each in cases}
        actions = [_action(each, asked[each.name]) for each in cases]
        one_by_one = [home.act([action], now, dry_run=True)[0] for action in actions]
        assert home.act(actions, now, dry_run=True) == one_by_one
        home.deliver(SOURCES[0], list(asked.values()), now)
        told = fates(home, asked)
        assert {report.hazard: fate_of(report) for report in one_by_one} == told
        assert len({outcome for outcome, *_ in told.values()}) == 3
    finally:
        home.gone()


@pytest.mark.parametrize("seed", range(50 if NIGHTLY else 1))
def test_what_a_dry_run_says_is_what_is_done(seed: int) -> None:
    """Voids too: operators void what operators entered."""
    rng, home = Random(seed), fresh()
    try:
        cases, now = lived(rng, home)
        for _ in range(3):
            now += DAY_MS
            actions = [_action(each, what_next(rng, each, now)) for each in cases]
            actions += _voids(rng, home)
            shown = home.act(actions, now, dry_run=True)
            done = home.act(actions, now)
            for dry, real in zip(shown, done, strict=True):
                if sum(report.hazard == dry.hazard for report in shown) == 1:
                    assert (dry.outcome, fate_of(dry)) == (real.outcome, fate_of(real))
    finally:
        home.gone()


def lived(rng: Random, home: Home) -> tuple[list[happenings.Case], int]:
    """A county in the middle of its lives, and its present."""
    now = MONDAY + DAY_MS
    cases = [happenings.case(rng, f"F{n:03}", now) for n in range(HAZARDS)]
    rows: dict[str, list[Row]] = {source: [] for source in SOURCES}
    for each in cases:
        rows[each.source].append(each.found)
    for _ in range(10):
        now += DAY_MS
        for each in cases:
            source, row = happenings.update(rng, each, now)
            rows[source].append(row)
    for source in SOURCES:
        home.deliver(source, rows[source], now)
    return cases, now + DAY_MS


def what_next(rng: Random, each: happenings.Case, now: int) -> Row:
    """Something that happens now: after everything else, so that it decides alone."""
    while (row := happenings.update(rng, each, now)[1])["event"] in _OTHERWISE:
        each.told.pop()
    row |= {"happened_at": now, "sent_at": now, "person": ACTOR}
    if "second_person" in row:
        row["second_person"] = SECOND
    lost = rng.choice((*happenings.SAYS.get(row["event"], ("organisation",)), *[""] * 3))
    return {name: value for name, value in row.items() if name not in ("implied", lost)}


def _action(each: happenings.Case, row: Row) -> Action:
    return Action(hazard(each.source, each.name), row["event"], data_of(row))


def _voids(rng: Random, home: Home) -> list[Action]:
    entered = home.query("SELECT stream_id, source_id FROM event WHERE source = 'operator'"
                         " AND record = 'update' ORDER BY seq")  # fmt: skip
    said = {"reason": "误录", "second_person": SECOND}
    return [
        Action(stream, "voided", said | {"target": target})
        for stream, target in rng.sample(entered, k=min(3, len(entered)))
    ]


def fate_of(report: ActReport) -> Fate:
    reason = "" if report.reason == "lacks_data" else report.reason
    made = report.state_after if report.outcome == "applied" else ""
    return report.outcome, reason, report.missing, made


def fates(home: Home, asked: dict[str, Row]) -> dict[str, Fate]:
    """What became of the facts once they were delivered, by hazard."""
    ids = {row["source_id"] for row in asked.values()}
    notes: dict[int, Any] = {
        seq: said
        for seq, *said in home.query(
            f"SELECT event_seq, outcome, reason, missing FROM fact_note WHERE {FOREVER}"
        )
    }
    states = dict(home.query(
        f"SELECT root_id, state FROM hazard_span WHERE {FOREVER} AND claimed_to > 4e18"
    ))  # fmt: skip
    found = {}
    for seq, root, name in home.query("SELECT seq, stream_id, source_id FROM event"):
        if name in ids:
            outcome, reason, missing = notes.get(seq, ("applied", "", 0))
            state = State(states[root]).name.lower() if outcome == "applied" else ""
            found[root] = (outcome, reason, names(missing), state)
    return found
