"""An HTTP server on loopback that does to its caller whatever a case wants."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Asked"], None]
EMPTY = b'{"items": []}'


class Asked(BaseHTTPRequestHandler):
    """One request; `served.answer` decides."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.close_connection = True
        with suppress(BrokenPipeError, ConnectionResetError):  # the caller had enough, as it should
            self.server.answer(self)  # type: ignore[attr-defined]

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def whole(self, content: bytes, kind: str = "application/json") -> None:
        self.head(Content_Type=kind, Content_Length=str(len(content)))
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


class Hostile(ThreadingHTTPServer):
    """A server whose answer may be changed between two cases."""

    daemon_threads = True
    answer: Answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Iterator[Hostile]:
    """A running server."""
    server = Hostile(("127.0.0.1", 0), Asked)
    server.answer = page(EMPTY)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(content: bytes, kind: str = "application/json", after: bytes = EMPTY) -> Answer:
    """`content` as the first page, `after` as all others."""

    def answer(asked: Asked) -> None:
        asked.whole(
            after if "page=" in asked.path and "page=1&" not in asked.path else content, kind
        )

    return answer


def redirect(target: str) -> Answer:
    return lambda asked: asked.head(302, Location=target, Content_Length="0")


def endless(asked: Asked) -> None:
    asked.head(Content_Type="application/json")
    asked.wfile.write(b'{"items": [')
    while True:
        asked.wfile.write(b'{"source_id": "x"},' * 5000)


def drip(asked: Asked) -> None:
    """A byte at a time, each soon enough to be no timeout."""
    asked.head(Content_Type="application/json", Content_Length="1000000")
    while True:
        asked.wfile.write(b" ")
        time.sleep(0.05)


def short(asked: Asked) -> None:
    """Less than was announced."""
    asked.head(Content_Type="application/json", Content_Length="1000")
    asked.wfile.write(EMPTY)
    asked.wfile.flush()
    asked.connection.shutdown(socket.SHUT_RDWR)


def packed(size: int) -> Answer:
    """A thousandfold more than it seems."""
    content = gzip.compress(b" " * size)

    def answer(asked: Asked) -> None:
        asked.head(Content_Encoding="gzip", Content_Length=str(len(content)))
        asked.wfile.write(content)

    return answer
