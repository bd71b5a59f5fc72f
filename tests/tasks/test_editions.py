"""Editions of every kind: drafts and signatures, items behind cells, made again byte for byte."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from flows.editions import plain_all
from rules.kinds import period_of
from schemas.edition import COVERAGE_MEASURES, MEASURES, SPLITS
from schemas.period import DAY_MS, HOUR_MS, Period
from schemas.policy_bulletin import FORMATS, LANGUAGES
from schemas.tables import metadata
from schemas.vocabulary import EditionKind, OperatorRole
from tasks import objecting as objections
from tasks.as_published import differences
from tasks.challenging import challenge
from tasks.county import open_county
from tasks.explaining import NoSuchCell, edition_named, explain
from tasks.lateness import late
from tasks.operators import NotProved
from tasks.publication import archive
from tasks.publication.releasing import PublishRefused
from tasks.publication.reporting import owed
from tasks.publishing import publish
from tasks.signing import SigningRefused, pending, refuse, sign
from tasks.store import bulk, editions
from tasks.store.documents import adopt
from tasks.store.engine import open_engine, reading, writing
from tasks.store.schema import upgrade
from tests.operators.people import Device, enrolled
from tests.places.test_county import check, place
from tests.store.tiny import MONDAY, OTHER_TOWN, TOWN, Tiny, finding, life

ZONE = "Asia/Shanghai"
WEEK = MONDAY + 7 * DAY_MS
NOW = WEEK + 10 * HOUR_MS  # past the cut-off of 2025-W10
APRIL = period_of(EditionKind.MONTHLY, "2025-03", ZONE).end + 3 * DAY_MS


def week(code: str = "2025-W10") -> Period:
    return period_of(EditionKind.WEEKLY, code, ZONE)


def lived(tiny: Tiny) -> Tiny:
    """A week with a bit of everything, in two towns."""
    tiny.drop("places", place("P1"), place("P2", OTHER_TOWN))
    tiny.drop("checks", check("C1", "P1", MONDAY + DAY_MS))
    tiny.drop(
        "findings",
        finding("A1"),
        finding("B1", MONDAY + HOUR_MS, severity="major", sector_code="fire"),
        finding("C1", MONDAY + DAY_MS, channel="self_check"),
        finding("D1", MONDAY + 2 * DAY_MS, town_code=OTHER_TOWN),
        finding("E1", MONDAY + 2 * DAY_MS),
    )
    tiny.drop(
        "updates",
        *life("A1", MONDAY + HOUR_MS),
        *life("B1", MONDAY + 2 * HOUR_MS, to="started", due=MONDAY + 3 * DAY_MS),
        *life("C1", MONDAY + DAY_MS, to="submitted"),
        *life("D1", MONDAY + 2 * DAY_MS, to="started", due=MONDAY + 4 * DAY_MS),
    )
    for source in ("places", "checks", "findings", "updates"):
        tiny.collect(source, MONDAY + 6 * DAY_MS)
    return tiny


@pytest.fixture(scope="module")
def lived_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    folder = tmp_path_factory.mktemp("county")
    return lived(Tiny.make(folder, migrated_file, bulletin={"kinds": {}}))


@pytest.fixture
def county(tmp_path: Path, lived_once: Tiny) -> Tiny:
    """A county of one's own that has lived its week."""
    return lived_once.copied(tmp_path)


def test_every_kind_has_an_edition_of_its_period(county: Tiny) -> None:
    codes = {
        EditionKind.WEEKLY: "2025-W10",
        EditionKind.MONTHLY: "2025-03",
        EditionKind.STATUTORY: "2025-03",
        EditionKind.QUARTER: "2025-Q1",
        EditionKind.HALF_YEAR: "2025-H1",
        EditionKind.YEAR: "2025",
        EditionKind.CAMPAIGN: "2025-01-01--2025-03-09",
        EditionKind.SPAN: "2025-03-03--2025-03-05",
    }
    long_after = period_of(EditionKind.YEAR, "2025", ZONE).end + 10 * DAY_MS
    for kind, code in codes.items():
        made = publish(county.county, period_of(kind, code, ZONE), long_after)
        total = made.edition_doc["body"]["total"]["counts"]["period"]["all"]
        assert (made.kind, made.period, made.edition) == (kind.value, code, 1)
        assert total["found"] == 5, kind
        assert made.edition_doc["issue"]["number"] == 1


