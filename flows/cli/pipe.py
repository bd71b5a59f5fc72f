"""When the reader of a pipe has enough (`bihuan … | head -1`), a command ends quietly with 141.

That is what a shell reports of a program that SIGPIPE ended. The signal itself stays ignored: a
source that hangs up must raise an error, not end a run.
"""

import os
import select
import sys

import typer
from rich.console import Console

STATUS = 128 + 13  # SIGPIPE


class PipedConsole(Console):
    """A console that raises where Rich would leave the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def is_gone() -> bool:
    """Whether nobody reads standard output any more."""
    try:
        polled = select.poll()
        polled.register(sys.stdout.fileno(), select.POLLOUT)
    except (OSError, ValueError, AttributeError):  # no file behind it
        return False
    return any(seen & select.POLLERR for _, seen in polled.poll(0))


def leave() -> typer.Exit:
    """How to leave; what is still in the buffer goes nowhere and nothing complains of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return typer.Exit(STATUS)
