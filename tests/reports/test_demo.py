"""The fictitious city's reports and enforcement come through the pipeline as it wrote them down."""

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from demo.feeds import Feeds
from demo.tally_beside import reports
from demo.truth import truth
from demo.world import World, build
from rules.enforcement import COUNTED, SUMMED
from schemas.vocabulary import Enforcement, FactKind, ReportStep
from tasks.auditing import audit
from tasks.county import County
from tasks.reports import rewards, standing, totals
from tests.truth.worlds import live_through, open_home, take_all_at_once

K = ReportStep


@pytest.fixture(scope="module")
def world() -> World:
    return build(seed=1, weeks=2, hazards=250)


@pytest.fixture(scope="module")
def city() -> World:
    """A world of about half the usual size, only to be looked at."""
    return build(seed=1, weeks=8, hazards=2500)


@pytest.fixture(scope="module")
def true(world: World) -> dict[str, Any]:
    return truth(world)


@pytest.fixture(scope="module")
def county(world: World, tmp_path_factory: pytest.TempPathFactory) -> County:
    made = open_home(tmp_path_factory.mktemp("city") / "home")
    live_through(made, world)
    return made


@pytest.mark.timeout(600)
def test_every_report_stands_where_the_city_says(county: County, world: World, true: Any) -> None:
    found = standing(county, world.weeks.last).set_index(["source", "source_id"])
    assert len(found) == len(true["reports"])
    for report in true["reports"]:
        row = found.loc[(report["source"], report["source_id"])]
        first = {s["event"]: s["at"] for s in reversed(report["steps"])}
        assert {k: row[k] for k in map(str, K) if row[k]} == first, report
    assert audit(county).ok


def test_enforcement_by_town_and_sector_is_what_the_city_says(
    county: County, world: World, true: Any
) -> None:
    keys = ("town_code", "sector_code")
    found = totals(county, 0, world.weeks.last, keys, world.weeks.last, list(Enforcement))
    counted = {
        (row["town_code"], row["sector_code"], kind): (
            row[COUNTED[kind]],
            row.get(SUMMED.get(kind), 0),
        )
        for row in found.to_dict("records")
        for kind in map(str, Enforcement)
        if row[COUNTED[kind]]
    }
    assert counted == {
        (e["town"], e["sector"], e["event"]): (e["count"], e["fen"]) for e in true["enforcement"]
    }
    assert {e["event"] for e in true["enforcement"]} >= {"case_filed", "penalised"}


def test_the_ledger_of_rewards_is_what_the_city_paid(
    county: County, world: World, true: Any
) -> None:
    paid = [
        (f"{r['source']}:{r['source_id']}", s["fen"])
        for r in true["reports"]
        for s in r["steps"]
        if s["event"] == K.REWARDED
    ]
    ledger = rewards(county, world.weeks.last)
    assert sorted(zip(ledger["report"], ledger["amount_fen"], strict=True)) == sorted(paid) != []
    assert (ledger["waits_for"] == "").all()


@pytest.mark.timeout(600)
def test_any_order_of_arrival_ends_in_the_same_reports(
    county: County, world: World, tmp_path: Path
) -> None:
    at_once = open_home(tmp_path / "home")
    take_all_at_once(at_once, world)
    frames = [
        standing(c, world.weeks.last).sort_values("stream_id", ignore_index=True)
        for c in (county, at_once)
    ]
    pd.testing.assert_frame_equal(*frames)


def test_every_kind_of_step_is_told_in_a_demo_of_the_usual_size(city: World) -> None:
    counts = Counter(s["event"] for r in reports(city) for s in r["steps"])
    assert set(counts) == set(K)
    assert counts[K.ACCEPTED] > counts[K.REPLIED] > counts[K.REWARDED] > 0


def told(world: World, event: str, field: str) -> dict[str, str]:
    """What the desk says of each request in a field of one kind of update."""
    rows = [r for r in world.of_source("complaints") if r.fields.get("event") == event]
    return {str(r.fields["finding_id"]): str(r.fields[field]) for r in rows}


def test_reports_that_were_put_together_wait_for_the_same_answer(
    county: County, world: World
) -> None:
    found = standing(county, world.weeks.last).set_index("source_id")["case_id"]
    pairs = [
        (a, b)
        for a, b in told(world, FactKind.MERGED, "target").items()
        if a in found.index and b in found.index
    ]
    assert pairs
    assert [found[a] for a, _ in pairs] == [found[b] for _, b in pairs]


def test_reports_that_were_put_together_are_both_answered_in_the_same_words(city: World) -> None:
    merged, replies = told(city, FactKind.MERGED, "target"), told(city, K.REPLIED, "reply")
    pairs = [(a, b) for a, b in merged.items() if a in replies]
    assert len(pairs) > 10
    assert all(replies[a] == replies[b] for a, b in pairs)


def test_a_step_of_a_report_says_nothing_about_who_reported(world: World) -> None:
    now = world.weeks.last
    steps = [u for u in Feeds(world).updates(0, now, now) if "external_status_code" in u]
    assert len(steps) > 50
    assert not {"first_name", "last_name", "phone", "email"} & {k for s in steps for k in s}
    assert "举报人" not in str(steps)
