"""One polite, bounded HTTP client for all connectors: never surprised, never leaking.

Every request has a timeout and a bounded number of retries (502, 503, 504, 429, honouring
Retry-After up to a bound; a POST is never repeated by itself); every pull has a cap on bytes and on
total time, so that a server that drips or never ends is a bounded error, and keeps to
`requests_per_second`. Proxies and .netrc of the machine are ignored. No redirect and no next page
leaves scheme, host and port of the source, so none leads to a private address either. Messages
show scheme, host and path, never a query or a token.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import parse_header_links
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

from tasks.sources.base import PullRequest, SourceDown, SourceRefused
from tasks.sources.http_address import base_url, joined, origin, shown
from tasks.sources.http_auth import Credentials

RETRY_STATUSES = (429, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)
MAX_RETRY_AFTER_SECONDS = 10.0
MAX_REDIRECTS = 3
PULL_TIMEOUTS = 30  # a whole pull may take this many times the timeout of one request
CHUNK = 1 << 16


class BoundedRetry(Retry):
    """urllib3's Retry waits as long as a server asks; this one at most ten seconds."""

    def get_retry_after(self, response: Any) -> float | None:
        asked = super().get_retry_after(response)
        return None if asked is None else min(asked, MAX_RETRY_AFTER_SECONDS)


@dataclass(frozen=True)
class Answer:
    """A finished response: any status that is not a refusal, and the whole body."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    url: str = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def is_html(self) -> bool:
        if "html" in self.headers.get("Content-Type", "").lower():
            return True
        return self.content.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))

    @property
    def next_url(self) -> str:
        """The next page's address that a header names (Link, X-Next-Page-URL), "" if none."""
        links = parse_header_links(self.headers.get("Link", ""))
        following = [link["url"] for link in links if link.get("rel") == "next"]
        named = following[0] if following else self.headers.get("X-Next-Page-URL", "")
        return joined(self.url, named) if named else ""