def test_policy_says_in_which_languages_and_formats_the_editions_of_a_kind_come(
    county: Tiny,
) -> None:
    rule = {"languages": ["en"], "formats": ["pdf"], "kinds": {"weekly": {"formats": ["svg"]}}}
    county = repolicied(county, bulletin=rule)
    names = [
        {Path(f["path"]).name for f in publish(county.county, period, NOW).files}
        for period in (week(), period_of(EditionKind.SPAN, "2025-03-03--2025-03-05", ZONE))
    ]
    data = {"edition.json", "items.json"}
    assert names == [data | {"chart.en.svg"}, data | {"bulletin.en.pdf"}]


def test_issue_numbers_run_by_kind_and_year_and_a_correction_keeps_its_own(county: Tiny) -> None:
    first = publish(county.county, week(), NOW)
    second = publish(county.county, week("2025-W11"), NOW + 7 * DAY_MS)
    county.drop("findings", finding("Z1", WEEK + DAY_MS))
    county.collect("findings", NOW + 8 * DAY_MS)
    corrected = publish(county.county, week("2025-W11"), NOW + 9 * DAY_MS, revise=True)
    issues = [r.edition_doc["issue"] for r in (first, second, corrected)]
    assert [(i["year"], i["number"], i["correction"]) for i in issues] == [
        (2025, 1, 0),
        (2025, 2, 0),
        (2025, 2, 1),
    ]


@pytest.mark.parametrize(
    ("unit", "scope"), [("towns", "period"), ("sectors", "year"), ("total", "campaign")]
)
def test_the_items_behind_every_count_add_up_to_it(county: Tiny, unit: str, scope: str) -> None:
    body = publish(county.county, week(), NOW).edition_doc["body"]
    code = {"towns": TOWN, "sectors": "industry", "total": body["county"]["code"]}[unit]
    own: Any = [body["total"]] if unit == "total" else body[unit]  # type: ignore[literal-required]
    counts = next(u for u in own if u["code"] == code)["counts"]
    some = 0
    for split in SPLITS:
        own_counts = counts[scope][split]
        for measure in (m for m in (*MEASURES, *COVERAGE_MEASURES) if m in own_counts):
            stem = "total" if unit == "total" else f"{unit}.{code}"
            found = explain(county.county, "2025-W10", f"{stem}.{scope}.{split}.{measure}")
            behind = found.counts[0]
            assert behind.sum == behind.printed == own_counts[measure], found.cell
            some += behind.sum > 0
    assert some > 8


def test_a_rate_is_explained_by_its_two_counts_and_an_unknown_cell_says_what_there_is(
    county: Tiny,
) -> None:
    publish(county.county, week(), NOW)
    found = explain(county.county, "weekly/2025-W10/1", f"towns.{TOWN}.on_time")
    assert [b.cell.rpartition(".")[2] for b in found.counts] == ["on_time", "due"]
    wrong = {"towns": "towns.CODE", f"towns.{TOWN}.luck": "overdue", "towns.9.due": TOWN}
    for cell, said in wrong.items():
        with pytest.raises(NoSuchCell, match=said):
            explain(county.county, "2025-W10", cell)
    with pytest.raises(NoSuchCell, match="KIND/PERIOD"):
        explain(county.county, "2025-W44", "total.found")


def test_late_data_revises_every_kind_whose_period_holds_its_times_and_no_other(
    county: Tiny,
) -> None:
    tiny = county
    march = period_of(EditionKind.MONTHLY, "2025-03", ZONE)
    for period in (week("2025-W10"), week("2025-W11"), march):
        publish(tiny.county, period, APRIL)
    tiny.drop("findings", finding("L1", MONDAY + DAY_MS))
    report = late(tiny.county, [date(2025, 3, 4)], APRIL + HOUR_MS, sources=["findings"])
    assert {(e.kind, e.period, e.edition) for e in report.editions} == {
        ("weekly", "2025-W10", 2),
        ("monthly", "2025-03", 2),
    }
    assert {e.revision["revision_class"] for e in report.editions if e.revision} == {"R1"}


