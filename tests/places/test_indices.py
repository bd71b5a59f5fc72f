"""Points, scores, bands and their explanation, at every edge."""

from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.indices import COLUMNS, MEASURES, points, scored
from rules.indices_explained import after, explained, way
from rules.indices_towns import TOWN_RATES, town_index
from schemas.policy_indices import (
    CreditScale,
    Indices,
    PlaceIngredient,
    RiskScale,
    Scale,
    TownIngredient,
    TownWeight,
)
from tests.places.test_policy_indices import RAW

SHIPPED = Indices.model_validate(RAW)
CLASSES = ("enterprise",)
DAY = 86_400


def row(**values: int) -> dict[str, int]:
    return dict.fromkeys(COLUMNS, 0) | values


def frame(*rows: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COLUMNS)).astype("int64")


def scale(*losses: dict[str, Any], at_best: Any = (), **bands: Any) -> RiskScale:
    least = {"blue": 85, "yellow": 70, "orange": 50, "red": 0} | bands
    return RiskScale(place_classes=CLASSES, losses=losses, bands=least, at_best=at_best)  # type: ignore[arg-type]


def loss(of: str, each: Any, cap: Any = 100, above: Any = 0) -> dict[str, Any]:
    return {"of": of, "points_each": Decimal(str(each)), "above": above, "cap": cap}


def lost(line: dict[str, Any], **values: int) -> Decimal:
    return points(int(scored(frame(row(**values)), scale(line)).lost.iloc[0, 0]))


@pytest.mark.parametrize(
    ("line", "values", "expected"),
    [
        (loss("open_major", 30, 60), {"open_major": 0}, "0.00"),
        (loss("open_major", 30, 60), {"open_major": 1}, "30.00"),
        (loss("open_major", 30, 60), {"open_major": 2}, "60.00"),
        (loss("open_major", 30, 60), {"open_major": 3}, "60.00"),
        (loss("repeats", 5, 20, above=2), {"repeats": 2}, "0.00"),
        (loss("repeats", 5, 20, above=2), {"repeats": 3}, "5.00"),
        (loss("self_check_missed", "0.3", 30), {"self_check_missed": 0}, "0.00"),
        (
            loss("self_check_missed", "0.3", 30),
            {"self_check_missed": 1, "self_check_owed": 3},
            "10.00",
        ),
        # 100/7 · 0.15 = 2.142857…; 100/16 · 0.1 = 0.625, half up
        (
            loss("self_check_missed", "0.15"),
            {"self_check_missed": 1, "self_check_owed": 7},
            "2.14",
        ),
        (
            loss("self_check_missed", "0.1"),
            {"self_check_missed": 1, "self_check_owed": 16},
            "0.63",
        ),
        (
            loss("rectify_days", 1, 15, above=10),
            {"rectify_seconds": 3 * 11 * DAY, "rectified": 3},
            "1.00",
        ),
        (
            loss("rectify_days", 1, 15, above=10),
            {"rectify_seconds": 10 * DAY + 432, "rectified": 1},
            "0.01",
        ),
        (
            loss("rectify_days", 1, 15, above=10),
            {"rectify_seconds": 10 * DAY + 431, "rectified": 1},
            "0.00",
        ),
    ],
)
def test_an_ingredient_costs_what_the_policy_says(
    line: dict[str, Any], values: dict[str, int], expected: str
) -> None:
    assert lost(line, **values) == Decimal(expected)


@pytest.mark.parametrize(
    ("score", "colour"),
    [
        (100, "blue"),
        (85, "blue"),
        (84, "yellow"),
        (70, "yellow"),
        (69, "orange"),
        (50, "orange"),
        (49, "red"),
        (0, "red"),
    ],
)
def test_a_colour_begins_at_its_least_score(score: int, colour: str) -> None:
    one = explained(row(repeats=100 - score), scale(loss("repeats", 1)))
    assert (one.band, one.score) == (colour, score)


def test_a_hundredth_below_the_least_score_is_the_next_band() -> None:
    line = loss("rectify_days", 1, 100)
    seconds = 15 * DAY
    bands = [
        explained(row(rectify_seconds=s, rectified=1), scale(line)).band
        for s in (seconds, seconds + 431, seconds + 432)
    ]
    assert bands == ["blue", "blue", "yellow"]  # 85.00, 85.00 (rounded), 84.99


