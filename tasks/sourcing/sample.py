"""A sample of an unknown source as rows: which connector reads it, with which options.

Sheet, line of the heading and path of the rows are tried by the very readers that will read the
source; the reading whose columns look most like fields of a record wins.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.intake.reading import Unreadable, read_rows
from tasks.intake.reading_csv import ENCODINGS
from tasks.sourcing.names import claims
from tasks.sourcing.offering import SampleRefused, files_of, laid_out, media_of, sampled

HEADINGS = 8  # lines in which a heading is looked for
_GEOREPORT = "service_request_id"
_UNIT, _WEEK = r"(?P<unit>\d{9})", r"(?P<period>\d{4}-?W\d{2})"


@dataclass(frozen=True)
class Sample:
    """Rows of text as they will be read, and the connector's part of a declaration."""

    rows: pd.DataFrame
    connector: dict[str, Any]
    encoding: str = ""
    files: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        return [c for c in self.rows.columns if c not in ("line", "_kind")]


def sample_of(path: Path, record: RecordKind) -> Sample:
    """Read a sample: its first file that can be read. Raises SampleRefused."""
    files = files_of(path)
    first, names = files[0], [f.name for f in files]
    tried = [
        (len(claims(list(rows.columns), record)), -number, connector, rows)
        for number, (connector, rows) in enumerate(_readings(first, names))
    ]
    if not tried:
        raise SampleRefused(f"{first} cannot be read as a table of rows under a heading")
    _, _, connector, rows = max(tried, key=lambda t: t[:2])
    encoding = _encoding(first.read_bytes()) if media_of(first) == "csv" else ""
    return Sample(rows, connector, encoding, names)


def table_of(path: Path) -> pd.DataFrame:
    """The rows of a file under the heading in its first line, with `line`. Raises SampleRefused."""
    try:
        return _rows(path, {"type": "workbook", "name": "."})
    except Unreadable as error:
        raise SampleRefused(f"{path} cannot be read: {error}") from None


def _readings(path: Path, names: list[str]) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    for connector in _connectors(path, names):
        try:
            rows = _rows(path, connector)
        except (Unreadable, SampleRefused):
            continue
        if len(rows) and len(rows.columns) > 2:
            yield connector, rows


def _connectors(path: Path, names: list[str]) -> Iterator[dict[str, Any]]:
    """Every way of reading the file that is worth a try, the plainest first."""
    media = media_of(path)
    if media == "xml":
        yield {"type": "open311", "format": "xml"}
    elif media == "json":
        yield from _feeds(path)
    else:
        for sheet in _sheets(path):
            for line in range(1, HEADINGS + 1):
                yield {"type": "workbook", "name": file_pattern(names)} | (
                    ({"sheet": sheet} if sheet else {})
                    | ({"header_line": line} if line > 1 else {})
                )


def _sheets(path: Path) -> list[str]:
    """ "" for the first sheet, then the others by name."""
    if media_of(path) in ("csv", "tsv"):
        return [""]
    content = path.read_bytes()
    try:
        _rows(path, {"type": "workbook", "name": "."})  # judged harmless before it is opened
        names = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    except Unreadable:
        return [""]
    return ["", *names[1:]]


def _feeds(path: Path) -> Iterator[dict[str, Any]]:
    try:
        page = json.loads(path.read_bytes())
    except ValueError as error:
        raise SampleRefused(f"{path} is not JSON: {error}") from None
    for where in _lists(page, ""):
        rows = _at(page, where)
        if any(_GEOREPORT in row for row in rows):
            yield {"type": "open311", "format": "json"}
        else:
            yield {"type": "http_json", "path": "/TODO", "rows": where}


def _lists(value: Any, path: str) -> Iterator[str]:
    """Dotted paths of every list of objects."""
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _lists(inner, f"{path}.{key}".lstrip("."))


def _at(page: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        page = page[step]
    return page


def _rows(path: Path, connector: dict[str, Any]) -> pd.DataFrame:
    declaration = bare_declaration(connector)
    with laid_out(declaration, sampled(declaration, path), 0, "000000") as (delivery, *_):
        return read_rows(delivery, declaration)


def bare_declaration(connector: dict[str, Any]) -> SourceDeclaration:
    """A declaration that reads and maps nothing in particular."""
    name = {"zh": "-", "en": "-"}
    fields = dict.fromkeys(("source_id", "unit", "indicator", "period", "value"), "-")
    figure = {"record": "figure", "fields": fields | {"reported_at": "-"}}
    return SourceDeclaration.model_validate(
        {
            "name": "sample",
            "title": name,
            "owner": name,
            "connector": connector,
            "cadence": "continuous",
            "records": [figure],
        }
    )


def file_pattern(names: list[str]) -> str:
    """A regular expression for files called like these: unit and week where the name has them."""
    stem = re.escape(Path(names[0]).stem)
    week = re.sub(r"\d{4}(?:\\-)?W\d{2}", lambda _: _WEEK, stem)
    unit = re.sub(r"(?<!\d)\d{9}(?!\d)", lambda _: _UNIT, week, count=1)
    named = _UNIT in unit and _WEEK in unit
    pattern = unit if named else re.sub(r"\d+", lambda _: r"\d+", stem)
    suffixes = sorted({Path(n).suffix.lower().lstrip(".") for n in names})
    ending = rf".*\.(?:{'|'.join(suffixes)})$"
    alike = all(re.search(f"^{pattern}{ending}", name) for name in names)
    return f"^{pattern}{ending}" if alike else f"^{ending}"


def _encoding(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return ""
