"""The command line as a whole: every command explains itself and speaks JSON, and starts fast."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.code import ROOT

HERE = (ROOT / "flows" / "cli" / "main.py").exists()
HEAVY = ("prefect", "great_expectations", "pandas", "sqlalchemy", "scipy", "pyarrow")

pytestmark = pytest.mark.skipif(not HERE, reason="flows/cli/main.py is not written yet")


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name, child in children.items():
        yield from _leaves(child, (*path, name))


def _commands() -> list[Any]:
    if not HERE or importlib.util.find_spec("typer") is None:
        return []
    import typer

    from flows.cli import main

    return [pytest.param(c, id=" ".join(p)) for p, c in _leaves(typer.main.get_command(main.app))]


@pytest.mark.parametrize("command", _commands())
def test_every_command_takes_a_home_and_speaks_json_and_says_what_it_does(command: Any) -> None:
    options = {o for parameter in command.params for o in parameter.opts}
    assert {"--home", "--json"} <= options
    assert command.help


@pytest.mark.parametrize("command", _commands())
def test_every_option_of_a_command_is_explained(command: Any) -> None:
    assert [p.name for p in command.params if not getattr(p, "help", None)] == []


def test_help_is_answered_without_importing_anything_heavy() -> None:
    code = f"import flows.cli.main, sys; print(*({{*{HEAVY!r}}} & {{*sys.modules}}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert loaded.stdout.split() == []
