"""Frozen ranks: what the final weekly editions of a quarter, half-year or year make of each town.

A week's ranks freeze some weeks after its end (`rules.periods.frozen_at`); from then on they are
the ranks that count. A rank is one of its group in its week; first is 1, last is the greatest of
the group, unless all of the group are first. Ranks of weeks are averaged over the weeks in which
the town was ranked.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rules.scoring import NOTHING, rounded
from schemas.edition import Body
from schemas.edition_annex import FrozenRank


def standings(weeks: Sequence[Body], codes: Sequence[str]) -> list[FrozenRank]:
    """A row per town of `codes`. `weeks`: bodies of final weekly editions, in order."""
    ranked = [_ranked(body) for body in weeks]
    return [_row(code, [week.get(code, (None, None)) for week in ranked]) for code in codes]


def _ranked(body: Body) -> Mapping[str, tuple[int, int]]:
    """Rank and last rank of the group, of every town that was ranked."""
    ranks = {u["code"]: (u["group"], u["rank"]) for u in body["towns"] if u["rank"] is not None}
    last: dict[str, int] = {}
    for group, rank in ranks.values():
        last[group] = max(rank, last.get(group, 0))
    return {code: (rank, last[group]) for code, (group, rank) in ranks.items()}


def _row(code: str, weeks: Sequence[tuple[int | None, int | None]]) -> FrozenRank:
    ranks = [rank for rank, _ in weeks if rank is not None]
    mean = str(rounded(Fraction(sum(ranks), len(ranks)))) if ranks else NOTHING
    return FrozenRank(
        code=code,
        ranks=[rank for rank, _ in weeks],
        of=[of for _, of in weeks],
        weeks=len(ranks),
        mean=mean,
        best=min(ranks, default=None),
        worst=max(ranks, default=None),
        first=ranks.count(1),
        last=sum(rank == of and rank != 1 for rank, of in weeks if rank is not None),
    )
