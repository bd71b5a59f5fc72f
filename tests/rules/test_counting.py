"""From cells to the figures of every unit: sums add up, rates come from sums."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rules.counting import RATES, SPLITS, by_unit, overall, rates, with_coverage
from rules.gate_laws import RATES as GATE_RATES
from rules.scoring import rate
from schemas.edition import COVERAGE_MEASURES, MEASURES

TOWNS, SECTORS = ("330282002", "330282003", "330282104"), ("fire", "industry")
MOVES = ("moved_in", "moved_out")


def cells(*rows: dict[str, Any]) -> pd.DataFrame:
    """Cells with zeros where a row says nothing."""
    base = {"town": TOWNS[0], "sector": "fire", "self_check": 0, **dict.fromkeys(MEASURES, 0)}
    columns = ["town", "sector", "self_check", *MEASURES]
    return pd.DataFrame([base | row for row in rows], columns=columns)


def random_cells(seed: int) -> pd.DataFrame:
    """Some of all possible cells, each with its own numbers."""
    rng = np.random.default_rng(seed)
    keys = [(t, s, c) for t in TOWNS for s in SECTORS for c in (0, 1) if rng.random() < 0.7]
    numbers = rng.integers(0, 10_000, (len(keys), len(MEASURES))).tolist()
    rows = [dict(zip(MEASURES, n, strict=True)) for n in numbers]
    named = [dict(zip(("town", "sector", "self_check"), key, strict=True)) for key in keys]
    return cells(*(n | row for n, row in zip(named, rows, strict=True)))


SEEDS = pytest.mark.parametrize("seed", range(6))


def test_a_unit_is_the_sum_of_its_cells_by_split() -> None:
    frame = cells(
        {"found": 1, "closed": 5},
        {"found": 2, "sector": "industry"},
        {"found": 4, "self_check": 1},
        {"found": 8, "town": TOWNS[1]},
    )
    counts = by_unit(frame, "town", TOWNS)
    assert {s: counts[TOWNS[0]][s]["found"] for s in SPLITS} == {
        "all": 7,
        "self_check": 4,
        "supervision": 3,
    }
    assert counts[TOWNS[0]]["all"]["closed"] == 5
    assert counts[TOWNS[1]]["all"]["found"] == 8


def test_a_unit_without_cells_counts_zeros_and_every_measure_is_there() -> None:
    for frame in (cells(), cells({"found": 3})):
        counts = by_unit(frame, "town", TOWNS)[TOWNS[2]]
        assert counts == {split: dict.fromkeys(MEASURES, 0) for split in SPLITS}
    assert overall(cells())["all"] == dict.fromkeys(MEASURES, 0)


def test_a_town_that_is_not_of_the_county_is_no_unit_and_still_in_the_total() -> None:
    frame = cells({"found": 3}, {"found": 1, "town": ""})
    assert set(by_unit(frame, "town", TOWNS)) == set(TOWNS)
    assert overall(frame)["all"]["found"] == 4


@SEEDS
def test_splits_towns_and_sectors_add_up_to_the_total(seed: int) -> None:
    frame = random_cells(seed)
    total = overall(frame)
    units = {"town": by_unit(frame, "town", TOWNS), "sector": by_unit(frame, "sector", SECTORS)}
    for m in MEASURES:
        assert total["all"][m] == total["self_check"][m] + total["supervision"][m]
        for kind, counts in units.items():
            whole = sum(c["all"][m] for c in counts.values())
            assert whole == (0 if kind == "sector" and m in MOVES else total["all"][m])


@SEEDS
def test_the_order_of_cells_does_not_matter(seed: int) -> None:
    frame = random_cells(seed)
    again = frame.sample(frac=1, random_state=seed)
    assert by_unit(again, "town", TOWNS) == by_unit(frame, "town", TOWNS)
    assert overall(again) == overall(frame)


@SEEDS
def test_counts_are_plain_integers_that_canonical_json_takes(seed: int) -> None:
    frame = random_cells(seed)
    every = [overall(frame), *by_unit(frame, "sector", SECTORS).values()]
    assert {type(v) for counts in every for split in counts.values() for v in split.values()} == {
        int
    }


def test_a_move_between_towns_comes_and_goes_for_towns_and_the_county_and_not_for_sectors() -> None:
    frame = cells({"moved_out": 1}, {"moved_in": 1, "town": TOWNS[1]})
    towns, sectors = by_unit(frame, "town", TOWNS), by_unit(frame, "sector", SECTORS)
    assert [towns[t]["all"]["moved_in"] for t in TOWNS] == [0, 1, 0]
    assert [towns[t]["all"]["moved_out"] for t in TOWNS] == [1, 0, 0]
    assert {sectors[s]["all"][m] for s in SECTORS for m in MOVES} == {0}
    assert (overall(frame)["all"]["moved_in"], overall(frame)["all"]["moved_out"]) == (1, 1)


# -- rates ---------------------------------------------------------------------------------------


def whole_rates(counts: Any) -> Any:
    return rates({"period": counts})["period"]


def test_a_rate_of_the_county_comes_from_sums_and_not_from_the_towns_rates() -> None:
    frame = cells({"found": 1, "found_closed": 1}, {"found": 99, "town": TOWNS[1]})
    assert whole_rates(overall(frame))["all"]["rectification"] == rate(1, 100)
    towns = by_unit(frame, "town", TOWNS)
    assert whole_rates(towns[TOWNS[0]])["all"]["rectification"]["value"] == "100.00"


def test_where_there_is_nothing_to_divide_by_a_rate_says_so() -> None:
    found = whole_rates(overall(cells()))["all"]
    assert {r["value"] for r in found.values()} == {"/"}


@pytest.mark.parametrize(
    ("closed", "found", "value"),
    [(911, 972, "93.72"), (33_928, 36_314, "93.43"), (272_703, 273_699, "99.64")],
)
def test_printed_rectification_rates_of_real_bulletins(closed: int, found: int, value: str) -> None:
    """Tianmen 2016-12, Fuzhou 2015-05, Cixi 2022 (domain section 5)."""
    frame = cells({"found": found, "found_closed": closed})
    assert whole_rates(overall(frame))["all"]["rectification"]["value"] == value


def test_a_printed_on_time_rate_of_a_real_bulletin() -> None:
    frame = cells({"due": 972, "on_time": 737})
    assert whole_rates(overall(frame))["all"]["on_time"] == rate(737, 972)
    assert rate(737, 972)["value"] == "75.82"


def test_only_the_whole_has_coverage_and_timeliness() -> None:
    coverage = {"places_due": 10, "places_checked": 9, "submissions_owed": 2}
    counts = with_coverage(overall(cells()), coverage | {"submissions_in_time": 1, "other": 5})
    there = {m: counts["all"][m] for m in COVERAGE_MEASURES if m in counts["all"]}
    assert there == coverage | {"submissions_in_time": 1, "found_outside": 0}
    assert "other" not in counts["all"]
    found = whole_rates(counts)
    assert (found["all"]["coverage"], found["all"]["timeliness"]) == (rate(9, 10), rate(1, 2))
    assert not {"coverage", "timeliness"} & (set(found["supervision"]) | set(found["self_check"]))


def test_the_discovery_balance_is_what_others_found_of_all() -> None:
    frame = cells({"found": 7}, {"found": 5, "self_check": 1}, {"found": 2, "town": TOWNS[1]})
    counts = with_coverage(overall(frame), {})
    assert whole_rates(counts)["all"]["discovery"] == rate(9, 14)
    assert not {"discovery"} & (set(whole_rates(counts)["supervision"]))


def test_coverage_does_not_change_the_counts_it_is_added_to() -> None:
    counts = overall(cells())
    with_coverage(counts, {"places_due": 10, "places_checked": 9})
    assert "places_due" not in counts["all"]


def test_a_rate_whose_measures_are_not_counted_is_left_out() -> None:
    counts = with_coverage(overall(cells()), {"places_due": 10})
    assert "coverage" not in whole_rates(counts)["all"]


def test_every_rate_is_made_of_measures_and_the_gate_has_the_same_list() -> None:
    assert {m for pair in RATES.values() for m in pair} <= {*MEASURES, *COVERAGE_MEASURES}
    assert dict(RATES) == dict(GATE_RATES)
