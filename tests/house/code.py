"""The source tree as data: files, modules, functions, imports. Helper of the tests beside it.

Walks fixed folders instead of asking git, so that the tests also hold in an unpacked archive.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("flows", "tasks", "rules", "schemas", "expectations", "demo")
FOLDERS = (*PACKAGES, "bench", "config", "docs", "tests", "tools", ".ci")


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def imports(self) -> set[str]:
        """Top-level names of everything imported anywhere in the file, lazily or not."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
        return found

    def functions(self) -> Iterator[tuple[str, int]]:
        """(path:line name, lines) of every function, methods and nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{self.path}:{node.lineno} {node.name}", lines


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file under `folders` that is not empty, sorted by path."""
    paths = sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))
    texts = [(p.relative_to(ROOT).as_posix(), p.read_text("utf-8")) for p in paths]
    return tuple(Module(path, text, ast.parse(text)) for path, text in texts if text)


def text_files() -> Iterator[tuple[str, str]]:
    """(path, text) of every file of ours that is UTF-8 text."""
    inside = (p for folder in FOLDERS for p in (ROOT / folder).rglob("*"))
    for path in sorted({*inside, *ROOT.glob("*")}):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
