"""A closed pipe: `bihuan … | head -1`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows.cli import pipe
from flows.cli.session import session
from tests.postgresql.ways import PYTHON_PATH

COMMAND = [sys.executable, "-c", "from flows.cli.main import main; main()"]


@pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "--json"], ["source", "list"]])
def test_a_reader_that_is_gone_ends_a_command_quietly_as_sigpipe_would(
    home: Path, arguments: list[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    ended = subprocess.run(
        [*COMMAND, *arguments, "--home", str(home)],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        timeout=120,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (pipe.STATUS, "")


def test_a_shell_sees_the_first_line_and_no_complaint(home: Path) -> None:
    script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"'
    arguments = [*COMMAND, "hazard", "--help"]
    command = ["bash", "-c", script, "bash", *arguments]
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert said.stderr == ""
    assert len(said.stdout.splitlines()) == 2


def test_a_broken_pipe_that_is_not_the_readers_is_an_error_like_any_other(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A source that hangs up: standard output is read, and the reason is told."""
    with pytest.raises(typer.Exit) as ended, session(home, False, False):
        raise BrokenPipeError("hung up")
    assert ended.value.exit_code == 1
    assert "hung up" in capfd.readouterr().err
