"""Reporting upstream by GeoReport v2: one POST, form-encoded with `api_key`; an id or a token back.

A POST is never repeated by itself: whoever does not know whether it arrived asks the server first.
A server that numbers its requests later answers a token, which `resolved` turns into the id once
there is one. The key is in the body only, so it is in no address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from schemas.connectors import Open311
from tasks.sources.base import PullRequest, SourceRefused
from tasks.sources.http import Answer, Client
from tasks.sources.http_auth import Credentials, token_of
from tasks.sources.open311_answers import parsed_rows


@dataclass(frozen=True)
class Receipt:
    """What the server knows a report by: its id, or "" and the token to ask for it with."""

    service_request_id: str
    token: str = ""


def reported(request: PullRequest, fields: Mapping[str, str]) -> Receipt:
    """POST a new service request (`service_code`, a place, `description`, …).

    Raises SourceDown, SourceRefused: with the server's own words where it gives some.
    """
    key = token_of(request)
    if key is None:
        raise SourceRefused(request.name, f"set {request.setting('token', 'token_file')}", "token")
    form = {name: value for name, value in fields.items() if value} | {"api_key": key}
    return _asked(request, "requests", form)


def resolved(request: PullRequest, token: str) -> Receipt:
    """The id behind a token; still the token where the server has not given one."""
    found = _asked(request, f"tokens/{quote(token, safe='')}", None)
    return found if found.service_request_id else Receipt("", token)


def _asked(request: PullRequest, path: str, form: dict[str, str] | None) -> Receipt:
    connector = request.declaration.connector
    assert isinstance(connector, Open311)
    place = {"jurisdiction_id": connector.jurisdiction_id} if connector.jurisdiction_id else {}
    path = f"{path}.{connector.format}"
    with Client(request, Credentials()) as client:
        answer = client.get(path, place) if form is None else client.post(path, place | form)
        return _receipt(client, answer, connector)


def _receipt(client: Client, answer: Answer, connector: Open311) -> Receipt:
    rows = [row for row in parsed_rows(client, answer, connector) if isinstance(row, dict)]
    row = rows[0] if len(rows) == 1 else {}
    found = Receipt(str(row.get("service_request_id") or ""), str(row.get("token") or ""))
    if found == Receipt(""):
        raise client.refused(f"{answer.path} answers neither an id nor a token", "content")
    return found
