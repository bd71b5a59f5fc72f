"""The benchmark of editions measures what it says: every part, and editions that are new."""

import pytest

from bench.editions import measured, table

PARTS = {"figures", "beside", "check", "items", "renderings"}


@pytest.mark.timeout(300)
def test_every_part_of_an_edition_is_measured_beside_the_plain_sql() -> None:
    report = measured(scale=0.003, weeks=2)
    assert set(report["ratios"]) == PARTS
    assert all(ratio > 0 for ratio in report["ratios"].values())
    assert len(report["published_seconds"]) == report["editions"] == 2
    assert all(part in table(report) for part in PARTS)
