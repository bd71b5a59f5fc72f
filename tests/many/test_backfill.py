"""A county's history is taken and published once, whatever is done to the counties beside it."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.backfill import chosen
from flows.cli.main import app
from flows.side_by_side import Plan, planned, run
from rules.clocks import WorkingDays
from rules.history import due, first_day
from rules.kinds import RECURRING
from schemas.settings import Settings
from schemas.vocabulary import EditionKind
from tasks.backfilling import Asked, backfill_home
from tasks.configuration import ConfigurationError, read_county
from tasks.homes import homes
from tasks.publication.releasing import PublishRefused
from tasks.publishing import publish
from tests.house.code import ROOT
from tests.many.counties import WEEKS, county, drop, editions, opened, province

WEEKLY = Asked((EditionKind.WEEKLY,))


@pytest.fixture
def two(tmp_path: Path, migrated_file: Path) -> list[Path]:
    """Two counties whose files wait for them."""
    found = []
    for name, code, lives in (("a", "330001", 5), ("b", "330002", 8)):
        home = county(tmp_path / "counties" / name, code, migrated_file)
        drop(home, lives)
        found.append(home)
    return found


def published(report: dict[str, Any]) -> list[tuple[str, int, bool]]:
    return [(e["period"], e["edition"], e["is_new"]) for e in report["editions"]]


def shelf(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for folder in ("editions", "site", "site-internal")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
    }


def test_history_is_published_oldest_first_and_a_second_run_changes_nothing(
    two: list[Path],
) -> None:
    home = two[0]
    first = backfill_home(home, WEEKLY)
    assert (first["ok"], first["published"], first["problem"]) == (True, 2, "")
    assert published(first) == [(week, 1, True) for week in WEEKS]
    before = editions(home), shelf(home)
    again = backfill_home(home, WEEKLY)
    assert (again["published"], again["kept"], again["collected"]["appended"]) == (0, 2, 0)
    assert (editions(home), shelf(home)) == before
    [second] = (json.loads(p.read_bytes()) for p in home.glob("editions/*/weekly/2025-W11/1/e*n"))
    ranked = [t for t in second["body"]["towns"] if t["rank"] is not None]
    assert any(t["last_rank"] is not None for t in ranked), "a week finds the one before"


def test_history_that_came_after_every_cut_off_is_no_first_edition_without_being_asked_for(
    two: list[Path],
) -> None:
    from rules.periods import week

    tiny = opened(two[0])
    now = tiny.county.now()
    for source in ("findings", "updates"):
        tiny.collect(source, now)
    period = week(WEEKS[0], tiny.county.zone)
    with pytest.raises(PublishRefused, match="nothing was received by the cut-off"):
        publish(tiny.county, period, now)
    made = publish(tiny.county, period, now, history=True)
    assert made.edition_doc["body"]["total"]["counts"]["period"]["all"]["found"] > 0


def test_what_was_known_at_a_cut_off_stays_the_first_edition_of_its_period(
    two: list[Path], tmp_path: Path
) -> None:
    from rules.periods import cut_off, week

    tiny = opened(two[0])
    period = week(WEEKS[0], tiny.county.zone)
    limit = cut_off(period, tiny.county.policy, tiny.county.days)
    for source in ("findings", "updates"):
        tiny.collect(source, limit - 1)
    drop(two[0], 4, mark="LATE")
    report = backfill_home(two[0], WEEKLY)
    counted = {p.parts[-3]: json.loads(p.read_bytes()) for p in two[0].glob("editions/*/*/*/1/e*n")}
    known = counted[WEEKS[0]]["body"]["total"]["counts"]["campaign"]["all"]["found"]
    assert report["published"] == 2
    assert known == 5, "of the nine that are known by now"


def test_a_correction_is_made_where_it_is_asked_for_and_a_figure_changed(two: list[Path]) -> None:
    home = two[0]
    backfill_home(home, WEEKLY)
    drop(home, 2, mark="N")  # both of them of the first week
    kept = backfill_home(home, WEEKLY)
    assert (kept["published"], kept["corrected"], kept["kept"]) == (0, 0, 2)
    revised = Asked(WEEKLY.kinds, revise=True)
    first = backfill_home(home, revised)
    assert published(first) == [(WEEKS[0], 2, True), (WEEKS[1], 1, False)]
    assert backfill_home(home, revised)["corrected"] == 0


def test_a_source_that_does_not_answer_publishes_nothing_of_its_county(two: list[Path]) -> None:
    folder = two[0].parent / "drop" / "updates"
    aside = folder.rename(folder.with_name("aside"))
    report = backfill_home(two[0], WEEKLY)
    assert [d["source"] for d in report["degraded"]] == ["updates"]
    assert (report["ok"], report["published"]) == (False, 0)
    aside.rename(folder)
    assert backfill_home(two[0], WEEKLY)["published"] == 2


def test_a_county_whose_store_fails_stops_nobody_else(two: list[Path]) -> None:
    (two[0] / "bihuan.sqlite").write_bytes(b"no database at all" * 100)
    broken, sound = run(Plan("one_by_one"), two, WEEKLY, "en", with_prefect=False)
    assert not broken["ok"]
    assert broken["problem"]
    assert (sound["ok"], sound["published"]) == (True, 2)


def test_a_dry_run_says_what_is_missing_and_does_nothing(two: list[Path]) -> None:
    before = editions(two[0])
    asked = Asked(WEEKLY.kinds, dry_run=True)
    assert backfill_home(two[0], asked)["missing"] == [], "an empty county owes nothing"
    assert editions(two[0]) == before
    backfill_home(two[0], Asked(WEEKLY.kinds, since=date(2025, 3, 12)))
    report = backfill_home(two[0], asked)
    assert (report["missing"], report["kept"]) == ([f"weekly/{WEEKS[0]}"], 1)


def test_the_command_answers_per_county_and_ends_with_1_where_one_is_not_done(
    two: list[Path], tmp_path: Path, own_environment: None
) -> None:
    above = province(tmp_path / "above", "../counties/*/home")
    shutil.rmtree(two[1].parent / "drop" / "findings")
    arguments = ["backfill", "--kind", "weekly", "--no-prefect", "--home", str(above)]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 1, done.stderr
    answer = json.loads(done.stdout)
    assert [(c["county"], c["ok"]) for c in answer["counties"]] == [
        ("330001", True),
        ("330002", False),
    ]
    only = CliRunner().invoke(app, [*arguments, "--county", "330001"])
    assert only.exit_code == 0, only.stderr
    assert "Fictitious 330001" in only.stdout
    assert CliRunner().invoke(app, ["backfill", "--kind", "campaign"]).exit_code == 2


def test_two_homes_of_one_county_and_a_county_that_is_not_there_are_refused(
    two: list[Path], tmp_path: Path, migrated_file: Path
) -> None:
    twin = county(tmp_path / "twin", "330001", migrated_file)
    above = province(tmp_path / "above", "../counties/*/home", str(twin))
    with pytest.raises(ConfigurationError, match="are both of county 330001"):
        chosen(Settings.load(above), [])
    one = province(tmp_path / "one", "../counties/*/home")
    with pytest.raises(ConfigurationError, match=r"339999 is none .* 330001, 330002"):
        chosen(Settings.load(one), ["339999"])
    assert chosen(Settings.load(one), ["330002"]) == [two[1]]


def test_homes_are_folders_and_globs_from_where_they_are_named(
    two: list[Path], tmp_path: Path
) -> None:
    assert homes(Settings.load(two[0])) == [two[0]], "a home that names none works on itself"
    both = province(tmp_path / "x", "../counties/*/home", "../counties/b/home")
    assert homes(Settings.load(both)) == two
    with pytest.raises(ConfigurationError, match="no home of a county"):
        homes(Settings.load(province(tmp_path / "y", "../nowhere")))
    with pytest.raises(ConfigurationError, match="names no home"):
        homes(Settings.load(province(tmp_path / "z", "../nowhere/*")))


def test_the_way_that_counties_are_run_follows_from_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Settings.load(province(tmp_path / "x", "*"))
    joined = Settings.load(
        province(tmp_path / "y", "*", more='dask_scheduler = "tcp://127.0.0.1:1"')
    )
    assert planned(alone, 4, 2) == Plan("dask", 2)
    assert planned(alone, 4, 1) == Plan("one_by_one")
    assert planned(joined, 1, 9) == Plan("dask", 1, "tcp://127.0.0.1:1")
    monkeypatch.setattr("flows.side_by_side.find_spec", lambda _name: None)
    assert planned(alone, 4, 9) == Plan("processes", 4, without_extra=True)
    assert planned(joined, 1, 9) == Plan("one_by_one", without_extra=True)


def test_every_period_that_is_due_comes_once_a_longer_one_after_the_shorter_that_end_with_it() -> (
    None
):
    rules, zone = read_county(ROOT / "config" / "cixi")[1], "Asia/Shanghai"
    days = WorkingDays.of(rules, zone)
    now = 1_767_200_000_000  # the last day of 2025
    found = due(date(2025, 1, 8), now, RECURRING, rules, days)
    names = [f"{p.kind}/{p.code}" for p in found]
    assert len(set(names)) == len(names)
    assert names[0] == "weekly/2025-W02"
    assert names.index("monthly/2025-06") < names.index("quarter/2025-Q2")
    assert names.index("quarter/2025-Q2") < names.index("half_year/2025-H1")
    assert "year/2025" not in names
    assert first_day(date(2025, 1, 8), date(2025, 2, 1), None) == date(2025, 2, 1)
