"""Enforcement on hazards: what each measure must say, and its totals (domain §4).

Cases, penalties with their amount, coercive measures, what is handed to the police 行刑衔接 and
public exposure 曝光 move no hazard and are counted. They need no order among themselves: a penalty
on the spot has no case, a case need not end in a penalty.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from schemas.vocabulary import Enforcement, ReportStep

K = Enforcement
# Of every group at least one field is given; a group of two has a name of its own.
NEEDS: Mapping[Enforcement, tuple[tuple[str, ...], ...]] = {
    K.CASE_FILED: (("reason", "target"),),  # the grounds, or the number of the case
    K.PENALISED: (("amount_fen",),),
    K.HANDED_TO_POLICE: (("target",),),  # to whom
}
REASONS = ("amount_not_positive",)

# What is counted of each kind, and what is summed up.
COUNTED: Mapping[str, str] = {
    K.CASE_FILED: "cases",
    K.PENALISED: "penalties",
    K.COERCED: "coercive_measures",
    K.HANDED_TO_POLICE: "handed_to_police",
    K.EXPOSED: "exposures",
    ReportStep.REWARDED: "rewards",
}
SUMMED: Mapping[str, str] = {K.PENALISED: "penalties_fen", ReportStep.REWARDED: "rewards_fen"}


def missing(event: Enforcement, data: Mapping[str, Any]) -> tuple[str, ...]:
    """What an operator must still say, by name; `reason_or_target` for either of the two."""
    return tuple(
        "_or_".join(group)
        for group in NEEDS.get(event, ())
        if all(data.get(name) in (None, "") for name in group)
    )


def refusal(event: Enforcement, data: Mapping[str, Any]) -> str | None:
    """Why this must not be entered, or None; what is merely left out is said by `missing`."""
    fen = data.get("amount_fen")
    return "amount_not_positive" if fen is not None and fen <= 0 else None


def measures(kinds: Sequence[str]) -> tuple[str, ...]:
    """The measures of these kinds: each count, and beside it what is summed."""
    names = [(COUNTED[k], SUMMED.get(k, "")) for k in kinds]
    return tuple(name for pair in names for name in pair if name)


def totals(events: pd.DataFrame, by: Sequence[str], kinds: Sequence[str]) -> pd.DataFrame:
    """How many events of each kind, and how much, by the columns of `by`, sorted by them.

    events: kind, amount_fen and `by`, e.g. town_code and sector_code, or a period that the caller
    wrote beside each. `by` empty: one row of totals. Only groups with events have a row.
    """
    kind, fen = events["kind"], events["amount_fen"].astype("int64")
    columns: dict[str, pd.Series[int]] = {}
    for each in kinds:
        mine = kind == each
        columns[COUNTED[each]] = mine.astype("int64")
        if each in SUMMED:
            columns[SUMMED[each]] = fen.where(mine, 0)
    counted = pd.DataFrame(columns, index=events.index)
    if not by:
        return counted.sum().astype("int64").to_frame().T
    groups = [events[name] for name in by]
    made = counted[kind.isin(kinds)].groupby([g[kind.isin(kinds)] for g in groups]).sum()
    return made.reset_index()
