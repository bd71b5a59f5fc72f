"""A rejection workbook that came back, recognised by the identity it carries, whatever its name.

Its rows become a delivery of the same source, unit and period as the first one: every cell that was
not touched is taken from what was landed then, every other from the workbook. Rows stand on the
lines they had, so that what is fixed, still wrong or untouched can be told row by row. A workbook
whose identity does not fit is refused with a reason, never taken for an ordinary file.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.redaction import MARK
from schemas.connectors import Workbook
from schemas.source import SourceDeclaration
from tasks.intake.landing import Damaged, Delivery, load
from tasks.intake.quarantined import digest_of, shown
from tasks.intake.reading import Unreadable, read_rows
from tasks.intake.reading_heading import Layout
from tasks.intake.reading_malformed import Malformed
from tasks.intake.reading_xlsx import transcripts
from tasks.sources.base import Part, Pulled, PullRequest

FIRST = "correction/of/"  # the part's name, which no file can have
SHEET, KEY, SCHEMA = "_bihuan", "_bihuan_row", "bihuan/rejection/1"
CHECK_DIGITS = 12
_BOOK = "xl/workbook.xml"
_BOOK_BYTES = 1 << 20

Rows = dict[int, dict[str, str]]


@dataclass(frozen=True)
class Identity:
    """What the hidden sheet says: whose rows these are and where they stand in the workbook."""

    schema: str
    county: str
    source: str
    delivery: str
    sheet: str
    columns: tuple[str, ...]

    def pairs(self) -> Iterator[tuple[str, str]]:
        for name, value in vars(self).items():
            yield name, json.dumps(value, ensure_ascii=False)


def key_of(line: int, cells_digest: str) -> str:
    """The identity of one row, in its hidden column: it moves with the row when rows are sorted."""
    return f"{line}:{cells_digest[:CHECK_DIGITS]}"


def correction(path: Path, request: PullRequest) -> Pulled | None:
    """The delivery that a returned workbook makes; None for any other file. Raises Malformed."""
    if path.suffix.lower() != ".xlsx" or not 0 < path.stat().st_size <= request.settings.max_bytes:
        return None
    content = path.read_bytes()
    if not _has_identity(content):
        return None
    identity = _identity(content)
    first = _first(identity, request)
    rows = _corrected(content, identity, _landed_rows(first, request.declaration))
    table = _as_csv(rows, request.declaration)
    part = Part(FIRST + first.digest, table)
    return Pulled((part,), "csv", first.reporting_unit, first.period, "")


def _has_identity(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(_BOOK) as book:
            return f'"{SHEET}"'.encode() in book.read(_BOOK_BYTES)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return False  # the ordinary reader says what is wrong with it


def _identity(content: bytes) -> Identity:
    said = {row[0]: row[1] for row in _grid(content, SHEET) if len(row) > 1 and row[0]}
    try:
        values = {name: json.loads(said[name]) for name in Identity.__dataclass_fields__}
        found = Identity(**values | {"columns": tuple(values["columns"])})
    except (KeyError, ValueError, TypeError):
        raise Malformed("its hidden sheet was changed; export the workbook again") from None
    if found.schema != SCHEMA:
        raise Malformed(f"a workbook of another form ({found.schema}); export it again")
    return found


def _first(identity: Identity, request: PullRequest) -> Delivery:
    """The delivery that is corrected, as it was landed."""
    if request.landing is None or identity.county != request.landing.name:
        raise Malformed(f"corrects rows of another county ({identity.county})")
    if identity.source != request.name:
        raise Malformed(f"corrects rows of {identity.source}; drop it into that source's folder")
    digest = identity.delivery
    if not digest.isalnum():
        raise Malformed("its hidden sheet was changed; export the workbook again")
    try:
        return load(request.landing / request.name / digest[:2] / digest)
    except Damaged:
        raise Malformed(f"corrects a delivery that never came here ({digest[:12]})") from None


def _landed_rows(first: Delivery, declaration: SourceDeclaration) -> Rows:
    if not isinstance(declaration.connector, Workbook):
        raise Malformed(f"{declaration.name} takes no files: correct the rows where they came from")
    try:
        frame = read_rows(first, declaration)
    except (Unreadable, Damaged) as error:
        raise Malformed(str(error)) from None
    lines = frame.pop("line").astype(int)
    return dict(zip(lines, frame.to_dict("records"), strict=True))  # type: ignore[arg-type]


def _corrected(content: bytes, identity: Identity, landed: Rows) -> Rows:
    """The workbook's rows by line, untouched cells as they were landed."""
    grid = _grid(content, identity.sheet)
    header = [cell.strip() for cell in grid[0]] if grid else []
    place = {name: n for n, name in enumerate(header)}
    lost = [name for name in (KEY, *identity.columns) if name not in place]
    if lost:
        raise Malformed(f"the column {lost[0]!r} is gone; export the workbook again")
    found: Rows = {}
    for number, row in enumerate(grid[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        line = _line(row[place[KEY]], number, landed)
        if line in found:
            raise Malformed(f"rows for line {line} stand twice, again in row {number}; keep one")
        changed = {name: row[place[name]] for name in identity.columns}
        found[line] = _merged(landed[line], changed)
    return found


def _grid(content: bytes, sheet: str) -> list[list[str]]:
    ((_, table),) = transcripts(content, "xlsx", Layout(sheet=sheet))
    return list(csv.reader(io.StringIO(table)))


def _line(key: str, number: int, landed: Rows) -> int:
    line, _, check = key.partition(":")
    if not (line.isascii() and line.isdigit()):
        raise Malformed(
            f"row {number} is not one that was sent back; report it in a file of its own"
        )
    row = landed.get(int(line))
    if row is None or not check or not digest_of(row).startswith(check):
        raise Malformed(f"row {number} does not belong to the delivery it names; export it again")
    return int(line)


def _merged(landed: dict[str, str], changed: dict[str, str]) -> dict[str, str]:
    """What was hidden in a text stays hidden when somebody writes the text anew."""
    return {
        name: value if MARK in value or new == shown(value) else new
        for name, value, new in ((n, v, changed.get(n, "")) for n, v in landed.items())
    }


def _as_csv(rows: Rows, declaration: SourceDeclaration) -> bytes:
    """Rows on their own lines, blank lines between them."""
    assert isinstance(declaration.connector, Workbook)
    if not rows:
        raise Malformed("no row is left in it")
    header, at = list(next(iter(rows.values()))), declaration.connector.header_line
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    out.write("\n" * (at - 1))
    writer.writerow(header)
    for line in sorted(rows):
        out.write("\n" * (line - at - 1))
        writer.writerow([rows[line][name] for name in header])
        at = line
    return out.getvalue().encode()
