"""`bihuan bulletin check` as people and programs run it; hostile files are refused in words."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from rules.outside_cells import Format
from tasks.outside_formats import formats_of, shown_by
from tests.hostile.workbooks import xls
from tests.outside.printed import TRUE, Number, Sheet, percent, tianmen, workbook

run = CliRunner().invoke

pytestmark = pytest.mark.usefixtures("own_environment")


def asked(path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    result = run(app, ["bulletin", "check", str(path), "--json", *options])
    return result.exit_code, json.loads(result.stdout)


def test_a_true_table_ends_with_0_and_says_what_was_guessed(tmp_path: Path) -> None:
    path = tianmen().workbook(tmp_path)
    result = run(app, ["bulletin", "check", str(path)])
    assert result.exit_code == 0, result.output
    assert "已整改数 / 应整改数" in result.output
    assert "合计" in result.output and "4-11" in result.output
    code, answer = asked(path)
    assert (code, answer["ok"]) == (0, True)


def test_a_false_table_ends_with_1_and_names_cell_figures_and_reason(tmp_path: Path) -> None:
    path = tianmen().changed(C12=973).workbook(tmp_path)
    code, answer = asked(path)
    (finding,) = [f for f in answer["findings"] if f["reason"] == "total"]
    assert (code, answer["ok"]) == (1, False)
    assert (finding["sheet"], finding["cell"]) == ("通报", "C12")
    assert (finding["printed"], finding["expected"]) == ("973", "972")
    assert "C4:C11" in finding["why"]
    shown = run(app, ["bulletin", "check", str(path)]).output
    assert all(word in shown for word in ("C12", "973", "972", "C4:C11"))


def test_nothing_to_check_is_said_and_ends_with_1(tmp_path: Path) -> None:
    path = Sheet([["镇街", "备注"], ["虚河镇", "好"], ["样板镇", "很好"]]).workbook(tmp_path)
    result = run(app, ["bulletin", "check", str(path)])
    assert result.exit_code == 1
    assert "nothing to check" in result.output
    code, answer = asked(path)
    assert (code, answer["comparisons"], answer["findings"]) == (1, 0, [])


def test_it_speaks_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_LANG", "zh")
    path = tianmen().changed(C12=973).workbook(tmp_path)
    code = "from flows.cli.main import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", code, "bulletin", "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 1
    assert "不等于 C4:C11 之和" in told.stdout


def test_declared_names_go_before_guesses(tmp_path: Path) -> None:
    """按期整改率 as an office may mean it: of what was closed, not of what was due."""
    rows = tianmen().rows
    for row in rows[3:]:
        row[6] = f"{percent(row[4], row[3])}%"
    path = Sheet(rows).workbook(tmp_path)
    assert asked(path)[0] == 1
    code, answer = asked(path, "--rate", "按期整改率=按期整改数/已整改数", "--total", "合计")
    assert (code, answer["findings"]) == (0, [])
    (table,) = answer["tables"]
    assert [c["by"] for c in table["columns"] if c["formula"]] == ["both", "declared"]
    assert table["totals"][0]["by"] == "declared"


def test_columns_may_be_named_by_letters(tmp_path: Path) -> None:
    path = TRUE["jinhua"]().workbook(tmp_path)
    code, answer = asked(path, "--rate", "E=D/(B-C)", "--unit", "A", "--header", "1")
    assert code == 0
    assert answer["tables"][0]["columns"][4]["formula"] == "按期结案数 / (应结案数 − 暂缓数)"


def test_declared_parts_are_checked(tmp_path: Path) -> None:
    rows = [["镇街", "甲", "乙", "丙"], ["虚河镇", 9, 4, 5], ["样板镇", 8, 1, 6]]
    path = Sheet(rows).workbook(tmp_path)
    assert asked(path)[1]["comparisons"] == 0
    code, answer = asked(path, "--parts", "甲=乙+丙")
    assert (code, [f["cell"] for f in answer["findings"]]) == (1, ["B3"])


def test_a_skipped_column_is_not_checked(tmp_path: Path) -> None:
    path = tianmen().changed(E12=1).workbook(tmp_path)
    assert asked(path)[0] == 1
    assert asked(path, "--skip", "按期整改数", "--skip", "按期整改率")[0] == 0


def test_one_sheet_may_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    path.write_bytes(workbook({"真": tianmen(), "假": tianmen().changed(C12=1)}))
    assert asked(path, "--sheet", "真")[0] == 0
    assert {f["sheet"] for f in asked(path)[1]["findings"]} == {"假"}


@pytest.mark.parametrize(
    "options",
    [
        ("--rate", "整改率"),
        ("--rate", "整改率=已整改数"),
        ("--rate", "没有这栏=已整改数/应整改数"),
        ("--parts", "应整改数"),
        ("--parts", "应整改数=已整改数+"),
        ("--header", "0"),
        ("--header", "4-3"),
        ("--rounding", "down"),
        ("--sheet", "没有"),
        ("--skip", "没有"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_how(options: tuple[str, ...], tmp_path: Path) -> None:
    path = tianmen().workbook(tmp_path)
    result = run(app, ["bulletin", "check", str(path), *options])
    assert result.exit_code == 2
    assert result.stderr


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<a>" + b"0" * (64 << 20))
    return buffer.getvalue()


def _with_entity() -> bytes:
    source = io.BytesIO(workbook({"通报": tianmen()}))
    buffer = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/styles.xml":
                data = b'<!DOCTYPE a [<!ENTITY b "c">]>' + data
            new.writestr(name, data)
    return buffer.getvalue()


HOSTILE = {
    "a zip bomb": ("bomb.xlsx", _bomb()),
    "an entity": ("entity.xlsx", _with_entity()),
    "half a workbook": ("half.xlsx", workbook({"通报": tianmen()})[:2_000]),
    "no workbook": ("text.xlsx", b"<html>"),
    "an old one under a new name": ("old.xlsx", xls([["a"]])),
    "a new one under an old name": ("new.xls", workbook({"通报": tianmen()})),
    "an unknown kind": ("table.pdf", b"%PDF-1.7"),
    "nothing under that name": ("missing.xlsx", None),
    "mixed encodings": ("mixed.csv", "镇街,数\n".encode() + b"\xff\xfe\x81,1\n"),
    "a stray quote": ("quote.csv", b'a,b\n"x,1\n'),
    "very many cells": ("wide.csv", b"," * 2_000_000),
    "a long table": ("long.csv", b"a,b,c,d\n" * 60_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    file, content = HOSTILE[name]
    path = tmp_path / file
    if content is not None:
        path.write_bytes(content)
    result = run(app, ["bulletin", "check", str(path)])
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert file in line and "Traceback" not in line
    code, answer = asked(path)
    assert (code, answer["ok"], answer["type"]) == (1, False, "NotReadable")


HARMLESS = {
    "an empty file": [[]],
    "one cell": [["合计"]],
    "totals alone": [["单位", "数"], ["合计", 1], ["合计", 2]],
    "formulas in text": [["单位", "=1+1"], ["=cmd()", 1], ["合计", 1]],
    "digits without end": [["单位", "数"], ["虚河镇", "9" * 5_000], ["合计", "9" * 5_000]],
    "signs alone": [["/", "/"], ["-", "-"], ["—", "—"]],
    "a heading alone": [["单位", "整改率", "合计"]],
    "braces": [["{head}", "{0}率"], ["{}", 3], ["合计", 4]],
}


@pytest.mark.parametrize("name", HARMLESS)
def test_odd_tables_do_not_stop_it(name: str, tmp_path: Path) -> None:
    path = Sheet(HARMLESS[name]).workbook(tmp_path)
    result = run(app, ["bulletin", "check", str(path)])
    assert result.exit_code in (0, 1)
    assert "Traceback" not in result.output and "ot read" not in result.output
    assert isinstance(asked(path)[1]["comparisons"], int)


def test_an_old_workbook_is_checked_in_the_limited_child(tmp_path: Path) -> None:
    rows = [[c.value if isinstance(c, Number) else c for c in row] for row in tianmen().rows]
    path = tmp_path / "old.xls"
    path.write_bytes(xls(rows))
    code, answer = asked(path)
    assert (code, answer["findings"]) == (0, [])
    rows[11][2] = 973
    path.write_bytes(xls(rows))
    assert "C12" in [f["cell"] for f in asked(path)[1]["findings"]]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("0.00%", Format(2, True)),
        ("0%", Format(0, True)),
        ("#,##0", Format(0, False)),
        ("#,##0.0_ ", Format(1, False)),
        ('0.0"件"', Format(1, False)),
        ("[Red]0.00;[Blue]-0.00", Format(2, False)),
        ("General", None),
        ("yyyy-mm-dd", None),
        ("@", None),
        ("0.00E+00", None),
        ("#,##0,", None),
        ("# ?/?", None),
        ("0." + "0" * 40, None),
        ("", None),
    ],
)
def test_number_formats_are_read_as_far_as_they_matter(code: str, shown: Format | None) -> None:
    assert shown_by(code) == shown


def test_formats_of_a_damaged_workbook_are_none() -> None:
    assert formats_of(b"PK") == {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a")
    assert formats_of(buffer.getvalue()) == {}
