"""Who may import what. import-linter holds the directions, this file the exact lists."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.code import PACKAGES, ROOT, Module, modules

# Library → the modules that may import it; a trailing dot means everything below.
ALLOWED = {
    "prefect": ("flows.", "tasks."),
    "prefect_dask": ("flows.",),
    "sqlalchemy": (
        *("schemas.tables", "schemas.tables_projections"),
        *("tasks.store.", "tasks.sources.table", "tasks.sources.table_engine"),
    ),
    "alembic": ("tasks.store.",),
    "great_expectations": ("expectations.", "tasks.intake.checking"),
    "typer": ("flows.cli.",),
    "requests": ("tasks.", "flows."),
}
# rules/ decides and does nothing: neither files, network, log nor clock.
IMPURE = {
    *("asyncio", "glob", "io", "logging", "multiprocessing", "os", "pathlib", "random"),
    *("requests", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time"),
    *("urllib", "psycopg", "yaml"),
}
CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter"}


def test_import_directions_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("library", ALLOWED)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    importers = {m.name for m in modules(*PACKAGES) if library in m.imports()}
    assert {name for name in importers if not _allowed(name, ALLOWED[library])} == set()


def _allowed(name: str, places: tuple[str, ...]) -> bool:
    return any((name + ".").startswith(p) if p.endswith(".") else name == p for p in places)


@pytest.mark.parametrize("module", modules("rules"), ids=lambda m: m.name)
def test_rules_do_no_input_or_output_and_ask_no_clock(module: Module) -> None:
    assert module.imports() & IMPURE == set()
    calls = [n.func for n in ast.walk(module.tree) if isinstance(n, ast.Call)]
    clocks = {f.attr for f in calls if isinstance(f, ast.Attribute)} & CLOCKS
    assert clocks == set()
    assert {f.id for f in calls if isinstance(f, ast.Name)} & {"open", "print", "input"} == set()


def test_an_import_inside_a_function_is_seen() -> None:
    tree = ast.parse("def f():\n    from prefect.states import Completed\n    import os.path")
    assert Module("x.py", "", tree).imports() == {"prefect", "os"}
