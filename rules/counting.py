"""Counting: from cells of counts to the figures of every town, every sector and the county.

A cell is (town, sector, self-check or not); every measure is an integer that adds up over cells,
so a unit's figure is a sum and a rate is recomputed from sums, never averaged (domain §5). What
each measure counts in the ledger is `tasks.store.cube`; names are `schemas.edition.MEASURES`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rules.scoring import rate
from schemas.edition import COVERAGE_MEASURES, MEASURES, Rate, Scope, Split

# rate → (numerator, denominator), both measures of the same scope and split
RATES: Mapping[str, tuple[str, str]] = {
    "rectification": ("found_closed", "found"),
    "on_time": ("on_time", "due"),
    "on_time_original": ("on_time_original", "due"),
    "rework": ("reworked", "acceptances"),
    "reopen": ("reopened", "closures_90_days"),
    "five_elements": ("major_complete", "major_open"),
    "dispatch": ("dispatched_in_time", "verified"),
    "overdue_share": ("overdue", "closing"),
    "coverage": ("places_checked", "places_due"),
    "self_check_coverage": ("self_checks_kept", "self_checks_due"),
    "quarterly_coverage": ("quarter_checked", "quarter_due"),
    "timeliness": ("submissions_in_time", "submissions_owed"),
    "accepted_rows": ("rows_accepted", "rows_received"),
    "completeness": ("fields_given", "fields_asked"),
    "discovery": ("found_outside", "found"),
}
SPLITS: Mapping[Split, tuple[int, ...]] = {
    "all": (0, 1),
    "self_check": (1,),
    "supervision": (0,),
}
# A move between towns is no coming or going for the county's sectors.
_BETWEEN_TOWNS = ("moved_in", "moved_out")
_SELF_CHECK = (0, 1)

Counts = dict[Split, dict[str, int]]


def by_unit(cells: pd.DataFrame, unit: str, codes: Sequence[str]) -> dict[str, Counts]:
    """Counts of every unit of one kind; `unit` is the cells' column town or sector.

    cells: town, sector, self_check and MEASURES. A unit without cells counts zeros.
    """
    sums = cells.groupby([unit, "self_check"])[list(MEASURES)].sum()
    every = pd.MultiIndex.from_product([codes, _SELF_CHECK])
    tables = sums.reindex(every, fill_value=0).to_numpy(np.int64)
    by_code = tables.reshape(len(codes), len(_SELF_CHECK), len(MEASURES))
    return {
        code: _splits(table, without_moves=unit != "town")
        for code, table in zip(codes, by_code, strict=True)
    }


def overall(cells: pd.DataFrame) -> Counts:
    """Counts of the whole county; moves between its towns appear on both sides."""
    sums = cells.groupby("self_check")[list(MEASURES)].sum()
    return _splits(sums.reindex(list(_SELF_CHECK), fill_value=0).to_numpy(np.int64))


def _splits(table: np.ndarray, without_moves: bool = False) -> Counts:
    """table: a row for each of _SELF_CHECK, a column for each of MEASURES."""
    counts: Counts = {}
    for split, rows in SPLITS.items():
        figures = table[list(rows)].sum(axis=0).tolist()
        counts[split] = dict(zip(MEASURES, figures, strict=True))
        if without_moves:
            counts[split] |= dict.fromkeys(_BETWEEN_TOWNS, 0)
    return counts


def with_coverage(counts: Counts, coverage: Mapping[str, int]) -> Counts:
    """The same counts with coverage measures under "all", which alone has them.

    What others than the enterprise itself found is one of them.
    """
    known = {**coverage, "found_outside": counts["supervision"]["found"]}
    named = {m: int(known[m]) for m in COVERAGE_MEASURES if m in known}
    return counts | {"all": counts["all"] | named}


def rates(counts: Mapping[Scope, Counts]) -> dict[Scope, dict[Split, dict[str, Rate]]]:
    """Every rate whose two measures are counted, by scope and split."""
    return {
        scope: {split: _rates(of_split) for split, of_split in of_scope.items()}
        for scope, of_scope in counts.items()
    }


def _rates(counts: Mapping[str, int]) -> dict[str, Rate]:
    return {
        name: rate(counts[numerator], counts[denominator])
        for name, (numerator, denominator) in RATES.items()
        if numerator in counts and denominator in counts
    }
