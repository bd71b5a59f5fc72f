"""How a source lets us in and how politely it is asked; no secret is ever shown."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from urllib3 import HTTPResponse
from werkzeug import Request, Response

from tasks.intake.collect import collect_source
from tasks.sources.base import Pulled, SourceDown, SourceRefused
from tasks.sources.http import BoundedRetry
from tasks.sources.http_json import pull
from tests.sources.county import NOW, county_of, finding, query

SECRET = "canary-secret-51c2"
FEED = {"type": "http_json", "path": "/feed", "page_size": 3, "updated_field": "updated_at"}
ROW = {"id": "1", "updated_at": "2025-03-05T08:00:00Z"}
QUERY = {**FEED, "auth": "query", "token_parameter": "key"}
OAUTH = {**FEED, "auth": "oauth2", "scope": "hazards:read"}


@pytest.fixture
def pulled_by(httpserver: HTTPServer, ask: Any) -> Callable[..., Pulled]:
    def run(connector: dict[str, Any], cursor: str = "", **settings: Any) -> Pulled:
        (pulled,) = pull(ask(connector, cursor, url=httpserver.url_for(""), **settings))
        return pulled

    return run


# a token in the query


def test_a_query_token_goes_with_every_page_and_is_in_no_message_and_no_log(
    httpserver: HTTPServer, pulled_by: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # the server's own log
    link = {**QUERY, "paging": "link"}
    more = {"Link": f'<{httpserver.url_for("/more")}?key={SECRET}>; rel="next"'}
    httpserver.expect_request("/feed").respond_with_json({"items": [ROW]}, headers=more)
    httpserver.expect_request("/more").respond_with_json({"items": []})
    pulled_by(link, token=SECRET)
    assert [r.args.getlist("key") for r, _ in httpserver.log] == [[SECRET], [SECRET]]
    assert "Authorization" not in httpserver.log[0][0].headers
    httpserver.clear()
    httpserver.expect_request("/feed").respond_with_data("no", status=403)
    with pytest.raises(SourceRefused, match="token or token_file") as caught:
        pulled_by(QUERY, token=SECRET)
    assert SECRET not in repr(caught.value) + str(caught.value)
    assert "urllib3" in caplog.text
    assert SECRET not in caplog.text


def test_a_query_token_is_in_no_warning_when_the_line_breaks(
    ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()
        listener.settimeout(0.05)

        def hang_up() -> None:
            while not stop.is_set():
                try:
                    listener.accept()[0].close()
                except TimeoutError:
                    continue

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(SourceDown) as caught:
            list(pull(ask(QUERY, url=url, token=SECRET)))
        stop.set()
        thread.join()
    assert any(r.levelname == "WARNING" and "Retrying" in r.message for r in caplog.records)
    assert SECRET not in caplog.text + str(caught.value)


def test_a_redirect_on_the_same_host_keeps_the_query_token(
    httpserver: HTTPServer, pulled_by: Any
) -> None:
    moved = {"Location": "/feed/"}
    httpserver.expect_request("/feed").respond_with_data("", status=307, headers=moved)
    httpserver.expect_request("/feed/", query_string={"key": SECRET}).respond_with_json(
        {"items": []}
    )
    assert pulled_by(QUERY, token=SECRET).parts


# OAuth2 client credentials


@pytest.fixture
def trader(httpserver: HTTPServer) -> list[str]:
    """A token endpoint that trades the secret for a1, a2, …; the feed lets in whoever has the
    last one of the returned list, which is the tokens given out."""
    given: list[str] = []

    def trade(request: Request) -> Response:
        assert request.authorization is not None
        pair = request.authorization.username, request.authorization.password
        if pair != ("bihuan", SECRET) or request.form["scope"] != "hazards:read":
            error = {"error": "invalid_client", "error_description": SECRET}
            return Response(json.dumps(error), status=401)
        assert request.form["grant_type"] == "client_credentials"
        given.append(f"a{len(given) + 1}")
        return Response(json.dumps({"access_token": given[-1], "token_type": "Bearer"}))

    httpserver.expect_request("/token", method="POST").respond_with_handler(trade)
    return given


@pytest.fixture
def client(httpserver: HTTPServer) -> dict[str, str]:
    return {"token_url": httpserver.url_for("/token"), "client_id": "bihuan", "token": SECRET}


def feed_for(server: HTTPServer, allowed: Callable[[str], bool]) -> None:
    def answer(request: Request) -> Response:
        if not allowed(request.headers.get("Authorization", "")):
            return Response("expired", status=401)
        items = [ROW] if request.args["page"] == "1" else []
        return Response(json.dumps({"items": items}), content_type="application/json")

    server.expect_request("/feed").respond_with_handler(answer)


def test_a_client_secret_is_traded_for_a_token_once_per_pull(
    httpserver: HTTPServer, pulled_by: Any, trader: list[str], client: dict[str, str]
) -> None:
    feed_for(httpserver, lambda header: header == "Bearer a1")
    assert len(pulled_by(OAUTH, **client).parts) == 1
    assert trader == ["a1"]
    shown = [str(r.headers) + r.url for r, _ in httpserver.log if r.path == "/feed"]
    assert SECRET not in "".join(shown)


def test_an_expired_token_is_traded_again_once_and_the_pull_goes_on(
    httpserver: HTTPServer, pulled_by: Any, trader: list[str], client: dict[str, str]
) -> None:
    feed_for(httpserver, lambda header: header == "Bearer a2")
    assert len(pulled_by(OAUTH, **client).parts) == 1
    assert trader == ["a1", "a2"]


def test_a_token_that_is_refused_even_when_new_is_asked_for_only_once_more(
    httpserver: HTTPServer, pulled_by: Any, trader: list[str], client: dict[str, str]
) -> None:
    feed_for(httpserver, lambda header: False)
    with pytest.raises(SourceRefused, match="does not let us in"):
        pulled_by(OAUTH, **client)
    assert trader == ["a1", "a2"]


def test_a_secret_that_is_refused_is_told_in_the_endpoints_code_word_and_never_shown(
    httpserver: HTTPServer, pulled_by: Any, trader: list[str], client: dict[str, str]
) -> None:
    wrong = SECRET + "x"
    with pytest.raises(SourceRefused, match=r"HTTP 401 \(invalid_client\); check") as caught:
        pulled_by(OAUTH, **{**client, "token": wrong})
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert [r.path for r, _ in httpserver.log] == ["/token"]


@pytest.mark.parametrize(
    ("body", "status"),
    [("{}", 200), ("<html>", 200), ('{"access_token": "a\\nb"}', 200), ("", 302)],
)
def test_an_endpoint_that_gives_no_token_is_refused(
    httpserver: HTTPServer, pulled_by: Any, client: dict[str, str], body: str, status: int
) -> None:
    httpserver.expect_request("/token").respond_with_data(body, status=status)
    with pytest.raises(SourceRefused, match="gives no access token"):
        pulled_by(OAUTH, **client)


def test_a_token_endpoint_outside_the_allowlist_is_never_spoken_to(
    httpserver: HTTPServer, pulled_by: Any, client: dict[str, str]
) -> None:
    with HTTPServer(host="127.0.0.2", port=0) as elsewhere:
        elsewhere.expect_request("/token").respond_with_json({"access_token": "a1"})
        there = {**client, "token_url": elsewhere.url_for("/token")}
        with pytest.raises(SourceRefused, match="allowed_hosts"):
            pulled_by(OAUTH, **there)
        assert not elsewhere.log
        feed_for(httpserver, lambda header: header == "Bearer a1")
        hosts = (httpserver.host, "127.0.0.2")
        assert pulled_by(OAUTH, **there, allowed_hosts=hosts).parts


@pytest.mark.parametrize("missing", ["token_url", "client_id", "token"])
def test_a_client_that_is_not_set_whole_names_what_is_missing(
    pulled_by: Any, client: dict[str, str], missing: str
) -> None:
    with pytest.raises(SourceRefused, match=rf"\[sources\.feed\] {missing}"):
        pulled_by(OAUTH, **{k: v for k, v in client.items() if k != missing})


def test_a_secret_may_lie_in_a_file(
    httpserver: HTTPServer,
    pulled_by: Any,
    trader: list[str],
    client: dict[str, str],
    tmp_path: Path,
) -> None:
    feed_for(httpserver, lambda header: header == "Bearer a1")
    (tmp_path / "secret").write_text(SECRET + "\n")
    there = {k: v for k, v in client.items() if k != "token"}
    assert pulled_by(OAUTH, **there, token_file=tmp_path / "secret").parts


# patience and pace


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(
    httpserver: HTTPServer, pulled_by: Any, status: int
) -> None:
    for _ in range(2):
        httpserver.expect_oneshot_request("/feed").respond_with_data("", status=status)
    httpserver.expect_request("/feed").respond_with_json({"items": []})
    assert pulled_by(FEED).parts
    assert [r.status_code for _, r in httpserver.log][:3] == [status, status, 200]


def test_patience_ends(httpserver: HTTPServer, pulled_by: Any) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=503)
    with pytest.raises(SourceDown, match="HTTP 503"):
        pulled_by(FEED)
    assert len(httpserver.log) == 4


@pytest.mark.parametrize("status", [400, 404, 500, 501])
def test_what_asking_again_does_not_mend_is_asked_once(
    httpserver: HTTPServer, pulled_by: Any, status: int
) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=status)
    with pytest.raises(SourceDown, match=f"HTTP {status}"):
        pulled_by(FEED)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("2", 2),
        ("86400", 10),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 10),
        ("Wed, 05 Mar 2025 08:00:00 GMT", 0),
    ],
)
def test_retry_after_is_honoured_in_seconds_and_as_a_date_but_not_for_ever(
    asked: str, waited: float
) -> None:
    response = HTTPResponse(headers={"Retry-After": asked}, status=503)
    assert BoundedRetry(total=1).get_retry_after(response) == waited


def test_a_source_is_asked_no_faster_than_it_allows(httpserver: HTTPServer, pulled_by: Any) -> None:
    pages = {str(n): [{"id": n}] * 3 for n in range(1, 4)}

    def answer(request: Request) -> Response:
        items = pages.get(request.args["page"], [])
        return Response(json.dumps({"items": items}), content_type="application/json")

    httpserver.expect_request("/feed").respond_with_handler(answer)
    started = time.monotonic()
    pulled_by(FEED, requests_per_second=10)
    assert len(httpserver.log) == 4
    assert time.monotonic() - started >= 0.3


# anything new?


@pytest.fixture
def library(httpserver: HTTPServer) -> Iterator[dict[str, Any]]:
    """A server whose pages have validators: {"items": [...], "by": "ETag" or "Last-Modified"}."""
    state: dict[str, Any] = {
        "items": [ROW],
        "by": "ETag",
        "modified": "Wed, 05 Mar 2025 08:00:00 GMT",
        "past_end": 200,
    }

    def answer(request: Request) -> Response:
        start = (int(request.args["page"]) - 1) * 3
        found = state["items"][start : start + 3]
        if start and not found and state["past_end"] == 404:
            return Response("", status=404)
        body = json.dumps({"items": found})
        value = f'"{hash(body)}"' if state["by"] == "ETag" else state["modified"]
        asked = "If-None-Match" if state["by"] == "ETag" else "If-Modified-Since"
        status = 304 if request.headers.get(asked) == value else 200
        response = Response("" if status == 304 else body, status=status)
        response.headers[state["by"]] = value
        return response

    httpserver.expect_request("/feed").respond_with_handler(answer)
    yield state


STILL = {**FEED, "since_parameter": None}


@pytest.mark.parametrize("by", ["ETag", "Last-Modified"])
def test_a_feed_that_says_nothing_is_new_gives_a_delivery_without_rows_and_keeps_the_cursor(
    httpserver: HTTPServer, pulled_by: Any, library: dict[str, Any], by: str
) -> None:
    library["by"] = by
    first = pulled_by(STILL)
    asked = len(httpserver.log)
    again = pulled_by(STILL, first.cursor_after)
    assert again.parts == ()
    assert again.cursor_after == first.cursor_after
    assert {r.status_code for _, r in httpserver.log[asked:]} == {304}
    library["items"] = [ROW, {"id": "2", "updated_at": "2025-03-06T08:00:00Z"}]
    library["modified"] = "Thu, 06 Mar 2025 08:00:00 GMT"
    changed = pulled_by(STILL, again.cursor_after)
    assert len(json.loads(changed.parts[0].content)["items"]) == 2
    assert "2025-03-06" in changed.cursor_after


def test_a_collect_in_which_nothing_is_new_is_a_successful_pull_that_appends_nothing(
    httpserver: HTTPServer, library: dict[str, Any], tmp_path: Path
) -> None:
    library["items"] = [finding("F1")]
    county = county_of(tmp_path, STILL, url=httpserver.url_for(""))
    hour_ms = 3_600_000
    assert collect_source(county, "feed", NOW).taken == 1
    for hour in (1, 2):
        asked = len(httpserver.log)
        report = collect_source(county, "feed", NOW + hour * hour_ms)
        assert (report.problem, report.received, report.appended) == ("", 0, 0)
        assert {r.status_code for _, r in httpserver.log[asked:]} == {304}
        assert query(county, "SELECT pulled_at FROM source_cursor") == [(NOW + hour * hour_ms,)]
    library["items"].append(finding("F2"))
    assert collect_source(county, "feed", NOW + 3 * hour_ms).taken == 1


@pytest.mark.parametrize("past_end", [200, 404])
def test_a_row_on_a_page_that_was_empty_is_seen_although_the_first_page_has_not_changed(
    pulled_by: Any, library: dict[str, Any], past_end: int
) -> None:
    library["past_end"] = past_end
    library["items"] = [{"id": str(n), "updated_at": "2025-03-05T08:00:00Z"} for n in range(3)]
    cursor = pulled_by(STILL).cursor_after
    library["items"].append({"id": "3", "updated_at": "2025-03-05T08:00:00Z"})
    assert len(pulled_by(STILL, cursor).parts) == 2


def test_validators_are_not_sent_with_another_question(
    httpserver: HTTPServer, pulled_by: Any, library: dict[str, Any]
) -> None:
    cursor = pulled_by(FEED).cursor_after
    asked = len(httpserver.log)
    second = pulled_by(FEED, cursor)  # now asks for what changed since
    assert second.parts
    assert not any("If-None-Match" in r.headers for r, _ in httpserver.log[asked:])
    assert pulled_by(FEED, second.cursor_after).parts == ()
    assert pulled_by({**FEED, "page_size": 2}, second.cursor_after).parts


def test_a_last_modified_of_this_very_minute_vouches_for_nothing(
    pulled_by: Any, library: dict[str, Any]
) -> None:
    library["by"] = "Last-Modified"
    library["modified"] = format_datetime(datetime.now(UTC), usegmt=True)
    assert pulled_by(STILL).cursor_after == "2025-03-05T08:00:00Z"
