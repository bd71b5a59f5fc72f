"""Addresses of HTTP sources: which may be spoken to, and how one is shown to people.

A source lives at one address; besides its host only those of `allowed_hosts` are ever spoken to,
and those only where the settings name them (a token endpoint). What is printed or logged has no
credentials, no query and no fragment: each of them may hold a token.
"""

import logging
from urllib.parse import SplitResult, urljoin, urlsplit

from tasks.sources.base import PullRequest, SourceRefused


def base_url(request: PullRequest) -> str:
    """The source's url once it is known to be http(s) and to lie on an allowed host."""
    return checked(request, request.settings.url, "url", request.settings.allowed_hosts)


def token_url(request: PullRequest) -> str:
    """The token endpoint; it lies on the source's own host or on one of `allowed_hosts`."""
    own = urlsplit(base_url(request)).hostname or ""
    allowed = (own, *request.settings.allowed_hosts)
    return checked(request, request.settings.token_url, "token_url", allowed)


def checked(request: PullRequest, url: str | None, key: str, allowed: tuple[str, ...]) -> str:
    """`url` of the setting `key`. Raises SourceRefused: unset, not http(s), on another host."""
    if not url:
        raise SourceRefused(request.name, f"set {request.setting(key)}", "settings")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        reason = f"{request.setting(key)} must begin with http:// or https://"
        raise SourceRefused(request.name, reason, "settings")
    if allowed and not {parts.hostname, parts.netloc.rpartition("@")[2]} & set(allowed):
        reason = f"host {parts.hostname} is not among {request.setting('allowed_hosts')}"
        raise SourceRefused(request.name, reason, "settings")
    return url


def shown(url: str) -> str:
    """An address as it may be printed: without credentials, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(no address)"
    return SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "").geturl()


def origin(url: str) -> tuple[str, str | None, int | None]:
    """(scheme, host, port): what must be the same for a redirect or a next page to be followed."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default


def joined(url: str, target: str) -> str:
    """`target` as seen from `url`; what is no address stays as it is and has no origin."""
    try:
        return urljoin(url, target)
    except ValueError:
        return target


class WithoutQuery(logging.Filter):
    """Cuts the query off every address in a log record: urllib3 logs whole ones."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(value) for value in record.args)
        return True


def _cut(value: object) -> object:
    return value.partition("?")[0] if isinstance(value, str) else value


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(WithoutQuery())
