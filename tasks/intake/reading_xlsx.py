"""Workbooks as columns of text, by calamine, after the zip has been found harmless.

A parser is never asked to open what could fill the memory: see `reading_xlsx_guard`. Whatever it
does then, a panic included, is a refusal with a reason. Cells become the text a person would type:
12 and not 12.0, `2025-03-04`, `2025-03-04 08:30:00`; formulas give their stored values.
"""

import datetime as dt
import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from python_calamine import CalamineWorkbook, PasswordError

from tasks.intake.reading_grid import named
from tasks.intake.reading_json import Malformed, text_array
from tasks.intake.reading_xlsx_guard import guard

EXACT = 10**15  # from here on a spreadsheet no longer holds every digit of a number


def cells(content: bytes, sheet: str | int) -> list[list[object]]:
    """All cells from A1 on, typed as stored. Raises Malformed."""
    guard(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if isinstance(sheet, int) and sheet < len(names):
            found = book.get_sheet_by_index(sheet)
        elif sheet in names:
            found = book.get_sheet_by_name(str(sheet))
        else:
            raise Malformed(f"no sheet {sheet!r}; it has {names[:12]}")
        return found.to_python(skip_empty_area=False)  # type: ignore[return-value]
    except Malformed:
        raise
    except PasswordError:
        raise Malformed("the workbook is protected by a password") from None
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of the parser is no Exception
        raise Malformed(f"the workbook is damaged ({type(error).__name__})") from None


def table_of_cells(rows: list[list[object]], header_line: int) -> tuple[pa.Table, np.ndarray]:
    """(text columns, line of each row). Raises Malformed."""
    if len(rows) < header_line:
        return pa.table({}), np.zeros(0, dtype=np.int64)
    header = ["" if cell is None else text(cell) for cell in rows[header_line - 1]]
    data = rows[header_line:]
    columns = [column_text(c) for c in zip(*data, strict=True)] or [_EMPTY] * len(header)
    return named(header, columns, np.arange(len(data)) + header_line + 1, header_line)


_EMPTY = pa.array([], pa.large_string())


def column_text(values: Sequence[object]) -> pa.Array:
    try:
        return pa.array(values, pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return text_array([text(v) for v in values])


def text(value: object) -> str:
    """One cell as a person would type it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return "" if value is None else str(value)
