"""Questions and requests to a county's Prefect server, with the home's password and no proxy.

    with speaking(settings, address) as api:
        pools = api.post("work_pools/filter", {})

Raises requests.RequestException for what was not answered or was refused.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from flows import access
from schemas.settings import Settings

# A server on SQLite answers 503 while it is busy and wants to be asked again.
_BUSY, _TRIES, _PAUSE = 503, 4, 1.0


class Api:
    """One session with one server. Every answer is decoded JSON; None where there is no body."""

    def __init__(self, session: requests.Session, url: str, seconds: float) -> None:
        self._session, self._url, self._seconds = session, url, seconds

    def post(self, path: str, body: Mapping[str, Any] | list[Any]) -> Any:
        return self._ask("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._ask("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        for left in reversed(range(_TRIES)):
            answer = self._session.request(
                method, f"{self._url}/{path}", json=body, timeout=self._seconds
            )
            if answer.status_code != _BUSY or not left:
                break
            time.sleep(_PAUSE)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def speaking(settings: Settings, url: str, seconds: float = 30) -> Iterator[Api]:
    """The API at this address. seconds: how long one answer may take."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(access.header(settings))
        yield Api(session, url, seconds)