def test_a_frozen_period_stays_as_it_is_and_takes_what_came_before_it_froze(
    tmp_path: Path, migrated_file: Path
) -> None:
    tiny = lived(Tiny.make(tmp_path, migrated_file, bulletin={"freeze_days": 28}))
    publish(tiny.county, week(), NOW)
    tiny.drop("findings", finding("L1", MONDAY + DAY_MS))
    tiny.collect("findings", WEEK + 27 * DAY_MS)
    tiny.drop("findings", finding("L2", MONDAY + DAY_MS))
    tiny.collect("findings", WEEK + 29 * DAY_MS)
    frozen = publish(tiny.county, week(), WEEK + 30 * DAY_MS, revise=True)
    found = frozen.edition_doc["body"]["total"]["counts"]["period"]["all"]["found"]
    assert (frozen.edition, found) == (2, 6)
    again = publish(tiny.county, week(), WEEK + 40 * DAY_MS, revise=True)
    assert (again.edition, again.is_new) == (2, False)


def test_what_a_crash_left_undone_after_the_ledger_is_done_by_the_next_run(county: Tiny) -> None:
    made = publish(county.county, week(), NOW)
    plain_all(county.county, [made])
    home = county.county.home
    pointer = home / edition_named(county.county, "2025-W10").folder / "../latest"
    pointer.write_text("0\n")
    (home / "site-internal").unlink()
    again = publish(county.county, week(), NOW, dry_run=True)
    assert pointer.read_text() == "0\n", "a dry run writes nothing"
    again = publish(county.county, week(), NOW)
    plain_all(county.county, [again])
    assert (again.is_new, pointer.read_text()) == (False, "1\n")
    assert (home / "site-internal" / "weekly/2025-W10/1/index.html").is_file()


def repolicied(tiny: Tiny, **sections: dict[str, Any]) -> Tiny:
    """The same home under a policy with some keys changed, adopted."""
    [path] = list((tiny.county.settings.home.parent / "config").glob("*/policy.yaml"))
    said = yaml.safe_load(path.read_text("utf-8"))
    for section, changed in sections.items():
        said[section] |= changed
    path.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return Tiny(open_county(tiny.county.settings))


def test_editions_come_out_byte_for_byte_after_later_weeks_and_changed_policies(
    county: Tiny,
) -> None:
    tiny, made = repolicied(county, bulletin={"formats": FORMATS}), []
    for number in range(4):
        at = NOW + number * 7 * DAY_MS
        tiny.drop("findings", finding(f"N{number}", at - 3 * DAY_MS))
        tiny.collect("findings", at - 2 * DAY_MS)
        adopt(tiny.county, at)
        made.append(publish(tiny.county, week(f"2025-W{10 + number}"), at))
        tiny.drop("findings", finding(f"L{number}", at - 4 * DAY_MS))
        tiny.collect("findings", at + HOUR_MS)
        later = at + 2 * HOUR_MS
        made.append(publish(tiny.county, week(f"2025-W{10 + number}"), later, revise=True))
        if number < 3:
            tiny = repolicied(tiny, scoring={"small_sample_below": number + 2})
    assert len({m.policy_hash for m in made}) == 4
    with reading(tiny.county.engine) as connection:
        every = editions.published(connection, tiny.county.code)
    assert len(every) == 8
    assert [differences(tiny.county, one) for one in every] == [[]] * 8


def test_an_edition_that_was_tampered_with_does_not_come_out_the_same(county: Tiny) -> None:
    publish(county.county, week(), NOW)
    one = edition_named(county.county, "2025-W10")
    page = county.county.home / one.folder / "bulletin.zh.html"
    page.write_bytes(page.read_bytes().replace("镇街".encode(), "镇乡".encode(), 1))
    assert [d.file for d in differences(county.county, one)] == ["bulletin.zh.html"]


# -- drafts and signatures -------------------------------------------------------------------------

SIGNER, CLERK = "副主任孙虚构", "核查员赵虚构"


