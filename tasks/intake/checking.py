"""Checking: a mapped frame → the rows we accept and the rows that go back, with reasons.

One Great Expectations run per frame, complete results by position. The promise: accepted and
refused together are the rows that came in, every refused row carries the codes of the rules it
broke, and an expectation that could not run is an error, never a pass.
"""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from expectations.building import gx
from expectations.derived import NAMING, with_companions
from expectations.naming import spelled
from expectations.rules import most_severe_first, rules_with
from expectations.screening import columns_of, in_doubt
from expectations.suites import RuleError, condition_name, suite_for
from expectations.words import Words
from schemas.organisation import Organisation
from schemas.records import SHAPES
from schemas.source import ExtraRule
from schemas.vocabulary import RecordKind
from tasks.intake.frames import rows_where
from tasks.intake.mapping_conditions import condition_mask

# Positions instead of ids: naming an id column makes Great Expectations loop over bad rows.
RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}

# The context is one per process and not safe to share between threads at the same time.
_ONE_AT_A_TIME = threading.Lock()


class CheckingError(Exception):
    """The suite could not judge the frame: a column is missing or an expectation broke."""


@dataclass(frozen=True)
class Checked:
    """`accepted` and `refused` partition the frame; `warned` names accepted rows.

    refused: all columns, `codes` (comma-separated, most severe first) and `faults`, which field
    broke which rule (`D002:finding.found_at,U001:finding.town_code`).
    warned: `line` and `codes` of accepted rows that broke a warning rule.
    """

    accepted: pd.DataFrame
    refused: pd.DataFrame
    warned: pd.DataFrame


@dataclass(frozen=True)
class _Broken:
    """`fields`: which fields broke the rule, each with the rows where it did."""

    code: str
    critical: bool
    positions: np.ndarray
    fields: tuple[tuple[str, np.ndarray], ...]


def check(
    frame: pd.DataFrame,
    kind: RecordKind,
    *,
    received: int | np.ndarray,
    organisation: Organisation,
    place_classes: Iterable[str],
    extra_rules: Sequence[ExtraRule] = (),
    findings: pd.DataFrame | None = None,
) -> Checked:
    """Judge one mapped frame by the suite of its record and a source's extra rules.

    `received`: when each row was received (UTC ms), one instant or one per row; `findings`: the
    mapped findings that came together with these updates. Raises CheckingError for a frame that
    lacks a canonical column, RuleError for an extra rule that cannot be made.
    """
    frame = frame.reset_index(drop=True)
    _require_columns(frame, kind)
    if frame.empty:
        return _split(frame, kind, [], extra_rules)
    words = Words.of(organisation, place_classes)
    suite = suite_for(kind, words, extra_rules)
    companions = with_companions(frame, kind, received, findings)
    broken = _broken_rules(_prepared(companions, kind, extra_rules), suite)
    return _split(frame, kind, broken, extra_rules)


def _require_columns(frame: pd.DataFrame, kind: RecordKind) -> None:
    missing = [c for c in ("line", *SHAPES[kind].names) if c not in frame]
    if missing:
        raise CheckingError(f"{kind} frame lacks {missing}: map the delivery with map_rows first")


def _prepared(
    prepared: pd.DataFrame, kind: RecordKind, extra_rules: Sequence[ExtraRule]
) -> pd.DataFrame:
    for position, rule in enumerate(extra_rules):
        if rule.record is kind and rule.where is not None:
            if absent := [c for c in rule.where.reads() if c not in prepared]:
                raise RuleError(f"extra rule {rule.code}: {kind} has no {absent[0]!r}")
            prepared[condition_name(position)] = condition_mask(rule.where, prepared.__getitem__)
    return prepared


def _broken_rules(prepared: pd.DataFrame, suite: Any) -> list[_Broken]:
    suite.expectations = in_doubt(suite.expectations, prepared)
    return _validate(prepared, suite) if suite.expectations else []


