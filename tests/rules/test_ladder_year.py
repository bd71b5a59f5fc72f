"""The ladder over a simulated year: holidays, extensions, pauses, late data, a new policy in June.

Every working day at 08:00 the hazards are folded from what has reached us by then; rungs that fire
are kept, as the store keeps them. What fired when is what `tests.rules.ladder_year` tells by hand.
"""

from collections import Counter
from typing import Any

import pandas as pd
import pytest

from rules.clocks import WorkingDays
from rules.facts import prepare
from rules.fold import fold
from rules.guards import FoldPolicy
from rules.ladder import KEY, digests, due_rungs, halted
from rules.lifecycle import OPEN_STATES
from schemas.policy import LadderStep
from schemas.policy_duties import Extension
from schemas.vocabulary import FACT_RANK, FactKind
from tests.rules import ladder_year as year
from tests.rules.facts_of_lives import frame_of

DAYS = WorkingDays.build({year.LOCAL_HOLIDAY: True, year.LOCAL_WORKDAY: False})
POLICY = FoldPolicy(15, DAYS)
EXTENSION = Extension(listed_notice_working_days=15, decide_within_working_days=year.DECIDE_WITHIN)
OFFICE = {"organisation": "Safety Office", "person": "A. Example"}
PLAN = {
    "responsible_unit": "Foundry One", "measures": "replace", "funding_planned_fen": 5,
    "funding_source": "own", "plan_reference": "P1", "interim_control": "fenced off",
}  # fmt: skip
SECOND = {"reason": "parts are late", "second_person": "B. Example", "interim_control": "fence"}
SAYS: dict[str, dict[str, Any]] = {
    "registered": {"town_code": "330282104", "sector_code": "industry", "channel": "grid_patrol"},
    "verified": OFFICE,
    "assigned": OFFICE | {"responsible_unit": "Foundry One"},
    "listed": OFFICE | {"listing_number": "N-1", "listing_level": "county"},
    "started": PLAN,
    "extension_asked": {"reason": "parts", "interim_control": "fence", "person": "C. Example"},
    "extended": SECOND,
    "extension_refused": SECOND,
    "suspended": SECOND,
    "continued": SECOND | OFFICE,
    "submitted": {
        "finished_on": 1, "work_done": "done", "funding_spent_fen": 1, "evidence": "photo",
        "person": "D. Example",
    },
    "acceptance_passed": OFFICE,
    "acceptance_failed": OFFICE,
    "closed": OFFICE,
    "reopened": {"reason": "came back"},
}  # fmt: skip


def rows(lives: list[year.Life]) -> pd.DataFrame:
    """The lives as ledger rows; `received_at` says from when on each is known."""
    return frame_of([_row(life, n, fact) for life in lives for n, fact in enumerate(life.facts)])


def _row(life: year.Life, number: int, fact: year.Told) -> dict[str, Any]:
    said = SAYS[fact.kind] | {k: v for k, v in fact.data.items() if k != "due"}
    if "due" in fact.data:
        said |= {"due_general": fact.data["due"], "due_major": fact.data["due"]}
    return {
        "root_id": life.name, "seq": number, "kind": fact.kind, "claimed_at": fact.at,
        "source": "inspection", "source_id": f"{life.name}-{number}",
        "row_digest": f"{number:016x}", "sent_at": fact.at,
        "record": "finding" if fact.kind == "registered" else "update",
        "received_at": fact.received, "file_by": fact.received,
    } | said  # fmt: skip


def items(known: pd.DataFrame, units: dict[str, str]) -> pd.DataFrame:
    """Open hazards without a passing acceptance, as `tasks.store.standing.awaiting` gives them."""
    facts = prepare(known)
    spans = fold(facts, POLICY).spans
    told = pd.DataFrame(spans)
    asked = told[told["kind"] == FACT_RANK[FactKind.EXTENSION_ASKED]]
    asked_at = asked.groupby("stream")["at"].max()
    last = told.drop_duplicates("stream", keep="last")
    open_ = last[last["state"].isin([int(s) for s in OPEN_STATES]) & (last["accepted_at"] == 0)]
    roots = pd.Series(facts.roots[open_["stream"]], index=open_.index)
    return pd.DataFrame(
        {
            "root_id": roots,
            "due_at": open_["due_at"],
            "listed_level": open_["level"],
            "town_code": "330282104",
            "sector_code": "industry",
            "unit_name": roots.map(units),
            "marks": open_["marks"],
            "asked_at": open_["stream"].map(asked_at).fillna(0).astype("int64"),
        }
    )


def ladder(steps: year.Steps) -> tuple[LadderStep, ...]:
    return tuple(
        LadderStep(
            rung=r, offset_days=o, listed_offset_days=listed, to="responsible_unit", proposal=p
        )
        for r, (o, listed, p) in steps.items()
    )


def climbed(lives: list[year.Life]) -> tuple[list[year.Fired], list[dict[str, Any]]]:
    """What the rules fire over the year, and every digest sent."""
    told, units = rows(lives), {life.name: life.unit for life in lives}
    fired = pd.DataFrame({"root_id": [], "rung": [], "due_at": []})
    found: list[year.Fired] = []
    sent: list[dict[str, Any]] = []
    known_before, open_ = -1, pd.DataFrame()
    for day, now in year.runs():
        known = told[told["received_at"] <= now]
        if known.empty:
            continue
        if len(known) > known_before:  # else the same facts fold to the same
            known_before, open_ = len(known), items(known.reset_index(drop=True), units)
        waiting = open_[~halted(open_, EXTENSION, DAYS, now)]
        steps = ladder(year.BEFORE if day < year.CHANGE else year.AFTER)
        rungs = due_rungs(waiting, fired, steps, DAYS, now)
        fired = pd.concat([fired, rungs[KEY]], ignore_index=True)
        sent += digests(rungs, day.isoformat())
        found += [(*row, day) for row in rungs[KEY].itertuples(index=False, name=None)]
    return found, sent


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.nightly) for n in (2, 3))])
def test_a_year_of_the_ladder_is_what_is_told_by_hand(seed: int) -> None:
    lives = year.lives(seed, 30)
    found, sent = climbed(lives)
    expected = year.expected(lives)
    assert set(found) == set(expected)
    assert len(found) == len(set(found)) == len({f[:3] for f in found}) == len(expected) > 100
    keys = Counter(message["key"] for message in sent)
    assert set(keys.values()) == {1}
    per_day = Counter((m["recipient"], m["rung"], m["day"]) for m in sent)
    assert set(per_day.values()) == {1}
    assert sum(len(m["items"]) for m in sent) == len(found)


def test_the_year_has_everything_it_is_to_show() -> None:
    """Else the comparison would prove nothing of holidays, pauses, extensions and late data."""
    kinds = Counter(f.kind for life in year.lives(1, 60) for f in life.facts)
    for kind in ("extended", "extension_refused", "suspended", "continued", "reopened", "listed"):
        assert kinds[kind] >= 3, kind
    late = [f for life in year.lives(1, 60) for f in life.facts if f.received - f.at > 5 * year.DAY]
    assert len(late) > 20
    before, after = (
        {r for _, r, _, day in year.expected(year.lives(1, 60)) if (day >= year.CHANGE) is side}
        for side in (False, True)
    )
    assert {"remind", "urge", "warn"} <= before & after


def test_an_oracle_that_ignores_holidays_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    lives = year.lives(1, 60)
    right = year.expected(lives)
    year.moved.cache_clear()
    monkeypatch.setattr(year, "works", lambda day: day.weekday() < 5)
    assert set(year.expected(lives)) != set(right)
    year.moved.cache_clear()
