"""The published site of a home over HTTP: read only, what the home's folders hold and nothing else.

Promise: `/` is what everybody may read; `/internal/` and `/pages/` (what waits, what was refused)
ask for the home's password, as `/metrics` does; a path that leads out of its folder is not found;
nothing is listed, nothing is run, nothing is written.

    with shown(county) as address: …
"""

import hmac
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flows import access
from flows.metrics import exposition
from tasks.county import County
from tasks.publication.site_store import FOLDERS
from tasks.site import build_all

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # an edition may have been corrected since
}
METRICS = "/metrics"


class ShowFailed(Exception):
    """The site's port cannot be had; the message says what to change."""


@contextmanager
def shown(county: County, host: str = "127.0.0.1") -> Iterator[str]:
    """The address of the site while the block runs. Raises ShowFailed."""
    port = county.settings.site_port
    if not (county.home / FOLDERS["public"]).exists():
        build_all(county)  # an empty site says that nothing is published yet
    try:
        server = ThreadingHTTPServer((host, port), partial(_Page, county))
    except OSError:
        raise ShowFailed(
            f"port {port} is taken: stop what uses it, or set site_port in"
            f" {county.home / 'bihuan.toml'}"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="site")
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Page(SimpleHTTPRequestHandler):
    """One request for one file."""

    server_version, sys_version = "bihuan", ""

    def __init__(self, county: County, *arguments: Any, **named: Any) -> None:
        self._county = county
        super().__init__(*arguments, **named)

    def send_head(self) -> Any:
        """The file of a path, if it may be read."""
        path = unquote(urlsplit(self.path).path)
        is_public = not path.startswith((*_SEALED, METRICS))
        if not is_public and not self._may():
            return self._ask()
        if path == METRICS:
            return self._measured()
        return super().send_head()

    def translate_path(self, path: str) -> str:
        """The file that a path names: of the public site, or of one of the sealed folders."""
        asked = unquote(urlsplit(path).path)
        prefix = next((p for p in _SEALED if asked.startswith(p)), "/")
        folder = (self._county.home / _FOLDERS[prefix]).resolve()
        found = (folder / asked.removeprefix(prefix)).resolve()
        return str(found if found.is_relative_to(folder) else folder / "no-such-file")

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Who reads what is nobody's business."""

    def _may(self) -> bool:
        wanted = access.password(self._county.settings)
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        try:
            told = b64decode(given, validate=True).decode()
        except ValueError:
            return False
        return not wanted or hmac.compare_digest(told.encode(), wanted.encode())

    def _ask(self) -> None:
        self.send_response(HTTPStatus.UNAUTHORIZED)
        self.send_header("WWW-Authenticate", 'Basic realm="bihuan"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _measured(self) -> None:
        told = exposition(self._county)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(told)


_FOLDERS: dict[str, str | Path] = {
    "/": FOLDERS["public"],
    "/internal/": FOLDERS["internal"],
    "/pages/": "pages",
}
_SEALED = tuple(prefix for prefix in _FOLDERS if prefix != "/")
