"""What the publish gate says no with: one cell, the reason, what it should be and what it is."""

from collections.abc import Iterator
from dataclasses import dataclass

REASONS = {
    "missing_figure": "a figure that every unit must have is not there",
    "named_twice": "one code stands twice",
    "negative": "a count is below zero",
    "balance": "opening and flows do not give the closing",
    "sum_of_towns": "the total is not the sum of the towns",
    "sum_of_sectors": "the total is not the sum of the sectors",
    "sum_of_splits": "self-check and supervision do not add up to all",
    "moves_unpaired": "what moved in is not what moved out",
    "part_exceeds_whole": "a part is greater than its whole",
    "end_differs": "week and campaign end at the same instant with different stocks",
    "unknown_rate": "a rate that the gate cannot recompute",
    "rate_parts": "numerator or denominator is not the count it stands for",
    "rate_value": "the printed rate is not its numerator over its denominator",
    "rate_range": "a total rate lies outside its parts' rates",
    "listed_matrix": "the matrix does not count the listed items",
    "unreported": "owed − in time is not the number of missing and late submissions named",
    "sum_of_parts": "a figure is not the sum or the difference of those it is made of",
    "other_table": "the statutory table and the rest of the edition disagree",
    "recount": "the independent count from the ledger disagrees",
    "no_formula": "the body does not say how its scores are made",
    "points": "the points do not follow from the counts",
    "deduction": "the deduction does not follow from the counts",
    "score": "the score does not follow from the points",
    "small_sample": "the small-sample mark contradicts the count",
    "unranked": "ranked although nothing was due, or unranked without that reason",
    "rank": "the rank does not follow from the scores of the group",
    "annex_units": "the annex does not name every unit once",
    "band": "a band does not follow from its counts, or these from the editions",
    "score_interval": "the score interval does not follow from the counts",
    "rank_interval": "the rank interval does not follow from the score intervals",
    "frozen_rank": "a figure of the frozen ranks does not follow from the ranks of the weeks",
    "not_public": "a public edition carries what is for internal use only",
    "last_rank": "the last rank is not the rank of the edition before",
}


@dataclass(frozen=True)
class Refusal:
    """One cell that must not be published: where, why (a key of REASONS), expected and found."""

    cell: str
    reason: str
    expected: str
    found: str

    def __str__(self) -> str:
        why = REASONS[self.reason]
        return f"{self.cell}: {why}; expected {self.expected}, found {self.found}"


def differ(cell: str, reason: str, expected: object, found: object) -> Iterator[Refusal]:
    """A refusal where two figures disagree; nothing where they agree."""
    if expected != found:
        yield Refusal(cell, reason, str(expected), str(found))
