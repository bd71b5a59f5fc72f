"""The audit finds what was changed by hand: an event, its place, a projection, an edition."""

from pathlib import Path

import pytest

from rules.periods import week
from schemas.period import DAY_MS, HOUR_MS
from tasks.auditing import AuditReport, audit
from tasks.publishing import publish
from tests.postgresql.ways import UNGUARDED
from tests.seal.forger import Forger
from tests.store.tiny import MONDAY, Row, Tiny, finding, life, update

NOW = MONDAY + 7 * DAY_MS + 8 * HOUR_MS


def places() -> list[Row]:
    row = {"place_class": "enterprise", "town_code": "330282104", "sector_code": "industry"}
    since = "2024-01-01T00:00:00+08:00"
    return [
        row | {"source_id": f"P-F{i}", "name": f"虚构五金厂F{i}", "active_from": since}
        for i in range(1, 5)
    ]


def check_of(place: str) -> Row:
    return {
        "source_id": f"C-{place}",
        "place_id": place,
        "checked_at": "2025-03-04T10:00:00+08:00",
        "channel": "professional_inspection",
        "actor_kind": "government",
        "result": "clean",
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    """Some of everything, and the edition of the week."""
    tiny = Tiny.make(tmp_path_factory.mktemp("audit"), migrated_file)
    tiny.drop("places", *places())
    tiny.collect("places", MONDAY + HOUR_MS)
    findings = [finding(f"F{i}") for i in range(1, 5)]
    again = finding("F5", MONDAY + DAY_MS, place_id="P-F4", description=findings[3]["description"])
    lives = [u for i, to in ((1, "closed"), (2, "assigned")) for u in life(f"F{i}", MONDAY, to=to)]
    odd = [update("F3", "closed", MONDAY + DAY_MS), update("F3", "rejected", MONDAY + 2 * DAY_MS)]
    tiny.bring(MONDAY + 3 * DAY_MS, [*findings, again], [*lives, *odd])
    tiny.drop("checks", check_of("P-F1"), check_of("P-F2"))
    tiny.collect("checks", MONDAY + 4 * DAY_MS)
    publish(tiny.county, week("2025-W10", tiny.county.zone), NOW)
    return tiny


@pytest.fixture
def county(built: Tiny, tmp_path: Path) -> Tiny:
    return built.copied(tmp_path)


def found(report: AuditReport, check: str) -> list[dict[str, str]]:
    """The findings of one check; there must be no others."""
    assert {f["check"] for f in report.findings} == {check}, report.findings
    assert not report.ok
    return report.findings


def test_a_ledger_nobody_touched_is_clean(county: Tiny) -> None:
    report = audit(county.county)
    assert (report.ok, report.findings) == (True, [])
    ((seq, hash_),) = county.query("SELECT seq, hash FROM ledger_head")
    assert (report.size, report.root) == (seq, hash_)


def test_an_empty_ledger_is_clean(tiny: Tiny) -> None:
    assert audit(tiny.county).ok


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody else'",
        "file_by = file_by + 1",
        "received_at = received_at - 1",
        "appended_at = appended_at - 1",
        "row_digest = 'x'",
        "delivery = 'x'",
        "payload = replace(payload, '{', '{ ')",
        "prev_hash = hash",
        "hash = prev_hash",
    ],
)
@pytest.mark.parametrize("number", ["1", "(SELECT max(seq) FROM event)"])
def test_an_edited_event_is_found_by_its_number(county: Tiny, change: str, number: str) -> None:
    ((seq,),) = county.query(f"SELECT {number}")
    county.execute(*UNGUARDED, f"UPDATE event SET {change} WHERE seq = {seq}")
    first = next(f for f in audit(county.county).findings if f["check"] == "chain")
    assert first["where"] == f"event {seq}"
    assert "missing or was changed" in first["problem"]


@pytest.mark.sqlite  # the forger rewrites a file
def test_a_history_rewritten_with_new_hashes_is_found_by_what_an_edition_prints(
    county: Tiny,
) -> None:
    forger = Forger.of(county)
    events = forger.rows()
    events[2]["actor"] = "somebody else"
    forger.rebuild(events, everything=True)
    forger.put_back()
    (finding_,) = found(audit(county.county), "edition")
    assert "history was rewritten" in finding_["problem"]


def test_a_deleted_event_is_found(county: Tiny) -> None:
    county.execute(*UNGUARDED, "DELETE FROM event WHERE seq = 3")
    where = [f["where"] for f in audit(county.county).findings if f["check"] == "chain"]
    assert where == ["event 3"]


