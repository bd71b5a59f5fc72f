"""A source that fails is named, the others are taken, and nothing is lost once it has mended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.servers.faults import Fault
from demo.world import World, build
from schemas.period import DAY_MS, HOUR_MS
from tasks.auditing import audit
from tasks.intake.collect import SourceReport, land_one, summary
from tasks.intake.drafts import Taking
from tasks.intake.take import take
from tasks.sources.base import PullRequest
from tasks.sources.registry import puller
from tasks.store.submissions import Pulls
from tests.store.tiny import MONDAY, Tiny, faster, finding, iso, life
from tests.tasks.town import SOURCES, Scene, running

# Every source fails in some scenario, and every kind of failure happens.
SCENARIOS: dict[str, dict[str, Fault]] = {
    "down": {"inspection": "down", "complaints": "html", "grid": "empty"},
    "renamed": {
        "inspection": "renamed_column",
        "complaints": "renamed_column",
        "grid": "renamed_column",
        "selfcheck": "renamed_column",
    },
    "gone": {
        "upper": "hang",
        "registry": "html",
        "complaints": "empty",
        "grid": "down",
        "selfcheck": "down",
    },
}
# Silence is no failure: who should have reported is told by the calendar.
SILENT = {("grid", "empty"), *((s, "empty") for s in SOURCES)}


@pytest.fixture(scope="module")
def world() -> World:
    return build(seed=9, weeks=2, hazards=60)


@pytest.fixture(scope="module")
def healthy(
    world: World, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> tuple[Scene, dict[str, SourceReport]]:
    """What comes of the world when nothing fails."""
    folder = tmp_path_factory.mktemp("healthy")
    city = running(world, folder / "city")
    scene = Scene.make(city, folder / "home", migrated_file)
    reports = scene.collect(world.weeks.last)
    city.stop()
    return scene, reports


@pytest.fixture(params=SCENARIOS)
def faults(request: pytest.FixtureRequest) -> dict[str, Fault]:
    return SCENARIOS[request.param]


@pytest.fixture
def scene(
    world: World, tmp_path: Path, migrated_file: Path, faults: dict[str, Fault]
) -> Iterator[Scene]:
    city = running(world, tmp_path / "city", **faults)
    yield Scene.make(city, tmp_path / "home", migrated_file)
    city.stop()


def test_every_kind_of_failure_and_every_source_is_tried() -> None:
    kinds = {fault for faults in SCENARIOS.values() for fault in faults.values()}
    assert kinds == {"down", "hang", "html", "renamed_column", "empty"}
    assert {s for faults in SCENARIOS.values() for s in faults} == set(SOURCES)


def test_a_failing_source_is_named_the_others_are_taken_and_all_comes_once_it_has_mended(
    scene: Scene,
    faults: dict[str, Fault],
    world: World,
    healthy: tuple[Scene, dict[str, SourceReport]],
) -> None:
    whole, expected = healthy
    now = world.weeks.last
    reports = scene.collect(now)
    degraded = {r["source"]: r["reason"] for r in summary(list(reports.values()))["degraded"]}
    assert set(degraded) == {s for s, f in faults.items() if (s, f) not in SILENT}
    assert all(name in reason for name, reason in degraded.items())
    for name in set(SOURCES) - set(faults):
        assert reports[name].received == expected[name].received
        assert reports[name].problem == ""
    assert scene.facts() < whole.facts()
    if faults.get("grid") == "empty":  # a town that declared a nil return has reported
        said = scene.query("SELECT delivery FROM submission WHERE source = 'grid'")
        assert said == scene.query("SELECT delivery FROM submission WHERE nil_return")
    for name in faults:
        scene.city.heal(name)
    mended = scene.collect(now + HOUR_MS)
    assert [r.problem for r in mended.values()] == [""] * len(SOURCES)
    assert scene.facts() == whole.facts()
    assert scene.standing() == whole.standing()
    assert scene.refused() == whole.refused()
    assert audit(scene.county).ok


# files of one's own


def test_the_same_file_again_is_known_and_appends_nothing(tiny: Tiny) -> None:
    path = tiny.drop("findings", finding("F1"), finding("F2"))
    first = tiny.collect("findings", MONDAY + HOUR_MS)
    assert (first.received, first.taken, first.appended) == (2, 2, 3)
    path.touch()
    again = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert (again.received, again.known, again.appended) == (2, 2, 0)


def test_a_copy_under_another_name_and_a_longer_file_bring_only_what_is_new(tiny: Tiny) -> None:
    tiny.drop("findings", finding("F1"), finding("F2"))
    tiny.drop("findings", finding("F1"), finding("F2"))
    tiny.drop("findings", finding("F1"), finding("F2"), finding("F3"))
    report = tiny.collect("findings", MONDAY + HOUR_MS)
    assert (report.received, report.taken, report.known) == (5, 3, 2)
    assert tiny.query("SELECT count(*) FROM event WHERE record = 'finding'") == [(3,)]


def test_impossible_dates_and_unknown_towns_are_refused_row_by_row_with_their_cells(
    tiny: Tiny,
) -> None:
    tiny.drop(
        "findings",
        finding("F1"),
        finding("F2", found_at="2025-02-30T08:00:00+08:00"),
        finding("F3", found_at="2025-13-01T08:00:00+08:00"),
        finding("F4", town_code="不存在镇"),
        finding("F5", found_at=iso(MONDAY + 40 * DAY_MS)),
        finding("F6", description=""),
    )
    report = tiny.collect("findings", MONDAY + HOUR_MS)
    assert (report.received, report.taken, report.refused, report.problem) == (6, 1, 5, "")
    assert report.refused_by == {"D002": 2, "D003": 1, "R001": 1, "U001": 1}
    cells = dict(tiny.query("SELECT source_id, cells FROM quarantine"))
    assert set(cells) == {"F2", "F3", "F4", "F5", "F6"}
    assert "2025-02-30" in cells["F2"]
    assert "不存在镇" in cells["F4"]


def test_a_corrected_row_is_taken_when_it_comes_again(tiny: Tiny) -> None:
    tiny.drop("findings", finding("F1", town_code="不存在镇"))
    tiny.collect("findings", MONDAY + HOUR_MS)
    tiny.drop("findings", finding("F1"))
    assert tiny.collect("findings", MONDAY + 2 * HOUR_MS).taken == 1
    assert audit(tiny.county).ok


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02",
        b"source_id,found_at\nF1\n",
        "source_id,说明\nF1,不是这张表\n".encode(),
        b"<!DOCTYPE html>\n<html>\n<body>502 Bad Gateway</body>\n</html>\n",
        b"a,a\n1,2\n",
    ],
)
def test_a_file_that_is_no_such_table_is_named_and_the_files_around_it_are_taken(
    tiny: Tiny, content: bytes
) -> None:
    tiny.drop("findings", finding("F1"))
    bad = tiny.folder("findings") / "001-findings.csv"
    bad.write_bytes(content)
    tiny.drop("findings", finding("F2"))
    report = tiny.collect("findings", MONDAY + HOUR_MS)
    assert report.taken == 2
    assert report.problem.startswith(("findings: ", "source findings"))
    assert tiny.collect("findings", MONDAY + 2 * HOUR_MS).problem, "named as long as it lies there"
    tiny.drop("findings", finding("F3"), name=bad.name)
    mended = tiny.collect("findings", MONDAY + 3 * HOUR_MS)
    assert (mended.taken, mended.problem) == (1, "")
    assert tiny.collect("findings", MONDAY + 4 * HOUR_MS).problem == ""


# updates that come before their hazard


def test_an_update_without_its_hazard_waits_and_is_taken_when_the_hazard_comes(tiny: Tiny) -> None:
    tiny.drop("updates", *life("F1", MONDAY, to="assigned"))
    waiting = tiny.collect("updates", MONDAY + 12 * HOUR_MS)
    assert (waiting.refused, waiting.refused_by) == (2, {"A001": 2})
    tiny.drop("findings", finding("F1"))
    report = tiny.collect("findings", MONDAY + 13 * HOUR_MS)
    assert (report.taken, report.retried) == (1, 2)
    assert tiny.state("F1").name == "ASSIGNED"
    assert audit(tiny.county).ok


def test_what_waited_is_taken_even_when_the_run_died_before_it_could(tiny: Tiny) -> None:
    tiny.drop("updates", *life("F1", MONDAY, to="assigned"))
    tiny.collect("updates", MONDAY + 12 * HOUR_MS)
    tiny.drop("findings", finding("F1"))
    declaration = tiny.county.sources["findings"]
    (pulled,) = puller(declaration)(
        PullRequest(declaration, tiny.county.source_settings("findings"), "", MONDAY)
    )
    delivery = land_one(tiny.county, declaration, pulled, MONDAY + 13 * HOUR_MS, Pulls())
    at = delivery.received_at
    take(Taking(tiny.county, declaration, (delivery,)), now=at, known_at=at)  # and here it died
    assert tiny.state("F1").name == "REGISTERED"
    report = tiny.collect("findings", MONDAY + 14 * HOUR_MS)
    assert (report.appended, report.retried) == (2, 2)
    assert tiny.state("F1").name == "ASSIGNED"


# other writers


@pytest.mark.parametrize("before", [1, 2, 3])
def test_a_collect_that_another_writer_overtakes_decides_again_by_itself(
    tiny: Tiny, before: int
) -> None:
    tiny.bring(MONDAY + HOUR_MS, [finding("F1")], [])
    tiny.drop("findings", finding("F1", severity="major", sent_at=iso(MONDAY + HOUR_MS)))
    with faster(tiny, before) as came:
        report = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert came == [before]
    assert (report.taken, report.problem) == (1, "")
    assert tiny.query("SELECT version FROM event WHERE record = 'finding'") == [(1,), (2,)]
    assert audit(tiny.county).ok
