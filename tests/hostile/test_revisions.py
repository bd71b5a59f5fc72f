"""An id that comes again: another content is a new version, another place is another matter."""

from pathlib import Path

from schemas.period import HOUR_MS
from tests.hostile.county import FILE, NOW, Door, table
from tests.store.tiny import MONDAY, finding, iso


def test_the_same_id_with_another_content_is_a_new_version(
    tmp_path: Path, migrated_file: Path
) -> None:
    door = Door.make(tmp_path, migrated_file)
    door.collect({"1.csv": table(finding("A"))})
    later = finding("A", description="A号厂房配电箱无门，导线裸露", sent_at=iso(MONDAY + HOUR_MS))
    seen = door.collect({"2.csv": table(later)}, now=NOW + HOUR_MS)
    assert seen.accepted["A"]["version"] == 2
    assert seen.accepted["A"]["description"] == later["description"]


def test_the_same_id_from_another_source_is_another_hazard(
    tmp_path: Path, migrated_file: Path
) -> None:
    door = Door.make(tmp_path, migrated_file)
    seen = door.collect({"1.csv": table(finding(f"quiet-{NOW}"))})
    assert (seen.report.taken, door.quiet().taken) == (1, 1)
    assert seen.accepted[f"quiet-{NOW}"]["version"] == 1


def test_the_same_id_at_another_site_is_a_conflict(tmp_path: Path, migrated_file: Path) -> None:
    door = Door.make(tmp_path, migrated_file)
    door.collect({"1.csv": table(finding("A"))})
    moved = finding("A", place_id="P-elsewhere", sent_at=iso(MONDAY + HOUR_MS))
    door.collect({"2.csv": table(moved)}, now=NOW + HOUR_MS)
    assert door.warned_by(FILE) == [{}, {"A002": 1}]
    again = [finding("B"), finding("B", place_id="P-3", sent_at=iso(MONDAY + HOUR_MS))]
    door.collect({"3.csv": table(*again)}, now=NOW + 2 * HOUR_MS)
    assert door.warned_by(FILE)[2] == {"A002": 1}, "within one delivery as well"