@pytest.fixture(scope="module")
def to_be_signed(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    policy = {"approval": "required", "preview_hours": 4}
    return lived(Tiny.make(tmp_path_factory.mktemp("signing"), migrated_file, bulletin=policy))


@pytest.fixture
def signing(tmp_path: Path, to_be_signed: Tiny) -> tuple[Tiny, Device]:
    tiny = to_be_signed.copied(tmp_path)
    return tiny, enrolled(tiny.county, SIGNER, MONDAY, role=OperatorRole.LEADER)


def test_a_draft_has_no_number_until_a_leader_signs_it(signing: tuple[Tiny, Device]) -> None:
    tiny, device = signing
    draft = publish(tiny.county, week(), NOW)
    assert (draft.state, "issue" in draft.edition_doc) == ("draft", False)
    assert [(p.period, p.edition) for p in pending(tiny.county)] == [("2025-W10", 1)]
    with reading(tiny.county.engine) as connection:
        assert archive.latest(connection, tiny.county.code, week()) is None
    later = NOW + 5 * HOUR_MS
    signed = sign(tiny.county, week(), SIGNER, device.shows(later), later)
    assert (signed.state, signed.edition) == ("published", 1)
    assert signed.edition_doc["issue"]["signed_by"] == SIGNER
    assert signed.edition_doc["body"] == draft.edition_doc["body"]
    assert pending(tiny.county) == []
    one = edition_named(tiny.county, "2025-W10")
    assert differences(tiny.county, one) == []


def test_towns_may_look_before_it_is_signed_and_their_columns_add_up(
    signing: tuple[Tiny, Device],
) -> None:
    tiny, device = signing
    draft = publish(tiny.county, week(), NOW)
    with pytest.raises(SigningRefused, match="may look"):
        sign(tiny.county, week(), SIGNER, device.shows(NOW), NOW)
    own = next(f["path"] for f in draft.files if f["path"].endswith(f"town-{TOWN}.xlsx"))
    book = openpyxl.load_workbook(BytesIO(Path(own).read_bytes()))
    rows = [[c.value for c in row] for row in book.worksheets[0].iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "编号")
    total, items = rows[head + 1], rows[head + 2 :]
    found = rows[head].index("新发现")
    counts = draft.edition_doc["body"]["towns"]
    printed = next(t for t in counts if t["code"] == TOWN)["counts"]["period"]["all"]
    assert total[found] == printed["found"] == 4
    for column in range(8, len(total)):
        assert total[column] == sum(row[column] or 0 for row in items if row[0])
    letters = [p.name for p in tiny.county.outbox.glob("preview*")]
    assert len(letters) == len(tiny.county.organisation.towns)


def test_a_refused_draft_keeps_its_reason_and_the_same_figures_do_not_come_back(
    signing: tuple[Tiny, Device],
) -> None:
    tiny, device = signing
    publish(tiny.county, week(), NOW)
    refuse(tiny.county, week(), SIGNER, device.shows(NOW), "掌起镇数字有误", NOW)
    assert pending(tiny.county) == []
    again = publish(tiny.county, week(), NOW + HOUR_MS)
    assert (again.state, again.is_new) == ("refused", False)
    at = "2025-03-10T10:00:00+08:00"
    assert again.decision == {"by": SIGNER, "at": at, "reason": "掌起镇数字有误"}
    kept = tiny.query("SELECT state, reason, decided_by FROM draft")
    assert kept == [("refused", "掌起镇数字有误", SIGNER)]
    with pytest.raises(SigningRefused, match="no draft"):
        sign(tiny.county, week(), SIGNER, device.shows(NOW + DAY_MS), NOW + DAY_MS)


def test_other_figures_than_the_refused_ones_make_a_new_draft(
    signing: tuple[Tiny, Device],
) -> None:
    tiny, device = signing
    publish(tiny.county, week(), NOW)
    refuse(tiny.county, week(), SIGNER, device.shows(NOW), "小样本标注有误", NOW)
    changed = repolicied(tiny, scoring={"small_sample_below": 4})
    adopt(changed.county, NOW + HOUR_MS)
    again = publish(changed.county, week(), NOW + HOUR_MS)
    assert (again.state, again.is_new, again.decision) == ("draft", True, None)
    assert [one.draft for one in pending(changed.county)] == [2]


def test_only_a_leaders_code_signs(signing: tuple[Tiny, Device]) -> None:
    tiny, _ = signing
    clerk = enrolled(tiny.county, CLERK, MONDAY, role=OperatorRole.OPERATOR)
    publish(tiny.county, week(), NOW)
    later = NOW + 5 * HOUR_MS
    with pytest.raises(NotProved):
        sign(tiny.county, week(), CLERK, clerk.shows(later), later)
    with pytest.raises(NotProved):
        sign(tiny.county, week(), SIGNER, "000000", later)
    assert len(pending(tiny.county)) == 1


def test_a_changed_draft_is_not_signed_but_made_again(signing: tuple[Tiny, Device]) -> None:
    tiny, device = signing
    draft = publish(tiny.county, week(), NOW)
    path = Path(next(f["path"] for f in draft.files if f["path"].endswith("edition.json")))
    path.write_bytes(path.read_bytes().replace(b'"found":5', b'"found":4'))
    later = NOW + 5 * HOUR_MS
    with pytest.raises(PublishRefused, match=r"edition\.json"):
        sign(tiny.county, week(), SIGNER, device.shows(later), later)
    again = publish(tiny.county, week(), later)
    assert (again.is_new, again.edition_doc) == (True, draft.edition_doc)
    signed = sign(tiny.county, week(), SIGNER, device.shows(later + DAY_MS), later + DAY_MS)
    assert signed.edition_doc["body"] == draft.edition_doc["body"]


# -- objections and the challenge desk -------------------------------------------------------------


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    tiny = lived(Tiny.make(tmp_path_factory.mktemp("published"), migrated_file))
    publish(tiny.county, week(), NOW)
    return tiny


@pytest.fixture
def objecting(tmp_path: Path, published_once: Tiny) -> tuple[Tiny, Device, str]:
    """An edition, and a town that says it found one hazard more."""
    tiny = published_once.copied(tmp_path)
    return tiny, enrolled(tiny.county, SIGNER, MONDAY), objected(tiny)


def objected(tiny: Tiny) -> str:
    cell, evidence = f"towns.{TOWN}.found", "巡查照片 3 张"
    at = NOW + HOUR_MS
    filed = objections.file(tiny.county, "2025-W10", cell, ["findings:O1"], evidence, "掌起镇", at)
    return filed.objection_id


def told_late(tiny: Tiny, name: str = "O1", at: int = NOW + DAY_MS) -> None:
    tiny.drop("findings", finding(name, MONDAY + DAY_MS))
    tiny.collect("findings", at)


def test_an_objection_has_a_clock_and_is_listed_until_it_is_decided(
    objecting: tuple[Tiny, Device, str],
) -> None:
    tiny, _, _ = objecting
    [row] = objections.listed(tiny.county, NOW + DAY_MS)
    assert (row["cell"], row["state"]) == (f"towns.{TOWN}.period.all.found", "filed")
    assert row["decide_by"].startswith("2025-03-25T00:00")  # ten working days after Monday the 10th
    assert not row["is_overdue"]
    assert objections.listed(tiny.county, NOW + 30 * DAY_MS)[0]["is_overdue"]


def test_an_upheld_objection_ends_in_a_correction_of_class_c_that_names_it(
    objecting: tuple[Tiny, Device, str],
) -> None:
    tiny, device, name = objecting
    later = NOW + DAY_MS
    with pytest.raises(objections.ObjectionRefused, match="bihuan act"):
        objections.uphold(tiny.county, name, "属实", SIGNER, device.shows(later), later)
    told_late(tiny)
    done = objections.uphold(tiny.county, name, "属实", SIGNER, device.shows(later), later)
    assert done.edition is not None
    assert done.edition.revision is not None
    assert (done.edition.edition, done.objection.corrected_by) == (2, 2)
    assert done.edition.revision["revision_class"] == "C"
    assert done.edition.revision["reasons"][0]["objection"] == name
    assert (done.objection.state, done.objection.decided_by) == ("upheld", SIGNER)


@pytest.fixture
def signed_objecting(signing: tuple[Tiny, Device]) -> tuple[Tiny, Device, str]:
    """The same where a leader signs every edition; the objection is upheld, its draft waits."""
    tiny, device = signing
    tiny = repolicied(tiny, bulletin={"preview_hours": 0})
    publish(tiny.county, week(), NOW)
    sign(tiny.county, week(), SIGNER, device.shows(NOW), NOW)
    name = objected(tiny)
    told_late(tiny)
    at = NOW + DAY_MS
    done = objections.uphold(tiny.county, name, "属实", SIGNER, device.shows(at), at)
    assert done.edition is not None
    assert (done.edition.state, done.objection.corrected_by) == ("draft", 0)
    return tiny, device, name


def test_an_objection_learns_its_edition_when_the_draft_of_its_correction_is_signed(
    signed_objecting: tuple[Tiny, Device, str],
) -> None:
    tiny, device, name = signed_objecting
    later = NOW + DAY_MS + HOUR_MS
    with pytest.raises(objections.ObjectionRefused, match=r"correction is not out.*--revise"):
        objections.uphold(tiny.county, name, "再", SIGNER, device.shows(later), later)
    signed = sign(tiny.county, week(), SIGNER, device.shows(later), later)
    assert signed.revision is not None
    assert signed.revision["revision_class"] == "C"
    assert objections.one(tiny.county, name).corrected_by == signed.edition == 2
    told = tiny.query("SELECT payload FROM event WHERE kind = 'edition_published' ORDER BY seq")
    assert [name in str(payload) for (payload,) in told] == [False, True]


def test_an_upheld_objection_is_named_by_whichever_draft_comes_to_be_signed(
    signed_objecting: tuple[Tiny, Device, str],
) -> None:
    """The first draft is refused; more comes late, and a run that knows nothing of it makes two."""
    tiny, device, name = signed_objecting
    at = NOW + DAY_MS + HOUR_MS
    refuse(tiny.county, week(), SIGNER, device.shows(at), "还有一项未计", at)
    told_late(tiny, "O2", at)
    second = publish(tiny.county, week(), at, revise=True)
    told_late(tiny, "O3", at + HOUR_MS)
    third = publish(tiny.county, week(), at + HOUR_MS, revise=True)
    assert [r.revision and r.revision["revision_class"] for r in (second, third)] == ["C", "C"]
    assert objections.one(tiny.county, name).corrected_by == 0
    signed = sign(tiny.county, week(), SIGNER, device.shows(at + DAY_MS), at + DAY_MS)
    assert objections.one(tiny.county, name).corrected_by == signed.edition == 2
    told_late(tiny, "O4", at + 2 * DAY_MS)
    after = publish(tiny.county, week(), at + 2 * DAY_MS, revise=True)
    assert after.revision is not None
    assert after.revision["revision_class"] == "R1", "what is answered is not answered again"


def test_an_objection_is_not_lost_where_a_draft_with_its_figures_waits_already(
    signing: tuple[Tiny, Device],
) -> None:
    tiny, device = signing
    at = NOW + 5 * HOUR_MS
    publish(tiny.county, week(), NOW)
    sign(tiny.county, week(), SIGNER, device.shows(at), at)
    name = objected(tiny)
    told_late(tiny)
    plain = publish(tiny.county, week(), NOW + DAY_MS, revise=True)
    at = NOW + DAY_MS + HOUR_MS
    done = objections.uphold(tiny.county, name, "属实", SIGNER, device.shows(at), at)
    assert done.edition is not None
    assert done.edition.is_new
    assert done.edition.edition_doc["body"] == plain.edition_doc["body"]
    assert not publish(tiny.county, week(), at + HOUR_MS, revise=True).is_new
    at += 5 * HOUR_MS
    assert sign(tiny.county, week(), SIGNER, device.shows(at), at).edition == 2
    assert objections.one(tiny.county, name).corrected_by == 2


def test_a_correction_names_the_objection_it_answers_and_its_cell(
    objecting: tuple[Tiny, Device, str],
) -> None:
    tiny, device, name = objecting
    tiny = repolicied(tiny, bulletin={"languages": LANGUAGES, "formats": FORMATS})
    told_late(tiny)
    at = NOW + DAY_MS
    done = objections.uphold(tiny.county, name, "属实", SIGNER, device.shows(at), at)
    assert done.edition is not None
    files = {Path(f["path"]).name: Path(f["path"]) for f in done.edition.files}
    for lang, said in (("zh", "本期"), ("en", "This period")):
        page = files[f"bulletin.{lang}.html"].read_text("utf-8")
        assert name in page
        assert f"towns.{TOWN}" not in page
        [row] = [r for r in page.split("<tr") if name in r]
        assert said in row
        assert "属实" in row
    book = openpyxl.load_workbook(files[f"bulletin.{lang}.xlsx"])
    cells = {str(c.value) for sheet in book for line in sheet.iter_rows() for c in line}
    assert name in cells


def test_a_refusal_keeps_its_reason_and_what_was_decided_stays_decided(
    objecting: tuple[Tiny, Device, str],
) -> None:
    tiny, device, name = objecting
    later = NOW + DAY_MS
    with pytest.raises(objections.ObjectionRefused, match="reason"):
        objections.refuse(tiny.county, name, " ", SIGNER, device.shows(later), later)
    done = objections.refuse(
        tiny.county, name, "该项已计入上周", SIGNER, device.shows(later), later
    )
    assert (done.objection.state, done.objection.reason) == ("refused", "该项已计入上周")
    with pytest.raises(objections.ObjectionRefused, match="decided"):
        objections.refuse(tiny.county, name, "又", SIGNER, device.shows(later + DAY_MS), later)


def test_objections_end_with_their_time_and_need_a_cell_that_exists(county: Tiny) -> None:
    publish(county.county, week(), NOW)
    late_one = ("2025-W10", f"towns.{TOWN}.found", [], "照片", "掌起镇", NOW + 30 * DAY_MS)
    with pytest.raises(objections.ObjectionRefused, match="were open until"):
        objections.file(county.county, *late_one)
    with pytest.raises(NoSuchCell):
        objections.file(county.county, "2025-W10", "towns.x.y", [], "照片", "掌起镇", NOW)


def test_the_challenge_desk_says_what_counted_what_did_not_and_why(county: Tiny) -> None:
    publish(county.county, week(), NOW)
    county.drop("updates", *life("E1", MONDAY + 3 * DAY_MS))
    county.collect("updates", NOW + HOUR_MS)
    found = challenge(county.county, "2025-W10", "掌起镇" if TOWN == "330282104" else TOWN)
    body = explain(county.county, "2025-W10", f"towns.{TOWN}.found").counts[0]
    counted = {item["hazard"] for item in found.counted if "found" in item["counts_as"]}
    assert counted == {item["hazard"] for item in body.items}
    told = {(item["number"], item["why"]) for item in found.uncounted}
    assert ("findings:E1", "received_later") in told  # came after the edition
    pending_ones = [item for item in found.uncounted if item["why"] == "pending"]
    assert all(item["missing"] for item in pending_ones)


# -- PostgreSQL ------------------------------------------------------------------------------------


def test_postgresql_publishes_the_same_bytes(county: Tiny, postgres_url: str) -> None:
    """Weekly and statutory editions, their items and a town's challenge, from the same rows."""
    engine = open_engine(postgres_url)
    upgrade(engine)
    with reading(county.county.engine) as source, writing(engine) as target:
        for table in metadata.tables.values():
            bulk.insert(target, table, [tuple(row) for row in source.execute(table.select())])
        target.commit()
    other = replace(county.county, engine=engine)
    for period in (week(), period_of(EditionKind.STATUTORY, "2025-03", ZONE)):
        made = [publish(c, period, APRIL) for c in (other, county.county)]
        assert made[0].files == made[1].files
    assert challenge(other, "2025-W10", TOWN) == challenge(county.county, "2025-W10", TOWN)
    assert differences(other, edition_named(other, "2025-W10")) == []
    engine.dispose()


def test_nothing_is_owed_for_weeks_before_the_county_began(
    tmp_path: Path, migrated_file: Path
) -> None:
    line = {"source": "updates", "units": "source", "period": "week", "due_hours": 8}
    line |= {"nil_return": True}
    tiny = lived(Tiny.make(tmp_path, migrated_file, bulletin={"kinds": {}}, calendar=[line]))
    month = period_of(EditionKind.MONTHLY, "2025-03", ZONE)  # its first Sunday is the second
    with reading(tiny.county.engine) as connection:
        lines = owed(connection, tiny.county, month, 10**6)
    days = [tiny.county.days.day_of(line.due_at - 1).isoformat() for line in lines]
    assert days == ["2025-03-10", "2025-03-17", "2025-03-24", "2025-03-31"]
