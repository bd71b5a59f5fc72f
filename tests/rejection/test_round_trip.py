"""A refused row goes back to its sender as a workbook, is put right there, and is taken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schemas.period import HOUR_MS
from tasks.auditing import audit
from tasks.rejecting import export, refusals
from tasks.sources.correction import KEY, SHEET
from tests.store.tiny import MONDAY, OTHER_TOWN, Tiny, finding, life

STANDING = "SELECT source_id FROM quarantine WHERE seq_to > 4000000000000000000 ORDER BY line"
BAD_DATE, BAD_TOWN = "2025-02-30T08:00:00+08:00", "不存在镇"


def broken(tiny: Tiny) -> None:
    """Five rows, of which the second to fourth are refused."""
    tiny.drop(
        "findings",
        finding("F1"),
        finding("F2", town_code=BAD_TOWN),
        finding("F3", found_at=BAD_DATE),
        finding("F4", town_code=BAD_TOWN, severity="serious"),
        finding("F5"),
    )
    report = tiny.collect("findings", MONDAY + HOUR_MS)
    assert (report.taken, report.refused) == (2, 3)


def exported(tiny: Tiny, tmp_path: Path) -> Path:
    (path,) = export(tiny.county, tmp_path / "out")
    return path


def returned(
    tiny: Tiny, path: Path, change: Callable[[Any], None], name: str = "改好.xlsx"
) -> None:
    """The workbook as its sender saves it, in the source's drop folder."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(tiny.folder("findings") / name)


def write(book: Any, line: int, **cells: str) -> None:
    sheet = book.worksheets[0]
    head = {cell.value: cell.column for cell in sheet[1]}
    (row,) = (r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 2).value == line)
    for column, value in cells.items():
        sheet.cell(row, head[column]).value = value


def fix_two(book: Any) -> None:
    write(book, 3, town_code=OTHER_TOWN)
    write(book, 4, found_at="2025-03-01T08:00:00+08:00")


def standing(tiny: Tiny) -> list[str]:
    return [row[0] for row in tiny.query(STANDING)]


def test_what_is_fixed_is_taken_what_is_not_stays_and_nothing_is_doubled(
    tiny: Tiny, tmp_path: Path
) -> None:
    broken(tiny)
    returned(tiny, exported(tiny, tmp_path), fix_two)
    report = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert (report.problem, report.taken, report.refused) == ("", 2, 0)
    assert standing(tiny) == ["F4"]
    found = tiny.query("SELECT source_id, town_code FROM finding ORDER BY source_id")
    assert [source_id for source_id, _ in found] == ["F1", "F2", "F3", "F5"]
    assert dict(found)["F2"] == OTHER_TOWN
    assert audit(tiny.county).ok
    again = tiny.collect("findings", MONDAY + 3 * HOUR_MS)
    assert (again.appended, again.problem) == (0, "")


def test_a_row_that_was_put_right_names_the_delivery_and_the_event_that_did_it(
    tiny: Tiny, tmp_path: Path
) -> None:
    broken(tiny)
    returned(tiny, exported(tiny, tmp_path), fix_two)
    tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    (first,), (second,) = tiny.query("SELECT delivery FROM submission ORDER BY seq")
    closed = tiny.query(
        "SELECT source_id, delivery, corrected_by, seq_to FROM quarantine"
        " WHERE corrected_by <> '' ORDER BY line"
    )
    (head,) = tiny.query("SELECT seq FROM ledger_head")
    assert closed == [("F2", first, second, head[0]), ("F3", first, second, head[0])]
    periods = tiny.query("SELECT reporting_unit, period FROM submission")
    assert periods[0] == periods[1]


def test_a_row_that_is_still_wrong_is_refused_anew_and_the_old_refusal_is_closed(
    tiny: Tiny, tmp_path: Path
) -> None:
    broken(tiny)

    def half(book: Any) -> None:
        write(book, 5, town_code=OTHER_TOWN)  # its severity stays unknown

    returned(tiny, exported(tiny, tmp_path), half)
    report = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert (report.taken, report.refused, report.refused_by) == (0, 1, {"U003": 1})
    assert standing(tiny) == ["F2", "F3", "F4"]
    second = [r for r in refusals(tiny.county) if r.rows == 1]
    assert [r.codes for r in second] == [{"U003": 1}]
    (path,) = export(tiny.county, tmp_path / "again", submission=second[0].delivery[:12])

    def rest(book: Any) -> None:
        write(book, 5, severity="major")  # the line it had in the first file

    returned(tiny, path, rest, "再次更正.xlsx")
    assert tiny.collect("findings", MONDAY + 3 * HOUR_MS).taken == 1
    assert standing(tiny) == ["F2", "F3"]
    assert audit(tiny.county).ok


