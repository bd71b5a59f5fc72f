"""What the rows of one delivery say about each other: the order of a hazard's times and steps.

Judged only for hazards whose finding comes in the same delivery, which so tells them from the
beginning; what came earlier is the fold's business (`rules.lifecycle`), and so is the effect: a
move that lacks something is pending whatever is said here.
"""

import numpy as np
import pandas as pd

from expectations.naming import named
from schemas.period import DAY_MS
from schemas.vocabulary import FactKind, Severity

# The five elements, and interim control, as the fields that make them.
PLAN_FIELDS = (
    "responsible_unit",
    "measures",
    "due_date",
    "funding_planned_fen",
    "funding_source",
    "plan_reference",
    "interim_control",
)
_SETS_A_DEADLINE = (FactKind.ASSIGNED.value, FactKind.EXTENDED.value)
_MAJOR = Severity.MAJOR.name.lower()
_NO_FINDINGS = pd.DataFrame(
    {"source_id": pd.Series([], dtype="str"), "found_at": pd.Series([], dtype="Int64")}
).assign(severity=pd.Series([], dtype="str"))


def disorder(updates: pd.DataFrame, findings: pd.DataFrame | None = None) -> dict[str, pd.Series]:
    """Fields of each update that are out of order, by kind of disorder; missing where none is.

    findings: those of the same delivery and source, with source_id, found_at and severity.
    """
    rows = len(updates)
    told = _Told(updates, _NO_FINDINGS if findings is None else findings)
    late = {"due_date": told.too_early("due_date") | _set_in_the_past(updates)}
    return {
        "finished__early": named(rows, [("finished_on", told.too_early("finished_on"))]),
        "due__early": named(rows, list(late.items())),
        "step__early": named(rows, [("happened_at", told.too_early("happened_at"))]),
        "granted__early": named(rows, [("asked_at", _asked_later(updates))]),
        "finished__late": named(rows, [("finished_on", _finished_later(updates))]),
        "plan__missing": named(rows, told.plan_missing()),
        "closed__unaccepted": named(rows, [("event", told.unaccepted())]),
        "accepted__early": named(rows, [("happened_at", told.accepted_early())]),
    }


def _is(updates: pd.DataFrame, *kinds: str) -> np.ndarray:
    return updates["event"].isin(kinds).to_numpy(dtype=bool)


def _positive(times: pd.Series) -> np.ndarray:
    mask: np.ndarray = (times > 0).to_numpy(dtype=bool, na_value=False)
    return mask


def _set_in_the_past(updates: pd.DataFrame) -> np.ndarray:
    past = _positive(updates["happened_at"] - updates["due_date"])
    return past & _is(updates, *_SETS_A_DEADLINE)


def _asked_later(updates: pd.DataFrame) -> np.ndarray:
    later = _positive(updates["asked_at"] - updates["happened_at"])
    return later & _is(updates, FactKind.EXTENDED.value)


def _finished_later(updates: pd.DataFrame) -> np.ndarray:
    """A day is stored as its 24:00; it began a day before that."""
    later = _positive(updates["finished_on"] - DAY_MS - updates["happened_at"])
    return later & _is(updates, FactKind.SUBMITTED.value)


class _Told:
    """Updates of hazards that the delivery tells from the beginning (`own`), by position."""

    def __init__(self, updates: pd.DataFrame, findings: pd.DataFrame) -> None:
        self.updates = updates
        first = findings.drop_duplicates("source_id").set_index("source_id")
        mine = updates["finding_id"].isin(first.index) & updates["finding_source"].isna()
        self.own = np.flatnonzero(mine.to_numpy(dtype=bool))
        self.told = updates.iloc[self.own]
        self.found_at = self.told["finding_id"].map(first["found_at"]).astype("Int64")
        self.major = set(findings.loc[findings["severity"] == _MAJOR, "source_id"])

    def too_early(self, field: str) -> np.ndarray:
        return self._mask(_positive(self.found_at - self.told[field]))

    def plan_missing(self) -> list[tuple[str, np.ndarray]]:
        """For steps that start a major hazard: the fields of the plan that no row of it fills."""
        told = self.told
        regraded = told.loc[told["severity"] == _MAJOR, "finding_id"]
        starts = _is(told, FactKind.STARTED.value) & told["finding_id"].isin(
            self.major | set(regraded)
        ).to_numpy(dtype=bool)
        if not starts.any():
            return []
        missing = []
        for field in PLAN_FIELDS:
            filled = told.loc[told[field].notna(), "finding_id"].unique()
            lacks = starts & ~told["finding_id"].isin(filled).to_numpy(dtype=bool)
            missing.append((field, self._mask(lacks)))
        return missing

    def unaccepted(self) -> np.ndarray:
        told, passed = self.told, _is(self.told, FactKind.ACCEPTANCE_PASSED.value)
        accepted = told["finding_id"].isin(told.loc[passed, "finding_id"]).to_numpy(dtype=bool)
        implied = told["implied"].fillna(False).to_numpy(dtype=bool)
        return self._mask(_is(told, FactKind.CLOSED.value) & ~accepted & ~implied)

    def accepted_early(self) -> np.ndarray:
        told = self.told
        handed_in = told[_is(told, FactKind.SUBMITTED.value)]
        first = handed_in.groupby("finding_id")["happened_at"].min()
        early = _positive(told["finding_id"].map(first).astype("Int64") - told["happened_at"])
        return self._mask(early & _is(told, FactKind.ACCEPTANCE_PASSED.value))

    def _mask(self, among_own: np.ndarray) -> np.ndarray:
        mask = np.zeros(len(self.updates), dtype=bool)
        mask[self.own] = among_own
        return mask
