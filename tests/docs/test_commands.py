"""What our documents tell a reader to type is typed: in a lived home, in order, to the end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.parsing import fault
from tests.docs.reading import Line, lines
from tests.docs.world import Reader, World, a_world
from tests.house.code import ROOT

PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


READ = {_name(page): list(lines(page, _name(page))) for page in PAGES}
# A page in Chinese shows the commands of its English one (tested below), which is run.
TWINS = [name for name in READ if name.endswith(".zh-CN.md") and READ[name]]
RUN = {n: found for n, found in READ.items() if n not in TWINS and any(x.runs for x in found)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as lived:
        yield lived


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", RUN)
def test_every_line_of_a_document_ends_as_it_says(
    name: str, world: World, tmp_path: Path, own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _wrong(world, name, RUN[name], tmp_path, monkeypatch) == []


def _wrong(
    world: World, name: str, found: list[Line], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """What did not end as the document says, with the first words of its answer."""
    reader = world.reader(name, folder)
    monkeypatch.chdir(reader.work)
    wrong = []
    for line in (one for one in found if one.runs):
        if told := _ends(reader, line):
            wrong.append(f"{line}: {told}")
    return wrong


def _ends(reader: Reader, line: Line) -> str:
    """How a line ends otherwise than its document says, "" if it does not."""
    try:
        done = reader.types(line.text)
    except (StopIteration, KeyError) as error:
        return f"{type(error).__name__} {error}: this home has nothing of the kind"
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return f"{type(done.exception).__name__}: {done.exception}"
    return "" if done.exit_code == line.code else f"{done.exit_code}: {done.output[-300:]}"


@pytest.mark.parametrize("name", READ)
def test_the_program_knows_every_command_and_option_that_is_written(name: str) -> None:
    assert {str(line): told for line in READ[name] if (told := fault(line.text))} == {}


def test_what_is_not_run_says_why() -> None:
    left = [line for found in READ.values() for line in found if not line.runs or line.code]
    assert [str(line) for line in left if len(line.reason) < 8] == []
    everything = sum(map(len, READ.values()))
    assert len([line for line in left if not line.runs]) < everything / 8


@pytest.mark.parametrize("name", TWINS)
def test_a_page_in_chinese_shows_the_commands_of_its_english_one(name: str) -> None:
    """But for what is said in words: reasons, evidence, why something is not run."""
    ours, theirs = READ[name], READ[name.replace(".zh-CN", "")]
    assert [_without_words(line) for line in ours] == [_without_words(line) for line in theirs]


def _without_words(line: Line) -> tuple[str, bool, int]:
    bare = re.sub(r"--(reason|evidence) (\"[^\"]*\"|\S+)", r"--\1", line.text)
    return bare, line.runs, line.code


BROKEN = """
    bihuan source lst --home HOME
    bihuan source list --hime HOME
    bihuan explain 2025-W10 towns.000000000.overdue --home HOME

<!-- exits 1: it is said to fail, and does not -->

    bihuan source list --home HOME

<!-- not run (bulletin sign): nobody signs here -->

    bihuan bulletin sign --kind monthly --period 2025-05 --signer LEADER
    bihuan bulletin sing --period 2025-05
    bihuan source list --home HOME      an explanation

```sh
bihuan source list --home HOME  # fine
BIHUAN_LANG=en .venv/bin/bihuan source shw grid
```
"""


def test_lines_that_are_wrong_are_found(
    world: World, tmp_path: Path, own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "broken.md"
    page.write_text(BROKEN, "utf-8")
    found = list(lines(page, page.name))
    assert [line.number for line in found] == [2, 3, 4, 8, 12, 13, 14, 17, 18]
    assert [n.number for n in found if fault(n.text)] == [2, 3, 12, 13, 18]
    wrong = _wrong(world, page.name, found, tmp_path / "reader", monkeypatch)
    assert [int(told.split(":")[1].split()[0]) for told in wrong] == [2, 3, 4, 8, 13, 18]
