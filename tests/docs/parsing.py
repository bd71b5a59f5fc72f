"""A line held against the program's own parser: the command, its subcommand, every option."""

import shlex
from functools import cache
from typing import Any

import typer

from flows.cli.main import app


@cache
def root() -> Any:
    return typer.main.get_command(app)


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and the rest of them. LookupError: there is none."""
    command, rest = root(), list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        if rest[0] not in command.commands:
            raise LookupError(f"there is no command {rest[0]!r}")
        command = command.commands[rest.pop(0)]
    return command, rest


def fault(text: str) -> str:
    """What is wrong with a line, "" when the program would take it."""
    try:
        command, rest = command_of(shlex.split(text))
        if "--help" not in rest:
            command.make_context(text, rest, resilient_parsing=False)
    except (LookupError, ValueError) as error:
        return str(error)
    except Exception as error:  # typer brings click's own classes under a private name
        if not hasattr(error, "format_message"):
            raise
        return str(error.format_message())
    return ""
