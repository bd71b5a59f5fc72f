"""One delivery's rows: read, mapped, checked and split into what is taken and what is refused.

A row of the sender stands or falls as a whole: when one of the records it gives is refused, none
of them is taken, and the refusal names every rule it broke.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from schemas.vocabulary import RecordKind
from tasks.intake.checking import check
from tasks.intake.drafts import Taking
from tasks.intake.mapping import map_rows, unmapped
from tasks.intake.reading import read_rows

# A row that no mapping of its source's declaration takes.
UNMAPPED = "M001"
REFUSED_COLUMNS = ["line", "record", "source_id", "codes"]


@dataclass(frozen=True)
class Sifted:
    """`rows` as delivered; accepted canonical frames; refused lines with their rule codes."""

    rows: pd.DataFrame
    accepted: dict[RecordKind, pd.DataFrame]
    refused: pd.DataFrame
    warned: pd.DataFrame


def sift(taking: Taking, only: Iterable[int] | None = None) -> Sifted:
    """Sift a delivery, or only some of its lines. Raises Unreadable and MappingError."""
    rows = read_rows(taking.delivery, taking.declaration)
    if only is not None:
        rows = rows[rows["line"].isin(list(only))].reset_index(drop=True)
    if rows.empty:
        return Sifted(rows, {}, _nothing(), _nothing())
    frames = map_rows(rows, taking.declaration, taking.county.organisation)
    checked = {kind: _check(taking, frame, kind) for kind, frame in frames.items()}
    stray = unmapped(rows, frames.values())
    refused = pd.concat(
        [_refusals(c.refused, kind) for kind, c in checked.items()]
        + [pd.DataFrame({"line": stray["line"], "record": "", "source_id": "", "codes": UNMAPPED})],
        ignore_index=True,
    )
    lines = refused["line"]
    accepted = {k: c.accepted[~c.accepted["line"].isin(lines)] for k, c in checked.items()}
    warned = pd.concat([c.warned for c in checked.values()], ignore_index=True)
    return Sifted(rows, accepted, _by_line(refused), warned)


def _check(taking: Taking, frame: pd.DataFrame, kind: RecordKind):  # type: ignore[no-untyped-def]
    county = taking.county
    return check(
        frame,
        kind,
        now=taking.delivery.received_at,
        organisation=county.organisation,
        place_classes=county.policy.campaign.place_classes,
        extra_rules=taking.declaration.extra_rules,
    )


def _refusals(refused: pd.DataFrame, kind: RecordKind) -> pd.DataFrame:
    source_id = refused["source_id"].fillna("").astype("str").str.slice(0, 200)
    return refused[["line", "codes"]].assign(record=kind.value, source_id=source_id)


def _by_line(refused: pd.DataFrame) -> pd.DataFrame:
    """One row per refused line, its codes joined without repeats."""
    if refused.empty:
        return _nothing()
    first = refused.drop_duplicates("line").set_index("line")[["record", "source_id"]]
    codes = refused.groupby("line")["codes"].agg(_joined)
    return first.assign(codes=codes).reset_index()[REFUSED_COLUMNS]


def _joined(codes: pd.Series) -> str:
    return ",".join(dict.fromkeys(code for text in codes for code in str(text).split(",")))


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series([], dtype="int64" if c == "line" else "str") for c in REFUSED_COLUMNS})
