"""A workbook's sheets as csv text, merged cells resolved: what every reading of one starts from.

Cells become the text a person would type: 12 and not 12.0, `2025-03-04`, `2025-03-04 08:30:00`;
formulas give their stored values. Run as a program it is the child that parses what could be
dangerous, within 512 MB and 30 s: it imports nothing but the standard library and the parser. It
reads a line of JSON (the layout) and the workbook, and writes for each sheet a line of JSON and
the text. Whatever the parser does, a panic included, is a refusal with a reason.

    python -m tasks.intake.reading_transcript
"""

import csv
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from tasks.intake.reading_heading import Cells, Layout, Merge, head_of, names_of, spread
from tasks.intake.reading_malformed import Malformed

MEMORY, SECONDS, TEXT = 512 << 20, 30, 256 << 20  # bytes, seconds of processor, bytes of answer
NO_MEMORY, TOO_LONG = 10, 11  # exit codes
EXACT = 10**15  # from here on a spreadsheet no longer holds every digit of a number
MAX_SHEETS, MAX_ROWS = 99, 1_048_576


def transcribe(content: bytes, layout: Layout) -> Iterator[tuple[str, str]]:
    """(name, csv text) of each sheet that is asked for. Raises Malformed."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for position in _chosen(book, layout):
            sheet = book.get_sheet_by_index(position)
            yield sheet.name, _written(_cells(sheet, layout))
    except (Malformed, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except PasswordError:
        raise Malformed("the workbook is protected by a password; save it without one") from None
    except BaseException as error:  # a panic of the parser is no Exception
        raise Malformed(f"the workbook is damaged ({type(error).__name__})") from None


def _chosen(book: CalamineWorkbook, layout: Layout) -> list[int]:
    names = book.sheet_names
    if layout.sheets is not None:
        tables = [m.typ is SheetTypeEnum.WorkSheet for m in book.sheets_metadata]
        fits = [bool(re.fullmatch(layout.sheets, name)) for name in names]
        found = [n for n, (table, fit) in enumerate(zip(tables, fits, strict=True)) if table & fit]
    elif isinstance(layout.sheet, int):
        found = [layout.sheet] if layout.sheet < len(names) else []
    else:
        found = [names.index(layout.sheet)] if layout.sheet in names else []
    if not 0 < len(found) <= MAX_SHEETS:
        asked = layout.sheet if layout.sheets is None else layout.sheets
        raise Malformed(f"{len(found) or 'no'} sheet {asked!r}; it has {names[:12]}")
    return found


def _cells(sheet: CalamineSheet, layout: Layout) -> Cells:
    """All cells from A1 on."""
    if sheet.total_height > MAX_ROWS:
        raise Malformed(f"{sheet.total_height:,} rows; a sheet has at most {MAX_ROWS:,}")
    left = [""] * (sheet.start[1] if sheet.start else 0)  # columns before the first that is used
    rows = [left + [v if type(v) is str else text(v) for v in row] for row in sheet.iter_rows()]
    merges = sheet.merged_cell_ranges or ()
    head = head_of(rows, layout) if merges or layout.header_lines > 1 else []
    if head:
        spread(head, layout, merges)
        rows[: len(head)] = head
        _fill(rows, len(head), _filled_columns(names_of(head, layout), layout), merges)
    return rows


def _filled_columns(names: list[str], layout: Layout) -> set[int]:
    return {n for n, name in enumerate(names) if name in layout.fill_merged}


def _fill(rows: Cells, first: int, columns: set[int], merges: Sequence[Merge]) -> None:
    """Merged cells of these columns belong to all rows of the merge that hold anything."""
    left_to_fill = len(rows) * len(columns)
    for (top, column), (bottom, _) in merges:
        if column not in columns or top < first:
            continue
        covered = rows[top + 1 : bottom + 1]
        left_to_fill -= len(covered)
        if left_to_fill < 0:
            raise Malformed("merged cells lie over each other")
        for row in covered:
            if any(row):
                row[column] = rows[top][column]


def _written(rows: Cells) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)  # so that a lone \r is quoted too
    return out.getvalue()


def text(value: object) -> str:
    """One cell as a person would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return (value + dt.timedelta(microseconds=500_000)).isoformat(" ", "seconds")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return "" if value is None else str(value)


def _number(value: float) -> str:
    """The fifteen digits that a spreadsheet keeps, plainly. What had more has lost them, and stays
    in the exponent's form so that nobody takes it for the number that was typed."""
    if abs(value) >= EXACT:
        return str(value)
    return format(Decimal(f"{value:.15g}"), "f")


def request(layout: Layout, content: bytes) -> bytes:
    """What the child reads."""
    return json.dumps(asdict(layout)).encode() + b"\n" + content


def main() -> int:
    _limit()
    try:
        layout = Layout(**json.loads(sys.stdin.buffer.readline()))
        for name, written in transcribe(sys.stdin.buffer.read(), layout):
            data = written.encode()
            _say({"sheet": name, "bytes": len(data)})
            sys.stdout.buffer.write(data)
        _say({"end": True})
        sys.stdout.buffer.flush()
    except Malformed as error:
        _say({"refused": str(error)})
    except MemoryError:
        return NO_MEMORY
    except OSError:  # RLIMIT_FSIZE: Python ignores its signal
        return TOO_LONG
    return 0


def _say(words: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n")


def _limit() -> None:
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, TEXT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    sys.exit(main())
