"""What a mapping can say: how one field is made from columns, and which rows a record takes.

The order of work of a field is that of `FieldSpec`; the executor is `tasks.intake.mapping`.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schemas.organisation import Frozen

JsonScalar = str | int | bool
LITERAL = "="  # in a `from` list with `join`: "=verified" is that word, not a column


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern


def _with_group(pattern: str) -> str:
    if re.compile(_expression(pattern)).groups == 0:
        raise ValueError(f"{pattern!r} has no group: put what is wanted into ( )")
    return pattern


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write one like Asia/Shanghai") from None


def _not_zero(part: int) -> int:
    if part == 0:
        raise ValueError("parts count from 1, or from -1 at the end")
    return part


class Split(Frozen):
    """One part of a text: `{by: "-", part: 2}` of A-12-7 is 12, part -1 is 7; else blank."""

    by: str = Field(min_length=1)
    part: Annotated[int, AfterValidator(_not_zero)]


class Remap(Frozen):
    """Codes of another year → codes of today, by config/<county>/remaps/<table>.csv.

    A code means something in its own year only: `as_of` is that year, or the column that holds it.
    """

    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    as_of: int | str


class TownBy(Frozen):
    """A town by its words (code, name, alias); where those are blank, by coordinates' ward."""

    by: Literal["words", "coordinates"] = "words"
    lat: "Spec | None" = None
    lon: "Spec | None" = None

    @model_validator(mode="after")
    def _both(self) -> "TownBy":
        if (self.by == "coordinates") != (self.lat is not None and self.lon is not None):
            raise ValueError("write {by: coordinates, lat: …, lon: …}, or true for words")
        return self


def _no_truth(value: Any) -> Any:
    """YAML reads a bare no, yes, on, off as true or false: not what a column is called."""
    if isinstance(value, bool) or (isinstance(value, list) and any(map(_is_truth, value))):
        raise ValueError("no, yes, on, off, true, false: put a column of that name in quotes")
    return value


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _column_name(value: Any) -> Any:
    """A bare word where a spec may stand names the column."""
    _no_truth(value)
    return {"from": value} if isinstance(value, str) else value


def _town(value: Any) -> Any:
    return ({} if value else None) if isinstance(value, bool) else value


_Columns = str | tuple[str, ...] | None


class FieldSpec(Frozen):
    """How one canonical field is made from a source's columns.

    Order of work: take `from` (the first alternative column that is present; all of them with
    `join`) or `const`; `extract` (first group of a regular expression); `within` (the date that
    stands in a text); `split`; stripped; `remap`; `map`; `default` where blank; then at most one
    reading: `time`, `date`, `money`, `town`, `sector`, `transform`. With `join`, an entry of
    `from` that begins with "=" is that word itself, not a column: `from: [id, "=verified"]`,
    `join: ":"` gives each of a row's updates its own id. A column `photos[0].url` looks into a
    list.
    """

    from_: Annotated[_Columns, BeforeValidator(_no_truth, _Columns)] = Field(
        default=None, alias="from"
    )
    const: JsonScalar | None = None
    join: str | None = None
    extract: Annotated[str, AfterValidator(_with_group)] | None = None
    # A date in running text, by the formats of `time` or `date`. Of several: only none is taken.
    within: Literal["only", "first", "last"] | None = None
    split: Split | None = None
    remap: Remap | None = None
    map: dict[str, str | None] | None = None
    otherwise: str | None = None  # with map: what an unlisted word becomes (None: kept as it is)
    default: JsonScalar | None = None
    time: str | tuple[str, ...] | None = None  # strptime formats; iso, epoch_ms, epoch_s, excel
    date: str | tuple[str, ...] | None = None
    zone: Annotated[str, AfterValidator(_zone)] | None = None  # of times without an offset
    money: Literal["fen", "yuan", "wan_yuan"] | None = None
    town: Annotated[
        TownBy | None, BeforeValidator(_town, json_schema_input_type=bool | TownBy | None)
    ] = None
    sector: bool = False
    transform: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldSpec":
        located = self.town is not None and self.town.by == "coordinates"
        origins = (self.from_ is not None) + (self.const is not None)
        if origins > 1 or (origins == 0 and not located):
            raise ValueError("a field needs exactly one of 'from' and 'const'")
        readings = [self.time, self.date, self.money, self.town, self.sector or None]
        if sum(r is not None for r in readings) > 1:
            raise ValueError("a field can be read in one way only: time, date, money, town, sector")
        if self.within is not None and not self.formats():
            raise ValueError("'within' needs the formats of 'time' or 'date'")
        return self

    def columns(self) -> tuple[str, ...]:
        """The entries of `from`, words that begin with "=" among them."""
        if self.from_ is None:
            return ()
        return (self.from_,) if isinstance(self.from_, str) else self.from_

    def reads(self) -> Iterator[str]:
        """Every column that is looked at."""
        yield from (c for c in self.columns() if self.join is None or not c.startswith(LITERAL))
        if self.remap is not None and isinstance(self.remap.as_of, str):
            yield self.remap.as_of
        if self.town is not None:
            for spec in (self.town.lat, self.town.lon):
                yield from spec.reads() if spec is not None else ()

    def formats(self) -> tuple[str, ...]:
        """The declared formats of a time or a date."""
        said = self.time or self.date or ()
        return (said,) if isinstance(said, str) else said


Spec = Annotated[FieldSpec, BeforeValidator(_column_name, json_schema_input_type=FieldSpec | str)]
TownBy.model_rebuild()
FieldSpec.model_rebuild()


class Condition(Frozen):
    """A row filter; several in a list must all hold, of `any` at least one. Blank is "".

    A number is compared with a number or, where a word is given, with that column. What is no
    number is neither above nor below.
    """

    column: str = ""
    is_in: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    filled: bool | None = None
    matches: Annotated[str, AfterValidator(_expression)] | None = None
    above: Decimal | str | None = None
    below: Decimal | str | None = None
    at_least: Decimal | str | None = None
    at_most: Decimal | str | None = None
    any: tuple["Condition", ...] = ()

    @model_validator(mode="after")
    def _one_subject(self) -> "Condition":
        if bool(self.column) == bool(self.any):
            raise ValueError("a condition needs exactly one of 'column' and 'any'")
        return self

    def limits(self) -> dict[str, Decimal | str]:
        """The numeric comparisons by their key."""
        said = {k: getattr(self, k) for k in ("above", "below", "at_least", "at_most")}
        return {key: limit for key, limit in said.items() if limit is not None}

    def reads(self) -> Iterator[str]:
        """Every column that is looked at."""
        if self.column:
            yield self.column
        yield from (limit for limit in self.limits().values() if isinstance(limit, str))
        for condition in self.any:
            yield from condition.reads()
