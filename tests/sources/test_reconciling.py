"""Everything asked for again finds what our side lacks or has otherwise, and changes nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tasks.county import County
from tasks.intake.collect import collect_source, land_one
from tasks.intake.landing import landed
from tasks.intake.reconciling import reconcile
from tasks.sources.base import PullRequest
from tasks.sources.registry import puller
from tasks.store import submissions
from tasks.store.engine import reading, writing
from tests.sources.county import NOW, county_of, finding, query, taken

FEED = {"type": "http_json", "path": "/feed", "page_size": 2, "updated_field": "updated_at"}
HOUR_MS = 3_600_000


@pytest.fixture
def items(httpserver: HTTPServer) -> list[dict[str, Any]]:
    """What the feed has; it honours `updated_since`."""
    rows = [finding(f"F{n}", f"2025-03-0{n}T08:00:00Z") for n in range(1, 6)]

    def answer(request: Request) -> Response:
        found = [r for r in rows if r["updated_at"] >= request.args.get("updated_since", "")]
        start = (int(request.args["page"]) - 1) * 2
        page = {"items": found[start : start + 2]}
        return Response(json.dumps(page), content_type="application/json")

    httpserver.expect_request("/feed").respond_with_handler(answer)
    return rows


@pytest.fixture
def county(httpserver: HTTPServer, items: list[Any], tmp_path: Path) -> County:
    return county_of(tmp_path, FEED, url=httpserver.url_for(""))


def cursor(county: County) -> tuple[str, submissions.Pulls]:
    with reading(county.engine) as connection:
        return submissions.cursor(connection, county.code, "feed")


def test_after_a_collect_nothing_differs_and_reconciling_changes_nothing(
    county: County, items: list[dict[str, Any]]
) -> None:
    items.append(finding("bad", found_at="2025-02-30T08:00:00Z"))
    assert collect_source(county, "feed", NOW).refused == 1
    before = taken(county), cursor(county), len(landed(county.landing, "feed"))
    found = reconcile(county, "feed", NOW + HOUR_MS)
    assert (found.rows, found.differences, found.problem) == (6, 0, "")
    assert (taken(county), cursor(county), len(landed(county.landing, "feed"))) == before


def test_a_row_that_came_under_a_time_before_the_overlap_is_found(
    county: County, items: list[dict[str, Any]]
) -> None:
    collect_source(county, "feed", NOW)
    items.append(finding("late", "2025-03-01T08:00:00Z"))
    assert collect_source(county, "feed", NOW + HOUR_MS).taken == 0
    found = reconcile(county, "feed", NOW + HOUR_MS)
    assert found.missing == (("finding", "late"),)
    assert found.different == ()
    assert collect_source(county, "feed", NOW + HOUR_MS, whole=True).taken == 1
    assert reconcile(county, "feed", NOW + HOUR_MS).differences == 0


def test_a_row_that_was_changed_under_its_old_time_is_found(
    county: County, items: list[dict[str, Any]]
) -> None:
    collect_source(county, "feed", NOW)
    items[0]["text"] = "改过的描述"
    found = reconcile(county, "feed", NOW + HOUR_MS)
    assert (found.missing, found.different) == ((), (("finding", "F1"),))


def test_a_row_that_was_deleted_from_our_landing_before_it_was_taken_is_found(
    county: County, items: list[dict[str, Any]]
) -> None:
    collect_source(county, "feed", NOW)
    items.append(finding("lost", "2025-03-06T08:00:00Z"))
    declaration, settings = county.sources["feed"], county.source_settings("feed")
    (pulled,) = puller(declaration)(PullRequest(declaration, settings, "", NOW))
    delivery = land_one(county, declaration, pulled, NOW, submissions.Pulls(NOW))
    shutil.rmtree(delivery.path)
    with writing(county.engine) as connection:
        pulls = submissions.Pulls(NOW)
        submissions.move_cursor(connection, county.code, "feed", "2025-03-09T00:00:00Z", pulls)
        connection.commit()
    assert collect_source(county, "feed", NOW + HOUR_MS).taken == 0, "nobody misses it"
    found = reconcile(county, "feed", NOW + HOUR_MS)
    assert found.missing == (("finding", "lost"),)


def test_what_the_source_no_longer_gives_is_no_difference(
    county: County, items: list[dict[str, Any]]
) -> None:
    collect_source(county, "feed", NOW)
    del items[:3]
    found = reconcile(county, "feed", NOW + HOUR_MS)
    assert (found.rows, found.differences) == (2, 0)


def test_a_source_that_is_down_says_so(
    county: County, httpserver: HTTPServer, items: list[dict[str, Any]]
) -> None:
    collect_source(county, "feed", NOW)
    httpserver.clear()
    httpserver.expect_request("/feed").respond_with_data("", status=500)
    found = reconcile(county, "feed", NOW)
    assert (found.rows, found.differences) == (0, 0)
    assert "HTTP 500" in found.problem
    assert query(county, "SELECT count(*) FROM quarantine") == [(0,)]