@pytest.mark.parametrize(
    ("listed", "majors", "colour"),
    [(0, 0, "blue"), (0, 1, "orange"), (1, 0, "red"), (1, 1, "red"), (3, 0, "red")],
)
def test_a_rule_decides_outright_and_the_worst_one_counts(
    listed: int, majors: int, colour: str
) -> None:
    rules = [
        {"of": "open_listed", "at_least": 1, "band": "red"},
        {"of": "open_major", "at_least": 1, "band": "orange"},
    ]
    one = explained(
        row(open_listed=listed, open_major=majors), scale(loss("penalties", 1), at_best=rules)
    )
    assert (one.score, one.band) == (100, colour)
    assert len(one.rules) == (listed > 0) + (majors > 0)


def test_a_rule_never_makes_a_band_better() -> None:
    rules = [{"of": "open_major", "at_least": 1, "band": "orange"}]
    one = explained(row(open_major=1, repeats=90), scale(loss("repeats", 1), at_best=rules))
    assert one.band == "red"


def test_losses_beyond_100_leave_a_score_of_0() -> None:
    one = explained(row(repeats=99, penalties=99), scale(loss("repeats", 5), loss("penalties", 5)))
    assert (one.score, sum(line.lost for line in one.lines)) == (0, 200)
    assert one.short == 150  # to orange: what was lost beyond 0 must be won back too


def test_what_it_would_take_is_told_for_each_ingredient_alone_and_as_a_way() -> None:
    one = explained(
        row(overdue=3, open_general=4, self_check_missed=2, self_check_owed=8),
        scale(
            loss("self_check_missed", "0.4", 40),
            loss("overdue", 10, 30),
            loss("open_general", 1, 5),
        ),
    )
    # 100 − 10 − 30 − 4 = 56: orange; yellow needs 14 points
    assert (one.score, one.band, one.better, one.short) == (56, "orange", "yellow", 14)
    assert {line.of.value: line.enough for line in one.lines} == {
        "self_check_missed": None,  # has lost 10 only
        "overdue": "1",
        "open_general": None,
    }
    assert [(s.of.value, s.value, s.to, s.takes_time) for s in one.way] == [
        ("overdue", "3", "1", False)
    ]


def test_what_is_past_is_asked_for_last_and_said_to_take_time() -> None:
    one = explained(
        row(self_check_missed=6, self_check_owed=6, overdue=1),
        scale(loss("self_check_missed", "0.3", 30), loss("overdue", 10, 30)),
    )
    # 100 − 30 − 10 = 60: yellow needs 10
    assert [(s.of.value, s.to, s.takes_time) for s in one.way] == [("overdue", "0", False)]
    more = explained(
        row(self_check_missed=6, self_check_owed=6, overdue=1),
        scale(loss("self_check_missed", "0.3", 30), loss("overdue", 5, 30)),
    )
    # 65: yellow needs 5, all of overdue
    assert [s.of.value for s in more.way] == ["overdue"]
    most = explained(
        row(self_check_missed=6, self_check_owed=6, overdue=1),
        scale(loss("self_check_missed", "0.6", 60), loss("overdue", 5, 30)),
    )
    # 35: orange needs 15: overdue gives 5, self-checks 10 (100 % → 83.33 %: 5 of 6 months)
    assert [(s.of.value, s.to, s.takes_time) for s in most.way] == [
        ("overdue", "0", False),
        ("self_check_missed", "83.33", True),
    ]


def test_the_best_band_needs_nothing() -> None:
    one = explained(row(), SHIPPED.risk)
    assert (one.band, one.better, one.short, one.way) == ("blue", None, 0, ())
    assert all(line.enough is None for line in one.lines)


def random_row(random: Random) -> dict[str, int]:
    made = {name: random.choice((0, 0, 1, 2, 5, 40)) for name in COLUMNS}
    made["self_check_owed"] = random.randint(0, 12)
    made["self_check_missed"] = random.randint(0, made["self_check_owed"])
    made["rectify_seconds"] = random.randint(0, 40 * DAY) * made["rectified"]
    return made


def random_scale(random: Random, kind: type[Scale]) -> Scale:
    ingredients = list(PlaceIngredient)
    losses = [
        {
            "of": of,
            "points_each": Decimal(random.randint(1, 4000)).scaleb(-random.randint(0, 3)),
            "above": Decimal(random.randint(0, 300)).scaleb(-2),
            "cap": Decimal(random.randint(1, 10000)).scaleb(-2),
        }
        for of in random.sample(ingredients, random.randint(1, len(ingredients)))
    ]
    least = sorted(random.sample(range(1, 10001), len(kind.order) - 1), reverse=True)
    bands = {b: Decimal(v).scaleb(-2) for b, v in zip(kind.order, [*least, 0], strict=True)}
    rules = [
        {
            "of": random.choice(ingredients),
            "at_least": Decimal(random.randint(1, 500)).scaleb(-random.randint(0, 2)),
            "band": random.choice(kind.order[1:]),
        }
        for _ in range(random.randint(0, 3))
    ]
    return kind(place_classes=CLASSES, losses=losses, bands=bands, at_best=rules)  # type: ignore[arg-type]


