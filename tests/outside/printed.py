"""Tables as offices print them, true to the last cell; and workbooks of them.

Sums and rates are those that the documents print (domain §5); the units are invented, and every
rate is made here by whole numbers alone, half up.
"""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import xlsxwriter

from rules.outside import Checked, check_sheet
from rules.outside_cells import read
from rules.outside_columns import Declared
from tasks.outside import words

Row = list[Any]  # text, a whole number, or a Number


@dataclass(frozen=True)
class Number:
    """A number under a spreadsheet's format."""

    value: float
    format: str


@dataclass(frozen=True)
class Sheet:
    rows: list[Row]
    merges: list[str] = field(default_factory=list)

    def changed(self, **cells: Any) -> "Sheet":
        """With other cells: changed(D17=12)."""
        rows = [list(row) for row in self.rows]
        for address, value in cells.items():
            row, column = place(address)
            rows[row][column] = value
        return Sheet(rows, self.merges)

    def at(self, address: str) -> Any:
        row, column = place(address)
        return self.rows[row][column]

    def with_rows(self, rows: list[Row]) -> "Sheet":
        return Sheet(rows)

    def workbook(self, folder: Path, name: str = "table.xlsx") -> Path:
        path = folder / name
        path.write_bytes(workbook({"通报": self}))
        return path


def place(address: str) -> tuple[int, int]:
    column = "".join(c for c in address if c.isalpha())
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return int(address[len(column) :]) - 1, number - 1


