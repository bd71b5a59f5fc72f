"""A watch over the drop folders: a file that came whole is told as an event, once.

Promise: a file is told when it has stopped growing; what lay there before the watch began is left
to the next collect; nothing is read and nothing is moved here. A server that cannot be reached is
told again at the next look.

    with watching(county, api): …       event `bihuan.file.dropped`, payload {source, file}
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import requests

from flows.beside import beside
from flows.deploying import DROPPED_EVENT
from flows.server_api import speaking
from schemas.settings import Settings
from tasks.county import County

LOOK_SECONDS = 5.0
log = logging.getLogger(__name__)

Seen = dict[Path, tuple[int, int]]


@contextmanager
def watching(county: County, api: str, every: float = LOOK_SECONDS) -> Iterator[None]:
    """Look at the folders of every source while the block runs."""
    with beside("drop-folders", every, Watch(county, api).look):
        yield


class Watch:
    """What lies in the drop folders, and what of it was told."""

    def __init__(self, county: County, api: str) -> None:
        self._county, self._api = county, api
        self._told: Seen = self._lying()
        self._growing: Seen = {}

    def look(self) -> list[Path]:
        """Tell of every file that is new and did not change since the last look; those told."""
        lying = self._lying()
        fresh = {path: mark for path, mark in lying.items() if self._told.get(path) != mark}
        whole = [path for path, mark in fresh.items() if self._growing.get(path) == mark]
        told = [path for path in whole if self._tell(path, lying[path])]
        self._told |= {path: lying[path] for path in told}
        self._growing = fresh
        return told

    def _lying(self) -> Seen:
        """Size and time of every file in a drop folder; those being written are hidden by a dot."""
        found: Seen = {}
        for path in _files(self._county.settings):
            try:
                stat = path.stat()
            except OSError:  # taken away meanwhile
                continue
            found[path] = (stat.st_size, stat.st_mtime_ns)
        return found

    def _tell(self, path: Path, mark: tuple[int, int]) -> bool:
        source = _source(self._county.settings, path)
        key = uuid5(
            NAMESPACE_URL, f"{path}|{mark}"
        )  # the same file is one event however often told
        payload = {"source": source, "file": path.name}
        try:
            emit(self._county, self._api, DROPPED_EVENT, payload, str(key))
        except requests.RequestException as error:
            log.warning("%s could not be told: %s", path.name, type(error).__name__)
            return False
        return True


def emit(
    county: County, api: str, event: str, payload: Mapping[str, Any], key: str | None = None
) -> None:
    """Send one event about this county to its server. Raises requests.RequestException."""
    occurred = datetime.now(UTC).isoformat()
    body = {
        "event": event,
        "occurred": occurred,
        "id": key or str(uuid5(NAMESPACE_URL, f"{event}|{occurred}")),
        "resource": {"prefect.resource.id": f"bihuan.county.{county.code}"},
        "payload": dict(payload),
    }
    with speaking(county.settings, api) as server:
        server.post("events", [body])


def _files(settings: Settings) -> Iterator[Path]:
    for where in settings.sources.values():
        if where.folder is not None and where.folder.is_dir():
            yield from (p for p in where.folder.iterdir() if p.is_file() and p.name[0] != ".")


def _source(settings: Settings, path: Path) -> str:
    return next(n for n, where in settings.sources.items() if where.folder == path.parent)
