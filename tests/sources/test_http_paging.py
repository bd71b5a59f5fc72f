"""Every paging style against a server that pages so, and the rows that come late."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from schemas.connectors import HttpJson
from tasks.sources.base import Pulled, SourceDown, SourceRefused
from tasks.sources.http_json import pull

FEED = {"type": "http_json", "path": "/feed", "page_size": 3, "updated_field": "updated_at"}
STYLES: dict[str, dict[str, Any]] = {
    "page": {"paging": "page"},
    "offset": {"paging": "offset", "size_parameter": "limit"},
    "cursor": {"paging": "cursor", "next_field": "meta.next"},
    "cursor under another name": {
        "paging": "cursor",
        "page_parameter": "after",
        "next_field": "meta.next",
    },
    "link in the body": {"paging": "link", "next_field": "links.next"},
    "link in a header": {"paging": "link"},
    "X-Next-Page-URL": {"paging": "link"},
}
Row = dict[str, Any]


def rows(count: int) -> list[Row]:
    return [
        {"id": f"{n:04d}", "updated_at": f"2025-03-0{n % 7 + 1}T08:00:00Z"} for n in range(count)
    ]


def serve(server: HTTPServer, style: str, items: list[Row], clamp: int = 3) -> None:
    """A server that knows this style and no other, and never gives more than `clamp` rows."""

    def start_of(request: Request) -> int:
        if style == "page":
            return (int(request.args["page"]) - 1) * clamp
        name = "after" if "another" in style else "cursor"
        if style.startswith("cursor"):
            assert request.args.get(name) != "", "no cursor is not an empty cursor"
            return int(request.args.get(name, "s0")[1:])
        return int(request.args.get("offset", 0))

    def answer(request: Request) -> Response:
        start = start_of(request)
        end = start + clamp
        more = end < len(items)
        link = f"/feed?offset={end}&size=x" if more else None
        page = {
            "items": items[start:end],
            "meta": {"next": f"s{end}" if more else None},
            "links": {"next": link},
        }
        response = Response(json.dumps(page), content_type="application/json")
        if more and "header" in style:
            first = f'<{server.url_for("/feed")}?offset=0>; rel="first"'
            response.headers["Link"] = f'{first}, <{server.url_for(str(link))}>; rel="next"'
        if more and style.startswith("X-"):
            response.headers["X-Next-Page-URL"] = str(link)
        return response

    server.expect_request("/feed").respond_with_handler(answer)


def delivered(pulled: Pulled) -> list[str]:
    return [row["id"] for part in pulled.parts for row in json.loads(part.content)["items"]]


@pytest.fixture
def pulled_as(httpserver: HTTPServer, ask: Any) -> Callable[..., Pulled]:
    def run(style: str = "page", cursor: str = "", **options: Any) -> Pulled:
        connector = {**FEED, **STYLES[style], **options}
        (pulled,) = pull(ask(connector, cursor, url=httpserver.url_for("")))
        return pulled

    return run


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize("style", STYLES)
def test_every_row_comes_once_in_every_style(
    httpserver: HTTPServer, pulled_as: Any, style: str, count: int
) -> None:
    serve(httpserver, style, rows(count))
    assert delivered(pulled_as(style)) == [row["id"] for row in rows(count)]


@pytest.mark.parametrize("style", STYLES)
def test_a_page_size_that_is_clamped_silently_loses_nothing(
    httpserver: HTTPServer, pulled_as: Any, style: str
) -> None:
    serve(httpserver, style, rows(7), clamp=2)
    assert delivered(pulled_as(style)) == [row["id"] for row in rows(7)]


@pytest.mark.parametrize("style", ["offset", "page"])
def test_a_server_that_ignores_what_it_does_not_know_ends(
    httpserver: HTTPServer, pulled_as: Any, style: str
) -> None:
    httpserver.expect_request("/feed").respond_with_json({"items": rows(3)})
    assert delivered(pulled_as(style)) == ["0000", "0001", "0002"]


@pytest.mark.parametrize(("style", "following"), [("cursor", "s3"), ("link in the body", "/feed")])
def test_a_server_that_names_the_same_next_page_for_ever_ends(
    httpserver: HTTPServer, pulled_as: Any, style: str, following: str
) -> None:
    page = {"items": rows(3), "meta": {"next": following}, "links": {"next": following}}
    httpserver.expect_request("/feed").respond_with_json(page)
    assert len(pulled_as(style).parts) == 2


def test_an_empty_page_that_names_a_next_one_is_not_the_end(
    httpserver: HTTPServer, pulled_as: Any
) -> None:
    first = {"items": [], "meta": {"next": 17}}
    second = {"items": rows(1), "meta": {}}
    httpserver.expect_request(
        "/feed", query_string={"cursor": "17", "page_size": "3"}
    ).respond_with_json(second)
    httpserver.expect_request("/feed").respond_with_json(first)
    assert delivered(pulled_as("cursor")) == ["0000"]


@pytest.mark.parametrize("named", [True, {"href": "/feed"}, [1]])
def test_a_next_field_that_is_neither_cursor_nor_link_is_refused(
    httpserver: HTTPServer, pulled_as: Any, named: Any
) -> None:
    httpserver.expect_request("/feed").respond_with_json(
        {"items": rows(1), "meta": {"next": named}}
    )
    with pytest.raises(SourceRefused, match=r"meta\.next .next_field. is no cursor"):
        pulled_as("cursor")


@pytest.mark.parametrize(
    "target",
    [
        "http://registry.example/feed",
        "https://{host}/feed",
        "ftp://{host}/feed",
        "//registry.example/feed",
        "http://{host}@registry.example/feed",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:1/feed",
        "file:///etc/hostname",
    ],
)
@pytest.mark.parametrize("way", ["redirect", "next link"])
def test_neither_a_redirect_nor_a_next_link_leads_to_another_place(
    httpserver: HTTPServer, pulled_as: Any, target: str, way: str
) -> None:
    there = target.format(host=f"{httpserver.host}:{httpserver.port}")
    if way == "redirect":
        httpserver.expect_request("/feed").respond_with_data(
            "", status=302, headers={"Location": there}
        )
    else:
        httpserver.expect_request("/feed").respond_with_json(
            {"items": rows(1), "links": {"next": there}}
        )
    with pytest.raises(SourceRefused, match="another host") as caught:
        pulled_as("link in the body")
    assert caught.value.code == "redirect"
    assert len(httpserver.log) == 1


def test_a_next_link_that_is_no_address_is_refused(httpserver: HTTPServer, pulled_as: Any) -> None:
    page = {"items": rows(1), "links": {"next": "http://[::1"}}
    httpserver.expect_request("/feed").respond_with_json(page)
    with pytest.raises(SourceRefused, match=r"another host, \(no address\)"):
        pulled_as("link in the body")


def test_no_size_is_asked_for_where_the_declaration_says_so(
    httpserver: HTTPServer, pulled_as: Any
) -> None:
    serve(httpserver, "page", rows(2))
    pulled_as("page", size_parameter="", page_parameter="page")
    assert set(httpserver.log[0][0].args) == {"page"}


@pytest.mark.parametrize(
    "paging",
    [
        {"paging": "cursor"},
        {"paging": "page", "next_field": "next"},
        {"paging": "scroll"},
        {"token": "x"},  # a secret has no place in a declaration
    ],
)
def test_a_style_that_is_not_declared_whole_and_a_secret_are_refused(
    paging: dict[str, str],
) -> None:
    with pytest.raises(ValidationError):
        HttpJson.model_validate({**FEED, **paging})


def test_rows_with_an_equal_or_an_older_time_that_come_after_the_cursor_are_caught(
    httpserver: HTTPServer, pulled_as: Any
) -> None:
    items = [{"id": "first", "updated_at": "2025-03-05T08:00:00Z"}]

    def answer(request: Request) -> Response:
        since = request.args.get("updated_since", "")
        found = (
            [r for r in items if r["updated_at"] >= since] if request.args["page"] == "1" else []
        )
        return Response(json.dumps({"items": found}), content_type="application/json")

    httpserver.expect_request("/feed").respond_with_handler(answer)
    cursor = pulled_as().cursor_after
    items += [
        {"id": "equal", "updated_at": "2025-03-05T08:00:00Z"},
        {"id": "older", "updated_at": "2025-03-05T06:30:00Z"},
        {"id": "beyond the overlap", "updated_at": "2025-03-05T05:59:59Z"},
    ]
    assert delivered(pulled_as(cursor=cursor)) == ["first", "equal", "older"]
    assert "older" not in delivered(pulled_as(cursor=cursor, overlap_minutes=0))


def test_a_feed_without_end_is_down(httpserver: HTTPServer, ask: Any) -> None:
    """Its own cursor changes for ever; what bounds it is the time and the bytes of a pull."""

    def answer(request: Request) -> Response:
        number = int(request.args.get("cursor", 0)) + 1
        page = {"items": rows(1), "meta": {"next": number}}
        return Response(json.dumps(page), content_type="application/json")

    httpserver.expect_request("/feed").respond_with_handler(answer)
    connector = {**FEED, **STYLES["cursor"]}
    with pytest.raises(SourceDown, match="was not done within"):
        list(pull(ask(connector, url=httpserver.url_for(""), timeout_seconds=0.05)))
