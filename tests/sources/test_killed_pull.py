"""A collect that is killed with -9 at any step goes on with the next one: nothing lost or doubled.

Three kills of one county, one after the other: between two pages, between landing and ledger, and
between ledger and cursor. In between, rows come late under equal and older times.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tasks.auditing import audit
from tasks.intake.collect import collect_source
from tasks.intake.landing import MANIFEST
from tasks.intake.reconciling import reconcile
from tasks.store.engine import open_engine, reading, sqlite_url
from tests.house.code import ROOT
from tests.sources.county import NOW, county_of, finding, query, taken
from tests.sources.pull_once import FEED

PAGES = 5
LAST = "2025-03-08T08:00:00Z"


class Feed:
    """A paged feed that honours `updated_since` and can hold its breath before a page."""

    def __init__(self, server: HTTPServer) -> None:
        self.rows = [finding(f"F{n:03d}", LAST) for n in range(20 * PAGES)]
        self.hold_at, self.held, self.go_on = 0, threading.Event(), threading.Event()
        server.expect_request("/feed").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        number, size = int(request.args["page"]), int(request.args["page_size"])
        if number == self.hold_at:
            self.held.set()
            self.go_on.wait(30)
        found = [r for r in self.rows if r["updated_at"] >= request.args.get("updated_since", "")]
        page = {"items": found[(number - 1) * size : number * size]}
        return Response(json.dumps(page), content_type="application/json")


@pytest.fixture
def feed(httpserver: HTTPServer) -> Feed:
    return Feed(httpserver)


def started(folder: Path, server: HTTPServer, *more: str) -> subprocess.Popen[str]:
    script = ["-m", "tests.sources.pull_once", str(folder), server.url_for(""), *more]
    command = [sys.executable, *script]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)


def killed_when(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    """Kill this very process the moment something is seen of it."""
    until = time.monotonic() + 90
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def events(folder: Path) -> int:
    """How many findings the ledger holds, read past the process that writes it."""
    with reading(_engine(sqlite_url(folder / "home" / "bihuan.sqlite"))) as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM event WHERE record = 'finding'")
        return int(found.scalar() or 0)


_engine = cache(open_engine)


@pytest.mark.timeout(600)
def test_a_collect_killed_three_times_loses_and_doubles_nothing(
    httpserver: HTTPServer, feed: Feed, tmp_path: Path
) -> None:
    county_of(tmp_path, FEED, url=httpserver.url_for("")).engine.dispose()
    landing = tmp_path / "home" / "landing"

    feed.hold_at = 3
    killed_when(started(tmp_path, httpserver), feed.held.is_set)
    feed.hold_at = 0
    feed.go_on.set()
    assert (list(landing.glob("*/feed/*")), events(tmp_path)) == ([], 0)

    delivered = f"*/feed/??/*/{MANIFEST}"
    killed_when(started(tmp_path, httpserver), lambda: any(landing.glob(delivered)))
    assert events(tmp_path) == 0
    feed.rows += [finding("equal", LAST), finding("older", "2025-03-08T06:30:00Z")]

    killed_when(started(tmp_path, httpserver), lambda: events(tmp_path) > 0)
    feed.rows.append(finding("after the ledger", "2025-03-08T07:00:00Z"))
    county = county_of(tmp_path, FEED, url=httpserver.url_for(""))
    assert collect_source(county, "feed", NOW).problem == ""
    assert [row[1] for row in taken(county)] == sorted(r["id"] for r in feed.rows)
    assert query(county, "SELECT cursor FROM source_cursor") == [(LAST,)]
    again = collect_source(county, "feed", NOW)
    assert (again.appended, again.received) == (0, len(feed.rows))
    assert reconcile(county, "feed", NOW).differences == 0
    assert audit(county).ok


@pytest.mark.timeout(600)
def test_a_cursor_that_moves_before_its_rows_are_landed_is_caught_losing_them(
    httpserver: HTTPServer, feed: Feed, tmp_path: Path
) -> None:
    """The negative control: the same kill, the same comparison, the broken order."""
    feed.rows = [finding(f"F{day}", f"2025-03-0{day}T08:00:00Z") for day in range(1, 9)]
    county_of(tmp_path, FEED, url=httpserver.url_for("")).engine.dispose()
    mark = tmp_path / "moved"
    killed_when(started(tmp_path, httpserver, str(mark)), mark.exists)
    county = county_of(tmp_path, FEED, url=httpserver.url_for(""))
    assert collect_source(county, "feed", NOW).problem == ""
    lost = [source_id for _, source_id in reconcile(county, "feed", NOW).missing]
    assert lost == [f"F{day}" for day in range(1, 8)]
