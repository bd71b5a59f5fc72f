"""Lists that are whole each time: what is new, what changed, and that absence closes nothing."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tasks.auditing import audit
from tasks.county import County
from tasks.intake.collect import SourceReport, collect_source
from tasks.sources.base import Pulled, SourceDown, SourceRefused
from tasks.sources.snapshot import pull
from tests.sources.county import FINDING, NOW, county_of, finding, query, taken

LIST = {"type": "snapshot"}
HOUR_MS = 3_600_000
# The deadline a row shows, as an update of its own for every deadline it ever showed.
DEADLINE = {
    "record": "update",
    "where": [{"column": "due", "filled": True}],
    "fields": {
        "source_id": {"from": ["id", "due"], "join": ":"},
        "finding_id": "id",
        "event": {"const": "extended"},
        "happened_at": {"from": "updated_at", "time": "iso"},
        "due_date": {"from": "due", "date": "%Y-%m-%d"},
        "sent_at": {"from": "updated_at", "time": "iso"},
    },
}


def drop(folder: Path, name: str, rows: list[Any], stamp: int | None = None) -> Path:
    path = folder / name
    content = json.dumps(rows).encode()
    path.write_bytes(gzip.compress(content, mtime=stamp) if name.endswith(".gz") else content)
    return path


def names(found: list[Pulled]) -> list[str]:
    return [part.name for pulled in found for part in pulled.parts]


# from a folder


def test_files_come_in_the_order_of_their_names_each_as_one_delivery(
    ask: Any, tmp_path: Path
) -> None:
    for name in (
        "2024-02.json.gz",
        "2024-03.json",
        "2024-01.json.gz",
        "2024-02.json.part",
        ".x.json",
    ):
        drop(tmp_path, name, [{"id": name}])
    found = list(pull(ask(LIST, folder=tmp_path)))
    assert names(found) == ["2024-01.json.gz", "2024-02.json.gz", "2024-03.json"]
    assert json.loads(found[0].parts[0].content) == [{"id": "2024-01.json.gz"}]
    assert {p.media for p in found} == {"json"}


def test_the_same_list_compressed_again_is_the_same_bytes(ask: Any, tmp_path: Path) -> None:
    drop(tmp_path, "a.json.gz", [{"id": 1}], stamp=1)
    drop(tmp_path, "b.json.gz", [{"id": 1}], stamp=2)
    first, second = pull(ask(LIST, folder=tmp_path))
    assert first.parts[0].content == second.parts[0].content


def test_a_file_that_comes_late_under_an_early_name_is_taken(ask: Any, tmp_path: Path) -> None:
    drop(tmp_path, "2024-02.json", [])
    (first,) = pull(ask(LIST, folder=tmp_path))
    drop(tmp_path, "2024-01.json", [])
    late = list(pull(ask(LIST, first.cursor_after, folder=tmp_path)))
    assert "2024-01.json" in names(late)
    assert len(list(pull(ask(LIST, late[-1].cursor_after, folder=tmp_path)))) == 1


def test_the_cursor_never_passes_a_file_that_is_still_to_come(ask: Any, tmp_path: Path) -> None:
    for name in ("c.json", "a.json", "b.json"):  # c changed first
        drop(tmp_path, name, [])
        os.utime(tmp_path / name)
    changed = {p.name: p.stat().st_ctime_ns for p in tmp_path.iterdir()}
    found = list(pull(ask(LIST, folder=tmp_path)))
    assert [int(p.cursor_after) for p in found] == [
        changed["c.json"], changed["c.json"], max(changed.values())
    ]  # fmt: skip


def bad_gzip(content: bytes) -> bytes:
    return gzip.compress(content)[:-9]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[{", "not JSON"),
        (b'{"rows": []}', "no list of rows"),
        (b"\x1f\x8bgarbage", "damaged"),
        (bad_gzip(b"[]"), "cut off"),
        (gzip.compress(b"[]") + gzip.compress(b"[]"), "something behind"),
        (gzip.compress(b"[" + b" " * 70_000 + b"]"), "more than 65,536 bytes"),
    ],
    ids=["json", "no-list", "magic", "cut-off", "tail", "bomb"],  # gzip holds the time
)
def test_a_file_that_cannot_be_read_is_named_and_stays_before_the_cursor(
    ask: Any, tmp_path: Path, content: bytes, reason: str
) -> None:
    drop(tmp_path, "a.json", [])
    bad = tmp_path / "b.json"
    bad.write_bytes(content)
    drop(tmp_path, "c.json", [])
    found = []
    with pytest.raises(SourceDown, match=rf"b\.json: .*{reason}"):
        for pulled in pull(ask(LIST, folder=tmp_path, max_bytes=65_536)):
            found.append(pulled)
    assert names(found) == ["a.json", "c.json"]
    assert int(found[-1].cursor_after) <= bad.stat().st_ctime_ns


@pytest.mark.parametrize("settings", [{}, {"url": "http://127.0.0.1:1", "folder": "there"}])
def test_a_snapshot_lives_in_one_place(ask: Any, settings: dict[str, str]) -> None:
    with pytest.raises(SourceRefused, match="either"):
        list(pull(ask(LIST, **settings)))


# from a URL


def test_a_list_from_a_url_plain_or_gzipped_is_one_delivery(
    httpserver: HTTPServer, ask: Any
) -> None:
    body = b'{"data": {"rows": [{"id": "006"}]}}'
    httpserver.expect_request("/list.json").respond_with_data(body)
    httpserver.expect_request("/list.json.gz").respond_with_data(gzip.compress(body))
    for path in ("/list.json", "/list.json.gz"):
        connector = {**LIST, "path": path, "rows": "data.rows"}
        (pulled,) = pull(ask(connector, url=httpserver.url_for("")))
        assert pulled.parts[0].content == body


def test_a_list_that_has_not_changed_is_a_delivery_without_rows(
    httpserver: HTTPServer, ask: Any
) -> None:
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response("[]", headers={"ETag": '"v1"'})

    httpserver.expect_request("/list").respond_with_handler(answer)
    url = httpserver.url_for("/list")
    (first,) = pull(ask(LIST, url=url))
    (second,) = pull(ask(LIST, first.cursor_after, url=url))
    assert (second.parts, second.cursor_after) == ((), first.cursor_after)


@pytest.mark.parametrize(("body", "status"), [(b"<html>", 200), (b"[]", 500), (b"\x1f\x8b", 200)])
def test_what_is_no_list_is_no_delivery(
    httpserver: HTTPServer, ask: Any, body: bytes, status: int
) -> None:
    httpserver.expect_request("/list").respond_with_data(body, status=status)
    with pytest.raises(SourceDown):
        list(pull(ask(LIST, url=httpserver.url_for("/list"))))


def test_a_list_that_moves_from_a_url_to_a_folder_begins_anew(
    httpserver: HTTPServer, ask: Any, tmp_path: Path
) -> None:
    httpserver.expect_request("/list").respond_with_data("[]", headers={"ETag": '"v1"'})
    url = httpserver.url_for("/list")
    (before,) = pull(ask(LIST, url=url))
    drop(tmp_path, "a.json", [])
    (moved,) = pull(ask(LIST, before.cursor_after, folder=tmp_path))
    (back,) = pull(ask(LIST, moved.cursor_after, url=url))
    assert len(moved.parts) == len(back.parts) == 1


# through the intake

Collect = Callable[..., SourceReport]


@pytest.fixture
def county(tmp_path: Path) -> County:
    (tmp_path / "drop").mkdir()
    return county_of(tmp_path, LIST, [FINDING, DEADLINE], folder=tmp_path / "drop")


@pytest.fixture
def collect(county: County, tmp_path: Path) -> Collect:
    """collect(hour, row, …): the next snapshot lists these rows and is collected."""

    def run(hour: int, *rows: dict[str, Any]) -> SourceReport:
        drop(tmp_path / "drop", f"{hour:03d}.json.gz", list(rows), stamp=hour)
        return collect_source(county, "feed", NOW + hour * HOUR_MS)

    return run


def open_hazards(county: County) -> int:
    present = "seq_to > 4000000000000000000 AND claimed_to > 4000000000000000000"
    return int(query(county, f"SELECT count(*) FROM hazard_span WHERE {present}")[0][0])


def test_unchanged_is_no_news_changed_is_a_revision_absent_is_nothing_and_back_is_the_same_hazard(
    county: County, collect: Collect
) -> None:
    a, b = finding("A", due="2025-03-20"), finding("B")
    first = collect(1, a, b)
    assert (first.taken, first.problem) == (2, "")
    facts = taken(county)

    b_later = finding("B", "2025-03-06T08:00:00Z", text="B号厂房通道仍堵塞")
    second = collect(2, a, b_later)
    assert (second.taken, second.refused) == (1, 0)
    assert len(taken(county)) == len(facts) + 1
    facts = taken(county)

    for hour in (3, 4):  # A is gone, in one list and in the next
        assert collect(hour, b_later).taken == 0
    assert collect(5).taken == 0  # everything is gone
    assert taken(county) == facts
    assert open_hazards(county) == 2, "absence never closes anything"

    assert collect(6, a, b_later).taken == 0, "it comes back as it was"
    assert taken(county) == facts
    a_later = finding("A", "2025-03-08T08:00:00Z", due="2025-03-25")
    assert collect(7, a_later, b_later).taken == 1
    ids = query(
        county, "SELECT DISTINCT stream_id FROM event WHERE record IN ('finding', 'update')"
    )
    assert len(ids) == 2, "back again is the same hazard, and its deadline moved"
    deadlines = [row for row in taken(county) if row[0] == "update"]
    assert [row[1] for row in deadlines] == ["A:2025-03-20", "A:2025-03-25"]
    assert audit(county).ok


def test_snapshots_that_waited_are_taken_together_as_if_one_by_one(
    county: County, collect: Collect, tmp_path: Path
) -> None:
    a = [finding("A", f"2025-03-0{n}T08:00:00Z", text=f"第{n}次描述") for n in (5, 6, 7)]
    for hour, row in enumerate(a):
        drop(tmp_path / "drop", f"{hour:03d}.json.gz", [row, finding("B")], stamp=hour)
    report = collect_source(county, "feed", NOW)
    assert (report.deliveries, report.received, report.taken) == (3, 6, 4)
    assert [row[1] for row in taken(county)] == ["A", "A", "A", "B"]
    assert collect_source(county, "feed", NOW + HOUR_MS).appended == 0