def workbook(sheets: dict[str, Sheet]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        formats: dict[str, Any] = {}
        for name, sheet in sheets.items():
            _write(book, book.add_worksheet(name), sheet, formats)
    return buffer.getvalue()


def _write(book: Any, page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    for merge in sheet.merges:
        row, column = place(merge.partition(":")[0])
        page.merge_range(merge, "")
        page.write(row, column, sheet.rows[row][column])
    for r, row in enumerate(sheet.rows):
        for c, value in enumerate(row):
            if isinstance(value, Number):
                if value.format not in formats:
                    formats[value.format] = book.add_format({"num_format": value.format})
                page.write_number(r, c, value.value, formats[value.format])
            elif isinstance(value, str) and value:
                page.write_string(r, c, value)
            elif not isinstance(value, str):
                page.write_number(r, c, value)


def checked(sheet: Sheet, declared: Declared | None = None) -> Checked:
    """The one table of a sheet, without a file; numbers under a format are no part of these."""
    grid = [[read(str(cell)) for cell in row] for row in sheet.rows]
    (found,) = check_sheet("通报", grid, words(), declared or Declared())
    return found


def percent(part: int, whole: int, places: int = 2) -> str:
    """Half up; "/" over nothing."""
    if not whole:
        return "/"
    scaled = (200 * part * 10**places + whole) // (2 * whole)
    digits = str(scaled).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def share(total: int, parts: int, rng: random.Random, least: int = 1) -> list[int]:
    """A total as so many numbers."""
    cuts = sorted(rng.randint(0, total - parts * least) for _ in range(parts - 1))
    ends = [0, *cuts, total - parts * least]
    return [b - a + least for a, b in pairwise(ends)]


def under(total: int, limits: Sequence[int], rng: random.Random) -> list[int]:
    """Numbers that add up to a total, none greater than its limit and most of them less."""
    found = [limit * total // sum(limits) for limit in limits]
    while sum(found) < total:
        n = rng.randrange(len(limits))
        found[n] += found[n] < limits[n]
    return found


TOWNS = ["虚河镇", "样板镇", "示例街道", "演示乡", "设想镇", "假定街道", "无名镇", "空山乡"]


def tianmen() -> Sheet:
    """天门 2016-12: due 972, closed 911, on time 737: 93.72 %, 75.82 %."""
    rng = random.Random(1)
    due = share(972, 8, rng, 40)
    closed = under(911, due, rng)
    on_time = under(737, closed, rng)
    rows: list[Row] = [
        ["天门市2016年12月隐患整改情况"],
        ["填报单位：虚构市安委办", "", "", "单位：件"],
    ]
    rows.append(["序号", "单位", "应整改数", "已整改数", "按期整改数", "整改率", "按期整改率"])
    for n, (town, *counts) in enumerate(zip(TOWNS, due, closed, on_time, strict=True), 1):
        rows.append([n, town, *counts, *_two(counts)])
    rows.append(["合计", "", 972, 911, 737, *_two([972, 911, 737])])
    return Sheet(rows, ["A1:G1", "A12:B12"])


def _two(counts: Sequence[int]) -> list[str]:
    due, closed, on_time = counts
    return [f"{percent(closed, due)}%", f"{percent(on_time, due)}%"]


def fuzhou() -> Sheet:
    """福州 2015-05: 33,928 of 36,314 → 93.43, the total on top, rates without a sign."""
    rng = random.Random(2)
    found = share(36_314, 8, rng, 900)
    closed = under(33_928, found, rng)
    rows: list[Row] = [["县（市）区", "排查隐患数", "整改数", "未整改数", "整改率（%）"]]
    rows.append(["全　市", "36,314", "33,928", "2,386", percent(33_928, 36_314)])
    for town, f, c in zip(TOWNS, found, closed, strict=True):
        rows.append([town, f"{f:,}", f"{c:,}", f"{f - c:,}", percent(c, f)])
    return Sheet(rows)


def cixi() -> Sheet:
    """Cixi: 272,703 of 273,699 → 99.64 %: a heading of two lines, general and major, and numbers
    under a format of per cent."""
    rng = random.Random(3)
    general = share(273_600, 8, rng, 9_000)
    general_closed = under(272_610, general, rng)
    major = [12, 15, 9, 0, 21, 14, 11, 17]
    major_closed = [12, 14, 9, 0, 20, 12, 10, 16]
    rows: list[Row] = [["慈溪市隐患排查整改汇总"]]
    rows.append(["镇街", "合计", "", "", "一般隐患", "", "", "重大隐患", "", ""])
    rows.append(["", *["排查数", "整改数", "整改率"] * 3])
    data = zip(TOWNS, general, general_closed, major, major_closed, strict=True)
    for town, g, gc, m, mc in data:
        rows.append([town, *_three(g + m, gc + mc), *_three(g, gc), *_three(m, mc)])
    sums = [sum(general), sum(general_closed), sum(major), sum(major_closed)]
    whole = (sums[0] + sums[2], sums[1] + sums[3])
    rows.append(["总计", *_three(*whole), *_three(*sums[:2]), *_three(*sums[2:])])
    merges = ["A2:A3", "B2:D2", "E2:G2", "H2:J2", "A1:J1"]
    return Sheet(rows, merges)


def _three(found: int, closed: int) -> Row:
    rate: Any = Number(closed / found, "0.00%") if found else "—"
    return [found, closed, rate]


def jinhua() -> Sheet:
    """金华: on time / (due − suspended)."""
    rng = random.Random(4)
    due, suspended = share(640, 8, rng, 30), [0, 3, 1, 0, 5, 2, 0, 4]
    on_time = under(580, [d - s for d, s in zip(due, suspended, strict=True)], rng)
    rows: list[Row] = [["县（市、区）", "应结案数", "暂缓数", "按期结案数", "按期结案率"]]
    for town, d, s, t in zip(TOWNS, due, suspended, on_time, strict=True):
        rows.append([town, d, s, t, f"{percent(t, d - s, 1)}%"])
    rows.append(["合 计", 640, 15, 580, f"{percent(580, 625, 1)}%"])
    return Sheet(rows)


def monthly() -> Sheet:
    """A statutory monthly table: coverage, general, major, money; one decimal, "/" for nothing."""
    rng = random.Random(5)
    units = share(4_200, 8, rng, 300)
    checked = under(3_700, units, rng)
    general = share(900, 8, rng, 50)
    closed = under(860, general, rng)
    major, fixed = [2, 0, 1, 3, 0, 1, 4, 1], [2, 0, 1, 1, 0, 0, 3, 1]
    money = ["12.5", "0", "3.2", "40.0", "0", "7.7", "61.3", "2.4"]
    heads = ["单位", "应查企业数", "已查企业数", "覆盖率", "一般隐患排查数", "一般隐患整改数"]
    heads += ["一般隐患整改率", "重大隐患排查数", "重大隐患整改数", "重大隐患整改率", "落实资金"]
    rows: list[Row] = [heads]
    data = zip(TOWNS, units, checked, general, closed, major, fixed, money, strict=True)
    for town, u, k, g, c, m, f, yuan in data:
        rates = [_one(k, u), _one(c, g), _one(f, m)]
        rows.append([town, u, k, rates[0], g, c, rates[1], m, f, rates[2], yuan])
    rows.append(
        [
            "全市合计",
            4200,
            3700,
            _one(3700, 4200),
            900,
            860,
            _one(860, 900),
            12,
            8,
            _one(8, 12),
            "127.1",
        ]
    )
    return Sheet(rows)


def _one(part: int, whole: int) -> str:
    return f"{percent(part, whole, 1)}%" if whole else "/"


def grouped() -> Sheet:
    """Two groups, each with a 小计 below it, and a 总计."""
    rows: list[Row] = [["地区", "发现隐患", "按期整改", "逾期未整改"]]
    towns = [[20, 15, 5], [31, 30, 1], [18, 18, 0], [44, 40, 4], [27, 20, 7], [12, 11, 1]]
    for n in (0, 3):
        rows += [[TOWNS[i], *towns[i]] for i in range(n, n + 3)]
        rows.append(["小计", *(sum(t[c] for t in towns[n : n + 3]) for c in range(3))])
    rows.append(["总计", *(sum(t[c] for t in towns) for c in range(3))])
    return Sheet(rows)


TRUE = {f.__name__: f for f in (tianmen, fuzhou, cixi, jinhua, monthly, grouped)}
