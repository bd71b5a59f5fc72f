"""JSON pages as columns of text: numbers keep the very digits they were written with.

Nested objects become dotted columns (`plan.lead`), lists become their JSON text, null and a missing
key are both blank. NaN and Infinity, duplicate keys, absurd numbers and nesting are refused with a
reason that never quotes a value. A lone surrogate inside a text, which no database takes, becomes a
NUL, and the suites refuse every row whose text holds one.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
import pyarrow as pa

from schemas.connectors import Connector, HttpJson, Snapshot, Table
from tasks.intake.reading_malformed import Malformed

__all__ = ["Malformed", "glance", "page_rows", "parse", "read_page", "table_of", "text_array"]

MAX_DEPTH = 32
MAX_DIGITS = 400
_SURROGATE = re.compile("[\ud800-\udfff]")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # pairs and lone ones alike
# Where GeoReport servers put their rows, when not at the top as the specification says.
OPEN311_ROOTS = ("service_requests", "requests", "service_request_updates", "request_updates")

Values = Sequence[object]


def parse(content: bytes, number: Callable[[str], object] = str) -> object:
    """One JSON text, UTF-8. `number` makes what stands for a number from its exact digits."""
    halves = _HALF.search(content) is not None

    def digits(text: str) -> object:
        if len(text) > MAX_DIGITS:
            raise Malformed(f"a number of {len(text):,} digits")
        return number(text)

    try:
        text = content.decode("utf-8-sig")
        return json.loads(
            text,
            parse_int=digits,
            parse_float=digits,
            parse_constant=_no_constant,
            object_pairs_hook=_whole if halves else _no_duplicates,
        )
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise Malformed(f"not JSON: {error.msg} at {place}") from None
    except RecursionError:
        raise Malformed("objects nested too deep") from None


def glance(content: bytes) -> object:
    """The same where the digits of numbers do not matter: much faster. Raises Malformed."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return parse(content)  # which says what is wrong, or takes what orjson does not


def page_rows(page: object, connector: Connector) -> list[object]:
    """The list of rows in a parsed page, by the connector's own idea of where it lies."""
    if isinstance(connector, HttpJson | Snapshot):
        return _rows_at(page, connector.rows)
    if isinstance(connector, Table) or isinstance(page, list):
        return _a_list(page, "at the top")
    if isinstance(page, dict) and ("service_request_id" in page or "token" in page):
        return [page]  # one request, asked for by its id, without the list around it
    roots = [page[k] for k in OPEN311_ROOTS if k in page] if isinstance(page, dict) else []
    if len(roots) != 1:
        raise Malformed(f"no list of rows; {_shape(page)}")
    return _a_list(roots[0], "under its root")


def read_page(content: bytes, connector: Connector) -> pa.Table:
    """One part of a JSON delivery as text columns, in the order they first appear."""
    rows = page_rows(parse(content), connector)
    wrong = next((n for n, row in enumerate(rows, 1) if not isinstance(row, dict)), None)
    if wrong is not None:
        raise Malformed(f"row {wrong} is not an object")
    return table_of(rows)  # type: ignore[arg-type]


def table_of(rows: Sequence[dict[str, object]]) -> pa.Table:
    """Rows as an Arrow table of nullable text columns."""
    columns: dict[str, pa.Array] = {}
    _expand(columns, "", rows, 0)
    if rows and not columns:
        raise Malformed(f"{len(rows)} rows without a single field")
    return pa.table(columns)


def _expand(
    columns: dict[str, pa.Array], prefix: str, rows: Sequence[dict[str, object]], depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise Malformed(f"objects nested more than {MAX_DEPTH} deep")
    for key, values in _columns(rows):
        name = prefix + key
        if any(isinstance(v, dict) for v in values):
            inner = [v if isinstance(v, dict) else {} for v in values]
            _expand(columns, name + ".", inner, depth + 1)
            values = [None if isinstance(v, dict) else v for v in values]
            if not any(v is not None for v in values):
                continue
        if name in columns:
            raise Malformed(f"two fields are called {name!r}")
        columns[name] = text_array(values)


def _columns(rows: Sequence[dict[str, object]]) -> Iterable[tuple[str, Values]]:
    """(key, its value in every row); most pages have the same keys in the same order."""
    keys = list(rows[0]) if rows else []
    if all(list(row) == keys for row in rows):
        return zip(keys, zip(*(row.values() for row in rows), strict=True), strict=True)
    union = list(dict.fromkeys(key for row in rows for key in row))
    return ((key, [row.get(key) for row in rows]) for key in union)


def text_array(values: Values) -> pa.Array:
    """Values of one column as text, None staying null."""
    try:
        return pa.array(values, pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return pa.array([_text(v) for v in values], pa.large_string())


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _list_text(value)
    return str(value)


def _list_text(value: list[object]) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nesting beyond its limit
        return json.dumps(value, ensure_ascii=True)


def _no_constant(name: str) -> object:
    raise Malformed(f"{name} is not a JSON number")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise Malformed(f"key {twice!r} stands twice in one object")
    return found


def _whole(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {_mended(key): _mended(value) for key, value in _no_duplicates(pairs).items()}


def _mended(value: Any) -> Any:
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return _SURROGATE.sub("\x00", value) if isinstance(value, str) else value


def _rows_at(page: object, path: str) -> list[object]:
    found = page
    for step in path.split(".") if path else ():
        if not isinstance(found, dict) or step not in found:
            raise Malformed(f"no {path!r} in the page (connector.rows); {_shape(page)}")
        found = found[step]
    return _a_list(found, f"at {path!r}" if path else "at the top")


def _a_list(found: object, where: str) -> list[object]:
    if not isinstance(found, list):
        raise Malformed(f"no list of rows {where}; {_shape(found)}")
    return found


def _shape(page: object) -> str:
    if isinstance(page, dict):
        return f"it has the keys {sorted(page)[:12]}"
    return f"it is a {type(page).__name__}"
