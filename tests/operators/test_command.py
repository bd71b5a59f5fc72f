"""`bihuan operator`: exit codes, one JSON object, secrets once; and what doctor says."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from typer.testing import CliRunner, Result

from flows.cli.homes import make_home
from flows.cli.main import app
from flows.cli.words import choose
from schemas.settings import Settings
from tasks.county import open_county
from tasks.doctoring import CHECKS, examine
from tasks.rendering.catalogue import text
from tasks.store.engine import reading
from tests.operators.people import LI, OFFICE, ZHAO


@pytest.fixture
def home(tmp_path: Path, own_environment: None) -> Path:
    folder = tmp_path / "home"
    make_home(folder, "cixi")
    os.environ["BIHUAN_HOME"] = str(folder)
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["operator", *words])


def said(*words: str, code: int = 0) -> dict[str, Any]:
    """What a command answers with --json, having ended with `code`."""
    result = run(*words, "--json")
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def enrolled(name: str = LI, role: str = "leader") -> dict[str, Any]:
    return said("enrol", name, "--organisation", OFFICE, "--role", role)


def present_code(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def test_an_enrolment_shows_link_and_secret_once_and_the_list_never(home: Path) -> None:
    made = enrolled()
    assert (made["name"], made["again"]) == (LI, False)
    assert made["secret"] in made["uri"]
    (listed,) = said("list")["operators"]
    assert listed == {
        "name": LI,
        "organisation": OFFICE,
        "role": "leader",
        "state": "active",
        "enrolled_at": listed["enrolled_at"],
        "retired_at": None,
        "locked_until": None,
    }
    for shown in (run("list"), run("list", "--json"), run("check", LI, "--code", "1")):
        assert made["secret"] not in shown.output
    assert enrolled()["again"] is True


def test_people_get_the_secret_in_groups_and_are_told_that_it_is_shown_once(home: Path) -> None:
    result = run("enrol", LI, "--organisation", OFFICE, "--role", "leader")
    assert result.exit_code == 0
    secret = pyotp.parse_uri(next(w for w in result.stdout.split() if "otpauth" in w)).secret
    assert " ".join(secret[i : i + 4] for i in range(0, 32, 4)) in result.stdout
    assert "once" in result.stderr


def test_a_good_code_ends_with_0_and_is_used_up_by_the_check(home: Path) -> None:
    code = present_code(enrolled()["secret"])
    assert said("check", LI, "--code", code)["ok"] is True
    again = said("check", LI, "--code", code, code=1)
    assert (again["ok"], again["type"]) == (False, "NotProved")
    assert "used" in again["error"]


def test_a_refusal_ends_with_1_in_one_line_in_the_language_asked_for(home: Path) -> None:
    result = run("check", ZHAO, "--code", "123456")
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "bihuan operator enrol" in result.stderr
    os.environ["BIHUAN_LANG"] = "zh"
    choose(home)
    assert "不是登记的操作员" in run("check", ZHAO, "--code", "123456").stderr


def test_guessing_through_the_command_locks_too(home: Path) -> None:
    secret = enrolled()["secret"]
    now = pyotp.TOTP(secret)
    present = datetime.now(UTC)
    near = {now.at(present + timedelta(seconds=30 * n)) for n in range(-30, 31)}
    wrong = next(c for n in range(100) if (c := f"{n:06d}") not in near)
    for _ in range(5):
        said("check", LI, "--code", wrong, code=1)
    assert "locked" in said("check", LI, "--code", present_code(secret), code=1)["error"]
    (listed,) = said("list")["operators"]
    assert listed["state"] == "locked" and listed["locked_until"]
    assert "locked until" in run("list").stdout


def test_retiring_ends_with_0_and_again_with_1(home: Path) -> None:
    enrolled()
    assert said("retire", LI, "--reason", "调离")["state"] == "retired"
    assert said("retire", LI, "--reason", "调离", code=1)["ok"] is False
    assert "retired" in run("list").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("enrol", LI, "--organisation", OFFICE),
        ("enrol", LI, "--role", "leader"),
        ("enrol", LI, "--organisation", OFFICE, "--role", "boss"),
        ("check", LI),
        ("retire", LI),
        ("list", "--role", "leader"),
    ],
)
def test_wrong_usage_ends_with_2(home: Path, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_a_simulated_clock_is_refused_outside_of_a_demo_and_followed_in_one(home: Path) -> None:
    at = ("--now", "2025-03-03T08:00")
    assert "demo" in said("check", LI, "--code", "1", *at, code=1)["error"]
    with (home / "bihuan.toml").open("a") as file:
        file.write("\ndemo = true\n")
    secret = said("enrol", LI, "--organisation", OFFICE, "--role", "leader", *at)["secret"]
    code = pyotp.TOTP(secret).at(1_740_960_000)  # 2025-03-03 08:00 in Shanghai
    assert said("check", LI, "--code", code, *at)["ok"] is True


def test_who_acts_is_recorded_as_claimed(home: Path) -> None:
    run("enrol", LI, "--organisation", OFFICE, "--role", "leader", "--actor", ZHAO)
    with reading(open_county(Settings.load(home)).engine) as connection:
        found = connection.exec_driver_sql("SELECT actor FROM event").all()
    assert [tuple(row) for row in found] == [(ZHAO,)]


def checked(home: Path, name: str, lang: str = "en") -> tuple[str, str]:
    """Level and words of one of doctor's checks."""
    level, values = CHECKS[name](Settings.load(home))
    return level, text(f"doctor.{name}.{level}", lang, **values)


def test_doctor_warns_until_somebody_is_enrolled(home: Path) -> None:
    level, words = checked(home, "operators")
    assert level == "warn"
    assert "bihuan operator enrol" in words
    assert checked(home, "operators_key")[0] == "ok"
    enrolled()
    enrolled(ZHAO)
    run("retire", ZHAO, "--reason", "调离")
    level, words = checked(home, "operators")
    assert (level, checked(home, "operators_key")[0]) == ("ok", "ok")
    assert words.startswith("1 ")
    run("retire", LI, "--reason", "调离")
    assert checked(home, "operators")[0] == "warn"


def test_doctor_finds_a_key_that_others_can_read_and_one_that_is_gone(home: Path) -> None:
    enrolled()
    key = home / "operators.key"
    for mode in (0o644, 0o640, 0o602):
        key.chmod(mode)
        for lang in ("zh", "en"):
            level, words = checked(home, "operators_key", lang)
            assert level == "fail"
            assert f"{mode:04o}" in words and "chmod 600" in words
    key.unlink()
    level, words = checked(home, "operators_key")
    assert level == "warn"
    assert LI in words


def test_doctor_asks_both_and_makes_nothing_where_there_is_no_home(tmp_path: Path) -> None:
    levels = {c.name: c.level for c in examine(Settings.load(tmp_path / "none"), "en")}
    assert (levels["operators"], levels["operators_key"]) == ("warn", "ok")
    assert not (tmp_path / "none").exists()


def test_doctor_says_what_to_run_where_the_store_is_of_an_older_version(home: Path) -> None:
    (home / "bihuan.sqlite").write_bytes(b"")
    with pytest.raises(Exception, match="bihuan migrate"):
        checked(home, "operators")
