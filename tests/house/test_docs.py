"""Documentation is held against the program: commands, links, examples, figures, both languages."""

import hashlib
import json
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from flows.choices import EVENTS
from flows.cli import main
from flows.forms import DATA_FIELDS
from rules.counting import RATES
from rules.fold import REASONS
from rules.lifecycle import MOVES
from rules.merkle import is_consistent
from rules.seal import chain
from schemas.edition import COVERAGE_MEASURES, MEASURES
from schemas.events import EVENT_COLUMNS, GENESIS
from schemas.seals import SealFile
from schemas.settings import Settings
from schemas.source import SourceDeclaration
from tests.house.code import ROOT, modules

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
PAGES = sorted(
    {*ROOT.glob("*.md"), *(p for f in ("docs", "bench") for p in (ROOT / f).rglob("*.md"))}
)
COMMAND = re.compile(r"(?:^    |`)(?:\.venv/bin/)?(bihuan(?: [^`\n]+)?)", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)


def _text(page: Path) -> str:
    return page.read_text("utf-8")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", _text(page), re.S | re.M)


def _commands(page: Path) -> list[str]:
    """Every `bihuan …` of a page, without the explanation that stands after two spaces."""
    found = COMMAND.findall(_text(page))
    return [re.split(r"\s{2,}|；|。", line)[0].strip() for line in found]


