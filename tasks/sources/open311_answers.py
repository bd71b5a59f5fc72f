"""What a GeoReport server answers: rows, or an error in one of its many shapes.

Errors come as a list of {code, description}, as an object, as XML, as an HTML page with 500: all
are reported, none is ever read as data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.connectors import Open311
from tasks.intake.reading_json import Malformed, glance, page_rows
from tasks.intake.reading_xml import local_name, parse_xml, xml_rows
from tasks.sources.base import SourceDown
from tasks.sources.http import Answer, Client

GOOD = (200, 201)  # a POST may answer 201
SHOWN = 200  # characters of a server's own error text that are passed on


@dataclass(frozen=True)
class Rows:
    """One good answer: its bytes, the ids of its rows ("" where a row has none), which requests
    are open, and the address of the next page where the server names one."""

    content: bytes = field(repr=False)
    ids: tuple[str, ...]
    open: frozenset[str] = frozenset()
    next_url: str = ""

    def __len__(self) -> int:
        return len(self.ids)


def rows_of(client: Client, answer: Answer, key: str, connector: Open311) -> Rows:
    """An answer that is rows. Raises SourceDown or SourceRefused for everything else."""
    rows = parsed_rows(client, answer, connector)
    ids = tuple(_id(row, key) for row in rows)
    return Rows(answer.content, ids, frozenset(_open(rows)), answer.next_url)


def parsed_rows(client: Client, answer: Answer, connector: Open311) -> Sequence[object]:
    """The rows of a good answer. Raises SourceDown or SourceRefused for everything else."""
    if answer.is_html:
        reason = (
            f"{answer.path} answers an HTML page (HTTP {answer.status}), not {connector.format}"
        )
        raise (client.down if answer.status >= 500 else client.refused)(reason, "html")
    try:
        rows = _parsed(answer, connector)
    except Malformed as error:
        if answer.status in GOOD:
            raise client.refused(f"{answer.path}: {error}", "content") from None
        raise _failed(client, answer, "") from None
    if isinstance(rows, str) or answer.status not in GOOD:
        raise _failed(client, answer, rows if isinstance(rows, str) else "")
    return rows


def _failed(client: Client, answer: Answer, said: str) -> SourceDown:
    words = " ".join(said.split())[:SHOWN]
    reason = f"{answer.path} answers HTTP {answer.status}" + (f": {words}" if words else "")
    if answer.status == 404:
        reason += f"; check {client.request.setting('url')} and the declaration's jurisdiction_id"
    return client.down(reason, "http")


def _parsed(answer: Answer, connector: Open311) -> Sequence[object] | str:
    """Rows, or the text of an error."""
    return _xml(answer.content) if connector.format == "xml" else _json(answer.content, connector)


def _json(content: bytes, connector: Open311) -> Sequence[object] | str:
    page = glance(content)
    errors = page.get("errors", page.get("error", page)) if isinstance(page, dict) else page
    listed = errors if isinstance(errors, list) else [errors]
    said = [e for e in listed if isinstance(e, dict) and "description" in e and "code" in e]
    if listed and len(said) == len(listed) and not any("service_request_id" in e for e in said):
        return "; ".join(f"{e['code']} {e['description']}" for e in said)
    if isinstance(page, dict) and isinstance(page.get("error"), str):
        return str(page["error"])
    return page_rows(page, connector)


def _xml(content: bytes) -> Sequence[object] | str:
    root = parse_xml(content)
    if local_name(root) in ("errors", "error"):
        return "; ".join(" ".join(e.itertext()) for e in root.iter() if local_name(e) == "error")
    return xml_rows(root)


def _id(row: object, key: str) -> str:
    """A row's id; a request still waiting for its number is known by its token."""
    if not isinstance(row, dict):
        return ""
    return str(row.get(key) or row.get("token") or "")


def _open(rows: Sequence[object]) -> Iterator[str]:
    """Ids of requests that are not closed, in whatever case it is written."""
    requests = (row for row in rows if isinstance(row, dict) and row.get("service_request_id"))
    for row in requests:
        if str(row.get("status") or "").strip().casefold() != "closed":
            yield str(row["service_request_id"])
