"""The benchmark of many counties measures whole backfills, each county its own."""

import pytest

from bench.counties import measured, table


@pytest.mark.timeout(300)
def test_counties_one_by_one_are_measured_beside_the_first() -> None:
    report = measured(counties=[2], hazards=60, workers=[], weeks=1)
    assert [one["counties"] for one in report["one_by_one"]] == [2]
    assert report["one_by_one"][0]["work_to_first"] == 1
    assert all(one["seconds"] > 0 and one["peak_rss_mib"] > 0 for one in report["one_by_one"])
    assert len(table(report).splitlines()) == 1


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("postgresql", [False, True])
def test_counties_side_by_side_are_measured_beside_one_worker(postgresql: bool) -> None:
    report = measured([2], 200, workers=[1, 2], weeks=1, postgresql=postgresql)
    assert [one["workers"] for one in report["side_by_side"]] == [1, 2]
    assert report["side_by_side"][0]["speed_to_first"] == 1
