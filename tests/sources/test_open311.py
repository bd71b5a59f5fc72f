"""GeoReport v2 as real servers speak it: cuts, pages, roots, errors, JSON and XML."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tasks.intake.landing import land
from tasks.intake.reading import read_rows
from tasks.sources.base import Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.open311 import pull

NOW = datetime(2025, 3, 10, tzinfo=UTC)
Item = dict[str, Any]


def items(count: int, *, spread: timedelta = timedelta(days=60)) -> list[Item]:
    return [
        {
            "service_request_id": f"{n:03d}",
            "status": "open",
            "requested_datetime": (NOW - spread * (n + 1) / (count + 1)).isoformat(),
            "address": None,
        }
        for n in range(count)
    ]


def as_json(rows: list[Item], root: str) -> Response:
    return Response(json.dumps(rows), content_type="application/json")


def as_xml(rows: list[Item], root: str) -> Response:
    inner = "".join(
        "<request>" + "".join(f"<{k}>{v or ''}</{k}>" for k, v in row.items()) + "</request>"
        for row in rows
    )
    return Response(f"<?xml version='1.0'?><{root}>{inner}</{root}>", content_type="text/xml")


def serve(
    server: HTTPServer,
    path: str,
    rows: list[Item],
    *,
    time_field: str = "requested_datetime",
    cut: int = 10_000,
    page_size: int | None = None,
    past_end: int | None = 200,
    shape: Callable[[list[Item], str], Response] = as_json,
    root: str = "service_requests",
) -> None:
    """A server that filters by time, cuts silently and, with `page_size`, knows `page`.

    `past_end`: the status of a page past the end; None answers the last page again.
    """

    def answer(request: Request) -> Response:
        first, last = (datetime.fromisoformat(request.args[k]) for k in ("start_date", "end_date"))
        assert last - first <= timedelta(days=90)
        found = [r for r in rows if first <= datetime.fromisoformat(r[time_field]) <= last][:cut]
        if page_size is None:
            return shape(found, root)
        pages = [found[n : n + page_size] for n in range(0, len(found), page_size)] or [[]]
        number = int(request.args.get("page", 1))
        if number <= len(pages):
            return shape(pages[number - 1], root)
        response = shape(pages[-1] if past_end is None else [], root)
        response.status_code = past_end or 200
        return response

    server.expect_request(path).respond_with_handler(answer)


@pytest.fixture
def request_to(httpserver: HTTPServer, ask: Any) -> Callable[..., PullRequest]:
    def build(
        cursor: str = "", now: datetime = NOW, token: str | None = None, **options: Any
    ) -> Any:
        connector = {"type": "open311", "updates": False, "window_days": 90, **options}
        ms = int(now.timestamp() * 1000)
        return ask(connector, cursor, ms, url=httpserver.url_for("/v2"), token=token)

    return build


def frame(request: PullRequest, pulled: Pulled, folder: Path) -> Any:
    delivery = land(folder, request.declaration, pulled, request.now, 0, lambda _: [])
    return read_rows(delivery, request.declaration)


@pytest.mark.parametrize(
    "server",
    [
        {},
        {"page_size": 7},
        {"page_size": 7, "past_end": 404},
        {"page_size": 7, "past_end": 400},
        {"page_size": 7, "past_end": None},
        {"page_size": 10},
    ],
)
def test_every_request_comes_once_whatever_paging_the_server_knows(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path, server: dict[str, Any]
) -> None:
    serve(httpserver, "/v2/requests.json", items(40), **server)
    request = request_to(window_days=20)
    (pulled,) = pull(request)
    rows = frame(request, pulled, tmp_path)
    assert sorted(rows["service_request_id"]) == [f"{n:03d}" for n in range(40)]
    assert set(rows["_kind"]) == {"request"}


def test_a_next_page_that_the_server_names_is_followed_on_its_own_host_only(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path
) -> None:
    first, second = items(4)[:2], items(4)[2:]
    following = {"X-Next-Page-URL": httpserver.url_for("/v2/more?after=2&key=x")}
    requests, more = "/v2/requests.json", "/v2/more"
    httpserver.expect_request(requests).respond_with_json(first, headers=following)
    httpserver.expect_request(more, query_string="after=2&key=x").respond_with_json(second)
    request = request_to("2025-03-09T00:00:00Z", overlap_hours=0, updates=False)
    (pulled,) = pull(request)
    assert len(frame(request, pulled, tmp_path)) == 4
    httpserver.clear_all_handlers()
    elsewhere = {"X-Next-Page-URL": "http://registry.example/v2/more"}
    httpserver.expect_request(requests).respond_with_json(first, headers=elsewhere)
    with pytest.raises(SourceRefused, match="another host"):
        list(pull(request))


def test_a_window_of_exactly_a_thousand_rows_is_halved_until_nothing_is_cut(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path
) -> None:
    serve(httpserver, "/v2/requests.json", items(2600), cut=1000)
    request = request_to()
    (pulled,) = pull(request)
    assert frame(request, pulled, tmp_path)["service_request_id"].nunique() == 2600


def test_a_thousand_rows_within_one_second_are_refused_rather_than_lost(
    httpserver: HTTPServer, request_to: Any
) -> None:
    serve(httpserver, "/v2/requests.json", items(1200, spread=timedelta(0)), cut=1000)
    with pytest.raises(SourceRefused, match="within one second"):
        list(pull(request_to()))


def test_a_first_pull_goes_back_until_nothing_is_left(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path
) -> None:
    serve(httpserver, "/v2/requests.json", items(30, spread=timedelta(days=800)))
    request = request_to(window_days=30)
    (pulled,) = pull(request)
    assert len(frame(request, pulled, tmp_path)) == 30
    assert json.loads(pulled.cursor_after)["at"] == "2025-03-10T00:00:00Z"


def test_a_later_pull_asks_from_the_overlap_before_the_cursor(
    httpserver: HTTPServer, request_to: Any
) -> None:
    serve(httpserver, "/v2/requests.json", [])
    updates = "/v2/servicerequestupdates.json"
    serve(httpserver, updates, [], time_field="updated_datetime")
    (pulled,) = pull(request_to("2025-03-09T00:00:00Z", updates=True, overlap_hours=24))
    asked = {r.path: r.args["start_date"] for r, _ in httpserver.log}
    assert asked == {"/v2/requests.json": "2025-03-08T00:00:00Z", updates: "2025-03-08T00:00:00Z"}
    assert [p.name for p in pulled.parts] == ["request-00001.json", "update-00002.json"]


def test_without_the_updates_extension_ninety_days_are_read_again(
    httpserver: HTTPServer, request_to: Any
) -> None:
    serve(httpserver, "/v2/requests.json", [])
    list(pull(request_to("2025-03-09T00:00:00Z")))
    assert min(r.args["start_date"] for r, _ in httpserver.log) == "2024-12-09T00:00:00Z"


def test_the_cursor_never_goes_back(httpserver: HTTPServer, request_to: Any) -> None:
    serve(httpserver, "/v2/requests.json", [])
    (pulled,) = pull(request_to("2025-03-10T08:00:00Z"))
    assert pulled.cursor_after == "2025-03-10T08:00:00Z"


def test_requests_and_updates_are_told_apart(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path
) -> None:
    serve(httpserver, "/v2/requests.json", items(2))
    update = {"update_id": "u1", "service_request_id": "001", "updated_datetime": NOW.isoformat()}
    path = "/v2/servicerequestupdates.json"
    serve(httpserver, path, [update], time_field="updated_datetime")
    request = request_to(updates=True)
    (pulled,) = pull(request)
    rows = frame(request, pulled, tmp_path)
    assert list(rows["_kind"]) == ["request", "request", "update"]
    assert list(rows["update_id"]) == ["", "", "u1"]
    assert list(rows["line"]) == [1, 2, 3]


@pytest.mark.parametrize("root", ["service_requests", "requests"])
def test_xml_is_read_under_either_root(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path, root: str
) -> None:
    serve(httpserver, "/v2/requests.xml", items(5), shape=as_xml, root=root, page_size=2)
    request = request_to(format="xml")
    (pulled,) = pull(request)
    rows = frame(request, pulled, tmp_path)
    assert sorted(rows["service_request_id"]) == ["000", "001", "002", "003", "004"]
    assert set(rows["address"]) == {""}


@pytest.mark.parametrize("root", ["service_requests", "requests"])
def test_json_may_be_wrapped_in_a_root_too(
    httpserver: HTTPServer, request_to: Any, tmp_path: Path, root: str
) -> None:
    httpserver.expect_request("/v2/requests.json").respond_with_json({root: items(2)})
    request = request_to("2025-03-09T00:00:00Z")
    (pulled,) = pull(request)
    assert len(frame(request, pulled, tmp_path)) == 2


@pytest.mark.parametrize(("jurisdiction", "sent"), [("cixi", "cixi"), (None, None), ("", None)])
def test_a_jurisdiction_is_sent_only_where_one_is_declared(
    httpserver: HTTPServer, request_to: Any, jurisdiction: str | None, sent: str | None
) -> None:
    serve(httpserver, "/v2/requests.json", [])
    list(pull(request_to(jurisdiction_id=jurisdiction)))
    assert {r.args.get("jurisdiction_id") for r, _ in httpserver.log} == {sent}


ERROR = {"code": 400, "description": "jurisdiction_id is unknown"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (json.dumps([ERROR]), "application/json", 400),
        (json.dumps(ERROR), "application/json", 404),
        (json.dumps({"errors": [ERROR]}), "application/json", 500),
        (json.dumps([ERROR]), "application/json", 200),
    ],
)
def test_an_error_is_reported_in_the_servers_words_and_never_read_as_data(
    httpserver: HTTPServer, request_to: Any, body: str, kind: str, status: int
) -> None:
    httpserver.expect_request("/v2/requests.json").respond_with_data(
        body, status=status, content_type=kind
    )
    with pytest.raises(SourceDown, match="jurisdiction_id is unknown"):
        list(pull(request_to()))


def test_an_xml_error_is_reported_too(httpserver: HTTPServer, request_to: Any) -> None:
    body = "<errors><error><code>403</code><description>key</description></error></errors>"
    httpserver.expect_request("/v2/requests.xml").respond_with_data(body, status=400)
    with pytest.raises(SourceDown, match=r"403 *key"):
        list(pull(request_to(format="xml")))


def test_an_html_page_with_500_is_refused(httpserver: HTTPServer, request_to: Any) -> None:
    httpserver.expect_request("/v2/requests.json").respond_with_data(
        "<html>Internal error</html>", status=500, content_type="text/html"
    )
    with pytest.raises(SourceDown, match="HTML"):
        list(pull(request_to()))


def test_xml_with_entities_is_refused(httpserver: HTTPServer, request_to: Any) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hosts">]><requests>&a;</requests>'
    httpserver.expect_request("/v2/requests.xml").respond_with_data(bomb)
    with pytest.raises(SourceRefused, match="entities are refused"):
        list(pull(request_to(format="xml")))


def test_a_refused_key_names_the_setting_and_the_key_is_in_no_address(
    httpserver: HTTPServer, request_to: Any
) -> None:
    httpserver.expect_request("/v2/requests.json").respond_with_data("[]", status=403)
    with pytest.raises(SourceRefused, match="token"):
        list(pull(request_to(token="canary-key")))
    (asked, _), *_ = httpserver.log
    assert asked.headers["Authorization"] == "Bearer canary-key"
    assert "canary-key" not in asked.url