@cache
def _root() -> Any:
    return typer.main.get_command(main.app)


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and the rest of them."""
    command, rest = _root(), list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"there is no command {rest[0]!r}"
        command = command.commands[rest.pop(0)]
    return command, rest


def _shown() -> Iterator[Any]:
    for page in PAGES:
        for line in dict.fromkeys(_commands(page)):
            yield pytest.param(line, id=f"{_name(page)}: {line}")


@pytest.mark.parametrize("line", list(_shown()))
def test_a_command_that_is_shown_exists_with_its_options(line: str) -> None:
    command, rest = _command(shlex.split(line)[1:])
    if not rest:
        return
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    named = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert named <= known | {"--help"}
    if "--help" not in named:
        command.make_context(line, rest)


def test_an_action_that_is_shown_names_real_events_and_fields() -> None:
    for page in PAGES:
        for line in _commands(page):
            words = shlex.split(line)
            if words[1:2] != ["act"] or len(words) < 4:
                continue
            assert words[3] in EVENTS, line
            given = [b for a, b in pairwise(words) if a == "--set"]
            assert {pair.split("=")[0] for pair in given} <= set(DATA_FIELDS), line


def test_every_command_is_in_both_readmes() -> None:
    for page in (ENGLISH, CHINESE):
        shown = {shlex.split(line)[1] for line in _commands(page) if " " in line}
        assert shown >= set(_root().commands), _name(page)


def test_both_readmes_show_the_same_commands_settings_examples_and_links() -> None:
    assert _commands(ENGLISH) == _commands(CHINESE)
    make = re.compile(r"`make [^`]+`")
    assert set(make.findall(_text(ENGLISH))) == set(make.findall(_text(CHINESE)))
    for language in ("toml", "yaml"):
        ours, theirs = (
            [_without_comments(b) for b in _blocks(page, language)] for page in (ENGLISH, CHINESE)
        )
        assert ours == theirs != []
    ours, theirs = (
        set(LINK.findall(_text(page))) - {ENGLISH.name, CHINESE.name} for page in (ENGLISH, CHINESE)
    )
    assert ours == theirs
    assert len(HEADING.findall(_text(ENGLISH))) == len(HEADING.findall(_text(CHINESE)))


def _without_comments(block: str) -> list[str]:
    return [re.sub(r"\s+# .*", "", line) for line in block.splitlines()]


@pytest.mark.parametrize("page", [pytest.param(p, id=_name(p)) for p in PAGES])
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = [t.split("#")[0] for t in LINK.findall(_text(page)) if "://" not in t]
    assert [t for t in targets if t and not (page.parent / t).exists()] == []


def test_every_make_target_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page in PAGES:
        shown = re.findall(r"(?:`|^    )make ([a-z-]+)", _text(page), re.M)
        assert set(shown) <= targets, _name(page)


def test_the_folders_and_files_that_the_layout_names_exist() -> None:
    for page in (ENGLISH, CHINESE):
        table = [line for line in _text(page).splitlines() if line.startswith("| `")]
        folders = [f for line in table for f in re.findall(r"^\| `([a-z]+(?:/[a-z]+)?/)`", line)]
        assert len(folders) >= 10
        assert [f for f in folders if not (ROOT / f).is_dir()] == []


def _paths() -> Iterator[Any]:
    pattern = re.compile(
        r"`((?:rules|tasks|schemas|expectations|flows|bench|tests|config)/[\w./-]+)`"
    )
    for page in PAGES:
        if page.parent.name != "decisions":  # they also name what was left
            for path in sorted(set(pattern.findall(_text(page)))):
                yield pytest.param(path, id=f"{_name(page)}: {path}")


@pytest.mark.parametrize("path", list(_paths()))
def test_a_file_of_ours_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_settings_that_are_shown_are_settings(tmp_path: Path) -> None:
    (block,) = _blocks(ENGLISH, "toml")
    (tmp_path / "bihuan.toml").write_text(block, "utf-8")
    settings = Settings.load(tmp_path)
    assert set(settings.sources) == {"grid", "inspection"}


def test_the_source_in_the_readme_is_a_source_and_part_of_the_shipped_one() -> None:
    (block,) = _blocks(ENGLISH, "yaml")
    shown = yaml.safe_load(block)
    SourceDeclaration.model_validate(shown)
    shipped = yaml.safe_load((ROOT / "config/cixi/sources/upper.yaml").read_text("utf-8"))
    fields = shipped["records"][0]["fields"]
    for name, spec in shown["records"][0]["fields"].items():
        if name != "finding_source":  # shortened
            assert spec == fields[name], name


def test_the_guides_source_is_a_source() -> None:
    blocks = [yaml.safe_load(b) for b in _blocks(ROOT / "docs/adding-a-source.md", "yaml")]
    declaration: dict[str, Any] = {}
    for block in blocks:
        declaration |= block
    assert SourceDeclaration.model_validate(declaration).name == "fire"


def test_every_measure_and_rate_is_defined() -> None:
    text = _text(ROOT / "docs/counting.md")
    rows = set(re.findall(r"^\| `(\w+)`", text, re.M))
    assert rows >= {*MEASURES, *COVERAGE_MEASURES, *RATES}
    for rate, (numerator, denominator) in RATES.items():
        assert re.search(rf"^\| `{rate}`.*`{numerator} / {denominator}`", text, re.M), rate


def test_the_table_of_moves_is_the_one_that_is_enforced() -> None:
    text = _text(ROOT / "docs/lifecycle.md")
    for move in MOVES:
        row = re.search(rf"^\| `{move.kind}`[^|]*\|([^|]*)\|([^|]*)\|", text, re.M)
        assert row, move.kind
        to = row[2].strip()
        assert to == ("–" if move.to is None else move.to.name.lower()), move.kind
        names = [s.name.lower() for s in move.sources]
        written = row[1].strip()
        if written not in ("nothing yet", "open", "registered to rectifying"):
            assert written.split(", ") == names, move.kind
    assert all(f"| `{reason}` |" in text for reason in REASONS if reason)


def _ledger(path: Path, payloads: list[str]) -> str:
    """An event table of two counties with honest hashes; returns the last head."""
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE event ({', '.join(EVENT_COLUMNS)})")
    head = GENESIS
    for county in ("000001", "000002"):
        rows = [
            (county, n, "hazard:α", n, "hazard", "verified", *[2**45] * 5, "某人", "grid", "update",
             f"{n}", "0" * 16, "d" * 64, payload)
            for n, payload in enumerate(payloads, 1)
        ]  # fmt: skip
        hashes = chain(GENESIS, rows)
        for row, previous, own in zip(rows, [GENESIS, *hashes], hashes, strict=False):
            marks = ", ".join("?" * len(EVENT_COLUMNS))
            connection.execute(f"INSERT INTO event VALUES ({marks})", (*row, previous, own))
        head = hashes[-1]
    connection.commit()
    connection.close()
    return head


def _verify(path: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "tools/verify_ledger.py"
    return subprocess.run(
        [sys.executable, "-I", str(script), str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_printed_verifier_agrees_with_the_ledger_and_finds_a_change(tmp_path: Path) -> None:
    path = tmp_path / "bihuan.sqlite"
    payloads = [json.dumps({"a": word}) for word in ("隐患", 'quote " and \\ and \u2028', "\x7f")]
    head = _ledger(path, payloads)
    found = _verify(path)
    assert found.returncode == 0, found.stderr
    assert f"\n000002: {len(payloads)} events, head {head}, root " in found.stdout
    assert found.stdout.endswith("\nok\n")
    changes = (
        "UPDATE event SET payload = '{}' WHERE seq = 2 AND county = '000001'",
        "DELETE FROM event WHERE seq = 1 AND county = '000002'",
    )
    for number, change in enumerate(changes):
        copy = tmp_path / f"{number}.sqlite"
        copy.write_bytes(path.read_bytes())
        with sqlite3.connect(copy) as connection:
            connection.execute(change)
        assert "was changed" in _verify(copy).stdout


def test_the_seal_that_is_shown_is_one_and_its_proof_holds() -> None:
    (block,) = _blocks(ROOT / "docs/ledger-format.md", "json")
    shown = SealFile.model_validate_json(block)
    assert shown.previous is not None
    roots = bytes.fromhex(shown.previous.root), bytes.fromhex(shown.root)
    path = [bytes.fromhex(each) for each in shown.consistency]
    assert is_consistent(shown.previous.size, shown.size, path, *roots)


def test_the_standalone_verifier_imports_nothing_but_the_standard_library() -> None:
    (module,) = (m for m in modules("tools") if m.path == "tools/verify_ledger.py")
    assert module.imports() <= set(sys.stdlib_module_names)


def test_hashing_in_the_document_is_what_is_hashed() -> None:
    table = re.findall(r"^\| (\d+) \| `(\w+)` \|", _text(ROOT / "docs/ledger-format.md"), re.M)
    assert tuple(name for _, name in table) == EVENT_COLUMNS
    assert [int(number) for number, _ in table] == list(range(1, len(EVENT_COLUMNS) + 1))
    row = ["000001", 1, "payload"]
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    assert chain(GENESIS, [row]) == [hashlib.sha256((GENESIS + text).encode()).hexdigest()]


def test_figures_of_real_data_are_those_that_the_tests_assert() -> None:
    from tests.real import test_hpd_bronx as bronx
    from tests.real import test_shenzhen_selfcheck as shenzhen

    text = _text(ROOT / "docs/real-data.md")
    for event, count in bronx.EVENTS.items():
        assert f"| `{event}` | {count:,} |" in text
    counts = (bronx.ROWS, bronx.CLOSED_ON_TIME, bronx.CLOSED_LATE, bronx.ROWS - bronx.WITHOUT_BOARD)
    more = (shenzhen.ROWS, shenzhen.WORTHLESS, shenzhen.SAID_RECTIFIED)
    refused = (*shenzhen.REFUSED_BY.values(), sum(shenzhen.REFUSED_BY.values()))
    assert [n for n in (*counts, *more, *refused) if f"{n:,}" not in text] == []


def test_decisions_follow_the_template() -> None:
    for page in (ROOT / "docs/decisions").glob("0*.md"):
        text = _text(page)
        assert text.startswith(f"# {page.name[:4]}: "), page.name
        headings = [h for h in HEADING.findall(text) if not h.startswith(page.name[:4])]
        assert headings == ["Context", "Decision", "Consequences", "Tried and left"], page.name
        assert len(text.splitlines()) <= 60, page.name
