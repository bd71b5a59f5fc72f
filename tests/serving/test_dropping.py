"""A file in a drop folder is told once, when it has come whole."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.dropping import Watch
from tasks.county import County


class Events:
    """An endpoint for events that may be out of order."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 204
        events = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if events.status < 300:
                    events.taken.extend(json.loads(body))
                self.send_response(events.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"


@pytest.fixture
def events() -> Iterator[Events]:
    found = Events()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def _folder(county: County, source: str = "findings") -> Path:
    folder = county.settings.sources[source].folder
    assert folder is not None
    return folder


def test_a_new_file_is_told_once_when_it_has_stopped_growing(
    county: County, events: Events
) -> None:
    watch = Watch(county, events.url)
    path = _folder(county) / "late.csv"
    path.write_text("half")
    assert watch.look() == []
    path.write_text("half and the rest")
    assert watch.look() == []
    assert watch.look() == [path]
    assert watch.look() == []
    (told,) = events.taken
    assert told["event"] == "bihuan.file.dropped"
    assert told["payload"] == {"source": "findings", "file": "late.csv"}
    assert told["resource"] == {"prefect.resource.id": "bihuan.county.330282"}


def test_what_lay_there_before_and_what_is_hidden_is_not_told(
    county: County, events: Events
) -> None:
    watch = Watch(county, events.url)
    (_folder(county) / ".late.csv.part").write_text("being written")
    for _ in range(3):
        assert watch.look() == []


def test_a_file_that_could_not_be_told_is_told_at_the_next_look(
    county: County, events: Events
) -> None:
    watch = Watch(county, events.url)
    path = _folder(county) / "late.csv"
    path.write_text("whole")
    events.status = 503
    assert [watch.look(), watch.look()] == [[], []]
    events.status = 204
    assert watch.look() == [path]
    assert len(events.taken) == 1


def test_a_file_that_is_replaced_is_another_event(county: County, events: Events) -> None:
    watch = Watch(county, events.url)
    path = _folder(county) / "late.csv"
    for content in ("one", "another"):
        path.write_text(content)
        watch.look()
        assert watch.look() == [path]
    assert len({told["id"] for told in events.taken}) == 2
