"""A query's rows as columns side by side: whole numbers, for what a county is counted by.

A column comes as one text and several small ones as one column, because an object of Python for
every value costs more than the scan and the counting together. [measured]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.compute import split_pattern
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)

Numbers = NDArray[np.int64]

_BYTE = 256
_PACKED = 7  # bytes of a whole number that is never negative
# Not bound: SQLite would look a parameter up for every row. [measured]
_COMMA = literal_column("','", Text)


@dataclass(frozen=True)
class Columns:
    """`values` by column, of one length; a text is its place in `words`."""

    values: Mapping[str, Numbers]
    words: list[str]


def columns(
    connection: Connection, query: Select[Any], texts: Sequence[str], small: Sequence[str]
) -> Columns:
    """The columns of a query. `texts`: codes; `small`: numbers from 0 to 255.

    All are gathered in one pass over the same rows, so they stay side by side. Raises ValueError
    where a value is NULL, a text has a comma, or a small number is none.
    """
    c = query.subquery().c
    packs = [small[i : i + _PACKED] for i in range(0, len(small), _PACKED)]
    large = [name for name in c.keys() if name not in (*texts, *small)]  # noqa: SIM118  no mapping
    gathered: list[ColumnElement[Any]] = [c[name] for name in (*texts, *large)]
    gathered += [_packed([c[name] for name in pack]) for pack in packs]
    strings = [_string(connection, column) for column in gathered]
    bits = _either([c[name] for name in small])
    query = select(*strings, func.min(bits), func.max(bits), func.count())
    *said, least, most, rows = connection.execute(query).one()
    if rows and not 0 <= least <= most < _BYTE:
        raise ValueError(f"not all of {list(small)} are from 0 to 255: leave out the one that is")
    words, found = _coded(dict(zip(texts, said, strict=False)))
    numbers = [_numbers(text) for text in said[len(texts) :]]
    found |= dict(zip(large, numbers, strict=False))
    for pack, column in zip(packs, numbers[len(large) :], strict=True):
        found |= {name: (column >> (8 * i)) & (_BYTE - 1) for i, name in enumerate(pack)}
    if lost := [name for name, column in found.items() if len(column) != rows]:
        raise ValueError(f"NULL or a comma among the values of {lost}")
    return Columns(found, words)


def _string(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    # SQLite writes a number as it is; PostgreSQL wants to be asked for a text.
    is_plain = connection.dialect.name == "sqlite"
    text = type_coerce(column, Text) if is_plain else cast(column, Text)
    return func.aggregate_strings(text, _COMMA)  # type: ignore[arg-type]


def _packed(small: Sequence[ColumnElement[Any]]) -> ColumnElement[int]:
    """One number a row, the first column in its lowest byte."""
    powers = (literal_column(str(_BYTE**i), BigInteger) for i in range(len(small)))
    return reduce(add, [c * power for c, power in zip(small, powers, strict=False)])


def _either(small: Sequence[ColumnElement[Any]]) -> ColumnElement[int]:
    """The bits of all: negative or above 255 where any of them is."""
    return reduce(lambda a, b: a.bitwise_or(b), small, literal_column("0", BigInteger))


def _numbers(text: str | None) -> Numbers:
    return np.fromstring(text or "", np.int64, sep=",")  # None for no rows at all


def _coded(said: Mapping[str, str | None]) -> tuple[list[str], dict[str, Numbers]]:
    """Texts as numbers of one vocabulary."""
    whole = (pa.array([text], pa.large_string()) for text in said.values())
    parts = [split_pattern(text, ",").flatten() for text in whole]
    every = pa.concat_arrays(parts).dictionary_encode()
    codes = every.indices.to_numpy().astype(np.int64)
    ends = np.cumsum([len(part) for part in parts])
    return every.dictionary.to_pylist(), dict(zip(said, np.split(codes, ends), strict=False))
