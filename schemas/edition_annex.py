"""What an edition carries beside its signed page: what chance can do, and what looks like gaming.

Parts of `schemas.edition.Body`. No floats: figures are decimal text, "/" where there is nothing to
divide by; keys are stable.
"""

from typing import TypedDict


class Band(TypedDict):
    """One scored rate over the last periods, from sums: percent, bounds rounded outwards."""

    periods: int  # how many editions were summed, this one included
    numerator: int
    n: int
    value: str  # two decimals, as every rate
    low: str  # one decimal
    high: str


class Uncertain(TypedDict):
    """Between what a unit's score and rank lie as far as this period's counts can tell."""

    code: str
    rank_low: int | None  # the best rank that chance allows; None for a unit that is not ranked
    rank_high: int | None
    score_low: str | None
    score_high: str | None
    bands: dict[str, Band]  # "scope.rate"


class Annex(TypedDict):
    z: str  # the normal quantile of all intervals
    periods: int  # editions that bands could be made of, this one included
    towns: list[Uncertain]
    sectors: list[Uncertain]


class FrozenRank(TypedDict):
    """A town's ranks in the final weekly editions of a longer period, in the order of its weeks."""

    code: str
    ranks: list[int | None]  # None: not ranked in that week
    of: list[int | None]  # the last rank of its group in that week
    weeks: int  # in which it was ranked
    mean: str  # two decimals, "/" where it was never ranked
    best: int | None
    worst: int | None
    first: int  # times first of its group
    last: int  # times last of its group, where not all are first


class Frozen(TypedDict):
    """What a year is assessed by: ranks that no later submission moves."""

    weeks: list[dict[str, str]]  # period, and number of the final edition
    pending: list[str]  # weeks whose edition is not final yet
    missing: list[str]  # weeks without an edition
    towns: list[FrozenRank]


class Watched(TypedDict):
    """One measure of one town: how many, out of how many, and what it is made of."""

    unit: str
    measure: str
    count: int
    base: int
    value: str  # percent, "/" for no base
    ingredients: dict[str, str]


class Flag(TypedDict):
    """A measure that has reached what the policy lets pass."""

    unit: str
    measure: str
    value: str
    threshold: str
    ingredients: dict[str, str]


class Watch(TypedDict):
    """Signs of gaming (internal): a person looks, nothing is concluded."""

    measures: list[Watched]
    flags: list[Flag]
    drawn: dict[str, list[str]]  # town → numbers of closed hazards to inspect again
    drawn_from: str  # the ledger head that the draw was made from; "" where policy draws nothing
