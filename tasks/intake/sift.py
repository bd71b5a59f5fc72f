"""Deliveries' rows: read, mapped, checked and split into what is taken and what is refused.

A row of the sender stands or falls as a whole: when one of the records it gives is refused, none
of them is taken, and the refusal names every rule it broke. A delivery that cannot be read at all
is set aside with its reason; the others go on.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pandas as pd

from expectations.batch import Profile
from schemas.vocabulary import RecordKind
from tasks.intake.checking import Checked, check
from tasks.intake.drafts import LINES, Taking
from tasks.intake.frames import rows_where
from tasks.intake.mapping import MappingError, map_rows, unmapped
from tasks.intake.profiling import profiles
from tasks.intake.reading import Unreadable, read, sheet_and_row

log = logging.getLogger(__name__)

# A row that no mapping of its source's declaration takes.
UNMAPPED = "M001"
REFUSED_COLUMNS = ["line", "record", "source_id", "codes", "faults"]
_NUMBERS = {"line"}


@dataclass(frozen=True)
class Sifted:
    """Sender's rows by column layout; accepted canonical frames; refused lines with rule codes.

    `problems` names the deliveries that could not be read, by position, and why; `profiles` says
    what each delivery is like as a whole.
    """

    layouts: list[pd.DataFrame]
    accepted: dict[RecordKind, pd.DataFrame]
    refused: pd.DataFrame
    warned: pd.DataFrame
    problems: dict[int, str] = field(default_factory=dict)
    left_out: dict[int, int] = field(default_factory=dict)  # totals and notes, by position
    profiles: dict[int, Profile] = field(default_factory=dict)

    @property
    def lines(self) -> pd.Series:
        """Every line that was received, whatever became of it."""
        parts = [rows["line"] for rows in self.layouts]
        return pd.concat(parts, ignore_index=True) if parts else pd.Series([], dtype="int64")


def sift(taking: Taking, only: Iterable[int] | None = None) -> Sifted:
    """Sift deliveries, or only some of their lines."""
    found, problems, left_out = _layouts(taking, only)
    layouts: list[pd.DataFrame] = []
    mapped: dict[RecordKind, list[pd.DataFrame]] = {}
    stray = [_nothing()]
    for rows in found:
        try:
            county, declared = taking.county, taking.declaration
            frames = map_rows(rows, declared, county.organisation, county.references)
        except MappingError as error:
            problems |= {int(p): str(error) for p in set(taking.position(rows["line"]))}
            continue
        layouts.append(rows)
        stray.append(_strays(unmapped(rows, frames.values(), declared)))
        for kind, frame in frames.items():
            mapped.setdefault(kind, []).append(frame)
    whole = {kind: _one(frames) for kind, frames in mapped.items()}
    checked = {kind: _checked(taking, whole, kind) for kind in whole}
    described = profiles(taking, whole) if only is None else {}
    sifted = _split(layouts, checked, stray, problems, described)
    return replace(sifted, left_out=left_out)


def _layouts(
    taking: Taking, only: Iterable[int] | None
) -> tuple[list[pd.DataFrame], dict[int, str], dict[int, int]]:
    """Rows of all deliveries, those with the same columns together; unreadable ones by reason; how
    many lines were no rows."""
    problems: dict[int, str] = {}
    left_out: dict[int, int] = {}
    by_columns: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    wanted = None if only is None else list(only)
    for position, delivery in enumerate(taking.deliveries):
        try:
            reading = read(delivery, taking.declaration)
        except Unreadable as error:
            problems[position] = str(error)
            continue
        rows = reading.rows.assign(line=reading.rows["line"].astype("int64") + position * LINES)
        left_out[position] = len(reading.left_out)
        if left_out[position]:
            rows_out = [sheet_and_row(int(n))[1] for n in reading.left_out[:20]]
            log.info("%s: totals and notes left out, lines %s", delivery.path, rows_out)
        if wanted is not None:
            rows = rows[rows["line"].isin(wanted)]
        if len(rows):
            by_columns.setdefault(tuple(rows.columns), []).append(rows)
    layouts = [pd.concat(parts, ignore_index=True) for parts in by_columns.values()]
    return layouts, problems, left_out


def _one(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """In the order of the deliveries: of rows that came twice the first is the one that is new."""
    if len(frames) == 1:
        return frames[0]
    return pd.concat(frames, ignore_index=True).sort_values(
        "line", kind="stable", ignore_index=True
    )


def _checked(taking: Taking, mapped: dict[RecordKind, pd.DataFrame], kind: RecordKind) -> Checked:
    frame = mapped[kind]
    county = taking.county
    return check(
        frame,
        kind,
        received=taking.received[taking.position(frame["line"])],
        organisation=county.organisation,
        place_classes=county.policy.campaign.place_classes,
        extra_rules=taking.declaration.extra_rules,
        findings=mapped.get(RecordKind.FINDING),
    )


def _split(
    layouts: list[pd.DataFrame],
    checked: dict[RecordKind, Checked],
    stray: list[pd.DataFrame],
    problems: dict[int, str],
    described: dict[int, Profile],
) -> Sifted:
    refusals = [_refusals(c.refused, kind) for kind, c in checked.items()]
    refused = pd.concat([*refusals, *stray], ignore_index=True)
    lines = refused["line"]
    accepted = {
        k: rows_where(c.accepted, ~c.accepted["line"].isin(lines)) for k, c in checked.items()
    }
    warned = [c.warned for c in checked.values()]
    return Sifted(
        layouts,
        accepted,
        _by_line(refused),
        pd.concat(warned, ignore_index=True) if warned else _nothing(),
        problems,
        profiles=described,
    )


def _strays(rows: pd.DataFrame) -> pd.DataFrame:
    known = {"record": "", "source_id": "", "codes": UNMAPPED, "faults": f"{UNMAPPED}:"}
    return pd.DataFrame({"line": rows["line"], **known})


def _refusals(refused: pd.DataFrame, kind: RecordKind) -> pd.DataFrame:
    source_id = refused["source_id"].fillna("").astype("str").str.slice(0, 200)
    source_id = source_id.str.replace("\x00", "\ufffd", regex=False)  # PostgreSQL takes no NUL
    return refused[["line", "codes", "faults"]].assign(record=kind.value, source_id=source_id)


def _by_line(refused: pd.DataFrame) -> pd.DataFrame:
    """One row per refused line, its codes and faults joined without repeats."""
    if refused.empty:
        return _nothing()
    first = refused.drop_duplicates("line").set_index("line")[["record", "source_id"]]
    joined = refused.groupby("line")[["codes", "faults"]].agg(_joined)
    return first.join(joined).reset_index()[REFUSED_COLUMNS]


def _joined(codes: pd.Series) -> str:
    return ",".join(dict.fromkeys(code for text in codes for code in str(text).split(",")))


def _nothing() -> pd.DataFrame:
    kinds = {c: "int64" if c in _NUMBERS else "str" for c in REFUSED_COLUMNS}
    return pd.DataFrame({c: pd.Series([], dtype=kind) for c, kind in kinds.items()})
