"""Mapping: a delivery's text rows → one frame per canonical record, as the declaration says.

Everything a source's YAML can say is executed here on whole columns; only distinct values are
ever looked at one by one. The promise: no value is guessed and none is lost silently. A word that
resolves to no town stays in the column and a time that cannot be read stays in its `__raw`
column, so that the suite refuses the row by name; a column that the delivery no longer has is a
`MappingError`, not a column of blanks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from schemas.organisation import Organisation
from schemas.records import SHAPES, RecordShape
from schemas.source import RecordMapping, SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.intake.mapping_columns import Columns, MappingError
from tasks.intake.mapping_digest import row_digests
from tasks.intake.mapping_fields import Reader, raw_name
from tasks.references import NO_REFERENCES, References

__all__ = ["MappingError", "map_rows", "unmapped"]


def map_rows(
    rows: pd.DataFrame,
    declaration: SourceDeclaration,
    organisation: Organisation,
    references: References = NO_REFERENCES,
) -> dict[RecordKind, pd.DataFrame]:
    """One frame per record kind that the declaration names, also where no row gave one.

    `rows`: text columns as the source names them, blank "", and an integer `line`. A frame has
    `line`, every field of its shape (`<field>__raw` beside each field that is read), `claimed_at`
    and `row_digest`, ordered by line, with a RangeIndex. `sent_at` falls back to `claimed_at`
    where the source gave none. Raises MappingError (column, what the delivery has, nearest name).
    """
    columns = Columns.of(rows, declaration)
    kept = columns.without(declaration.skip)
    job = _Job(kept, Reader(organisation, references))
    by_kind: dict[RecordKind, list[pd.DataFrame]] = {}
    for mapping in declaration.mappings():
        by_kind.setdefault(mapping.record, []).append(job.frame(mapping))
    return {kind: _finished(frames, SHAPES[kind]) for kind, frames in by_kind.items()}


def unmapped(
    rows: pd.DataFrame,
    frames: Iterable[pd.DataFrame],
    declaration: SourceDeclaration | None = None,
) -> pd.DataFrame:
    """The rows that no mapping took and `skip` does not name: never drop them unsaid."""
    taken = [frame["line"].to_numpy() for frame in frames]
    if declaration is not None:
        taken.append(skipped(rows, declaration).to_numpy())
    return rows[~rows["line"].isin(np.concatenate(taken))]


def skipped(rows: pd.DataFrame, declaration: SourceDeclaration) -> pd.Series:
    """The lines that the declaration knowingly leaves out."""
    if not declaration.skip:
        return rows["line"].iloc[:0]
    return Columns.of(rows, declaration).where(declaration.skip).lines()


@dataclass(frozen=True)
class _Job:
    columns: Columns
    reader: Reader

    def frame(self, mapping: RecordMapping) -> pd.DataFrame:
        """The rows of one mapping as canonical columns, `line` first."""
        shape, specs = SHAPES[mapping.record], mapping.specs()
        columns = self.columns.each(mapping.each) if mapping.each else self.columns
        rows = columns.where(mapping.where)
        data: dict[str, pd.Series] = {"line": rows.lines()}
        for field in shape.fields:
            data |= self.reader.columns(field, specs.get(field.name), rows)
        return pd.DataFrame(data)


def _finished(frames: list[pd.DataFrame], shape: RecordShape) -> pd.DataFrame:
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    if not frame["line"].is_monotonic_increasing:
        frame = frame.sort_values("line", kind="stable", ignore_index=True)
    frame["claimed_at"] = frame[shape.claimed]
    if "sent_at" in shape.names:
        not_sent = frame["sent_at"].isna() & frame[raw_name("sent_at")].isna()
        frame["sent_at"] = frame["sent_at"].mask(not_sent, frame["claimed_at"])
    else:
        frame["sent_at"] = frame["claimed_at"]
    frame["row_digest"] = row_digests(frame, shape)
    return frame
