"""From a landed delivery to a frame of text, whatever the medium.

Everything is text (`str`, blank ""): 0012 stays 0012, and what a date or an amount means is the
mapping's business. Columns are named as the source names them, nested JSON and XML dotted. The
integer column `line` counts rows as their sender does: from 1 in JSON and XML, with the heading in
a file (of several sheets: `sheet_and_row`). Open311 rows also carry `_kind` (request, update), rows
of a source that reads several sheets `_sheet`. A file without rows, and a nil return, give an empty
frame.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.connectors import Connector, Open311, Workbook
from schemas.source import SourceDeclaration
from tasks.intake.landing import Delivery
from tasks.intake.reading_files import FILES, rows_of, tables_of
from tasks.intake.reading_grid import Rows
from tasks.intake.reading_json import read_page, table_of
from tasks.intake.reading_malformed import Malformed
from tasks.intake.reading_xml import parse_xml, xml_rows
from tasks.sources.base import Media

KIND, SHEET = "_kind", "_sheet"
SHEET_LINES = 10_000_000


class Unreadable(Exception):
    """A landed delivery that cannot be read; `reason` says why and where, without any cell."""

    def __init__(self, delivery: Delivery, reason: str) -> None:
        super().__init__(delivery, reason)
        self.delivery, self.reason = delivery, reason

    def __str__(self) -> str:
        unit = self.delivery.reporting_unit
        return f"{self.delivery.source} ({unit}): {self.reason}; ask the sender for a good one"


@dataclass(frozen=True)
class Reading:
    """The rows of a delivery, and the lines of totals and notes that were left out of them."""

    rows: pd.DataFrame
    left_out: np.ndarray


def read_rows(delivery: Delivery, declaration: SourceDeclaration) -> pd.DataFrame:
    """All rows of a delivery: text columns and `line`. Raises Unreadable."""
    return read(delivery, declaration).rows


def read(delivery: Delivery, declaration: SourceDeclaration) -> Reading:
    """`read_rows`, and what was left out of it. Raises Unreadable."""
    if delivery.nil_return:
        return _framed([])
    try:
        if delivery.media in FILES:
            return _file_rows(delivery, declaration)
        return Reading(_feed_rows(delivery, declaration), np.zeros(0, dtype=np.int64))
    except Malformed as error:
        raise Unreadable(delivery, str(error)) from None


def sheet_and_row(line: int) -> tuple[int, int]:
    """(which of the sheets read, from 0, the row its sender sees) of a `line`."""
    return divmod(line, SHEET_LINES)


def _file_rows(delivery: Delivery, declaration: SourceDeclaration) -> Reading:
    connector, parts = declaration.connector, delivery.parts()
    if not isinstance(connector, Workbook) or (len(parts) != 1 and connector.sheets is None):
        raise Malformed(f"{len(parts)} {delivery.media} files from a {connector.type} source")
    return _framed(
        [
            (sheet, rows_of(sheet, text, delivery.media, connector))
            for part in parts
            if part.content
            for sheet, text in tables_of(part, delivery.media, connector)
        ],
        with_sheet=connector.sheets is not None,
    )


def _framed(tables: list[tuple[str, Rows]], with_sheet: bool = False) -> Reading:
    """Tables of one file below each other; the lines of the n-th are n × SHEET_LINES further on."""
    if not tables:
        return Reading(_frame(pa.table({}), np.zeros(0, dtype=np.int64)), np.zeros(0, np.int64))
    parts = [_with_constant(r.table, SHEET, name) if with_sheet else r.table for name, r in tables]
    table = pa.concat_tables(parts, promote_options="default")
    lines = [r.lines + n * SHEET_LINES for n, (_, r) in enumerate(tables)]
    left_out = [r.left_out + n * SHEET_LINES for n, (_, r) in enumerate(tables)]
    return Reading(_frame(table, np.concatenate(lines)), np.concatenate(left_out))


def _feed_rows(delivery: Delivery, declaration: SourceDeclaration) -> pd.DataFrame:
    connector = declaration.connector
    tables = []
    for part in delivery.parts():
        table = _page(part.content, delivery.media, connector)
        if isinstance(connector, Open311):
            table = _with_constant(table, KIND, part.name.partition("-")[0])
        tables.append(table)
    table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
    frame = _frame(table, np.arange(table.num_rows) + 1)
    return _once(frame) if isinstance(connector, Open311) else frame


def _page(content: bytes, media: Media, connector: Connector) -> pa.Table:
    if media == "json":
        return read_page(content, connector)
    return table_of(xml_rows(parse_xml(content)))


def _with_constant(table: pa.Table, name: str, word: str) -> pa.Table:
    """`table` with a column of ours, in place of one of that name."""
    if name in table.column_names:
        table = table.drop_columns(name)
    return table.append_column(name, pa.array([word] * table.num_rows, pa.large_string()))


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that two windows or pages brought alike, kept once; they keep their `line`."""
    columns = [c for c in frame.columns if c != "line"]
    return frame.drop_duplicates(columns, ignore_index=True) if columns else frame


def _frame(table: pa.Table, lines: np.ndarray) -> pd.DataFrame:
    """Text columns without nulls, then `line`; a source's own `line` is called `line_`."""
    names = ["line_" if name == "line" else name for name in table.column_names]
    columns = [pc.fill_null(column, "") for column in table.columns]
    frame = pd.DataFrame(pa.table(dict(zip(names, columns, strict=True))).to_pandas())
    frame["line"] = lines.astype(np.int64)
    return frame
