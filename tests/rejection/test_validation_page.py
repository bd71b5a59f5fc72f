"""The validation page: the store's figures, examples of what is wrong, and never a reporter."""

import csv
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml

from bench.product import COUNTY
from schemas.period import HOUR_MS
from schemas.records import FINDING
from tasks import validation
from tasks.rejecting import export
from tests.store.tiny import MONDAY, TOWN, Tiny, finding


def page(tiny: Tiny, lang: str = "zh") -> str:
    return validation.write(tiny.county, lang).read_text("utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rows_warnings_and_the_cells_that_are_wrong_stand_on_it(tiny: Tiny, lang: str) -> None:
    bad = finding("F2", town_code="<b>无此镇</b>")
    tiny.drop("findings", finding("F1"), bad, finding("F3", description="无"))
    tiny.collect("findings", MONDAY + HOUR_MS)
    said = page(tiny, lang)
    counts = [int(n) for n in re.findall(r'<td class="count n">(\d+)', said)]
    assert counts[:5] == [3, 2, 1, 0, 1]
    assert "&lt;b&gt;无此镇&lt;/b&gt;" in said
    assert "U001" in said and "T001" in said
    assert "<script" not in said
    assert (lang == "zh") == ("数据校验情况" in said)
    assert page(tiny, lang) == said


def test_a_home_without_deliveries_has_a_page_too(tiny: Tiny) -> None:
    assert "还没有收到任何数据" in page(tiny)


def test_warnings_are_kept_with_their_submission(tiny: Tiny) -> None:
    tiny.drop("findings", finding("F1", description="无"), finding("F2", unit_name="示\u200b例"))
    tiny.collect("findings", MONDAY + HOUR_MS)
    kept = tiny.query("SELECT rows_warned, warned_by, remarks FROM submission_quality")
    assert kept == [(2, '{"T001":1,"T005":1}', "[]")]


def test_a_submission_unlike_the_earlier_ones_is_remarked_and_taken(tiny: Tiny) -> None:
    for week in range(3):
        rows = [finding(f"W{week}-{n}") for n in range(30)]
        tiny.drop("findings", *rows)
        tiny.collect("findings", MONDAY + (week + 1) * HOUR_MS)
    odd = [finding(f"X{n}", category="", severity="major") for n in range(150)]
    tiny.drop("findings", *odd)
    report = tiny.collect("findings", MONDAY + 9 * HOUR_MS)
    assert (report.refused, report.problem) == (0, "")
    (remarks,) = tiny.query("SELECT remarks FROM submission_quality ORDER BY seq DESC LIMIT 1")
    for said in (
        '"B001"',
        '"B002","field":"finding.category"',
        '"B003","field":"finding.severity"',
    ):
        assert said in remarks[0]
    assert "本次行数与往常相差很大" in page(tiny)


def with_reporters(tiny: Tiny, folder: Path) -> Tiny:
    """The same county, whose findings tell who reported them."""
    path = folder / "config" / COUNTY / "sources" / "findings.yaml"
    told = yaml.safe_load(path.read_text("utf-8")) | {"reporter_fields": ["reporter", "phone"]}
    path.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    return tiny.opened(folder)


CANARY, PHONE = "金丝雀赵虚构", "13900000000"


def reported(source_id: str) -> dict[str, str]:
    """A row with every column, in an unknown town, and who reported it."""
    row = dict.fromkeys(FINDING.names, "") | finding(source_id, town_code="无此镇")
    return row | {"reporter": CANARY, "phone": PHONE}


def test_no_reporter_is_on_the_page_or_in_a_workbook(tiny: Tiny, tmp_path: Path) -> None:
    tiny = with_reporters(tiny, tmp_path)
    row = reported("F1")
    with (tiny.folder("findings") / "findings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row.keys(), row.values()])
    assert tiny.collect("findings", MONDAY + HOUR_MS).refused == 1
    written = [*export(tiny.county), validation.write(tiny.county, "zh")]
    assert len(written) == 2
    for path in written:
        said = content(path)
        assert "无此镇" in said, "the canary's neighbour sings"
        assert CANARY not in said and PHONE not in said
        assert not re.search(r"sealed:\w", said)
    assert "已封存" in content(written[0])


def test_a_reporters_row_can_be_corrected_and_stays_sealed(tiny: Tiny, tmp_path: Path) -> None:
    tiny = with_reporters(tiny, tmp_path)
    row = reported("F1")
    with (tiny.folder("findings") / "findings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row.keys(), row.values()])
    tiny.collect("findings", MONDAY + HOUR_MS)
    (path,) = export(tiny.county)
    book = openpyxl.load_workbook(path)
    head = {cell.value: cell.column for cell in book.worksheets[0][1]}
    book.worksheets[0].cell(2, head["town_code"]).value = TOWN
    book.save(tiny.folder("findings") / "back.xlsx")
    assert tiny.collect("findings", MONDAY + 2 * HOUR_MS).taken == 1
    assert tiny.query("SELECT count(*) FROM quarantine WHERE corrected_by = ''") == [(0,)]


def content(path: Path) -> str:
    if path.suffix == ".html":
        return path.read_text("utf-8")
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode("utf-8") for name in archive.namelist())
