"""One canonical field from a source's columns: the order of work of `schemas.mapping.FieldSpec`.

Take, extract, within, split, strip, remap, map, default, then at most one reading. What the field's
kind demands must be said by its spec: a `time` without a format, or money without a unit, is
refused at once.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.arrays import BooleanArray, IntegerArray

from schemas.mapping import LITERAL, FieldSpec, Remap, TownBy
from schemas.organisation import Organisation
from schemas.records import Field
from tasks.intake import mapping_values as values
from tasks.intake.mapping_columns import MappingError, Selection
from tasks.intake.mapping_remaps import translated
from tasks.intake.mapping_text import as_text, blank, by_distinct, clean, fold, join_filled, same
from tasks.intake.mapping_transforms import TRANSFORMS
from tasks.intake.mapping_within import NotFindable, found_within
from tasks.references import NO_REFERENCES, References

READ_KINDS = ("time", "date", "money", "integer", "decimal", "flag")
# Text fields that are ids: compared, never read by people, so full width is folded in them too.
IDS = frozenset(
    {"finding_source", "target", "listing_number", "reporting_unit", "unit", "indicator", "period"}
)

_COORDINATE = Field("coordinate", "decimal")  # optional: folded, blank where it is blank

T = TypeVar("T")


def raw_name(field: str) -> str:
    """The companion column that holds what the source wrote."""
    return f"{field}__raw"


def is_id(field: Field) -> bool:
    return field.name.endswith(("_id", "_code")) or field.name in IDS


@dataclass(frozen=True)
class Reader:
    """Makes canonical columns; knows the county's words for towns and sectors."""

    organisation: Organisation
    references: References = NO_REFERENCES

    @cached_property
    def _towns(self) -> dict[str, str]:
        return _folded(self.organisation.town_words())

    @cached_property
    def _sectors(self) -> dict[str, str]:
        return _folded(self.organisation.sector_words())

    def columns(
        self, field: Field, spec: FieldSpec | None, rows: Selection
    ) -> dict[str, pd.Series]:
        """The field's column, and its `__raw` companion where the field is read."""
        text = blank(len(rows)) if spec is None else self._text(field, spec, rows)
        if field.kind not in READ_KINDS:
            return {field.name: text}
        if spec is None:
            return {field.name: _nothing(field, len(rows)), raw_name(field.name): text}
        return {field.name: self._read(field, spec, text, rows), raw_name(field.name): text}

    def _text(self, field: Field, spec: FieldSpec, rows: Selection) -> pd.Series:
        folded = field.kind != "text" or is_id(field) or bool(spec.town or spec.sector)
        # An expression is written against what the source writes, so folding comes after it.
        text = _taken(field, spec, rows, folded and spec.extract is None)
        if spec.extract is not None:
            text = clean(_extracted(text, spec.extract), folded=folded)
        if spec.within is not None:
            text = _within(text, spec, rows)
        if spec.split is not None:
            text = clean(_part_of(text, spec.split.by, spec.split.part, folded), folded=folded)
        if spec.remap is not None:
            text = self._remapped(text, spec.remap, rows)
        if spec.map is not None:
            text = _mapped(text, spec, folded)
        if spec.default is not None:
            text = text.fillna(_scalar(spec.default))
        emptied = text == ""
        return self._worded(spec, text.mask(emptied) if emptied.any() else text, rows)

    def _remapped(self, text: pd.Series, remap: Remap, rows: Selection) -> pd.Series:
        years = _column(str(remap.as_of), rows) if isinstance(remap.as_of, str) else None
        table = self.references.remap(remap.table)
        return translated(text, table, str(remap.as_of) if years is None else years)

    def _located(self, text: pd.Series, town: TownBy, rows: Selection) -> pd.Series:
        """Where no word is, the ward that the coordinates lie in; those of no ward stay as text."""
        assert town.lat is not None
        assert town.lon is not None
        lat, lon = (self._text(_COORDINATE, spec, rows) for spec in (town.lat, town.lon))
        return text.fillna(self.references.wards.codes(lat, lon))

    def _worded(self, spec: FieldSpec, text: pd.Series, rows: Selection) -> pd.Series:
        if spec.town is not None:
            named = _looked_up(text, self._towns)
            return named if spec.town.by == "words" else self._located(named, spec.town, rows)
        if spec.sector:
            return _looked_up(text, self._sectors)
        if spec.transform is None:
            return text
        if spec.transform not in TRANSFORMS:
            reason = f"no transform is called {spec.transform!r}; there are {sorted(TRANSFORMS)}"
            raise MappingError(rows.columns.source, spec.transform, reason)
        return clean(by_distinct(text, TRANSFORMS[spec.transform]), folded=False)

    def _read(self, field: Field, spec: FieldSpec, text: pd.Series, rows: Selection) -> pd.Series:
        if field.kind == "time":
            return values.read_times(text, _formats(field, spec.time, rows), spec.zone)
        if field.kind == "date":
            formats = _formats(field, spec.date, rows)
            return values.read_dates(text, formats, self.organisation.zone, spec.zone)
        if field.kind == "money":
            return values.read_money(text, _said(field, spec.money, "money", rows))
        readers = {"integer": values.read_integers, "decimal": values.read_decimals}
        return readers.get(field.kind, values.read_flags)(text)