RANDOM = st.randoms(use_true_random=False)
KINDS = st.sampled_from([RiskScale, CreditScale])


@given(RANDOM, KINDS)
def test_explanations_add_up_and_agree_with_the_whole_frame(
    random: Random, kind: type[Scale]
) -> None:
    rows, under = [random_row(random) for _ in range(6)], random_scale(random, kind)
    found = scored(frame(*rows), under)
    for n, one in enumerate(explained(r, under) for r in rows):
        assert one.score == max(100 - sum(line.lost for line in one.lines), 0)
        assert one.score == points(int(found.score[n]))
        assert one.band == under.order[found.band[n]]
        assert [line.lost for line in one.lines] == [points(v) for v in found.lost.iloc[n]]


@given(RANDOM, KINDS)
def test_taking_the_way_reaches_the_band_and_one_ingredient_alone_does_what_it_says(
    random: Random, kind: type[Scale]
) -> None:
    here, under = random_row(random), random_scale(random, kind)
    one = explained(here, under)
    if one.better is None:
        return
    target = under.order.index(one.better)
    steps = way(here, under, target)
    assert all(0 <= n < here[MEASURES[of].numerator] for of, n in steps.items())
    assert under.order.index(explained(after(here, steps), under).band) <= target
    for line in one.lines:
        column = MEASURES[line.of].numerator
        reaching = [
            n
            for n in _tries(here[column])
            if under.order.index(explained(here | {column: n}, under).band) <= target
        ]
        assert bool(reaching) == (line.enough is not None)
        if line.enough is not None and not MEASURES[line.of].denominator:
            assert max(reaching) == int(line.enough)


def _tries(numerator: int) -> list[int]:
    """Every numerator below, of seconds some of them and none at all."""
    return list(range(numerator)) if numerator < 100 else [0, *range(0, numerator, 997)]


@given(RANDOM)
def test_the_order_of_places_has_no_effect(random: Random) -> None:
    rows, under = [random_row(random) for _ in range(12)], random_scale(random, RiskScale)
    order = random.sample(range(12), 12)
    straight, mixed = scored(frame(*rows), under), scored(frame(*(rows[n] for n in order)), under)
    assert mixed.score.tolist() == straight.score[order].tolist()
    assert mixed.band.tolist() == straight.band[order].tolist()


def test_no_place_is_an_empty_answer() -> None:
    found = scored(frame(), SHIPPED.risk)
    assert (len(found.score), len(found.band)) == (0, 0)


# -- towns ------------------------------------------------------------------------------------


def weight(of: str, share: int, floor: int, target: int) -> TownWeight:
    return TownWeight.model_validate({"of": of, "weight": share, "floor": floor, "target": target})


def test_a_town_loses_by_weight_between_target_and_floor() -> None:
    weights = [weight("rectification", 30, 80, 100), weight("overdue_share", 10, 20, 0)]
    counts = {"found": 200, "found_closed": 190, "overdue": 3, "closing": 10}
    index = town_index(counts, weights)
    # 95 %: a quarter of 75; 30 % overdue is beyond the floor: all of 25
    assert [line.lost for line in index.lines] == [Decimal("18.75"), Decimal("25.00")]
    assert index.score == Decimal("56.25")
    assert [line.value for line in index.lines] == ["95.00", "30.00"]


def test_what_has_nothing_to_divide_by_is_left_out_with_its_weight() -> None:
    weights = [weight("rectification", 30, 80, 100), weight("five_elements", 70, 50, 100)]
    index = town_index({"found": 4, "found_closed": 0}, weights)
    assert index.score == 0
    assert [(line.value, line.lost) for line in index.lines] == [("0.00", 100), ("/", 0)]
    assert town_index({}, weights).score is None


def test_a_town_without_a_fault_has_100_whatever_the_weights() -> None:
    weights = [weight(of, 7, 0, 100) for of in ("rectification", "coverage", "self_check")]
    counts = {c: 3 for pair in TOWN_RATES.values() for c in pair}
    assert town_index(counts, weights).score == 100


@given(RANDOM)
def test_a_towns_losses_add_up_to_its_score(random: Random) -> None:
    counts = {c: random.randint(0, 30) for pair in TOWN_RATES.values() for c in pair}
    weights = [
        weight(of, random.randint(1, 40), *random.sample((0, 20, 50, 80, 100), 2))
        for of in random.sample([*TownIngredient], 4)
    ]
    index = town_index(counts, weights)
    if index.score is not None:
        assert index.score == max(100 - sum(line.lost for line in index.lines), Decimal(0))
