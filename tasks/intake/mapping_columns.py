"""The columns of a delivery: present or missed by name, cleaned once, filtered by conditions.

A file or a view lists all its columns, so each one that a declaration names must be there. In
JSON and XML an absent key is a blank, so a column may be missing as long as no required field of
a row at hand needs it and no unknown column looks like its new name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process, utils

from schemas.source import Condition, SourceDeclaration
from tasks.intake.mapping_text import blank, clean, fold

# Keys of one JSON row that look this much alike are one column renamed (due_date → dueDate).
RENAMED_AT = 85
SPARSE_CONNECTORS = ("http_json", "open311")
LITERAL = "="  # in a `from` list with `join`: "=verified" is that word, not a column


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
    _cleaned: dict[tuple[str, bool], pd.Series] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pd.DataFrame, declaration: SourceDeclaration) -> "Columns":
        if "line" not in rows.columns:
            raise MappingError(declaration.name, "line", "the rows were read without line numbers")
        sparse = declaration.connector.type in SPARSE_CONNECTORS
        return cls(rows.reset_index(drop=True), declaration.name, sparse, _named_in(declaration))

    def where(self, conditions: Sequence[Condition]) -> "Selection":
        """The rows for which every condition holds."""
        keep = np.ones(len(self.rows), dtype=bool)
        for condition in conditions:
            keep &= self._holds(condition)
        return Selection(self, np.flatnonzero(keep))

    def has(self, name: str) -> bool:
        return name in self.rows.columns

    def cleaned(self, name: str, *, folded: bool) -> pd.Series:
        key = (name, folded)
        if key not in self._cleaned:
            self._cleaned[key] = clean(self.rows[name], folded=folded)
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
        if not self.has(condition.column):
            if len(self.rows) and not self.sparse:
                raise self.missing(condition.column, "a condition reads it")
            return condition_mask(blank(len(self.rows)), condition)
        return condition_mask(self.cleaned(condition.column, folded=False), condition)


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


def condition_mask(column: pd.Series, condition: Condition) -> np.ndarray:
    """Where a condition holds; blank is the empty string, `matches` searches anywhere.

    Words are compared with full width folded; an expression sees what the source wrote.
    """
    words = column.fillna("")
    keep = np.ones(len(words), dtype=bool)
    if condition.is_in is not None:
        keep &= _among(words, condition.is_in)
    if condition.not_in is not None:
        keep &= ~_among(words, condition.not_in)
    if condition.filled is not None:
        keep &= (words != "").to_numpy(dtype=bool) == condition.filled
    if condition.matches is not None:
        keep &= _found(words, condition.matches)
    return keep


def _among(words: pd.Series, listed: Sequence[str]) -> np.ndarray:
    folded = clean(words, folded=True).fillna("")
    return folded.isin([fold(word) for word in listed]).to_numpy(dtype=bool)


def _found(words: pd.Series, pattern: str) -> np.ndarray:
    """Python's regular expressions, on distinct values: Arrow's know no look-around."""
    codes, uniques = pd.factorize(words)
    search = re.compile(pattern).search
    return np.array([bool(search(u)) for u in uniques], dtype=bool)[codes]


def _named_in(declaration: SourceDeclaration) -> frozenset[str]:
    names = {"line", "_kind", *declaration.reporter_fields}
    for mapping in declaration.records:
        names |= {c.column for c in mapping.where}
        names |= {c for spec in mapping.specs().values() for c in spec.columns()}
    return frozenset(names)


def _alike(a: str, b: str, **options: object) -> float:
    return fuzz.ratio(_bare(a), _bare(b))


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
