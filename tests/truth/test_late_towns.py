"""Five towns late in each of the last four weeks, all at once: every edition is revised once.

The towns' ledgers are files in the grid's folder, as in production; the other sources' deliveries
are the demo world's. One longer edition spans three of the weeks. Which editions are touched, and
by which submissions, is asked of the ledger's events by a query of the test's own.
"""

from collections import Counter
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from demo.deliveries import Delivery, deliveries
from demo.world import build
from rules.kinds import period_of
from rules.periods import cut_off
from schemas.edition import Edition, Unit
from schemas.period import HOUR_MS, Period
from schemas.settings import Settings, SourceSettings
from schemas.vocabulary import EditionKind
from tasks.auditing import audit
from tasks.county import County, open_county
from tasks.intake.collect import collect_source
from tasks.lateness import LateReport, late
from tasks.publication.releasing import EditionReport
from tasks.publishing import publish
from tasks.store import editions
from tasks.store.documents import adopt
from tasks.store.engine import reading
from tests.truth.worlds import open_home, take_sent

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]
WEEKS = ("2025-W10", "2025-W11", "2025-W12", "2025-W13", "2025-W14")
LATE_WEEKS, SPAN = WEEKS[1:], "2025-03-03--2025-03-30"
QUIET = "2025-02-24--2025-02-28"  # before anything that the late ledgers tell of
SOURCES = ("registry", "inspection", "grid")
Sent = list[Delivery]


class Story:
    """Five weeks and a span of them published, then twenty ledgers that were missing, at once."""

    def __init__(self, home: Path) -> None:
        world = build(seed=5, weeks=len(WEEKS), hazards=120)
        sent = list(deliveries(world, SOURCES))
        self.folder = home / "grid"
        self.county = self.opened(home)
        adopt(self.county, sent[0].received_at)
        self.ledgers, others = _parted(sent)
        self.towns = _five(self.ledgers)
        self.first: dict[str, EditionReport] = {}
        for code in WEEKS:
            others = self.live(code, others)
        for code in (SPAN, QUIET):
            self.first[code] = publish(self.county, self.period(code), self.now)
        self.known = self.query("SELECT max(seq) FROM event")[0][0]
        self.files = self.bytes_on_shelf()
        self.late_run = self.bring_late()
        self.again = self.run_late(self.now + HOUR_MS)

    def opened(self, home: Path) -> County:
        """The demo's county, its grid read from a folder."""
        open_home(home).engine.dispose()
        self.folder.mkdir()
        sources = {"grid": SourceSettings(folder=self.folder)}
        place = {"config_dir": home / "config", "county": "linwan", "demo": True}
        return open_county(Settings.load(home, **place, sources=sources))

    def period(self, code: str) -> Period:
        kind = EditionKind.WEEKLY if code in WEEKS else EditionKind.SPAN
        return period_of(kind, code, self.county.zone)

    def live(self, code: str, others: Sent) -> Sent:
        """A week: every source once at its end, the towns' ledgers save the late ones; published.

        Returns the deliveries that are still to come.
        """
        limit = cut_off(self.period(code), self.county.policy, self.county.days)
        due = [s for s in others if s.received_at <= limit]
        for _, batch in groupby(sorted(due, key=lambda s: s.source), key=lambda s: s.source):
            take_sent(self.county, batch)
        self.drop(t for t in self.ledgers if t[1] == code and not self.is_late(*t))
        assert collect_source(self.county, "grid", limit - HOUR_MS // 2).problem == ""
        self.now = limit + HOUR_MS
        self.first[code] = publish(self.county, self.period(code), self.now)
        return [s for s in others if s.received_at > limit]

    def is_late(self, town: str, code: str) -> bool:
        return town in self.towns and code in LATE_WEEKS

    def drop(self, names: Any) -> None:
        for town, code in names:
            for part in self.ledgers[town, code].parts:
                (self.folder / part.name).write_bytes(part.content)

    def bring_late(self) -> LateReport:
        self.drop((town, code) for town in self.towns for code in LATE_WEEKS)
        return self.run_late(self.now + 5 * HOUR_MS)

    def run_late(self, now: int) -> LateReport:
        days = [date.fromisocalendar(2025, int(code[-2:]), 3) for code in LATE_WEEKS]
        return late(self.county, days, max(now, self.now), sources=["grid"])

    def bytes_on_shelf(self) -> dict[Path, bytes]:
        root = self.county.home / "editions"
        return {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != "latest"}

    def query(self, text: str) -> list[Any]:
        with reading(self.county.engine) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text)]

    def told(self, code: str, *, inside: bool) -> set[tuple[str, str]]:
        """The late submissions that tell of times in a period, or of any before its end."""
        period = self.period(code)
        since = period.start if inside else 0
        return {
            (unit, week)
            for unit, week in self.query(
                "SELECT DISTINCT s.reporting_unit, s.period FROM event e"
                " JOIN submission s ON s.delivery = e.delivery AND s.source = e.source"
                " WHERE e.source = 'grid' AND e.record IN ('finding', 'update', 'check')"
                f" AND e.seq > {self.known} AND e.claimed_at >= {since}"
                f" AND e.claimed_at < {period.end}"
            )
        }

    def second(self, code: str) -> EditionReport:
        [found] = [e for e in self.late_run.editions if e.period == code]
        return found


