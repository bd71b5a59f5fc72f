"""An edition that is published under kill -9 is the old one or the new one, never half of it.

Edition 2 of a week with all its renderings, the draft and its letters to the towns, and both sites.
Two kills in every run, 50 nightly, by the same code; broken ways of publishing are caught by it.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.code import ROOT
from tests.publishing.county import collected, published

Answer = dict[str, Any]


def killed(folder: Path, kills: int, broken: str = "") -> Answer:
    command = [sys.executable, "-m", "tests.publishing.kill_driver", str(folder), str(kills)]
    done = subprocess.run(
        [*command, broken], cwd=ROOT, capture_output=True, text=True, start_new_session=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: Answer = json.loads(done.stdout)
    assert sum(len(each["done"]) for each in answer.values()) == kills
    return answer


def faults(answer: Answer) -> list[str]:
    return [
        f"{way}: {fault}"
        for way, each in answer.items()
        for found in (_after_kills(each), _at_the_end(each))
        for fault in found
    ]


def _after_kills(each: Answer) -> Iterator[str]:
    for point in each["done"]:
        seen = point.pop("seen")
        yield from (f"{fault} after {point}" for fault in _half(seen, each["old"], each["new"]))


def _half(seen: Answer, old: Answer, new: Answer) -> Iterator[str]:
    """What is neither old nor new, and what is told before it is there."""
    for path, digest in seen["paths"].items():
        if digest not in (old["paths"][path], new["paths"][path]):
            yield f"{path} is half there"
    for table in ("rows", "drafts"):
        known = [*old[table], *new[table], *_opened(new[table])]
        yield from (f"{table}: {row[:4]}" for row in seen[table] if row not in known)
    is_in = {str(row[0]) for row in seen["rows"]}
    on_shelf = {p.split()[1] for p, d in seen["paths"].items() if p.startswith("editions") and d}
    if not is_in <= on_shelf:
        yield f"rows of editions {is_in - on_shelf} without their files"
    if seen["paths"]["latest"].strip() not in is_in:
        yield f"latest says {seen['paths']['latest'].strip()}, the store has {is_in}"
    for site in ("site", "site-internal"):
        if seen["paths"][site] != old["paths"][site] and len(is_in) < 2:
            yield f"{site} shows an edition that is not published"
    yield from seen["audit"]
    signed = sum(row[2] == "signed" for row in seen["drafts"])
    if seen["drafts"] and signed != len(is_in):
        yield f"{signed} drafts are signed, {len(is_in)} editions are out"


def _opened(drafts: list[Any]) -> list[Any]:
    """The same drafts before they were signed."""
    return [[row[0], row[1], "open", "", *row[4:]] for row in drafts]


def _at_the_end(each: Answer) -> Iterator[str]:
    for end in each["ended"]:
        differing = [key for key in each["new"] if end[key] != each["new"][key]]
        yield from (f"{key} is not that of a run that nobody killed" for key in differing)
        told = Counter((recipient, key) for key, recipient, *_ in end["messages"])
        yield from (f"{who} was told {n} times" for who, n in told.items() if n != 1)
        numbers = [issue[1:] for issue in end["issues"]]
        if numbers != [[1, 0], [1, 1]]:
            yield f"issue numbers {numbers}"
        if end["pending"] or end["left"] or end["audit"]:
            yield f"left over: {end['pending']} drafts, {end['left']}, {end['audit']}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    return collected(tmp_path_factory.mktemp("base") / "base", migrated_file)


def homes(base: Path, folder: Path, *ways: str) -> Path:
    for way in ways:
        published(base, folder / way, signed=way == "signed")
    return folder


RUNS = [
    pytest.param(2, ["signed"], marks=pytest.mark.timeout(900)),
    pytest.param(
        50, ["signed", "straight"], marks=[pytest.mark.nightly, pytest.mark.timeout(1800)]
    ),
]


@pytest.mark.parametrize(("kills", "ways"), RUNS)
def test_publishing_that_is_killed_shows_old_or_new_and_ends_as_if_it_were_not(
    base: Path, tmp_path: Path, kills: int, ways: list[str]
) -> None:
    answer = killed(homes(base, tmp_path, *ways), kills)
    assert [len(each["new"]["rows"]) for each in answer.values()] == [2] * len(ways)
    assert len(answer["signed"]["new"]["messages"]) >= 2 * 18
    assert faults(answer) == []


@pytest.mark.parametrize(
    ("broken", "kills", "said"),
    [
        ("in_place", 2, "editions 2 is half there"),
        pytest.param(
            *("pointer_first", 8, "latest says 2, the store has {'1'}"), marks=pytest.mark.nightly
        ),
    ],
)
@pytest.mark.timeout(900)
def test_a_broken_way_of_publishing_is_caught(
    base: Path, tmp_path: Path, broken: str, kills: int, said: str
) -> None:
    found = faults(killed(homes(base, tmp_path, "straight"), kills, broken))
    assert any(said in fault for fault in found), found
