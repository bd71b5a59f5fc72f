"""A reporter goes through every flow, failures included, and is nowhere but sealed in the vault."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.canary import birds
from tests.house.code import ROOT
from tests.postgresql.ways import ON_POSTGRESQL, PYTHON_PATH

pytestmark = pytest.mark.timeout(600)

# What went through each of these, and so would the canary have: the search reaches there.
SINGS = (
    "console/said.txt",
    "landing/999001/complaints/",
    "landing/999001/letters/",
    "landing/999001/tips/",
    "loose/bihuan.sqlite!event",
    "loose/bihuan.sqlite!finding",
    "loose/bihuan.sqlite!quarantine",
    "outgoing/letters/",
    "outgoing/tips/",
    "papers/slip.docx!",
    "papers/hazards.csv",
    "papers/hazards.xlsx!",
)
# Where it is as soon as a source is declared without its reporters.
LEAKS = (
    "console/said.txt",
    "landing/999001/letters/",
    "landing/999001/tips/",
    "log/bihuan.log",
    "loose/bihuan.sqlite!event",
    "loose/bihuan.sqlite!finding",
    "loose/bihuan.sqlite!quarantine",
    "loose/bihuan.sqlite-wal",
    "outgoing/letters/",
    "prefect/prefect.db!artifact",
    "prefect/prefect.db-wal",
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("canary")
    done = subprocess.run(
        [sys.executable, "-m", "tests.canary.story", str(folder)],
        env={**os.environ, "PYTHONPATH": PYTHON_PATH, "BIHUAN_LANG": "zh"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    own = [c for c in birds.CANARIES if c in done.stderr]
    assert own == [], "what it says on stderr is searched as well"
    return found


def reached(places: list[str], wanted: tuple[str, ...]) -> list[str]:
    """Which of the wanted places none of these is or lies below."""
    return [place for place in wanted if not any(p.startswith(place) for p in places)]


def test_the_reporter_is_in_no_byte_of_logs_databases_pages_workbooks_papers_or_messages(
    story: dict[str, Any],
) -> None:
    assert story["hits"] == []


def test_not_even_the_vaults_own_files_tell_who_it_is(story: dict[str, Any]) -> None:
    assert story["sealed"] == []


def test_what_stood_beside_the_reporter_is_found_by_the_same_search(story: dict[str, Any]) -> None:
    assert reached(story["sings"], SINGS) == []


def test_every_flow_ran_and_the_failures_failed(story: dict[str, Any]) -> None:
    runs = [tuple(run) for run in story["runs"]]
    done = {flow for flow, how in runs if how == "done"}
    assert done == {"collect", "supervise", "bulletin", "late", "act", "audit"}
    failed = {(flow, how) for flow, how in runs if how != "done"}
    assert failed == {("collect", "NotADirectoryError"), ("act", "ActRefused")}
    assert story["audit"] == []


def test_every_broken_delivery_was_named_with_its_reason(story: dict[str, Any]) -> None:
    problems = {each["source"]: each["reason"] for each in story["degraded"]}
    feeds = {"feed_halfway", "feed_cut", "feed_twice", "feed_keyed", "feed_texts", "feed_error"}
    assert set(problems) == {"letters", *feeds}
    for file in ("b.csv", "c.csv", "d.csv", "e.xlsx"):
        assert file in problems["letters"]
    assert "row 1 is not an object" in problems["feed_texts"]


def test_the_custodian_and_nobody_else_reads_it_whole(story: dict[str, Any]) -> None:
    opened = story["opened"]
    assert opened["举报人"] == birds.NAME
    assert (opened["联系电话"], opened["身份证号"]) == (birds.PHONE, birds.ID)
    assert (opened["住址"], opened["邮箱"]) == (birds.ADDRESS, birds.MAIL)
    assert opened["描述"].endswith(birds.NARRATIVE)
    assert opened["commitment"] == "matches"


def test_a_source_whose_reporters_nobody_declared_is_found_out_everywhere(
    story: dict[str, Any],
) -> None:
    wanted = [w for w in LEAKS if not (ON_POSTGRESQL and w == "loose/bihuan.sqlite-wal")]
    assert reached(story["leaked"], wanted) == []
    assert {"utf-8", "gb18030", "json2"} <= set(story["leaked_spellings"])