class Client:
    """The HTTP side of one pull; use it as a context manager. Raises SourceDown, SourceRefused."""

    def __init__(
        self, request: PullRequest, credentials: Credentials, headers: dict[str, str] | None = None
    ) -> None:
        self.request = request
        self.base = base_url(request)
        self._credentials = credentials
        self._timeout = request.settings.timeout_seconds
        self._budget = request.settings.max_bytes
        self._until = time.monotonic() + PULL_TIMEOUTS * self._timeout
        self._next_at = 0.0
        self._session = _session({**(headers or {}), "Accept-Encoding": "identity"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def get(
        self, path: str, params: dict[str, str], headers: dict[str, str] | None = None
    ) -> Answer:
        """GET `path` under the source's url ("" is the url itself). 401 and 403 raise
        SourceRefused; other statuses are the caller's to judge (`Answer.status`)."""
        return self._let_in("GET", self.under(path), params, headers or {})

    def follow(self, url: str) -> Answer:
        """GET an absolute address that the source itself named; it must lie on the same host."""
        self._same_origin(self.base, url)
        return self._let_in("GET", url, {}, {})

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """POST form-encoded fields to `path`, once; a redirect is refused."""
        return self._let_in("POST", self.under(path), fields, {})

    def under(self, path: str) -> str:
        return self.base.rstrip("/") + "/" + path.lstrip("/") if path else self.base

    def down(self, reason: str, code: str) -> SourceDown:
        return SourceDown(self.request.name, reason, code)

    def refused(self, reason: str, code: str) -> SourceRefused:
        return SourceRefused(self.request.name, reason, code)

    def _let_in(
        self, method: str, url: str, fields: dict[str, str], headers: dict[str, str]
    ) -> Answer:
        """An answer with our credentials; a 401 is asked once more with a new token."""
        if not self._credentials.is_ready:
            self._credentials.renew(self._token_post)
        answer = self._fetched(method, url, fields, headers)
        if answer.status == 401 and self._credentials.renew(self._token_post):
            answer = self._fetched(method, url, fields, headers)
        if answer.status in (401, 403):
            raise self._token_refused(answer)
        return answer

    def _fetched(
        self, method: str, url: str, fields: dict[str, str], headers: dict[str, str]
    ) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            mine = self._mine(url)
            query, form = (fields | mine, None) if method == "GET" else (mine, fields)
            sent = self._credentials.headers | headers
            with self._send(method, url, query, form, sent) as response:
                if response.status_code not in REDIRECTS:
                    return self._answer(response)
                url, fields = self._redirected(method, url, response), {}
        raise self.refused(f"{shown(url)} redirects in circles", "redirect")

    def _mine(self, url: str) -> dict[str, str]:
        """Our own parameters, but none that an address the source gave us has already."""
        there = {name for name, _ in parse_qsl(urlsplit(url).query)}
        return {k: v for k, v in self._credentials.params.items() if k not in there}

    def _token_post(
        self, url: str, fields: dict[str, str], headers: dict[str, str]
    ) -> tuple[int, bytes]:
        with self._send("POST", url, {}, fields, headers) as response:
            return response.status_code, self._body(response)

    def _send(
        self,
        method: str,
        url: str,
        query: dict[str, str],
        form: dict[str, str] | None,
        headers: dict[str, str],
    ) -> requests.Response:
        self._check_time(url)
        self._keep_pace()
        try:
            return self._session.request(
                method,
                url,
                params=query,
                data=form,
                headers=headers,
                timeout=(min(5.0, self._timeout), self._timeout),
                stream=True,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._unreachable(url, error) from None  # its text holds the query

    def _keep_pace(self) -> None:
        if self.request.settings.requests_per_second is None:
            return
        now = time.monotonic()
        time.sleep(max(0.0, self._next_at - now))
        self._next_at = max(now, self._next_at) + 1 / self.request.settings.requests_per_second

    def _answer(self, response: requests.Response) -> Answer:
        body = self._body(response)
        return Answer(response.status_code, body, response.headers, response.url)

    def _body(self, response: requests.Response) -> bytes:
        chunks: list[bytes] = []
        try:
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                chunks.append(chunk)
                self._spend(len(chunk), response.url)
        except (HTTPError, requests.RequestException, OSError) as error:
            raise self._unreachable(response.url, error) from None
        return b"".join(chunks)

    def _spend(self, count: int, url: str) -> None:
        self._budget -= count
        if self._budget < 0:
            limit = self.request.settings.max_bytes
            raise self.refused(
                f"{shown(url)} sends more than {limit:,} bytes in one pull; if that is right, raise"
                f" {self.request.setting('max_bytes')}",
                "oversize",
            )
        self._check_time(url)

    def _check_time(self, url: str) -> None:
        if time.monotonic() > self._until:
            limit = PULL_TIMEOUTS * self._timeout
            raise self.down(
                f"{shown(url)} was not done within {limit:g} s; the server is slow or never ends."
                f" {self.request.setting('timeout_seconds')} sets the limit ({PULL_TIMEOUTS} ×)",
                "timeout",
            )

    def _redirected(self, method: str, url: str, response: requests.Response) -> str:
        target = joined(url, response.headers.get("Location", ""))
        self._same_origin(url, target)
        if method != "GET":
            raise self.refused(f"{shown(url)} redirects a POST; it is not sent twice", "redirect")
        return target

    def _same_origin(self, url: str, target: str) -> None:
        try:
            same = origin(url) == origin(target)
        except ValueError:
            same = False
        if not same:
            raise self.refused(
                f"{shown(url)} points to another host, {shown(target)}, where we send nothing; if"
                f" the source has moved, change {self.request.setting('url')}",
                "redirect",
            )

    def _token_refused(self, answer: Answer) -> SourceRefused:
        return self.refused(
            f"{shown(answer.url)} does not let us in (HTTP {answer.status}): put a valid"
            f" token into {self.request.setting('token', 'token_file')}",
            "token",
        )

    def _unreachable(self, url: str, error: Exception) -> SourceDown:
        if isinstance(error, requests.Timeout) or _timed_out(error):
            return self.down(f"{shown(url)} did not answer within {self._timeout:g} s", "timeout")
        if isinstance(error, requests.exceptions.SSLError):
            return self.down(f"{shown(url)} shows a certificate that is not trusted here", "tls")
        if isinstance(error, requests.ConnectionError):
            return self.down(
                f"{shown(url)} cannot be reached; is the server running and"
                f" {self.request.setting('url')} right?",
                "unreachable",
            )
        return self.down(f"{shown(url)} broke off its answer ({type(error).__name__})", "broken")


def _timed_out(error: Exception) -> bool:
    cause = error.args[0] if error.args else None
    return any(isinstance(e, ReadTimeoutError) for e in (error, cause, getattr(cause, "reason", 0)))


def _session(headers: dict[str, str]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.update(headers)
    retry = BoundedRetry(
        total=3,
        connect=2,
        read=1,
        status_forcelist=RETRY_STATUSES,
        backoff_factor=0.3,
        backoff_max=5,
        raise_on_status=False,
        redirect=False,
        allowed_methods=frozenset({"GET"}),
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session