def _validate(prepared: pd.DataFrame, suite: Any) -> list[_Broken]:
    """Run a suite; a frame of only the columns it needs, numbers as plain floats.

    Nullable integers would be compared one by one; a float holds milliseconds and fen exactly.
    """
    needed = prepared[columns_of(suite.expectations, prepared)]
    plain = needed.astype(dict.fromkeys(needed.select_dtypes("Int64"), "float64"))
    with _ONE_AT_A_TIME:
        batch = _batches().get_batch(batch_parameters={"dataframe": plain})
        outcome = batch.validate(suite, result_format=RESULT_FORMAT)
    return [_broken(result, plain) for result in outcome.results if not result.success]


@cache
def _batches() -> Any:
    """Where frames are handed in: one ephemeral context per process, silent."""
    library = gx()
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = library.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("mapped").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _broken(result: Any, frame: pd.DataFrame) -> _Broken:
    config = result.expectation_config
    listed = result.result.get("unexpected_index_list")
    if listed is None:
        raise CheckingError(f"{config.type} {config.kwargs} named no rows: {_why(result)}")
    meta, positions = config.meta, np.asarray(listed, dtype=int)
    fields = tuple(_fields(config.kwargs, positions, frame))
    return _Broken(meta["code"], meta["severity"] == "critical", positions, fields)


def _fields(
    arguments: dict[str, Any], positions: np.ndarray, frame: pd.DataFrame
) -> Iterator[tuple[str, np.ndarray]]:
    """The canonical fields behind the columns of an expectation; a companion may name its own."""
    columns = [v for k, v in arguments.items() if k in ("column", "column_A", "column_B")]
    for column in columns:
        if column not in NAMING:
            yield column.split("__")[0], positions
            continue
        said = frame[column].iloc[positions]
        for names in said.unique():
            for name in names.split(","):
                yield name, positions[(said == names).to_numpy(dtype=bool)]


def _why(result: Any) -> str:
    info = result.exception_info or {}
    nested = [i for i in info.values() if isinstance(i, dict)] or [info]
    messages = {str(i.get("exception_message")) for i in nested if i.get("raised_exception")}
    return "; ".join(sorted(messages)) or "only row-level expectations can drive a quarantine"


def _split(
    frame: pd.DataFrame, kind: RecordKind, broken: list[_Broken], extra_rules: Sequence[ExtraRule]
) -> Checked:
    refuse, touched = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    for rule in broken:
        touched[rule.positions] = True
        if rule.critical:
            refuse[rule.positions] = True
    said = _said(frame, kind, broken, touched, extra_rules)
    why = said[refuse[touched]]
    refused = frame[refuse].assign(codes=why["codes"], faults=why["faults"])
    return Checked(
        accepted=rows_where(frame, ~refuse).reset_index(drop=True),
        refused=refused.reset_index(drop=True),
        warned=said.loc[~refuse[touched], ["line", "codes"]].reset_index(drop=True),
    )


def _said(
    frame: pd.DataFrame,
    kind: RecordKind,
    broken: list[_Broken],
    touched: np.ndarray,
    extra_rules: Sequence[ExtraRule],
) -> pd.DataFrame:
    """line, codes and faults of the rows that broke any rule, with their index in the frame."""
    order = most_severe_first((b.code for b in broken), rules_with(extra_rules))
    ranked = sorted(broken, key=lambda b: order.index(b.code))
    place = np.cumsum(touched) - 1
    codes = [(b.code, place[b.positions]) for b in ranked]
    faults = [(f"{b.code}:{kind}.{f}", place[p]) for b in ranked for f, p in b.fields]
    said = {"codes": spelled(touched.sum(), codes), "faults": spelled(touched.sum(), faults)}
    rows = frame.loc[touched, ["line"]]
    return rows.assign(**{name: column.set_axis(rows.index) for name, column in said.items()})
