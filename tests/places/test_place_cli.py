"""`bihuan place` as it is typed: what people and programs are told, and how it ends."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from flows.cli.words import choose
from tests.places.test_county import CHECKS, CODES, FINDINGS, PLACES, RECEIVED, UPDATES, told
from tests.store.tiny import Tiny

NOW = "2025-04-07T00:00:00+08:00"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A demo home with the county of test_county."""
    folder = tmp_path_factory.mktemp("typed")
    tiny = Tiny.make(folder, migrated_file)
    rows = {"places": PLACES, "findings": FINDINGS, "updates": UPDATES, "checks": CHECKS}
    for source, of_source in rows.items():
        told(tiny, RECEIVED, source, *of_source)
    toml = f'county = "reference"\nconfig_dir = "{folder / "config"}"\ndemo = true\n'
    (folder / "home" / "bihuan.toml").write_text(toml, "utf-8")
    return folder / "home"


@pytest.fixture(autouse=True)
def _english(own_environment: None) -> None:
    """Every test here runs commands."""


def place(home: Path, *words: str, now: str = NOW, lang: str = "en") -> Any:
    os.environ["BIHUAN_LANG"] = lang
    choose(home)
    return CliRunner().invoke(app, ["place", *words, "--home", str(home), "--now", now])


def told_json(home: Path, *words: str) -> dict[str, Any]:
    result = place(home, *words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_list_is_one_object_that_names_its_cut(played: Path) -> None:
    found = told_json(played, "list", "--limit", "2")
    assert found["as_of"] == NOW and found["watermark"] > 0 and len(found["policy_hash"]) == 64
    assert [p["place_id"] for p in found["places"]] == ["P1", "P2"]
    assert (found["count"], found["unplaced"]) == (6, 1)
    assert found["places"][0]["ingredients"]["repeats"] == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--colour", "red"), ["P1"]),
        (("--colour", "黄"), ["P2", "P4"]),
        (("--grade", "C"), ["P1", "P4"]),
        (("--grade", "D 级"), ["P2"]),
        (("--town", "附海镇"), ["P2"]),
        (("--town", "330282108"), ["P2"]),
        (("--sector", "消防"), []),
        (("--town", "掌起镇", "--colour", "yellow"), ["P4"]),
    ],
)
def test_filters_take_the_words_that_people_use(
    played: Path, words: tuple[str, ...], expected: list[str]
) -> None:
    assert [p["place_id"] for p in told_json(played, "list", *words)["places"]] == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--colour", "purple"), "blue, yellow, orange, red"),
        (("list", "--grade", "F"), "A, B, C, D, E"),
        (("list", "--town", "上海"), "330282104"),
        (("list", "--limit", "-1"), "--limit"),
        (("list", "--day", "2025-04-07"), "not over yet"),
        (("towns", "--day", "7.4.2025"), "is not a day"),
        (("show",), "PLACE"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_there_is(
    played: Path, words: tuple[str, ...], said: str
) -> None:
    result = place(played, *words)
    assert result.exit_code == 2
    assert said in result.output.replace("\n", " ")


def test_an_unknown_place_ends_with_1_in_one_line(played: Path) -> None:
    result = place(played, "show", "没有这一家")
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "bihuan place list" in result.stderr


def test_a_place_is_told_with_its_hazards_months_and_reasons_in_both_languages(
    played: Path,
) -> None:
    english = place(played, "show", CODES[0]).output
    for words in (
        "findings:H2", "found again after closing", "missed", "running",
        "Risk colour: red, 47.00 points", "100 − 53.00 = 47.00",
        "Decided outright: open listed hazards 1 ≥ 1, so red at best",
        "Credit grade: C, 65.00 points",
    ):  # fmt: skip
        assert words in english, words
    chinese = place(played, "show", "P1", lang="zh").output
    wanted = ("销号后再次发现", "风险颜色：红（47.00 分）", "信用等级：C 级（65.00 分）", "未自查")
    for words in wanted:
        assert words in chinese, words
    past = "months without the self-check owed (%): 100.00 → 0.00 (past; only time lowers it)"
    assert past in place(played, "show", "P4").output
    nobody = place(played, "show", "number:X9").output
    assert "not registered" in nobody and "no credit grade is given" in nobody


def test_towns_are_told_with_what_they_are_made_of(played: Path) -> None:
    found = told_json(played, "towns")
    assert len(found["towns"]) == 18
    assert {line["of"] for line in found["towns"][0]["ingredients"]} >= {"coverage", "repeat_share"}
    output = place(played, "towns").output
    assert "Fuhai Town: 60.00" in output
    assert "repeats of found hazards" in output


def test_an_earlier_day_is_told_as_of_its_end(played: Path) -> None:
    found = told_json(played, "list", "--day", "2025-02-10")
    assert found["as_of"] == "2025-02-11T00:00:00+08:00"
    assert "number:X9" not in {p["place_id"] for p in found["places"]}


def test_an_empty_county_is_an_empty_list(
    tmp_path: Path, played: Path, migrated_file: Path
) -> None:
    Tiny.make(tmp_path, migrated_file)
    home = tmp_path / "home"
    toml = f'county = "reference"\nconfig_dir = "{tmp_path / "config"}"\ndemo = true\n'
    (home / "bihuan.toml").write_text(toml, "utf-8")
    found = told_json(home, "list")
    assert (found["count"], found["places"], found["unplaced"]) == (0, [], 0)
    assert all(t["score"] is None for t in told_json(home, "towns")["towns"])
