"""Command lines of our documents, in their order, with what a document says about running them.

A line that begins with `bihuan` in a block that is indented, or fenced as sh or console, is run; an
explanation stands after two spaces or a #. Words in capitals are the reader's to fill in. A comment
before a block says what cannot be run, or does not end with 0, and why; with names in brackets it
speaks of these commands of the block only:

    <!-- not run: needs PostgreSQL -->
    <!-- not run (serve, demo): starts servers -->
    <!-- exits 1 (objection uphold): nothing was put right before -->
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SHELLS = ("sh", "console")
_FENCE = re.compile(r"^\s*```(\S*)")
_MARK = re.compile(r"<!-- (not run|exits (\d+))(?: \(([^)]+)\))?: (.+?) -->")
_COMMAND = re.compile(r"^\s*(?:\$ )?((?:[A-Z_]+=\S+ )*)(?:[\w./]*/)?bihuan (.+)$")


@dataclass(frozen=True)
class Line:
    """One command as it is written. `runs` False: only looked at; `code`: how it ends."""

    page: str
    number: int
    text: str
    environment: str = ""
    runs: bool = True
    code: int = 0
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.number} bihuan {self.text}"


@dataclass
class _Marks:
    """What was said about the next block."""

    said: list[tuple[str, int, tuple[str, ...], str]] = field(default_factory=list)

    def about(self, text: str) -> tuple[bool, int, str]:
        """runs, code, reason of a command."""
        for what, code, names, reason in self.said:
            if not names or any(text == n or text.startswith(n + " ") for n in names):
                return what != "not run", code, reason
        return True, 0, ""


def lines(page: Path, name: str) -> Iterator[Line]:
    """Every command line of a document."""
    marks, fence, inside = _Marks(), None, False
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if found := _FENCE.match(line):
            fence = found[1] if fence is None else None
            inside = fence is not None
            if not inside:
                marks = _Marks()
            continue
        if fence is None:
            marks, inside = _prose(line, marks, inside)
        if fence in SHELLS or (fence is None and line.startswith("    ")):
            yield from _command(line, marks, name, number)


def _prose(line: str, marks: _Marks, inside: bool) -> tuple[_Marks, bool]:
    """Marks in force after a line outside of fences; an indented block ends with the next text."""
    if found := _MARK.search(line):
        names = tuple(n.strip() for n in (found[3] or "").split(",") if n.strip())
        told = (found[1].split()[0].replace("not", "not run"), int(found[2] or 0), names, found[4])
        return _Marks([*([] if inside else marks.said), told]), False
    if line.startswith("    "):
        return marks, True
    return (_Marks() if inside and line.strip() else marks), inside and not line.strip()


def _command(line: str, marks: _Marks, page: str, number: int) -> Iterator[Line]:
    found = _COMMAND.match(line)
    if not found:
        return
    text = re.split(r"\s{2,}|\s+#\s", found[2])[0].strip()
    runs, code, reason = marks.about(text)
    yield Line(page, number, text, found[1].strip(), runs, code, reason)
