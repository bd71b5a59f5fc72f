"""Indices of places and towns: what each is made of, what it weighs and where a colour begins.

Part of a county's policy (`policy.yaml`, section `indices`); the formula is `rules.indices`. A
place begins with 100 points and loses some for each ingredient, never more than its cap; a town
loses a share of each ingredient's weight. Nothing here has a default that decides.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar

from pydantic import Field, model_validator

from schemas.organisation import Frozen


class RiskColour(StrEnum):
    """How dangerous a place is now (四色图), the best first."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class CreditGrade(StrEnum):
    """How a place has behaved (信用等级, 五档), the best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class PlaceIngredient(StrEnum):
    """What a place's indices are made of; less is better for every one of them."""

    OPEN_MAJOR = "open_major"
    OPEN_LISTED = "open_listed"
    OPEN_GENERAL = "open_general"
    OVERDUE = "overdue"
    OVERDUE_MAJOR = "overdue_major"
    REPEATS = "repeats"
    SELF_CHECK_MISSED = "self_check_missed"  # percent of the months that were owed
    PENALTIES = "penalties"
    RECTIFY_DAYS = "rectify_days"  # mean days from assignment to the passing acceptance


class TownIngredient(StrEnum):
    """What a town's index is made of, each a percentage."""

    RECTIFICATION = "rectification"
    ON_TIME = "on_time"
    OVERDUE_SHARE = "overdue_share"
    REWORK = "rework"
    REOPEN = "reopen"
    FIVE_ELEMENTS = "five_elements"
    DISPATCH = "dispatch"
    COVERAGE = "coverage"
    REPEAT_SHARE = "repeat_share"
    SELF_CHECK = "self_check"
    AT_RISK_SHARE = "at_risk_share"  # graded places that are red or orange


class Loss(Frozen):
    """Points that a place loses: `points_each` for each unit above `above`, at most `cap`."""

    of: PlaceIngredient
    points_each: Decimal = Field(gt=0)
    above: Decimal = Field(ge=0)
    cap: Decimal = Field(gt=0, le=100, decimal_places=2)


class AtBest(Frozen):
    """Decides outright: from `at_least` on, a place is in this band or a worse one."""

    of: PlaceIngredient
    at_least: Decimal = Field(gt=0)
    band: str


class Scale(Frozen):
    """From points to a band. `bands`: each band and the least score that reaches it."""

    order: ClassVar[tuple[str, ...]] = ()  # the best first

    place_classes: tuple[str, ...] = Field(min_length=1)
    losses: tuple[Loss, ...] = Field(min_length=1)
    bands: dict[str, Decimal]
    at_best: tuple[AtBest, ...]

    @model_validator(mode="after")
    def _each_once(self) -> "Scale":
        _refuse_twice("losses", (str(loss.of) for loss in self.losses))
        return self

    @model_validator(mode="after")
    def _bands_cover_0_to_100(self) -> "Scale":
        if set(self.bands) != set(self.order):
            raise ValueError(f"bands: {sorted(self.bands)} should be {sorted(self.order)}")
        least = [self.bands[band] for band in self.order]
        falling = all(a > b for a, b in pairwise(least))
        if not falling or least[-1] != 0 or least[0] > 100:
            raise ValueError(
                f"bands: {self.bands} should fall from at most 100 to 0 in the order {self.order}"
            )
        if fine := [str(value) for value in least if value != round(value, 2)]:
            raise ValueError(f"bands: scores have two decimals, {fine} could not be reached")
        return self

    @model_validator(mode="after")
    def _rules_bind(self) -> "Scale":
        if idle := [rule.band for rule in self.at_best if rule.band not in self.order[1:]]:
            raise ValueError(f"at_best: {idle} should be one of {list(self.order[1:])}")
        return self


class RiskScale(Scale):
    order: ClassVar[tuple[str, ...]] = tuple(RiskColour)


class CreditScale(Scale):
    order: ClassVar[tuple[str, ...]] = tuple(CreditGrade)


class TownWeight(Frozen):
    """A town loses nothing of `weight` at `target` and all of it at `floor`, linear between."""

    of: TownIngredient
    weight: Decimal = Field(gt=0)
    floor: Decimal
    target: Decimal

    @model_validator(mode="after")
    def _spread(self) -> "TownWeight":
        if self.floor == self.target:
            raise ValueError(f"indices of towns, {self.of}: floor and target are both {self.floor}")
        return self


class Repeats(Frozen):
    """When a hazard is one again: of its category, at its place, after a closing or later on."""

    after_closing_days: int = Field(ge=0)
    again_within_days: int = Field(ge=0)


class SelfChecks(Frozen):
    """Who owes a self-check a month, how many complete months are looked back on, since when."""

    place_classes: tuple[str, ...]
    months: int = Field(ge=1, le=60)
    since: date


class Indices(Frozen):
    lookback_days: int = Field(ge=1)
    repeats: Repeats
    self_check: SelfChecks
    risk: RiskScale
    credit: CreditScale
    towns: tuple[TownWeight, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> "Indices":
        _refuse_twice("towns", (str(line.of) for line in self.towns))
        return self


def _refuse_twice(where: str, names: Iterable[str]) -> None:
    seen = list(names)
    if twice := sorted({name for name in seen if seen.count(name) > 1}):
        raise ValueError(f"{where}: {twice} stand twice; keep one line of each")
