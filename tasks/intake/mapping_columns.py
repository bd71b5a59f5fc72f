"""The columns of a delivery: present or missed by name, cleaned once, filtered by conditions.

A file or a view lists all its columns, so each one that a declaration names must be there. In
JSON and XML an absent key is a blank, so a column may be missing as long as no required field of
a row at hand needs it and no unknown column looks like its new name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process, utils

from schemas.mapping import Condition
from schemas.source import SourceDeclaration
from tasks.intake.mapping_conditions import condition_mask
from tasks.intake.mapping_lists import looked_into, one_row_per_element
from tasks.intake.mapping_text import blank, clean

# Keys of one JSON row that look this much alike are one column renamed (due_date → dueDate).
RENAMED_AT = 85
SPARSE_CONNECTORS = ("http_json", "open311", "snapshot")
_OWN = frozenset({"line", "_kind"})


class MappingError(Exception):
    """The declaration does not fit the delivery; `column` is what was looked for."""

    def __init__(self, source: str, column: str, reason: str) -> None:
        super().__init__(f"source {source}: {reason}")
        self.source, self.column, self.reason = source, column, reason


@dataclass
class Columns:
    """Cleaned columns of one delivery; every column is cleaned once however often it is used."""

    rows: pd.DataFrame
    source: str
    sparse: bool
    spoken_for: frozenset[str]
    lists: tuple[str, ...] = ()
    _cleaned: dict[tuple[str, bool], pd.Series] = field(default_factory=dict)
    _by_list: dict[str, "Columns"] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pd.DataFrame, declaration: SourceDeclaration) -> "Columns":
        if "line" not in rows.columns:
            raise MappingError(declaration.name, "line", "the rows were read without line numbers")
        sparse = declaration.connector.type in SPARSE_CONNECTORS
        known = _OWN | {*declaration.reporter_fields} | declaration.reads()
        known |= {name.partition(".")[0] for name in known}  # a list that is looked into
        return cls(rows.reset_index(drop=True), declaration.name, sparse, known)

    def without(self, skip: Sequence[Condition]) -> "Columns":
        """The delivery without the rows for which every condition of `skip` holds."""
        if not skip or self.rows.empty:
            return self
        left = np.setdiff1d(np.arange(len(self.rows)), self.where(skip).positions)
        rows = self.rows.iloc[left].reset_index(drop=True)
        return Columns(rows, self.source, self.sparse, self.spoken_for)

    def each(self, path: str) -> "Columns":
        """The same delivery with one row per element of a list; `path.key` are its columns."""
        if path not in self._by_list:
            if not self.may_lack(path) and len(self.rows) and not self.has_under(path):
                raise self.missing(path, "a record is made of each of its elements")
            rows = one_row_per_element(self.rows, path)
            lists = (*self.lists, path)
            self._by_list[path] = Columns(rows, self.source, self.sparse, self.spoken_for, lists)
        return self._by_list[path]

    def where(self, conditions: Sequence[Condition]) -> "Selection":
        """The rows for which every condition holds."""
        keep = np.ones(len(self.rows), dtype=bool)
        for condition in conditions:
            keep &= self._holds(condition)
        return Selection(self, np.flatnonzero(keep))

    def has(self, name: str) -> bool:
        return name in self.rows.columns or name.partition("[")[0] in self.rows.columns

    def has_under(self, path: str) -> bool:
        return any(c == path or c.startswith(f"{path}.") for c in self.rows.columns)

    def may_lack(self, name: str) -> bool:
        """Whether a column that is not there is a key that no row has: a blank."""
        return self.sparse or any(name.startswith(f"{path}.") for path in self.lists)

    def texts(self, name: str) -> pd.Series:
        """A column as delivered; `photos[0].url` looks into a list."""
        if name in self.rows.columns:
            return self.rows[name]
        base, _, path = name.partition("[")
        return looked_into(self.rows[base], f"[{path}")

    def cleaned(self, name: str, *, folded: bool) -> pd.Series:
        key = (name, folded)
        if key not in self._cleaned:
            self._cleaned[key] = clean(self.texts(name), folded=folded)
        return self._cleaned[key]

    def missing(self, name: str, why: str) -> MappingError:
        present = [c for c in self.rows.columns if c != "line"]
        near = process.extractOne(name, present, processor=utils.default_process)
        hint = f"; nearest is {near[0]!r}" if near else ""
        reason = f"column {name!r} is missing ({why}); the delivery has {present}{hint}"
        return MappingError(self.source, name, reason)

    def renamed_to(self, name: str) -> str | None:
        """A column of this delivery that no mapping knows and that looks like `name`."""
        strange = [c for c in self.rows.columns if c not in self.spoken_for]
        found = process.extractOne(name, strange, scorer=_alike, score_cutoff=RENAMED_AT)
        return found[0] if found else None

    def _holds(self, condition: Condition) -> np.ndarray:
        return condition_mask(condition, self._compared)

    def _compared(self, name: str) -> pd.Series:
        if self.has(name):
            return self.cleaned(name, folded=False)
        if len(self.rows) and not self.may_lack(name):
            raise self.missing(name, "a condition reads it")
        return blank(len(self.rows))


@dataclass(frozen=True)
class Selection:
    """Some rows of a delivery, by position."""

    columns: Columns
    positions: np.ndarray

    def __len__(self) -> int:
        return len(self.positions)

    def lines(self) -> pd.Series:
        return self.columns.rows["line"].iloc[self.positions].reset_index(drop=True).astype("int64")

    def column(self, name: str, *, folded: bool) -> pd.Series:
        whole = self.columns.cleaned(name, folded=folded)
        if len(self) == len(whole):
            return whole
        return whole.iloc[self.positions].reset_index(drop=True)


def _alike(a: str, b: str, **options: object) -> float:
    return fuzz.ratio(_bare(a), _bare(b))


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
