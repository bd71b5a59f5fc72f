"""From a landed delivery to a frame of text, whatever the medium.

Everything is text (`str`, blank ""): 0012 stays 0012, and what a date or an amount means is the
mapping's business. Columns are named as the source names them, nested JSON and XML dotted. The
integer column `line` counts rows as their sender does: from 1 in JSON and XML, with the heading in
a file. Open311 rows also carry `_kind` (request, update). A file without rows, and a nil return,
give an empty frame.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.connectors import Connector, Open311, Workbook
from schemas.source import SourceDeclaration
from tasks.intake.landing import Delivery
from tasks.intake.reading_csv import decode, read_csv, records
from tasks.intake.reading_grid import is_nil_return
from tasks.intake.reading_json import Malformed, read_page, table_of
from tasks.intake.reading_xlsx import cells, table_of_cells
from tasks.intake.reading_xlsx_guard import guard
from tasks.intake.reading_xml import parse_xml, xml_rows
from tasks.sources.base import Media

KIND = "_kind"
PROBE_BYTES = 4 << 20  # files up to here are parsed whole before they are landed


class Unreadable(Exception):
    """A landed delivery that cannot be read; `reason` says why and where, without any cell."""

    def __init__(self, delivery: Delivery, reason: str) -> None:
        super().__init__(delivery, reason)
        self.delivery, self.reason = delivery, reason

    def __str__(self) -> str:
        unit = self.delivery.reporting_unit
        return f"{self.delivery.source} ({unit}): {self.reason}; ask the sender for a good one"


def read_rows(delivery: Delivery, declaration: SourceDeclaration) -> pd.DataFrame:
    """All rows of a delivery: text columns and `line`. Raises Unreadable."""
    if delivery.nil_return:
        return _frame(pa.table({}), np.zeros(0, dtype=np.int64))
    try:
        if delivery.media in ("xlsx", "csv"):
            return _file_rows(delivery, declaration)
        return _feed_rows(delivery, declaration)
    except Malformed as error:
        raise Unreadable(delivery, str(error)) from None


def probe(content: bytes, media: Media, connector: Workbook) -> bool:
    """Whether a file is a nil return. Raises Malformed when it cannot be read.

    Files of more than 4 MiB are only judged from outside: no nil return is that large.
    """
    if not content:
        return False
    if len(content) > PROBE_BYTES:
        decode(content) if media == "csv" else guard(content)
        return False
    header_line, marker = connector.header_line, connector.nil_marker
    if media == "csv":
        nil = is_nil_return(records(content), header_line, marker)
        return nil or _reads(read_csv(content, header_line))
    grid = cells(content, connector.sheet)
    return is_nil_return(grid, header_line, marker) or _reads(table_of_cells(grid, header_line))


def _reads(_: object) -> bool:
    """What was read without an error is an ordinary file."""
    return False


def _file_rows(delivery: Delivery, declaration: SourceDeclaration) -> pd.DataFrame:
    connector, parts = declaration.connector, delivery.parts()
    if not isinstance(connector, Workbook) or len(parts) != 1:
        raise Malformed(f"{len(parts)} {delivery.media} files from a {connector.type} source")
    content = parts[0].content
    if not content:
        return _frame(pa.table({}), np.zeros(0, dtype=np.int64))
    if delivery.media == "csv":
        return _frame(*read_csv(content, connector.header_line))
    return _frame(*table_of_cells(cells(content, connector.sheet), connector.header_line))


def _feed_rows(delivery: Delivery, declaration: SourceDeclaration) -> pd.DataFrame:
    connector = declaration.connector
    tables = []
    for part in delivery.parts():
        table = _page(part.content, delivery.media, connector)
        if isinstance(connector, Open311):
            table = _with_kind(table, part.name.partition("-")[0])
        tables.append(table)
    table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
    frame = _frame(table, np.arange(table.num_rows) + 1)
    return _once(frame) if isinstance(connector, Open311) else frame


def _page(content: bytes, media: Media, connector: Connector) -> pa.Table:
    if media == "json":
        return read_page(content, connector)
    return table_of(xml_rows(parse_xml(content)))


def _with_kind(table: pa.Table, kind: str) -> pa.Table:
    if KIND in table.column_names:
        table = table.drop_columns(KIND)
    return table.append_column(KIND, pa.array([kind] * table.num_rows, pa.large_string()))


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