def _extracted(text: pd.Series, pattern: str) -> pd.Series:
    search = re.compile(pattern).search

    def first_groups(distinct: pd.Series) -> pd.Series:
        found = [search(word) for word in distinct]
        return pd.Series([m and m.group(1) for m in found], dtype="str")

    return by_distinct(text, first_groups)


def _within(text: pd.Series, spec: FieldSpec, rows: Selection) -> pd.Series:
    assert spec.within is not None
    try:
        return found_within(text, spec.formats(), spec.within)
    except NotFindable as error:
        raise MappingError(rows.columns.source, "within", str(error)) from None


def _part_of(text: pd.Series, by: str, part: int, folded: bool) -> pd.Series:
    mark, place = fold(by) or by if folded else by, part - 1 if part > 0 else part

    def parts(distinct: pd.Series) -> pd.Series:
        split = [word.split(mark) for word in distinct]
        chosen = [p[place] if -len(p) <= place < len(p) else None for p in split]
        return pd.Series(chosen, dtype="str")

    return by_distinct(text, parts)


def _taken(field: Field, spec: FieldSpec, rows: Selection, folded: bool) -> pd.Series:
    if spec.const is not None:
        return same(_scalar(spec.const), len(rows))
    if not spec.columns():
        return blank(len(rows))
    if spec.join is not None:
        return _joined(field, spec, rows, folded)
    for name in spec.columns():
        if rows.columns.has(name):
            return rows.column(name, folded=folded)
    return _absent(field, spec, spec.columns()[0], rows)


def _joined(field: Field, spec: FieldSpec, rows: Selection, folded: bool) -> pd.Series:
    """Parts joined; an id with a blank part is no id, other text leaves blank parts out."""
    parts = [_part(field, spec, name, rows, folded) for name in spec.columns()]
    columns = [p for p in parts if isinstance(p, pa.ChunkedArray)]
    if is_id(field):
        joined = pc.binary_join_element_wise(*parts, pa.scalar(spec.join, pa.large_string()))
    else:
        joined = join_filled(parts, str(spec.join))
    return as_text(joined).mask(_all_blank(columns, len(rows)))


def _part(
    field: Field, spec: FieldSpec, name: str, rows: Selection, folded: bool
) -> pa.ChunkedArray | pa.Scalar:
    if name.startswith(LITERAL):
        return pa.scalar(name.removeprefix(LITERAL), pa.large_string())
    column = (
        rows.column(name, folded=folded)
        if rows.columns.has(name)
        else _absent(field, spec, name, rows)
    )
    return pa.chunked_array([pa.array(column, type=pa.large_string(), from_pandas=True)])


def _all_blank(columns: list[pa.ChunkedArray], length: int) -> pd.Series:
    empty = pd.Series(True, index=range(length))
    for column in columns:
        empty &= column.is_null().to_pandas()
    return empty if columns else ~empty


def _column(name: str, rows: Selection) -> pd.Series:
    """A column that says how another is read; it must be there."""
    if not rows.columns.has(name):
        if len(rows) and not rows.columns.may_lack(name):
            raise rows.columns.missing(name, "a field is read by it")
        return blank(len(rows))
    return rows.column(name, folded=True)


def _absent(field: Field, spec: FieldSpec, name: str, rows: Selection) -> pd.Series:
    """A column that is not there: an error, or blanks where an absent key means blank."""
    columns = rows.columns
    if len(columns.rows):
        if not columns.may_lack(name):
            raise columns.missing(name, f"field {field.name} is made from it")
        if len(rows) and field.required and spec.default is None:
            raise columns.missing(name, f"required field {field.name} is made from it")
        if len(rows) and (new_name := columns.renamed_to(name)):
            raise columns.missing(name, f"unknown column {new_name!r} looks like its new name")
    return blank(len(rows))


def _mapped(text: pd.Series, spec: FieldSpec, folded: bool) -> pd.Series:
    words = {fold(k) if folded else k: v for k, v in (spec.map or {}).items()}

    def look_up(distinct: pd.Series) -> pd.Series:
        kept = [words.get(w, w if spec.otherwise is None else spec.otherwise) for w in distinct]
        return pd.Series(kept, dtype="str")

    mapped = by_distinct(text, look_up)
    return mapped.fillna(words[""]) if words.get("") else mapped


def _looked_up(text: pd.Series, words: dict[str, str]) -> pd.Series:
    def codes(distinct: pd.Series) -> pd.Series:
        return pd.Series([words.get(w.casefold(), w) for w in distinct], dtype="str")

    return by_distinct(text, codes)


def _folded(words: dict[str, str]) -> dict[str, str]:
    return {fold(word).casefold(): code for word, code in words.items()}


def _scalar(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nothing(field: Field, length: int) -> pd.Series:
    if field.kind == "decimal":
        return blank(length)
    zeros = np.zeros(length, dtype=bool if field.kind == "flag" else np.int64)
    masked = BooleanArray if field.kind == "flag" else IntegerArray
    return pd.Series(masked(zeros, np.ones(length, dtype=bool)))


def _formats(
    field: Field, formats: str | tuple[str, ...] | None, rows: Selection
) -> tuple[str, ...]:
    said = _said(field, formats, field.kind, rows)
    return (said,) if isinstance(said, str) else tuple(said)


def _said(field: Field, value: T | None, key: str, rows: Selection) -> T:
    if value is None:
        reason = f"field {field.name} is a {field.kind}: say how it is written with {key!r}"
        raise MappingError(rows.columns.source, field.name, reason)
    return value
