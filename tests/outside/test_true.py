"""Tables that are true pass, whatever way they are printed; what they were taken for is said."""

from pathlib import Path
from typing import Any

import pytest

from rules.outside_columns import Declared
from tasks.outside import check_file
from tests.outside.printed import TRUE, Number, Sheet, cixi, fuzhou, percent, tianmen


@pytest.mark.parametrize("name", TRUE)
def test_a_true_table_passes(name: str, tmp_path: Path) -> None:
    result = check_file(TRUE[name]().workbook(tmp_path), Declared())
    assert result["findings"] == []
    assert [n for t in result["tables"] for n in t["notes"]] == []
    assert result["ok"] and result["comparisons"] >= 9


def test_the_known_answers_are_what_is_printed() -> None:
    assert tianmen().rows[-1][5:] == ["93.72%", "75.82%"]
    assert fuzhou().rows[1][4] == "93.43"
    assert percent(272_703, 273_699) == "99.64"
    assert cixi().rows[-1][1:3] == [273_699, 272_703]


def _only(result: dict[str, Any]) -> dict[str, Any]:
    (table,) = result["tables"]
    return dict(table)


def _formulas(table: dict[str, Any]) -> dict[str, str]:
    return {c["heading"]: c["formula"] for c in table["columns"] if c["formula"]}


def test_what_was_guessed_is_said(tmp_path: Path) -> None:
    table = _only(check_file(tianmen().workbook(tmp_path), Declared()))
    assert table["heading_lines"] == [3]
    assert [c["kind"] for c in table["columns"]] == [
        *("ignored", "unit", "count", "count", "count", "rate", "rate")
    ]
    assert _formulas(table) == {
        "整改率": "已整改数 / 应整改数",
        "按期整改率": "按期整改数 / 应整改数",
    }
    (total,) = table["totals"]
    assert (total["line"], total["label"], total["by"]) == (12, "合计", "words")
    assert total["of_lines"] == list(range(4, 12))


def test_a_heading_of_two_lines_gives_each_rate_its_own_group(tmp_path: Path) -> None:
    table = _only(check_file(cixi().workbook(tmp_path), Declared()))
    assert _formulas(table) == {
        f"{group}/整改率": f"{group}/整改数 / {group}/排查数"
        for group in ("合计", "一般隐患", "重大隐患")
    }
    sums = [(p["whole"], p["parts"]) for p in table["parts"] if not p["at_most"]]
    assert ("合计/排查数", ["一般隐患/排查数", "重大隐患/排查数"]) in sums


def test_a_formula_with_a_difference_is_found(tmp_path: Path) -> None:
    table = _only(check_file(TRUE["jinhua"]().workbook(tmp_path), Declared()))
    assert _formulas(table) == {"按期结案率": "按期结案数 / (应结案数 − 暂缓数)"}


def test_subtotals_are_of_their_own_rows(tmp_path: Path) -> None:
    table = _only(check_file(TRUE["grouped"]().workbook(tmp_path), Declared()))
    assert [(t["line"], t["of_lines"]) for t in table["totals"]] == [
        (5, [2, 3, 4]),
        (9, [6, 7, 8]),
        (10, [2, 3, 4, 6, 7, 8]),
    ]


@pytest.mark.parametrize("ending", ["csv", "tsv"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_text_files_are_checked_alike(ending: str, encoding: str, tmp_path: Path) -> None:
    sign = "," if ending == "csv" else "\t"
    lines = [sign.join(f'"{cell}"' for cell in row) for row in fuzhou().rows]
    path = tmp_path / f"table.{ending}"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    result = check_file(path, Declared())
    assert result["ok"] and result["comparisons"] > 30


def test_a_total_that_no_word_names_is_found_by_its_figures(tmp_path: Path) -> None:
    rows = fuzhou().rows
    rows[1][0] = "虚构市"
    table = _only(check_file(Sheet(rows).workbook(tmp_path), Declared()))
    assert [(t["line"], t["by"]) for t in table["totals"]] == [(2, "arithmetic")]


def test_a_rate_without_words_is_found_by_its_figures(tmp_path: Path) -> None:
    rows = fuzhou().rows
    rows[0] = ["县", "甲项", "乙项", "丙项", "比率"]
    table = _only(check_file(Sheet(rows).workbook(tmp_path), Declared()))
    assert _formulas(table) == {"比率": "乙项 / 甲项"}


@pytest.mark.parametrize(
    ("made", "shape"),
    [
        (lambda c, f: Number(round(c / f, 4), "0.00%"), "percent format, rounded"),
        (lambda c, f: Number(c / f, "0.0%"), "percent format, whole"),
        (lambda c, f: Number(round(100 * c / f, 2), "0.00"), "number format"),
        (lambda c, f: round(100 * c / f, 2), "no format, zeros lost"),
        (lambda c, f: c / f, "no format, a share with all digits"),
        (lambda c, f: f"{percent(c, f, 1)} %", "text with a space"),
        (lambda c, f: f"{percent(c, f)}％", "a wide sign"),
    ],
)
def test_a_rate_may_be_printed_in_many_ways(made: Any, shape: str, tmp_path: Path) -> None:
    rows = tianmen().rows
    for row in rows[3:]:
        row[5], row[6] = made(row[3], row[2]), made(row[4], row[2])
    result = check_file(Sheet(rows).workbook(tmp_path), Declared())
    assert result["ok"], (shape, result["findings"])
    wrong = Sheet(rows).changed(F8=made(rows[7][3] - 3, rows[7][2]))
    assert [f["cell"] for f in check_file(wrong.workbook(tmp_path), Declared())["findings"]] == [
        "F8"
    ], shape