def _parted(sent: Sent) -> tuple[dict[tuple[str, str], Delivery], Sent]:
    """The first ledger of every town and week; everything of the other sources."""
    ledgers: dict[tuple[str, str], Delivery] = {}
    for each in (s for s in sent if s.source == "grid"):
        ledgers.setdefault((each.reporting_unit, each.period or ""), each)
    return ledgers, [s for s in sent if s.source != "grid"]


def _five(ledgers: dict[tuple[str, str], Delivery]) -> list[str]:
    """Of the towns that told of something in each of the weeks those that told most."""
    told: Counter[str] = Counter()
    nothing = {town for (town, code), s in ledgers.items() if code in LATE_WEEKS and s.nil_return}
    for (town, code), each in ledgers.items():
        if code in LATE_WEEKS and town not in nothing:
            told[town] += sum(len(part.content) for part in each.parts)
    assert len(told) >= 5
    return [town for town, _ in told.most_common(5)]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("towns") / "home")


def units(edition: Edition) -> dict[str, Unit]:
    body = edition["body"]
    return {u["code"]: u for u in [*body["towns"], *body["sectors"]]}


def test_every_edition_they_touch_is_revised_once_and_no_other(story: Story) -> None:
    made = sorted((e.period, e.edition) for e in story.late_run.editions if e.is_new)
    touched = {code for code in story.first if story.told(code, inside=True)}
    assert QUIET not in touched
    revised = {code for code, _ in made}
    assert {SPAN, *LATE_WEEKS} <= revised <= touched
    assert made == sorted((code, 2) for code in revised)
    with reading(story.county.engine) as connection:
        known = editions.published(connection, story.county.code)
    numbers: dict[str, list[int]] = {}
    for each in known:
        numbers.setdefault(each.period, []).append(each.number)
    assert numbers == {code: [1, 2] if code in revised else [1] for code in story.first}
    assert audit(story.county).findings == []


def test_what_was_published_before_stays_as_it_was(story: Story) -> None:
    now = story.bytes_on_shelf()
    assert {path: now.get(path) for path in story.files} == story.files


@pytest.mark.parametrize("code", [*LATE_WEEKS, SPAN])
def test_the_note_names_the_submissions_and_every_unit_that_moved(story: Story, code: str) -> None:
    note = story.second(code).revision
    assert note is not None
    assert (note["revision_class"], note["previous"]) == ("R1", 1)
    named = {(r["unit"], r["period"]) for r in note["reasons"] if r["source"] == "grid"}
    assert story.told(code, inside=False) <= named
    # A ledger that was in time for its own week may tell of the one before, too.
    assert all(town in story.towns or week > code for town, week in named)
    assert set(story.towns) <= {town for town, _ in named} or code == LATE_WEEKS[0]
    old, new = units(story.first[code].edition_doc), units(story.second(code).edition_doc)
    standing = {c: [(u[c]["rank"], u[c]["score"]) for u in (old, new)] for c in new}
    told = {
        m["unit"]: [(m["old_rank"], m["old_score"]), (m["new_rank"], m["new_score"])]
        for m in note["moves"]
    }
    assert told == {c: pair for c, pair in standing.items() if pair[0] != pair[1]}
    assert any(pair[0][0] != pair[1][0] for pair in told.values()), "a rank must move"


@pytest.mark.parametrize("code", LATE_WEEKS)
def test_the_figures_count_now_and_the_loss_of_timeliness_stays(story: Story, code: str) -> None:
    old, new = story.first[code].edition_doc, story.second(code).edition_doc
    for town in story.towns:
        before, after = units(old)[town], units(new)[town]
        filed = [
            tuple(u["counts"]["period"]["all"][f"submissions_{m}"] for m in ("owed", "in_time"))
            for u in (before, after)
        ]
        assert filed == [(1, 0), (1, 0)]
        timely = [u["rates"]["period"]["all"]["timeliness"] for u in (before, after)]
        assert timely[0] == timely[1]
        assert _units(old, "missing") & {town}
        assert _units(new, "late") & {town} and not _units(new, "missing") & {town}
    found = [sum(_found(each, town) for town in story.towns) for each in (old, new)]
    assert found[0] < found[1]


def _units(edition: Edition, part: str) -> set[str]:
    return {m["unit"] for m in edition["body"][part] if m["source"] == "grid"}  # type: ignore[literal-required]


def _found(edition: Edition, town: str) -> int:
    return units(edition)[town]["counts"]["period"]["all"]["found"]


def test_a_second_run_publishes_nothing(story: Story) -> None:
    assert [e.is_new for e in story.again.editions] == [False] * len(story.again.editions)
    assert {e.period for e in story.again.editions} >= set(LATE_WEEKS)
    assert {e.edition for e in story.again.editions if e.period in LATE_WEEKS} == {2}
