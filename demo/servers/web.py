"""A small threaded HTTP server on loopback, port chosen by the system.

Promise: answers come from one function (path, query, headers) → Answer; a fault set for a path
comes before it. Stops at once: threads are daemons and a hanging answer waits on an event.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

Query = Mapping[str, str]
JSON, XML, HTML = "application/json; charset=utf-8", "text/xml; charset=utf-8", "text/html"


@dataclass(frozen=True)
class Answer:
    body: bytes
    status: int = 200
    media: str = JSON


Responder = Callable[[str, Query, Mapping[str, str]], Answer]
HANG_SECONDS = 60.0


class Web:
    """One server in a thread. `url` is valid after `start`."""

    def __init__(self, respond: Responder) -> None:
        self.respond = respond
        self.stopping = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        assert self._server is not None, "the server is not started"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(timeout=5)
            self._server.server_close()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            self._send(web.respond(parts.path, query, dict(self.headers.items())))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            """The city keeps quiet."""

    return Handler
