"""How answers look: tables on a terminal, plain columns in a pipe, one JSON object with --json.

Promise: with --json exactly one JSON object goes to stdout and everything else to stderr. A reason
for failing is one line; a traceback goes to the log file (or to stderr with --debug).
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rich.cells import cell_len
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from flows.cli.pipe import PipedConsole
from flows.cli.words import say

PIPE_WIDTH = 100


@dataclass(frozen=True)
class Output:
    """Where a command speaks. `as_json`: people are answered on stderr, programs on stdout."""

    as_json: bool = False

    @cached_property
    def people(self) -> PipedConsole:
        return PipedConsole(stderr=self.as_json, highlight=False, soft_wrap=True)

    @cached_property
    def errors(self) -> PipedConsole:
        return PipedConsole(stderr=True, highlight=False, soft_wrap=True)

    def answer(self, result: dict[str, Any]) -> None:
        """The one JSON object of a command; nothing without --json."""
        if self.as_json:
            sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()

    def line(self, words: str, style: str = "") -> None:
        if not self.as_json:
            self.people.print(escape(words), style=style or None)

    def error(self, words: str) -> None:
        self.errors.print(f"[red]{escape(say('error'))}[/red] {escape(words)}")

    def warn(self, words: str) -> None:
        self.errors.print(f"[yellow]{escape(words)}[/yellow]")

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        if self.as_json:
            return
        cells = [["" if v is None else _shown(v) for v in row] for row in rows]
        if self.people.is_terminal:
            self._rich_table(title, columns, cells)
        else:
            self._plain_table(title, columns, cells)

    def _rich_table(self, title: str, columns: Sequence[str], cells: list[list[str]]) -> None:
        table = Table(title=title, title_justify="left", header_style="bold")
        for column, name in enumerate(columns):
            numeric = bool(cells) and all(_is_number(row[column]) for row in cells)
            table.add_column(name, justify="right" if numeric else "left")
        for row in cells:
            table.add_row(*map(escape, row))
        self.people.print(table)

    def _plain_table(self, title: str, columns: Sequence[str], cells: list[list[str]]) -> None:
        lines = [list(columns), *cells]
        widths = [max(cell_len(line[i]) for line in lines) for i in range(len(columns))]
        print(title)
        for line in lines:
            padded = (c + " " * (w - cell_len(c)) for c, w in zip(line, widths, strict=True))
            print("  ".join(padded).rstrip())

    def page(self, parts: Iterable[RenderableType]) -> None:
        """Laid out to the terminal's width; in a pipe to PIPE_WIDTH, without colours."""
        if self.as_json:
            return
        terminal = self.people.is_terminal
        console = self.people if terminal else PipedConsole(width=PIPE_WIDTH, highlight=False)
        for part in parts:
            console.print(part, soft_wrap=False)

    @contextmanager
    def progress(self, total: int) -> Iterator["Steps"]:
        """A bar on a terminal, one line per finished step in a pipe, nothing with --json."""
        if self.as_json or not self.people.is_terminal:
            yield Steps(self, None, total)
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

        columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.people, transient=True) as bar:
            yield Steps(self, bar, total)


class Steps:
    """The steps of something long: `now` says what is being done, `done` what came of it."""

    def __init__(self, output: Output, bar: Any, total: int) -> None:
        self.output, self.bar = output, bar
        self.task = bar.add_task("", total=total) if bar is not None else None

    def now(self, words: str) -> None:
        if self.bar is not None:
            self.bar.update(self.task, description=escape(words))

    def done(self, words: str = "") -> None:
        if words:
            self.output.line(words)
        if self.bar is not None:
            self.bar.advance(self.task)


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _is_number(text: str) -> bool:
    return not text.strip("0123456789,.-/%")
