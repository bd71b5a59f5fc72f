"""Paged JSON from a real server on loopback: whole pulls, and every way in which one fails."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tasks.sources.base import Pulled, SourceDown, SourceRefused
from tasks.sources.http_json import pull

TOKEN = "canary-token-7f3a"
FEED = {"type": "http_json", "path": "/feed", "page_size": 3, "updated_field": "updated_at"}


def rows(first: int, last: int) -> list[dict[str, object]]:
    return [
        {"id": f"{n:04d}", "updated_at": f"2025-03-0{n % 7 + 1}T08:00:00+08:00"}
        for n in range(first, last)
    ]


def serve(server: HTTPServer, items: list[dict[str, object]], clamp: int = 10_000) -> None:
    """A server that pages as asked, but never more than `clamp` rows a page."""

    def answer(request: Request) -> Response:
        size = min(int(request.args["page_size"]), clamp)
        start = (int(request.args["page"]) - 1) * size
        page = {"items": items[start : start + size]}
        return Response(json.dumps(page), content_type="application/json")

    server.expect_request("/feed").respond_with_handler(answer)


def delivered(pulled: Pulled) -> list[str]:
    return [row["id"] for part in pulled.parts for row in json.loads(part.content)["items"]]


def pulled_from(server: HTTPServer, ask, **options) -> Pulled:  # type: ignore[no-untyped-def]
    (pulled,) = pull(ask(FEED, url=server.url_for(""), **options))
    return pulled


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize("clamp", [2, 10_000])
def test_every_row_comes_once_whatever_the_page_size_served(
    httpserver: HTTPServer, ask, count: int, clamp: int
) -> None:
    serve(httpserver, rows(0, count), clamp)
    assert delivered(pulled_from(httpserver, ask)) == [f"{n:04d}" for n in range(count)]


def test_a_feed_without_news_still_gives_a_delivery_and_keeps_the_cursor(
    httpserver: HTTPServer, ask
) -> None:
    serve(httpserver, [])
    pulled = pulled_from(httpserver, ask, cursor="2025-03-01T08:00:00+08:00")
    assert len(pulled.parts) == 1
    assert pulled.cursor_after == "2025-03-01T08:00:00+08:00"
    assert pulled.reporting_unit == "feed"
    assert pulled.period is None


def test_a_server_that_repeats_its_last_page_for_ever_ends(httpserver: HTTPServer, ask) -> None:
    page = {"items": rows(0, 3)}
    httpserver.expect_request("/feed").respond_with_json(page)
    assert len(pulled_from(httpserver, ask).parts) == 1


def test_a_page_past_the_end_may_be_a_404(httpserver: HTTPServer, ask) -> None:
    httpserver.expect_request(
        "/feed", query_string={"page": "1", "page_size": "3"}
    ).respond_with_json({"items": rows(0, 3)})
    httpserver.expect_request("/feed").respond_with_data("gone", status=404)
    assert len(pulled_from(httpserver, ask).parts) == 1


def test_a_part_is_the_page_byte_for_byte(httpserver: HTTPServer, ask) -> None:
    body = b'{ "items":[ {"id" : "0012","amount": 1.10 , "updated_at":null} ] }\n'
    httpserver.expect_ordered_request("/feed").respond_with_data(body)
    httpserver.expect_ordered_request("/feed").respond_with_json({"items": []})
    assert pulled_from(httpserver, ask).parts[0].content == body


def test_the_cursor_is_the_greatest_instant_and_asks_again_from_the_overlap(
    httpserver: HTTPServer, ask
) -> None:
    items = [
        {"id": "a", "updated_at": "2025-03-05T09:00:00+08:00"},
        {"id": "b", "updated_at": "2025-03-05T02:00:00Z"},
        {"id": "c", "updated_at": "unknown"},
    ]
    serve(httpserver, items)
    assert pulled_from(httpserver, ask).cursor_after == "2025-03-05T02:00:00Z"
    pulled_from(httpserver, ask, cursor="2025-03-05T02:00:00Z")
    assert httpserver.log[-1][0].args["updated_since"] == "2025-03-05T00:00:00Z"


def test_a_cursor_never_goes_back_and_never_into_the_future(httpserver: HTTPServer, ask) -> None:
    serve(httpserver, [{"id": "a", "updated_at": "2925-03-05T09:00:00Z"}, *rows(0, 1)])
    late = "2025-03-09T08:00:00+08:00"
    assert pulled_from(httpserver, ask, cursor=late).cursor_after == late
    assert pulled_from(httpserver, ask).cursor_after == "2025-03-01T08:00:00+08:00"


def test_the_token_goes_into_its_header_from_settings_or_file(
    httpserver: HTTPServer, ask, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    secret.write_text(TOKEN + "\n")
    wanted = {"Authorization": f"Bearer {TOKEN}"}
    httpserver.expect_request("/feed", headers=wanted).respond_with_json({"items": []})
    assert pulled_from(httpserver, ask, token=TOKEN).parts
    assert pulled_from(httpserver, ask, token_file=secret).parts


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_setting_and_never_the_token(
    httpserver: HTTPServer, ask, status: int
) -> None:
    httpserver.expect_request("/feed").respond_with_data("no", status=status)
    with pytest.raises(SourceRefused, match=r"\[sources\.feed\] token or token_file") as caught:
        pulled_from(httpserver, ask, token=TOKEN)
    assert caught.value.code == "token"
    assert TOKEN not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("token", ["", "秘密", "two\nlines"])
def test_a_token_that_no_header_can_hold_is_refused_before_anything_is_sent(
    httpserver: HTTPServer, ask, token: str
) -> None:
    with pytest.raises(SourceRefused, match="token"):
        pulled_from(httpserver, ask, token=token)
    assert not httpserver.log


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_html_is_refused_whatever_it_calls_itself(httpserver: HTTPServer, ask, kind: str) -> None:
    page = "\n<!DOCTYPE html><html><body>请登录</body></html>"
    httpserver.expect_request("/feed").respond_with_data(page, content_type=kind)
    with pytest.raises(SourceRefused, match="HTML page instead of JSON"):
        pulled_from(httpserver, ask)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"items": NaN}', "not a JSON number"),
        (b'{"items": [' + b"1" * 5000 + b"]}", "5,000 digits"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"rows": []}', "connector.rows"),
        (b'{"items": {}}', "no list of rows"),
    ],
)
def test_what_is_not_the_agreed_json_is_refused_with_its_reason(
    httpserver: HTTPServer, ask, body: bytes, reason: str
) -> None:
    httpserver.expect_request("/feed").respond_with_data(body, content_type="application/json")
    with pytest.raises(SourceRefused, match=reason):
        pulled_from(httpserver, ask)


def test_a_redirect_to_another_host_is_not_followed(httpserver: HTTPServer, ask) -> None:
    with HTTPServer(port=0) as elsewhere:
        elsewhere.expect_request("/feed").respond_with_json({"items": []})
        target = {"Location": elsewhere.url_for("/feed")}
        httpserver.expect_request("/feed").respond_with_data("", status=302, headers=target)
        with pytest.raises(SourceRefused, match="another host"):
            pulled_from(httpserver, ask, token=TOKEN)
        assert not elsewhere.log


def test_a_redirect_on_the_same_host_is_followed_but_not_in_circles(
    httpserver: HTTPServer, ask
) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        "", status=301, headers={"Location": "/feed/"}
    )
    httpserver.expect_oneshot_request("/feed/").respond_with_json({"items": []})
    assert pulled_from(httpserver, ask).parts
    httpserver.expect_request("/feed/").respond_with_data(
        "", status=301, headers={"Location": "/feed"}
    )
    with pytest.raises(SourceRefused, match="circles"):
        pulled_from(httpserver, ask)


def test_a_host_outside_the_allowlist_is_never_spoken_to(httpserver: HTTPServer, ask) -> None:
    with pytest.raises(SourceRefused, match="allowed_hosts"):
        pulled_from(httpserver, ask, allowed_hosts=("registry.example",))
    assert not httpserver.log


@pytest.mark.parametrize("url", [None, "ftp://127.0.0.1/", "file:///etc/hosts", "127.0.0.1"])
def test_an_address_that_is_not_http_names_the_setting(ask, url: str | None) -> None:
    with pytest.raises(SourceRefused, match=r"\[sources\.feed\] url"):
        next(pull(ask(FEED, url=url)))


def test_more_bytes_than_allowed_end_the_pull(httpserver: HTTPServer, ask) -> None:
    serve(httpserver, rows(0, 3000))
    with pytest.raises(SourceRefused, match="max_bytes") as caught:
        pulled_from(httpserver, ask, max_bytes=1000)
    assert caught.value.code == "oversize"


def test_a_busy_server_is_asked_again_after_the_time_it_names(httpserver: HTTPServer, ask) -> None:
    busy = {"Retry-After": "1"}
    httpserver.expect_oneshot_request("/feed").respond_with_data("", status=503, headers=busy)
    httpserver.expect_request("/feed").respond_with_json({"items": []})
    started = time.monotonic()
    assert pulled_from(httpserver, ask).parts
    assert 1 <= time.monotonic() - started < 4


def test_a_server_that_stays_broken_is_down(httpserver: HTTPServer, ask) -> None:
    httpserver.expect_request("/feed").respond_with_data("oops", status=500)
    with pytest.raises(SourceDown, match="HTTP 500"):
        pulled_from(httpserver, ask)


def test_nobody_listening_is_down_and_says_where(ask) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://user:{TOKEN}@127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(SourceDown, match="cannot be reached") as caught:
            next(pull(ask(FEED, url=url)))
    assert TOKEN not in str(caught.value)
    assert not isinstance(caught.value, SourceRefused)


@pytest.fixture
def raw_server() -> Iterator[tuple[str, list[bytes]]]:
    """(url, script): a server that sends the script's pieces, 0.05 s apart, then holds the line."""
    script: list[bytes] = []
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def answer(connection: socket.socket) -> None:
            with connection:
                connection.recv(65536)
                for piece in script:
                    if stop.wait(0.05):
                        return
                    try:
                        connection.sendall(piece)
                    except OSError:
                        return
                if script and script[-1] != b"":
                    stop.wait()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", script
        stop.set()
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"


