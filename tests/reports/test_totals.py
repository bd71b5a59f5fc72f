"""Rewards and enforcement in figures: counted once, in their period, where the hazard was then."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.enforcement import COUNTED, measures
from rules.enforcement import totals as summed
from schemas.period import DAY_MS
from schemas.vocabulary import Enforcement, ReportStep
from tasks.auditing import audit
from tasks.reports import reply, rewards, totals
from tests.reports.town import NOW, enter, on, told
from tests.store.tiny import MONDAY, OTHER_TOWN, SECTOR, TOWN, Tiny, hazard, update

E, REWARDED = Enforcement, ReportStep.REWARDED
LATER = NOW + 30 * DAY_MS
WEEK = (MONDAY, MONDAY + 7 * DAY_MS)
PAID = {"amount_fen": 80_000, "second_person": "复核员孙虚构"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    town = told(Tiny.make(tmp_path_factory.mktemp("totals"), migrated_file))
    reply(town.county, hazard("R3"), "已核查", on(5), actor="经办员周虚构", dry_run=False)
    return town


@pytest.fixture
def town(built: Tiny, tmp_path: Path) -> Tiny:
    return built.copied(tmp_path)


def figures(town: Tiny, start: int = MONDAY, end: int = LATER, **kinds: Any) -> dict[str, int]:
    """The totals of the county, measures that are not 0."""
    row = totals(town.county, start, end, (), LATER, **kinds).to_dict("records")[0]
    return {str(name): int(n) for name, n in row.items() if n}


def test_each_measure_counts_its_events_and_penalties_their_money(town: Tiny) -> None:
    enter(town, "G1", E.CASE_FILED, on(2), target="虚构〔2025〕001号")
    enter(town, "G1", E.PENALISED, on(3), amount_fen=2_000_000)
    enter(town, "R3", E.PENALISED, on(3), amount_fen=550_050)
    enter(town, "R3", E.COERCED, on(4))
    enter(town, "G1", E.HANDED_TO_POLICE, on(4), target="虚构公安局")
    enter(town, "G1", E.EXPOSED, on(5))
    assert figures(town) == {
        "cases": 1,
        "penalties": 2,
        "penalties_fen": 2_550_050,
        "coercive_measures": 1,
        "handed_to_police": 1,
        "exposures": 1,
    }
    assert audit(town.county).ok


def test_enforcement_moves_no_hazard(town: Tiny) -> None:
    spans = sorted(town.query("SELECT * FROM hazard_span"))
    enter(town, "G1", E.PENALISED, on(3), amount_fen=1)
    assert sorted(town.query("SELECT * FROM hazard_span")) == spans


def test_what_was_claimed_in_a_period_belongs_to_it_and_its_end_to_the_next(town: Tiny) -> None:
    start, end = WEEK
    for at in (start - 1, start, end - 1, end):
        enter(town, "R3", E.EXPOSED, at)
    assert figures(town, start, end) == {"exposures": 2}
    assert figures(town, end, end + 1) == {"exposures": 1}


def test_a_measure_counts_in_the_town_the_hazard_was_in_at_that_time(town: Tiny) -> None:
    enter(town, "R3", E.EXPOSED, on(2))
    move = update("R3", "moved", on(3), town_code=OTHER_TOWN, second_person="复核员孙虚构")
    town.bring(NOW, [], [move])
    enter(town, "R3", E.EXPOSED, on(4))
    enter(town, "R3", E.EXPOSED, MONDAY - DAY_MS)  # before anybody had found it
    found = totals(town.county, MONDAY - 2 * DAY_MS, LATER, ("town_code", "sector_code"), LATER)
    rows = found[["town_code", "sector_code", "exposures"]].to_numpy().tolist()
    assert rows == [[TOWN, SECTOR, 2], [OTHER_TOWN, SECTOR, 1]]


def test_a_reward_counts_once_its_report_was_answered_and_its_hazard_found_true(
    town: Tiny,
) -> None:
    enter(town, "R3", REWARDED, on(5, 10), **PAID)
    enter(town, "R1", REWARDED, on(5, 11), **PAID)  # never answered
    ledger = rewards(town.county, LATER)
    assert ledger["report"].tolist() == ["findings:R3", "findings:R1"]
    assert ledger["waits_for"].tolist() == ["", "report_not_replied"]
    assert ledger["amount_fen"].tolist() == [80_000, 80_000]
    assert figures(town) == {"rewards": 1, "rewards_fen": 80_000}
    reply(town.county, hazard("R1"), "已核查", on(8), actor="x", dry_run=False)
    assert figures(town) == {"rewards": 2, "rewards_fen": 160_000}
    assert rewards(town.county, on(6))["report"].tolist() == ["findings:R3", "findings:R1"]


def test_the_ledger_of_rewards_names_no_person_but_who_entered_it(town: Tiny) -> None:
    enter(town, "R3", REWARDED, on(5, 10), **PAID)
    (row,) = rewards(town.county, LATER).to_dict("records")
    assert set(row) == {
        *("event_seq", "stream_id", "report", "town_code", "claimed_at", "amount_fen", "actor"),
        *("effective_at", "waits_for"),
    }
    assert row["actor"] == "经办员周虚构"


def test_a_voided_penalty_is_no_penalty(town: Tiny) -> None:
    enter(town, "R3", E.PENALISED, on(3), amount_fen=100)
    ((source_id,),) = town.query("SELECT source_id FROM event WHERE kind = 'penalised'")
    void = {"target": source_id, "reason": "误录", "second_person": "复核员孙虚构"}
    enter(town, "R3", "voided", on(4), **void)
    assert figures(town) == {}


def test_of_nothing_there_are_no_rows_and_the_county_has_zeros(town: Tiny) -> None:
    assert totals(town.county, MONDAY, LATER, ("town_code",), LATER).empty
    row = totals(town.county, MONDAY, LATER, (), LATER)
    assert row.to_dict("records") == [dict.fromkeys(measures([*E, REWARDED]), 0)]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([*E, REWARDED]),
        st.integers(1, 10**9),
        st.sampled_from([TOWN, OTHER_TOWN]),
        st.sampled_from([SECTOR, "fire"]),
    ),
    max_size=30,
)


@given(EVENTS)
def test_towns_and_sectors_add_up_to_the_county(events: list[Any]) -> None:
    names = ["kind", "amount_fen", "town_code", "sector_code"]
    frame = pd.DataFrame([(str(k), *rest) for k, *rest in events], columns=names)
    kinds = [str(k) for k in COUNTED]
    whole = summed(frame, (), kinds).iloc[0]
    for by in (("town_code",), ("sector_code",), ("town_code", "sector_code")):
        parts = summed(frame, by, kinds)
        assert parts[list(whole.index)].sum().to_dict() == whole.to_dict()
    assert whole["penalties_fen"] == sum(e[1] for e in events if e[0] is E.PENALISED)
    assert whole["cases"] == sum(e[0] is E.CASE_FILED for e in events)
