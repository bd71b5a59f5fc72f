import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app

run = CliRunner().invoke


def test_with_json_exactly_one_object_is_on_stdout(tmp_path: Path) -> None:
    result = run(app, ["init", "--home", str(tmp_path / "h"), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["schema"]


def test_a_folder_that_is_no_home_is_refused_in_one_line_that_says_what_to_run(
    tmp_path: Path,
) -> None:
    result = run(app, ["collect", "--home", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "bihuan init" in result.stderr
    assert not (tmp_path / "none").exists()


def test_a_refusal_is_an_object_with_json(tmp_path: Path) -> None:
    result = run(app, ["audit", "--home", str(tmp_path), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ["bulletin", "weekly", "--week", "2025-W60"],
        ["late", "--date", "12.3.2025"],
        ["late"],
        ["act", "inspection:H-1"],
        ["collect", "--now", "yesterday"],
        ["nonsense"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert run(app, arguments).exit_code == 2


def test_an_unknown_field_of_an_action_is_wrong_usage_and_the_known_ones_are_named(
    home: Path,
) -> None:
    result = run(app, ["act", "h", "closed", "--set", "colour=red", "--home", str(home)])
    assert result.exit_code == 2
    assert "due_date" in result.stderr


def test_settings_that_cannot_be_read_are_named_without_their_values(home: Path) -> None:
    (home / "bihuan.toml").write_text('county = "cixi"\n[sources.grid]\ntokn = "s3cret"\n')
    result = run(app, ["migrate", "--home", str(home)])
    assert result.exit_code == 1
    assert "sources.grid.tokn" in result.stderr
    assert "s3cret" not in result.stderr


def test_an_unknown_source_is_refused_with_those_that_exist(home: Path) -> None:
    result = run(app, ["collect", "--source", "grd", "--no-prefect", "--home", str(home)])
    assert result.exit_code == 1
    assert "grid" in result.stderr


def test_a_simulated_clock_is_refused_outside_of_a_demo_home(home: Path) -> None:
    arguments = ["supervise", "--no-prefect", "--now", "2025-03-10T08:00", "--home", str(home)]
    result = run(app, arguments)
    assert result.exit_code == 1
    assert "demo" in result.stderr


def test_a_demo_does_not_touch_a_folder_with_something_else_in_it(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("x")
    result = run(app, ["demo", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_the_audit_of_an_empty_ledger_finds_nothing(home: Path) -> None:
    result = run(app, ["audit", "--no-prefect", "--json", "--home", str(home)])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["ok"], found["size"], found["findings"]) == (True, 0, [])


def test_help_is_there_in_half_a_second_of_work() -> None:
    began = time.monotonic()
    _help({"BIHUAN_LANG": "en"})
    if time.monotonic() - began < 0.5:
        return
    # A busy machine: what counts is our own processor time.
    code = "import time, flows.cli.main; print(time.process_time())"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert float(out.stdout) < 0.5


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"BIHUAN_LANG": "zh"}, "收数"),
        ({"LC_ALL": "zh_CN.UTF-8"}, "收数"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "Pull the sources"),
        ({"BIHUAN_LANG": "en", "LANG": "zh_CN.UTF-8"}, "Pull the sources"),
    ],
)
def test_the_command_line_speaks_the_language_asked_for_or_the_locales(
    environment: dict[str, str], word: str, tmp_path: Path
) -> None:
    assert word in _help({"BIHUAN_HOME": str(tmp_path), **environment})


def _help(environment: dict[str, str]) -> str:
    script = Path(sys.executable).parent / "bihuan"
    return subprocess.run(
        [script, "--help"],
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
