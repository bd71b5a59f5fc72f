"""A county that tells its duty desk, a reference receiver, and a sender that is killed.

python -m tests.notify.office FOLDER URL KILLS [broken]

Every attempt is a process of its own that keeps one more notice and sends what waits; it is killed
with SIGKILL before a send or between a send and its mark, by turns. `broken` marks before it sends.
"""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from bench.product import COUNTY
from schemas.notify import Occasion
from schemas.settings import NotifySettings, Settings, SourceSettings
from tasks import posting, telling
from tasks.county import County, open_county
from tasks.notifying import Notice, send, tell
from tests.store.tiny import MONDAY, SOURCES, Tiny

DESK = "duty"
ROUTES = [{"when": [o.value for o in Occasion], "to": [DESK]}]


@dataclass
class Receiver:
    """The reference receiver: one effect per Idempotency-Key, however often it is sent.

    answers: what it answers first, then 204.
    """

    url: str = ""
    sent: list[str] = field(default_factory=list)
    effects: dict[str, bytes] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)

    @property
    def most(self) -> int:
        """How often the most repeated key came."""
        return max(Counter(self.sent).values(), default=0)


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    found = Receiver(answers=list(answers))

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = found.answers.pop(0) if found.answers else 204
            key = self.headers["Idempotency-Key"]
            found.sent.append(key)
            if status < 300:
                found.effects.setdefault(key, body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    found.url = f"http://127.0.0.1:{server.server_port}/desk"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def made(folder: Path, migrated: Path) -> Path:
    """A home whose policy tells the duty desk everything."""
    Tiny.make(folder, migrated).county.engine.dispose()
    path = folder / "config" / COUNTY / "notify.yaml"
    path.write_text(yaml.safe_dump({"routes": ROUTES}), "utf-8")
    return folder


def opened(folder: Path, *urls: str) -> County:
    """The county of a home whose duty desk is at these addresses; none: it is not set."""
    return open_county(
        Settings.load(
            folder / "home",
            county=COUNTY,
            config_dir=folder / "config",
            sources={n: SourceSettings(folder=folder / "drop" / n) for n in SOURCES},
            notify={DESK: NotifySettings(urls=urls)} if urls else {},
        )
    )


def notice(number: int) -> Notice:
    return Notice(Occasion.RUN_FAILED, f"run:{number}", f"collect-{number}", "来源无应答")


def attempt(folder: Path, url: str, number: int, *, broken: bool) -> None:
    """Keep a notice, send what waits, die on the way."""
    county, before = opened(folder, url), number % 2 == 0
    if broken:
        _mark_first(county)
    posted, marked = telling._post, posting._mark
    telling._post = _dying if before else posted
    posting._mark = _dying if not before and not broken else marked
    tell(county, [notice(number)], MONDAY + number)


def _dying(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _mark_first(county: County) -> None:
    """A sender that is sure of itself: what it is about to send counts as sent."""
    delivered = posting._delivered

    def sure(county: County, message: Any) -> str:
        posting._mark(county, [message.key], MONDAY)
        return delivered(county, message)

    posting._delivered = sure


def main(folder: str, url: str, kills: str, broken: str = "") -> None:
    for number in range(int(kills)):
        child = os.fork()
        if child == 0:
            attempt(Path(folder), url, number, broken=bool(broken))
            os._exit(3)  # it should be dead by now
        _, status = os.waitpid(child, 0)
        if not broken and not os.WIFSIGNALED(status):
            sys.exit(f"attempt {number} was not killed: {status}")
    send(opened(Path(folder), url), MONDAY + int(kills))


if __name__ == "__main__":
    main(*sys.argv[1:])
