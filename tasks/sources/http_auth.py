"""How a source lets us in: a token in a header or in the query, or one traded for another.

The token comes from the home's settings, its environment or a file, and from nowhere else; it is in
no message, no log and no address that is shown. With `oauth2` (RFC 6749, client credentials) it is
the client's secret and is sent to the token endpoint only; the access token that comes back lives
as long as the pull and is asked for anew when the source answers 401.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote_plus

import orjson

from schemas.connectors import Access
from tasks.sources.base import PullRequest, SourceRefused
from tasks.sources.http_address import shown, token_url

Post = Callable[[str, dict[str, str], dict[str, str]], tuple[int, bytes]]  # url, fields, headers


class Credentials:
    """What goes with every request of a pull; the same as long as the pull lasts."""

    def __init__(
        self, headers: dict[str, str] | None = None, params: dict[str, str] | None = None
    ) -> None:
        self.headers, self.params = headers or {}, params or {}
        self.is_ready = True

    def renew(self, post: Post) -> bool:
        """Whether there is another token to try."""
        return False


class ClientCredentials(Credentials):
    """A token that is asked for before the first request, and again when it is refused."""

    def __init__(self, request: PullRequest, access: Access, secret: str) -> None:
        super().__init__()
        self.is_ready = False
        self._request, self._access, self._secret = request, access, secret
        self._url = token_url(request)
        if not request.settings.client_id:
            raise SourceRefused(request.name, f"set {request.setting('client_id')}", "settings")
        self._client_id = request.settings.client_id

    def renew(self, post: Post) -> bool:
        fields = {"grant_type": "client_credentials"}
        if self._access.scope:
            fields["scope"] = self._access.scope
        pair = f"{quote_plus(self._client_id)}:{quote_plus(self._secret)}"
        basic = {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
        status, content = post(self._url, fields, basic)
        token = self._token(status, content)
        self.headers = {self._access.token_header: self._access.token_prefix + token}
        self.is_ready = True
        return True

    def _token(self, status: int, content: bytes) -> str:
        answer = _object(content)
        token = answer.get("access_token")
        if status == 200 and isinstance(token, str) and _is_sendable(token):
            return token
        error = answer.get("error")
        word = f" ({error})" if isinstance(error, str) and re.fullmatch(r"\w{1,40}", error) else ""
        where = self._request.setting("client_id", "token", "token_file")
        reason = f"{shown(self._url)} gives no access token: HTTP {status}{word}; check {where}"
        raise SourceRefused(self._request.name, reason, "token")


def credentials(request: PullRequest, access: Access) -> Credentials:
    """What the declaration says and the settings hold. Raises SourceRefused."""
    token = token_of(request)
    if access.auth == "oauth2":
        if token is None:
            reason = f"set {request.setting('token', 'token_file')}: the secret of client_id"
            raise SourceRefused(request.name, reason, "token")
        return ClientCredentials(request, access, token)
    if token is None:
        return Credentials()
    if access.auth == "query":
        return Credentials(params={access.token_parameter: token})
    return Credentials({access.token_header: access.token_prefix + token})


def token_of(request: PullRequest) -> str | None:
    """The source's token from the settings or from its file; None when neither is set."""
    settings = request.settings
    if settings.token is not None:
        token = settings.token.get_secret_value().strip()
    elif settings.token_file is not None:
        token = _token_in(request)
    else:
        return None
    if not _is_sendable(token):
        reason = f"{request.setting('token', 'token_file')} is empty or not one line of plain ASCII"
        raise SourceRefused(request.name, reason, "token")
    return token


def _is_sendable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable()


def _token_in(request: PullRequest) -> str:
    path = request.settings.token_file
    assert path is not None
    try:
        return path.expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = f"{request.setting('token_file')} cannot be read ({type(error).__name__})"
        raise SourceRefused(request.name, reason, "token") from None


def _object(content: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
