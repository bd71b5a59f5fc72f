"""`bihuan hazard` on the terminal and for programs: what it says, how it ends."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import words
from flows.cli.main import app
from tests.hazard.conftest import NOW
from tests.hazard.test_conflicts import FAILED, LATE, SEEN, _life
from tests.store.tiny import Tiny, finding, hazard, iso

run = CliRunner().invoke
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def home(told: Tiny) -> list[str]:
    """The options that lead to the county: its settings go into the home's file."""
    return in_home(told)


def in_home(tiny: Tiny) -> list[str]:
    settings = tiny.county.settings
    (settings.home / "bihuan.toml").write_text(
        f'demo = true\ncounty = "{settings.county}"\nconfig_dir = "{settings.config_dir}"\n'
    )
    return ["--home", str(settings.home)]


def said(arguments: list[str], home: list[str], lang: str, monkeypatch: Any) -> str:
    monkeypatch.setenv("BIHUAN_LANG", lang)
    words._chosen.clear()
    found = run(app, ["hazard", *arguments, *home])
    assert found.exit_code == 0, found.output
    return str(found.stdout)


def answer(arguments: list[str], home: list[str]) -> dict[str, Any]:
    found = run(app, ["hazard", *arguments, *home, "--json"])
    assert found.exit_code == 0, found.output
    result: dict[str, Any] = json.loads(found.stdout)
    return result


AT = ["--now", iso(NOW)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_a_hazard_fits_100_columns_and_says_it_all(
    home: list[str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    page = said(["show", "findings:B1", *AT], home, lang, monkeypatch)
    assert max(cell_len(line) for line in page.splitlines()) <= 100
    wanted = {
        "zh": ("整改中", "重大", "逾期", "预案-7", "开始整改", "提请挂牌", "专人值守", "已被作废"),
        "en": (
            "rectifying",
            "major",
            "overdue",
            "预案-7",
            "rectification",
            "interim control",
            "voided",
        ),
    }
    flat = re.sub(r"\s+", " ", page)
    assert [word for word in wanted[lang] if word not in flat] == []
    assert "findings:B1" in page and hazard("B1") in page


def test_the_page_of_a_member_says_which_hazard_it_is(
    home: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = said(["show", "findings:A2", *AT], home, "zh", monkeypatch)
    assert "findings:A2 已并入同一隐患 findings:A1" in page
    assert "场所编号相同" in page


@pytest.mark.parametrize("name", ["A1", "B1", "C1", "D1", "E1", "G1", "H1"])
def test_every_page_in_english_speaks_no_chinese_but_what_is_data(
    home: list[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = said(["show", f"findings:{name}", *AT], home, "en", monkeypatch)
    data = json.dumps(answer(["show", f"findings:{name}", *AT], home), ensure_ascii=False)
    foreign = set("".join(CHINESE.findall(page)))
    assert foreign <= set(CHINESE.findall(data))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "arguments",
    [["list"], ["list", "--state", "all"], ["elements"], ["conflicts"], ["register", "--all"]],
    ids=" ".join,
)
def test_every_list_is_shown_and_fits(
    home: list[str], arguments: list[str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    page = said(arguments, home, lang, monkeypatch)
    assert page.strip()
    assert max(cell_len(line) for line in page.splitlines()) <= 100


def test_with_json_one_object_is_printed_and_nothing_else(home: list[str]) -> None:
    assert answer(["show", "findings:A1", *AT], home)["hazard"] == hazard("A1")
    listed = answer(["list", "--overdue", "--limit", "1", *AT], home)
    assert (listed["total"], listed["shown"]) == (3, 1)
    assert answer(["elements", "--town", "附海", *AT], home)["total"] == 1
    assert answer(["conflicts", *AT], home)["items"] == []
    assert [a["act"] for a in answer(["register", "--all"], home)["acts"]] == ["penalised"]


def test_words_of_either_language_name_a_choice(home: list[str]) -> None:
    by_code = answer(["list", "--state", "rectifying", "--severity", "major", *AT], home)
    by_word = answer(["list", "--state", "整改中", "--severity", "重大", *AT], home)
    assert by_code == by_word
    assert by_code["total"] == 1
    lacking = answer(["list", "--missing", "措施", *AT], home)
    assert lacking == answer(["list", "--missing", "Measures", *AT], home)


def test_an_export_writes_the_file_and_says_how_many(home: list[str], tmp_path: Path) -> None:
    path = tmp_path / "overdue.xlsx"
    result = answer(["export", str(path), "--overdue", *AT], home)
    assert result == {"file": str(path), "rows": 3}
    assert path.stat().st_size > 1_000


def test_a_conflict_is_shown_with_what_undid_it_and_how_to_settle_it(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.bring(SEEN, [finding("F1")], _life("F1"))
    tiny.bring(LATE, [], [FAILED])
    page = said(["conflicts"], in_home(tiny), "zh", monkeypatch)
    assert "验收未通过" in page and "conflict_settled" in page


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "findings:Z9"],
        ["list", "--town", "无此镇"],
        ["export", "x.docx"],
        ["elements", "--town", "nowhere"],
    ],
    ids=" ".join,
)
def test_what_is_refused_ends_with_1_and_one_line(home: list[str], arguments: list[str]) -> None:
    found = run(app, ["hazard", *arguments, *home])
    assert found.exit_code == 1
    assert len(found.stderr.strip().splitlines()) == 1
    refused = run(app, ["hazard", *arguments, *home, "--json"])
    assert json.loads(refused.stdout)["ok"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ["show"],
        ["list", "--state", "gone"],
        ["list", "--missing", "listing"],
        ["list", "--found-from", "3.3.2025"],
        ["list", "--limit", "-1"],
        ["export", "x.csv", "--lang", "fr"],
        ["register", "--from", "yesterday"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(home: list[str], arguments: list[str]) -> None:
    assert run(app, ["hazard", *arguments, *home]).exit_code == 2