def test_a_server_that_hangs_is_a_timeout(ask, raw_server: tuple[str, list[bytes]]) -> None:
    url, script = raw_server
    script.append(HEAD)
    with pytest.raises(SourceDown, match=r"did not answer within 0\.5 s") as caught:
        next(pull(ask(FEED, url=url, timeout_seconds=0.5)))
    assert caught.value.code == "timeout"


def test_a_server_that_never_speaks_is_a_timeout(ask, raw_server: tuple[str, list[bytes]]) -> None:
    url, script = raw_server
    script.append(b"H")
    with pytest.raises(SourceDown) as caught:
        next(pull(ask(FEED, url=url, timeout_seconds=0.5)))
    assert caught.value.code == "timeout"


def test_a_server_that_drips_is_cut_off(ask, raw_server: tuple[str, list[bytes]]) -> None:
    url, script = raw_server
    script.extend([HEAD, *[b"["] * 99])
    started = time.monotonic()
    with pytest.raises(SourceDown, match="was not done within") as caught:
        next(pull(ask(FEED, url=url, timeout_seconds=0.1)))
    assert caught.value.code == "timeout"
    assert time.monotonic() - started < 6


def test_a_body_shorter_than_announced_is_not_taken(
    ask, raw_server: tuple[str, list[bytes]]
) -> None:
    url, script = raw_server
    script.extend([HEAD, b'{"items": []}', b""])
    with pytest.raises(SourceDown, match="broke off"):
        next(pull(ask(FEED, url=url, timeout_seconds=2)))


def test_proxies_of_the_machine_are_ignored(
    httpserver: HTTPServer, ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    serve(httpserver, rows(0, 1))
    assert delivered(pulled_from(httpserver, ask)) == ["0000"]
