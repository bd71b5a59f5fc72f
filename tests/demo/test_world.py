from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

import pytest

from demo.clock import Clock, Weeks
from demo.deliveries import deliveries
from demo.hazards import REFIND_SHARE
from demo.majors import MAJORS
from demo.model import KNOWN, NEVER, TAKEN
from demo.shipped import organisation, policy
from demo.stories import STORIES
from demo.world import SOURCES, World, build
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy import Policy


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    one, again, other = (
        [(d.source, d.received_at, d.parts) for d in deliveries(build(seed, 2, 150))]
        for seed in (3, 3, 4)
    )
    assert one == again
    assert one != other


def test_the_county_is_fictitious_and_has_the_shipped_sectors() -> None:
    county = organisation()
    assert county.code == "999001"
    assert "虚构" in county.name.zh and "fictitious" in county.name.en
    assert len(county.towns) == 18 and len(county.sectors) == 10
    assert Policy.model_validate(policy())


def test_about_one_row_in_twenty_is_dirty(world: World) -> None:
    rows = [r for r in world.rows if r.record != "place"]
    share = sum(1 for r in rows if r.dirt) / len(rows)
    assert share == pytest.approx(0.05, abs=0.004)


def test_every_kind_of_dirt_says_what_must_become_of_it(world: World) -> None:
    expected = defaultdict(set)
    for row in world.rows:
        expected[row.dirt].add(row.expect)
    assert expected[""] == {TAKEN}
    assert expected["duplicate_row"] == {KNOWN}
    assert expected["full_width_digits"] == expected["odd_spaces"] == {TAKEN}
    assert expected["orphan_update"] == {"A001"}
    assert expected["unknown_town"] == {"U001"}
    assert expected["impossible_date"] == {"D002"}
    assert expected["far_future"] == {"D003"}
    assert {"R001", "D001", "N001", "U002", "U003"} <= {c for v in expected.values() for c in v}


def test_every_story_is_told_within_eight_weeks() -> None:
    told = {h.story for h in build(1, 8, 2500).hazards}
    expected = {s.tell.__name__ for s in STORIES} | {f"major_{t.__name__}" for t, _ in MAJORS}
    assert expected - told <= {"upgraded"}
    assert "duplicate_report" in told


def test_what_is_known_of_a_hazard_is_always_a_beginning_of_its_life(world: World) -> None:
    for hazard in world.hazards:
        times = [s.at for s in hazard.steps]
        known = [s.known for s in hazard.steps]
        assert times == sorted(times)
        assert known == sorted(known)


def test_nothing_is_received_before_it_was_sent_or_sent_before_it_happened(world: World) -> None:
    for row in world.rows:
        assert row.receipt.received >= row.sent
        if row.expect == TAKEN:
            assert row.claimed <= row.sent


def test_refinds_lie_in_the_identity_window_and_are_never_known_before_their_root(
    world: World,
) -> None:
    window = world.policy["identity"]["window_days"] * DAY_MS
    roots = {h.key: h for h in world.hazards}
    assert len(world.refinds) > len(world.hazards) * REFIND_SHARE / 4
    for again in world.refinds:
        root = roots[again.root]
        assert 0 < again.found_at - root.found_at <= window
        assert root.steps[0].known <= again.received < NEVER


def test_no_other_two_findings_share_place_and_category_within_the_window(world: World) -> None:
    window = world.policy["identity"]["window_days"] * DAY_MS
    met = defaultdict(list)
    for hazard in world.hazards:
        if hazard.place_id and not hazard.ambiguous_of:
            met[hazard.place_id, hazard.category].append(hazard.found_at)
    for times in met.values():
        assert all(b - a > window for a, b in pairwise(sorted(times)))


def test_ambiguous_findings_share_place_and_category_but_not_the_words(world: World) -> None:
    roots = {h.key: h for h in world.hazards}
    ambiguous = [h for h in world.hazards if h.ambiguous_of]
    assert ambiguous
    for hazard in ambiguous:
        root = roots[hazard.ambiguous_of]
        assert (root.place_id, root.category) == (hazard.place_id, hazard.category)
        assert len(hazard.description) * 2 < len(root.description)


def test_towns_file_late_or_nil_or_nothing_and_one_file_is_empty() -> None:
    plan = build(1, 8, 200).post.plan.values()
    assert {f.status for f in plan} >= {"on_time", "late", "nil", "none", "empty"}
    assert any(f.supplement_at for f in plan)


def test_a_place_moves_town_and_listings_arrive_from_the_upper_platform(world: World) -> None:
    towns = [{v.town for v in versions} for versions in world.places.versions.values()]
    assert any(len(t) == 2 for t in towns)
    events = Counter(r.fields["event"] for r in world.rows if r.source == "upper")
    assert set(events) == {"listed", "delisted"}


def test_every_week_is_collected_before_its_cut_off_and_once_more_for_late_files() -> None:
    weeks = Weeks(Clock("Asia/Shanghai"), 60, policy())
    for n in range(60):
        assert 0 < weeks.cut_off(n) - weeks.first[n] <= HOUR_MS
        assert weeks.first[n] <= weeks.second[n]
        assert {weeks.first[n], weeks.second[n]} <= set(weeks.instants)
    both = [t for n in range(60) for t in (weeks.first[n], weeks.second[n])]
    assert both == sorted(both)
    # Labour Day 2025 moves Monday's cut-off to Tuesday, the Spring Festival of 2026 by a week.
    assert weeks.clock.day(weeks.cut_off(8)) == date(2025, 5, 6)
    assert weeks.clock.day(weeks.cut_off(49)) == date(2026, 2, 24)


def test_sixty_weeks_reach_into_april_2026() -> None:
    world = build(5, 60, 300)
    assert world.weeks.clock.day(world.weeks.end(59)) == date(2026, 4, 27)
    assert {d.source for d in deliveries(world)} == set(SOURCES)
