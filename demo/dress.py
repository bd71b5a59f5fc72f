"""Canonical rows in the dress of each source: its columns, its words, its way to write a time.

Promise: the inverse of config/cixi/sources/*.yaml, written down a second time by hand; a test maps
the bytes back by those files and must find the canonical fields again. What is spoilt stands as it
is in the cell where the field would have stood.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from demo.clock import Clock
from demo.model import Row
from schemas.organisation import Organisation
from schemas.records import SHAPES
from schemas.vocabulary import RecordKind

Cells = dict[str, str | None]

_KINDS = {
    r.value: {f.name: f.kind for f in SHAPES[r].fields}
    for r in (RecordKind.PLACE, RecordKind.CHECK, RecordKind.FINDING, RecordKind.UPDATE)
}


@dataclass(frozen=True)
class Dress:
    """How one source writes: `columns[record][field]` is the column, `words[field]` its words."""

    columns: dict[str, dict[str, str]]
    time: str  # strftime format; "iso" with the offset
    money: Callable[[int], str]
    sent_time: str = ""  # where it differs from `time`
    town_by_name: bool = False
    sector_by_name: bool = True
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    kind_column: str = ""
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def all_columns(self) -> list[str]:
        """Every column the source has, in order, whether a row fills it or not."""
        names = [self.kind_column] if self.kind_column else []
        for columns in self.columns.values():
            names += columns.values()
        return list(dict.fromkeys(names))


def fen(amount: int) -> str:
    return str(amount)


def yuan(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def wan_yuan(amount: int) -> str:
    """Ten thousand yuan with six decimals at most, no trailing zeros."""
    text = f"{amount // 1_000_000}.{amount % 1_000_000:06d}".rstrip("0")
    return text.rstrip(".")


class Wardrobe:
    """Dresses rows; remembers the county's names."""

    def __init__(self, organisation: Organisation, clock: Clock) -> None:
        self.clock = clock
        self.towns = {t.code: t.name.zh for t in organisation.towns}
        self.sectors = {s.code: s.name.zh for s in organisation.sectors}
        self._times: dict[tuple[str, int], str] = {}

    def cells(self, row: Row, dress: Dress) -> Cells:
        """The row's cells by column; None where the source leaves a column empty."""
        columns, kinds = dress.columns[row.record], _KINDS[row.record]
        cells: Cells = dict.fromkeys(dress.all_columns)
        if dress.kind_column:
            cells[dress.kind_column] = dress.kinds[row.record]
        for name, value in row.fields.items():
            if name in columns and value is not None:
                cells[columns[name]] = self._text(dress, name, kinds[name], value)
        for name, raw in row.spoil:
            if name in columns:
                cells[columns[name]] = raw
        return cells

    def _text(self, dress: Dress, name: str, kind: str, value: str | int) -> str:
        if kind == "time":
            style = (dress.sent_time if name == "sent_at" else "") or dress.time
            return self.time(int(value), style) if value else ""
        if kind == "money":
            return dress.money(int(value))
        if name == "town_code":
            return self.towns[str(value)] if dress.town_by_name else str(value)
        if name == "sector_code":
            return self.sectors[str(value)] if dress.sector_by_name else str(value)
        return dress.words.get(name, {}).get(str(value), str(value))

    def time(self, instant: int, style: str) -> str:
        key = (style, instant)
        if key not in self._times:
            local = self.clock.local(instant)
            self._times[key] = local.isoformat() if style == "iso" else local.strftime(style)
        return self._times[key]