def test_a_ledger_cut_off_at_its_end_is_found(county: Tiny) -> None:
    ((last,),) = county.query("SELECT max(seq) FROM event")
    county.execute(*UNGUARDED, f"DELETE FROM event WHERE seq = {last}")
    (finding_,) = found(audit(county.county), "chain")  # the last event tells of the edition
    assert f"ends at event {last - 1} but its head says {last}" in finding_["problem"]


def test_a_reordered_pair_is_found(county: Tiny) -> None:
    county.execute(
        *UNGUARDED,
        "UPDATE event SET seq = -4 WHERE seq = 4",
        "UPDATE event SET seq = 4 WHERE seq = 5",
        "UPDATE event SET seq = 5 WHERE seq = -4",
    )
    where = [f["where"] for f in audit(county.county).findings if f["check"] == "chain"]
    assert where == ["event 4"]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("hazard_span", "UPDATE hazard_span SET due_at = due_at + 1 WHERE state = 3"),
        ("hazard_span", "UPDATE hazard_span SET backdated = 1 WHERE state = 6"),
        ("hazard_span", "UPDATE hazard_span SET town_code = '330282108' WHERE ordinal = 0"),
        ("hazard_span", "DELETE FROM hazard_span WHERE state = 6"),
        ("fact_note", "UPDATE fact_note SET reason = ''"),
        ("fact_note", "DELETE FROM fact_note WHERE outcome = 'pending'"),
        ("finding", "UPDATE finding SET root_id = stream_id WHERE root_id <> stream_id"),
        ("finding", "DELETE FROM finding WHERE root_id <> stream_id"),
        ("place_span", "UPDATE place_span SET place_class = 'shop' WHERE place_id = 'P-F1'"),
        ("check_visit", "DELETE FROM check_visit WHERE place_id = 'P-F1'"),
    ],
)
def test_a_projection_changed_by_hand_is_found_by_its_table(
    county: Tiny, table: str, change: str
) -> None:
    county.execute(change)
    assert table in {f["where"] for f in found(audit(county.county), "projection")}


def test_a_projection_row_that_nothing_says_is_found(county: Tiny) -> None:
    columns = "county, 'check:made-up', seq_from, seq_to, 'P-F3', checked_at, channel, actor_kind"
    county.execute(f"INSERT INTO check_visit SELECT {columns}, result FROM check_visit LIMIT 1")
    (finding_,) = found(audit(county.county), "projection")
    assert "check_visit: 1 rows in the store" in finding_["problem"]


def test_every_file_of_an_edition_that_was_changed_or_is_gone_is_found(county: Tiny) -> None:
    folder = next((county.county.home / "editions").rglob("edition.json")).parent
    names = sorted(p.name for p in folder.iterdir())
    assert len(names) > 1
    for name in names:
        _tampered(county, folder / name)


def _tampered(county: Tiny, path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    (finding_,) = found(audit(county.county), "edition")
    assert finding_["where"].endswith(f"2025-W10/1/{path.name}")
    path.unlink()
    assert len(found(audit(county.county), "edition")) == 1
    path.write_bytes(content)
    assert audit(county.county).ok


def test_an_edition_that_speaks_of_events_that_are_not_there_is_found(county: Tiny) -> None:
    county.execute("UPDATE edition SET watermark = 10000")
    (finding_,) = found(audit(county.county), "edition")
    assert "its watermark, event 10000, is not in the ledger" in finding_["problem"]


@pytest.mark.parametrize("together", [False, True])
def test_a_revised_finding_leaves_the_audit_clean(tiny: Tiny, together: bool) -> None:
    """What a source sends again, later and changed, changes the hazard and not its identity."""
    text = "一号厂房消防通道被成品货物堵塞，无法通行"
    first = finding("F1", MONDAY, place_id="P1", description=text)
    second = finding("F2", MONDAY + DAY_MS, place_id="P1", description=text)
    moved = finding("F1", MONDAY + 4 * DAY_MS, place_id="P1", description=text)
    deliveries = [[first, second, moved]] if together else [[first, second], [moved]]
    for rows in deliveries:
        tiny.bring(MONDAY + 5 * DAY_MS, rows, [])
        assert audit(tiny.county).findings == []
    third = finding("F3", MONDAY + 3 * DAY_MS, place_id="P1", description=text)
    tiny.bring(MONDAY + 6 * DAY_MS, [third], [])
    assert audit(tiny.county).findings == []
