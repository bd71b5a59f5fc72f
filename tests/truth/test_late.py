"""A late ledger: edition 2 with its reasons, edition 1 as it was, one hazard followed through."""

import hashlib
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select

from demo.deliveries import deliveries
from demo.world import build
from rules.periods import cut_off, week
from schemas.edition import Body, Edition, Unit
from schemas.period import HOUR_MS, Period
from schemas.tables_projections import hazard_span
from tasks.auditing import audit
from tasks.county import County
from tasks.publication.making import made
from tasks.publication.releasing import EditionReport, PublishRefused
from tasks.publishing import publish
from tasks.store import editions
from tasks.store.documents import adopt
from tasks.store.engine import reading
from tests.truth.worlds import open_home, take_sent

WEEK = "2025-W11"


class Story:
    """Two weeks published on time, then a late ledger of the second one."""

    def __init__(self, home: Path) -> None:
        self.county = open_home(home)
        self.sent = list(deliveries(build(seed=5, weeks=3, hazards=150)))
        adopt(self.county, self.sent[0].received_at)
        self.late = [
            s for s in self.sent if s.period == WEEK and s.received_at > self.cut_off(WEEK)
        ]
        self.first: dict[str, EditionReport] = {}
        for code in ("2025-W10", WEEK):
            self.collect(until=self.cut_off(code))
            self.first[code] = publish(self.county, self.week(code), self.cut_off(code) + HOUR_MS)
        self.bytes_of_first = self.bytes_of(self.first[WEEK])
        self.collect(until=max(s.received_at for s in self.late))
        now = max(s.received_at for s in self.late) + HOUR_MS
        self.second = publish(self.county, self.week(WEEK), now, revise=True)
        self.again = publish(self.county, self.week(WEEK), now + HOUR_MS, revise=True)

    def week(self, code: str) -> Period:
        return week(code, self.county.zone)

    def cut_off(self, code: str) -> int:
        return cut_off(self.week(code), self.county.policy, self.county.days)

    def collect(self, until: int) -> None:
        due = [s for s in self.sent if s.received_at <= until]
        self.sent = [s for s in self.sent if s.received_at > until]
        for _, batch in groupby(due, key=lambda s: (s.received_at, s.source)):
            take_sent(self.county, batch)

    @staticmethod
    def bytes_of(report: EditionReport) -> dict[str, bytes]:
        return {f["path"]: Path(f["path"]).read_bytes() for f in report.files}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("late") / "home")


def units(edition: Edition) -> dict[str, Unit]:
    body = edition["body"]
    return {u["code"]: u for u in [*body["towns"], *body["sectors"]]}


def test_the_late_ledger_makes_edition_two_and_says_so(story: Story) -> None:
    assert story.late, "the world must have a town that is late"
    assert (story.second.edition, story.second.is_new) == (2, True)
    note = story.second.revision
    assert note is not None
    assert note["revision_class"] == "R1"
    named = {(r["source"], r["unit"]) for r in note["reasons"] if r.get("period") == WEEK}
    assert {(s.source, s.reporting_unit) for s in story.late} <= named


def test_every_unit_whose_rank_moved_is_named_with_old_and_new(story: Story) -> None:
    old, new = units(story.first[WEEK].edition_doc), units(story.second.edition_doc)
    moved = {
        c for c in new if (old[c]["rank"], old[c]["score"]) != (new[c]["rank"], new[c]["score"])
    }
    assert any(old[c]["rank"] != new[c]["rank"] for c in moved), "the world must move a rank"
    assert story.second.revision is not None
    told = {m["unit"]: m for m in story.second.revision["moves"]}
    assert set(told) == moved
    for code, move in told.items():
        assert (move["old_rank"], move["new_rank"]) == (old[code]["rank"], new[code]["rank"])


def test_the_first_edition_stays_on_disk_and_can_be_made_again_byte_for_byte(story: Story) -> None:
    first = story.first[WEEK]
    assert story.bytes_of(first) == story.bytes_of_first
    assert remade(story.county, first) == first.edition_doc["body_digest"]
    for file in first.files:
        assert hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest() == file["sha256"]


def remade(county: County, report: EditionReport) -> str:
    period = week(report.period, county.zone)
    with reading(county.engine) as connection:
        return made(connection, county, period, report.watermark).digest


def test_a_second_run_without_new_data_returns_what_exists(story: Story) -> None:
    assert (story.again.edition, story.again.is_new) == (2, False)
    assert story.bytes_of(story.again) == story.bytes_of(story.second)


def test_without_revise_the_latest_edition_is_returned(story: Story) -> None:
    now = story.cut_off(WEEK) + 72 * HOUR_MS
    assert publish(story.county, story.week(WEEK), now).edition == 2


def test_one_hazard_of_the_late_ledger_enters_with_the_second_edition(story: Story) -> None:
    root, town = a_late_hazard(story)
    assert not stands(story.county, root, story.first[WEEK].watermark)
    assert stands(story.county, root, story.second.watermark)
    before = found(story.first[WEEK].edition_doc["body"], town)
    assert found(story.second.edition_doc["body"], town) > before


def a_late_hazard(story: Story) -> tuple[str, str]:
    """A hazard registered by a late ledger, in the week that the ledger is of."""
    period = story.week(WEEK)
    columns = (hazard_span.c.root_id, hazard_span.c.town_found)
    query = select(*columns).where(
        hazard_span.c.ordinal == 0,
        hazard_span.c.seq_from > story.first[WEEK].watermark,
        hazard_span.c.seq_from <= story.second.watermark,
        hazard_span.c.claimed_from >= period.start,
        hazard_span.c.claimed_from < period.end,
        hazard_span.c.town_found.in_([s.reporting_unit for s in story.late]),
    )
    with reading(story.county.engine) as connection:
        rows = connection.execute(query).all()
    known = story.first[WEEK].watermark
    new = [r for r in rows if not stands(story.county, r.root_id, known)]
    assert new, "a late ledger must register a hazard"
    return str(new[0].root_id), str(new[0].town_found)


def stands(county: County, root: str, watermark: int) -> bool:
    query = select(hazard_span.c.ordinal).where(
        hazard_span.c.root_id == root,
        hazard_span.c.seq_from <= watermark,
        hazard_span.c.seq_to > watermark,
    )
    with reading(county.engine) as connection:
        return connection.execute(query).first() is not None


def found(body: Body, town: str) -> int:
    unit = next(t for t in body["towns"] if t["code"] == town)
    return unit["counts"]["period"]["all"]["found"]


def test_a_week_is_refused_before_its_cut_off(story: Story) -> None:
    with pytest.raises(PublishRefused, match="open until its cut-off"):
        publish(story.county, story.week("2025-W12"), story.cut_off("2025-W12") - 1)


def test_the_ledger_knows_every_edition_and_the_audit_is_clean(story: Story) -> None:
    with reading(story.county.engine) as connection:
        known = editions.published(connection, story.county.code)
    assert [(e.period, e.number) for e in known] == [("2025-W10", 1), (WEEK, 1), (WEEK, 2)]
    assert audit(story.county).findings == []
