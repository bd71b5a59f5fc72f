"""Gaming scripts: a town that plays gains no score, or a flag says what it did (reliability.md).

Every script goes through the real door, and every flag has its negative control: without its rule
the check must fail, or it proves nothing.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tests.gaming import scripts
from tests.gaming.scripts import (
    LEADER,
    NEXT,
    SUNDAY,
    TOLD,
    WEEK,
    Script,
    caught,
    flagged,
    honest,
    play,
    rectified,
    score,
    then,
    without,
    without_rule,
)
from tests.store.tiny import MONDAY, TOWN, Tiny, finding, hazard, life, update

LATE = [f"L{i}" for i in range(5)]
MAJORS = [f"M{i}" for i in range(2)]

# Five ways to tell of one blocked passage, none so alike that it is joined by itself.
ALIKE = (
    "厂房消防通道被成品货物堵塞，无法通行",
    "厂房通道被货物堵住，走不通",
    "消防通道被成品占用，行走困难",
    "消防通道被货物堵塞，人员无法疏散",
    "厂房疏散通道被成品货物占住，走不过去",
)
# Five that have little in common.
UNLIKE = (
    "成品货物堆放占用车间消防通道",
    "消防通道内堆放大量成品，人员走不过去",
    "车间通道堆满货物，疏散不便",
    "货物占用厂房疏散通道，通行困难",
    "厂房内消防通道摆放成品货箱，影响疏散",
)


def split_with(texts: tuple[str, ...]) -> Callable[[], Script]:
    """Three closed hazards, each told as five at its place."""

    def script() -> Script:
        parts = [
            d
            for i in range(3)
            for k, text in enumerate(texts)
            for d in rectified(f"T{i}-{k}", place_id=f"P-T{i}", description=text)
        ]
        return [*without(honest(), "T0", "T1", "T2"), *parts]

    return script


def merge_away() -> Script:
    """Five overdue hazards are declared to be others of the same town."""
    gone = [update(name, "merged", SUNDAY, target=hazard("T0"), reason="同一隐患") for name in LATE]
    return [*honest(), *then(TOLD, *gone)]


def never_told() -> Script:
    """Five overdue hazards are not told at all; the public finds them on Saturday."""
    found = [
        finding(f"X{name}", SUNDAY - DAY_MS, channel="public_report", unit_name=f"虚构五金厂{name}")
        for name in LATE
    ]
    return [*without(honest(), *LATE), scripts.Delivery(TOLD, found, [])]


def close_and_reopen() -> Script:
    """Overdue hazards are closed on Sunday evening and opened again on Monday morning."""
    closing = [u for name in LATE for u in _finish(name, SUNDAY + 12 * HOUR_MS)]
    opening = [update(n, "reopened", SUNDAY + DAY_MS + 9 * HOUR_MS, reason="复查") for n in LATE]
    return [*honest(), *then(TOLD, *closing), *then(SUNDAY + DAY_MS + 12 * HOUR_MS, *opening)]


def _finish(name: str, at: int) -> list[dict[str, str]]:
    return [u for u in life(name, at) if u["event"] in ("submitted", "acceptance_passed", "closed")]


def downgrade() -> Script:
    """Major hazards past their date become general ones."""
    changed = [update(n, "severity_changed", SUNDAY, severity="general", **LEADER) for n in MAJORS]
    return [*honest(), *then(TOLD, *changed)]


@pytest.fixture(scope="module")
def honestly(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    return play(tmp_path_factory.mktemp("honest") / "h", migrated_file, honest())


RISING = [
    pytest.param(split_with(ALIKE), "splitting", WEEK, id="split, texts nearly the same"),
    pytest.param(split_with(UNLIKE), "crowded", WEEK, id="split, texts unlike"),
    pytest.param(merge_away, "avoided", WEEK, id="hide 5 overdue by merging"),
    pytest.param(never_told, "outside", WEEK, id="hide 5 overdue by not telling"),
    pytest.param(close_and_reopen, "reopened_soon", NEXT, id="close and reopen"),
    pytest.param(downgrade, "downgraded", WEEK, id="downgrade major to general"),
]


@pytest.mark.parametrize(("script", "measure", "flag_week"), RISING)
def test_a_town_that_gains_by_playing_is_flagged_and_only_by_the_rule(
    honestly: Tiny,
    tmp_path: Path,
    migrated_file: Path,
    script: Callable[[], Script],
    measure: str,
    flag_week: str,
) -> None:
    before = score(honestly.county)
    county = play(tmp_path / "gamed", migrated_file, script()).county
    assert score(county) > before, "the script must pay, else the flag is not what holds it"
    assert measure in flagged(county, flag_week)
    assert measure not in flagged(honestly.county, flag_week)
    assert caught(before, county, measure, flag_week)
    assert not caught(before, without_rule(county, measure), measure, flag_week)


def test_split_with_the_same_words_gains_nothing(
    honestly: Tiny, tmp_path: Path, migrated_file: Path
) -> None:
    """Five findings of one place and wording are one hazard: nothing to flag, nothing gained."""
    county = play(tmp_path / "split", migrated_file, split_with((ALIKE[0],) * 5)()).county
    assert score(county) <= score(honestly.county)
    town = next(t for t in scripts.body(county)["towns"] if t["code"] == TOWN)
    before = next(t for t in scripts.body(honestly.county)["towns"] if t["code"] == TOWN)
    assert town["counts"]["period"]["all"]["closed"] == before["counts"]["period"]["all"]["closed"]


def back_dated() -> Script:
    """Four overdue hazards are closed on Sunday as if it had been on Tuesday, before their date."""
    told = [u for name in LATE[:4] for u in _finish(name, MONDAY + DAY_MS)]
    return [*honest(), *then(TOLD, *told)]


def as_it_was() -> Script:
    """The same four, closed and told on Sunday."""
    told = [u for name in LATE[:4] for u in _finish(name, SUNDAY + 12 * HOUR_MS)]
    return [*honest(), *then(TOLD, *told)]


def test_back_dating_gains_nothing_and_is_flagged(tmp_path: Path, migrated_file: Path) -> None:
    before = play(tmp_path / "as-it-was", migrated_file, as_it_was()).county
    county = play(tmp_path / "dated", migrated_file, back_dated()).county
    assert score(county) <= score(before)
    assert "backdated" in flagged(county) and "backdated" not in flagged(before)


def test_an_office_that_believed_every_date_would_be_gamed(
    tmp_path: Path, migrated_file: Path
) -> None:
    """The control: filing deadlines so long that received times decide nothing."""
    lax = {"continuous_filing_hours": 10_000}
    before = play(tmp_path / "as-it-was", migrated_file, as_it_was(), **lax).county
    county = play(tmp_path / "dated", migrated_file, back_dated(), **lax).county
    assert not caught(score(before), county, "backdated")
