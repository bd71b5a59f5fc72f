"""A county's columns come side by side, as they are; what would shift one is refused."""

import pytest
from sqlalchemy import BigInteger, Column, Engine, MetaData, SmallInteger, String, Table, select

from tasks.store import bulk
from tasks.store.columns import Columns, columns
from tasks.store.engine import writing

SMALL = [f"s{i}" for i in range(9)]  # more than one number holds
thing = Table(
    "thing",
    MetaData(),
    Column("name", String(40)),
    Column("text", String(40)),
    Column("count", BigInteger),
    *(Column(name, SmallInteger) for name in SMALL),
)
Row = tuple[str | int | None, ...]


def read(store: Engine, rows: list[Row]) -> Columns:
    with writing(store) as connection:
        thing.create(connection)
        bulk.insert(connection, thing, rows)
        return columns(connection, select(thing), ["name", "text"], SMALL)


def row(name: str, text: str | None, count: int | None = 0, *small: int) -> Row:
    return (name, text, count, *small, *([0] * (9 - len(small))))


@pytest.mark.parametrize("texts", [[], [""], ["", "b"], ["a", "a"], ["慈溪", "a", "n0"]])
def test_columns_come_side_by_side(empty: Engine, texts: list[str]) -> None:
    rows = [
        row(f"n{i}", text, (-1) ** i * 2**60 + i, *((255 - i, i) * 4), 255)
        for i, text in enumerate(texts)
    ]
    found = read(empty, rows)
    said = {
        name: [found.words[n] for n in values] if name in ("name", "text") else values.tolist()
        for name, values in found.values.items()
    }
    sides = zip(*(said[c.name] for c in thing.columns), strict=True)
    assert sorted(sides) == sorted(rows)  # type: ignore[type-var]
    assert len(found.words) == len(set(found.words))


@pytest.mark.parametrize(
    ("other", "lost"),
    [(row("a", None), "text"), (row("a", "a,b"), "text"), (row("a", "b", None), "count")],
)
def test_what_would_shift_a_column_is_refused(empty: Engine, other: Row, lost: str) -> None:
    with pytest.raises(ValueError, match=rf"comma among the values of \['{lost}'\]"):
        read(empty, [other, row("b", "b")])


@pytest.mark.parametrize("value", [-1, 256])
def test_what_is_no_small_number_is_refused(empty: Engine, value: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 255"):
        read(empty, [row("a", "a", 0, value), row("b", "b", 0, 1)])
