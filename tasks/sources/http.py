"""One polite, bounded HTTP client for all connectors: GET only, never surprised, never leaking.

Every request has a timeout and a bounded number of retries (502, 503, 504, 429, honouring
Retry-After up to a bound); every pull has a cap on bytes and on total time, so that a server that
drips or never ends is a bounded error. Proxies and .netrc of the machine are ignored. Only hosts
of the source's allowlist are spoken to, and no redirect leaves the host. Messages show scheme,
host and path, never a query or a token.
"""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

from tasks.sources.base import PullRequest, SourceDown, SourceRefused

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
    content_type: str
    path: str
    next_url: str = ""

    @property
    def is_html(self) -> bool:
        if "html" in self.content_type.lower():
            return True
        return self.content.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))


class Client:
    """The HTTP side of one pull; use it as a context manager. Raises SourceDown, SourceRefused."""

    def __init__(self, request: PullRequest, headers: dict[str, str]) -> None:
        self.request = request
        self.base = base_url(request)
        self._timeout = request.settings.timeout_seconds
        self._budget = request.settings.max_bytes
        self._until = time.monotonic() + PULL_TIMEOUTS * self._timeout
        self._session = _session({**headers, "Accept-Encoding": "identity"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def get(self, path: str, params: dict[str, str]) -> Answer:
        """GET `path` under the source's url. 401 and 403 raise SourceRefused; other statuses are
        the caller's to judge (`Answer.status`)."""
        return self._fetched(self.base.rstrip("/") + "/" + path.lstrip("/"), params)

    def follow(self, url: str) -> Answer:
        """GET an absolute address that the source itself named; it must lie on the same host."""
        self._same_origin(self.base, url)
        return self._fetched(url, {})

    def _fetched(self, url: str, params: dict[str, str]) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            with self._send(url, params) as response:
                if response.status_code not in REDIRECTS:
                    return self._answer(response)
                url, params = self._redirected(url, response), {}
        raise self.refused(f"{shown(url)} redirects in circles", "redirect")

    def down(self, reason: str, code: str) -> SourceDown:
        return SourceDown(self.request.name, reason, code)

    def refused(self, reason: str, code: str) -> SourceRefused:
        return SourceRefused(self.request.name, reason, code)

    def _send(self, url: str, params: dict[str, str]) -> requests.Response:
        self._check_time(url)
        try:
            return self._session.get(
                url,
                params=params,
                timeout=(min(5.0, self._timeout), self._timeout),
                stream=True,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._unreachable(url, error) from None  # its text holds the query

    def _answer(self, response: requests.Response) -> Answer:
        if response.status_code in (401, 403):
            raise self._token_refused(response)
        return Answer(
            response.status_code,
            self._body(response),
            response.headers.get("Content-Type", ""),
            urlsplit(response.url).path,
            response.headers.get("X-Next-Page-URL", ""),
        )

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

    def _redirected(self, url: str, response: requests.Response) -> str:
        target = urljoin(url, response.headers.get("Location", ""))
        self._same_origin(url, target)
        return target

    def _same_origin(self, url: str, target: str) -> None:
        if _origin(url) != _origin(target):
            raise self.refused(
                f"{shown(url)} points to another host, {shown(target)}, where we send nothing; if"
                f" the source has moved, change {self.request.setting('url')}",
                "redirect",
            )

    def _token_refused(self, response: requests.Response) -> SourceRefused:
        return self.refused(
            f"{shown(response.url)} does not let us in (HTTP {response.status_code}): put a valid"
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


def base_url(request: PullRequest) -> str:
    """The source's url once it is known to be http(s) and to lie on an allowed host."""
    url = request.settings.url
    if not url:
        raise SourceRefused(request.name, f"set {request.setting('url')}", "settings")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        reason = f"{request.setting('url')} must begin with http:// or https://"
        raise SourceRefused(request.name, reason, "settings")
    allowed = request.settings.allowed_hosts
    if allowed and not {parts.hostname, parts.netloc.rpartition("@")[2]} & set(allowed):
        reason = f"host {parts.hostname} is not among {request.setting('allowed_hosts')}"
        raise SourceRefused(request.name, reason, "settings")
    return url


def token_of(request: PullRequest) -> str | None:
    """The source's token from the settings or from its file; None when neither is set."""
    settings = request.settings
    if settings.token is not None:
        token = settings.token.get_secret_value().strip()
    elif settings.token_file is not None:
        token = _token_in(request)
    else:
        return None
    if not token or not token.isascii() or not token.isprintable():
        reason = f"{request.setting('token', 'token_file')} is empty or not one line of plain ASCII"
        raise SourceRefused(request.name, reason, "token")
    return token


def _token_in(request: PullRequest) -> str:
    path = request.settings.token_file
    assert path is not None
    try:
        return path.expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = f"{request.setting('token_file')} cannot be read ({type(error).__name__})"
        raise SourceRefused(request.name, reason, "token") from None


def shown(url: str) -> str:
    """An address as it may be printed: without credentials, query and fragment."""
    parts = urlsplit(url)
    return SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "").geturl()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default


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
