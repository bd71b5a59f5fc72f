"""A browser that watches a site: what it asks for, what it complains of, what axe finds.

with serving(folder) as address:
    reader = Reader(browser.new_page(), address)
    reader.open("index.html")
    assert reader.is_clean()
"""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Requests are recorded in the browser."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a web server that shows a folder."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Reader:
    """A page whose requests and console are watched."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.asked: list[str] = []
        self.told: list[str] = []
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.route("**/*", self._route)

    def _route(self, route: Route) -> None:
        self.asked.append(route.request.url)
        if route.request.url.startswith(self.address):
            route.continue_()
        else:
            route.abort()

    def open(self, path: str) -> Page:
        answer = self.page.goto(f"{self.address}/{path}")
        assert answer is None or answer.ok, path  # None: an anchor of the page already shown
        return self.page

    def is_clean(self) -> bool:
        outside = [url for url in self.asked if not url.startswith(self.address)]
        assert (outside, self.told) == ([], [])
        return True


def too_wide(browser: Browser, address: str, pages: list[str]) -> list[str]:
    """The pages that a telephone would have to scroll sideways."""
    context = browser.new_context(viewport=PHONE, is_mobile=True)  # type: ignore[arg-type]
    reader, wide = Reader(context.new_page(), address), []
    for path in pages:
        page = reader.open(path)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    assert reader.is_clean()
    context.close()
    return wide


def violations(browser: Browser, address: str, axe: Path, pages: list[str]) -> dict[str, list[str]]:
    """What axe finds, by page; pages without a finding are left out."""
    # The pages' own policy would refuse axe's script; what is checked is the page, not its policy.
    context = browser.new_context(viewport=DESK, bypass_csp=True)  # type: ignore[arg-type]
    reader, found = Reader(context.new_page(), address), {}
    for path in pages:
        page = reader.open(path)
        page.add_script_tag(path=axe)
        told = page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
        found |= {path: [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in told]}
    context.close()
    return {path: told for path, told in found.items() if told}