def test_a_workbook_that_comes_back_untouched_changes_nothing(tiny: Tiny, tmp_path: Path) -> None:
    broken(tiny)
    path = exported(tiny, tmp_path)
    (tiny.folder("findings") / path.name).write_bytes(path.read_bytes())
    report = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert (report.known, report.appended, report.problem) == (report.received, 0, "")
    assert standing(tiny) == ["F2", "F3", "F4"]


def test_rows_may_be_sorted_and_left_out_and_columns_moved(tiny: Tiny, tmp_path: Path) -> None:
    broken(tiny)

    def shuffle(book: Any) -> None:
        fix_two(book)
        sheet = book.worksheets[0]
        head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        sheet.delete_rows(1, sheet.max_row)
        for row in (head, rows[1], rows[0]):  # without the third, backwards
            sheet.append([*row[5:], *row[:5]])

    returned(tiny, exported(tiny, tmp_path), shuffle)
    assert tiny.collect("findings", MONDAY + 2 * HOUR_MS).taken == 2
    assert standing(tiny) == ["F4"]


def test_a_fix_brings_what_waited_for_it(tiny: Tiny, tmp_path: Path) -> None:
    broken(tiny)
    tiny.drop("updates", *life("F2", MONDAY, to="assigned"))
    assert tiny.collect("updates", MONDAY + 12 * HOUR_MS).refused_by == {"A001": 2}
    path = next(p for p in export(tiny.county, tmp_path / "out") if "findings" in p.parts)
    returned(tiny, path, fix_two)
    assert tiny.collect("findings", MONDAY + 13 * HOUR_MS).retried == 2
    assert tiny.state("F2").name == "ASSIGNED"


def identity(book: Any, name: str, value: str) -> None:
    for row in book[SHEET].iter_rows(max_col=2):
        if row[0].value == name:
            row[1].value = f'"{value}"'


def key(book: Any, row: int, value: str | None) -> None:
    assert book.worksheets[0].cell(1, 1).value == KEY
    book.worksheets[0].cell(row, 1).value = value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: identity(b, "county", "999999"), "another county"),
        (lambda b: identity(b, "source", "updates"), "rows of updates"),
        (lambda b: identity(b, "delivery", "0" * 64), "never came here"),
        (lambda b: identity(b, "delivery", "../../etc"), "hidden sheet was changed"),
        (lambda b: identity(b, "schema", "other/2"), "another form"),
        (lambda b: key(b, 2, None), "not one that was sent back"),
        (lambda b: key(b, 2, "3:ffffffffffff"), "does not belong"),
        (lambda b: key(b, 2, "99:ffffffffffff"), "does not belong"),
        (lambda b: key(b, 3, b.worksheets[0].cell(2, 1).value), "stand twice"),
        (lambda b: b.worksheets[0].delete_cols(8), "is gone"),
    ],
)
def test_a_workbook_whose_identity_does_not_fit_is_refused_with_the_reason(
    tiny: Tiny, tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    broken(tiny)
    returned(tiny, exported(tiny, tmp_path), change, "坏.xlsx")
    report = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert (report.taken, report.appended) == (0, 0)
    assert "坏.xlsx" in report.problem and said in report.problem
    assert standing(tiny) == ["F2", "F3", "F4"]


def test_an_ordinary_file_beside_a_bad_correction_is_taken(tiny: Tiny, tmp_path: Path) -> None:
    broken(tiny)
    returned(tiny, exported(tiny, tmp_path), lambda b: identity(b, "county", "999999"))
    tiny.drop("findings", finding("F9"))
    report = tiny.collect("findings", MONDAY + 2 * HOUR_MS)
    assert report.taken == 1
    assert "another county" in report.problem
