"""The weekly grid ledgers as files: xlsx, and csv in GB18030 from every third town.

Promise: the same rows give the same bytes (fixed times inside the workbook), the name says who
reports for which week, and every file says that its county is fictitious.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

from demo.dress import Wardrobe
from demo.dresses_units import GRID
from demo.model import NEVER, Filing, Row
from demo.world import World

NIL = "零报告"
_NOTICE = "虚构演示数据，与任何真实地区、单位、个人无关 / fictitious demo data"


@dataclass(frozen=True)
class Ledger:
    """One file as it was dropped; `period` is the ISO week it reports for."""

    name: str
    town: str
    period: str
    dropped_at: int
    media: str
    nil_return: bool
    rows: int
    content: bytes


class Ledgers:
    """All files that the towns of a world ever drop, in the order they are dropped."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wardrobe = Wardrobe(world.organisation, world.weeks.clock)
        self.csv_towns = set(sorted(world.organisation.town_codes())[::3])
        self._by_file: dict[str, list[Row]] = {}
        for row in world.of_source("grid"):
            if row.receipt.file:
                self._by_file.setdefault(row.receipt.file, []).append(row)

    def all(self, after: int = -1, until: int = NEVER) -> list[Ledger]:
        """Files dropped in (after, until]."""
        plans = [f for f in self.world.post.plan.values() if f.status != "none"]
        made = [ledger for filing in plans for ledger in self._of(filing, after, until)]
        return sorted(made, key=lambda ledger: (ledger.dropped_at, ledger.name))

    def _of(self, filing: Filing, after: int, until: int) -> list[Ledger]:
        """The ledger of one town and week, and its supplement where there is one."""
        code = self.world.weeks.code(filing.week)
        stem = f"{filing.town}_{code}"
        made = []
        if after < filing.dropped_at <= until:
            rows = self._by_file.get(stem, [])
            made.append(self._file(filing, stem, filing.dropped_at, rows))
        supplement = self._by_file.get(f"{stem}_补报1")
        if supplement and after < filing.supplement_at <= until:
            made.append(self._file(filing, f"{stem}_补报1", filing.supplement_at, supplement))
        return made

    def _file(self, filing: Filing, stem: str, at: int, rows: list[Row]) -> Ledger:
        media = "csv" if filing.town in self.csv_towns else "xlsx"
        nil = not rows and filing.status != "empty"
        header = GRID.all_columns
        body = [[NIL]] if nil else [self._cells(row) for row in rows]
        write = _csv if media == "csv" else _xlsx
        code = self.world.weeks.code(filing.week)
        content = write([header, *body])
        return Ledger(f"{stem}.{media}", filing.town, code, at, media, nil, len(rows), content)

    def _cells(self, row: Row) -> list[str]:
        cells = self.wardrobe.cells(row, GRID)
        return [cells[name] or "" for name in GRID.all_columns]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    width = max(map(len, rows))
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([*r, *[""] * (width - len(r))] for r in rows)
    return text.getvalue().encode("gb18030")


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2025, 1, 1, tzinfo=UTC), "comments": _NOTICE})
    sheet = book.add_worksheet("台账")
    sheet.set_footer(f"&C{_NOTICE}")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if cell:
                sheet.write_string(y, x, cell)
    book.close()
    return out.getvalue()
