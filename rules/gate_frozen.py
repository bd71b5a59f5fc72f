"""The gate's own path through the frozen ranks: every figure of a town from its ranks by week."""

from collections.abc import Iterator

from rules.gate_refusal import Refusal, differ
from schemas.edition import Body
from schemas.edition_annex import FrozenRank

WITH_RANKS = ("quarter", "half_year", "year")


def check_frozen(body: Body) -> Iterator[Refusal]:
    """Every figure that does not follow, and ranks that a kind with them has lost."""
    if "frozen" not in body:
        if body["kind"] in WITH_RANKS and _shows_ranks(body):
            yield Refusal("frozen", "frozen_rank", "ranks of the weeks", "nothing")
        return
    found, towns = body["frozen"], [unit["code"] for unit in body["towns"]]
    if body["kind"] not in WITH_RANKS:
        yield Refusal("frozen", "frozen_rank", f"one of {WITH_RANKS}", body["kind"])
    named = [row["code"] for row in found["towns"]]
    yield from differ("frozen.towns", "frozen_rank", sorted(towns), sorted(named))
    weeks = [week["period"] for week in found["weeks"]]
    every = [*weeks, *found["pending"], *found["missing"]]
    yield from differ("frozen.weeks", "frozen_rank", len(set(every)), len(every))
    for row in found["towns"]:
        yield from _row(f"frozen.towns.{row['code']}", row, len(weeks))


def _shows_ranks(body: Body) -> bool:
    scoring = body["policy"]["scoring"]
    return isinstance(scoring, dict) and bool(scoring["show_ranks"])


def _row(cell: str, row: FrozenRank, weeks: int) -> Iterator[Refusal]:
    yield from differ(f"{cell}.ranks", "frozen_rank", (weeks, weeks), _lengths(row))
    pairs = [(r, of) for r, of in zip(row["ranks"], row["of"], strict=False) if r is not None]
    ranks = sorted(rank for rank, _ in pairs)
    ranked = [[one is not None for one in ones] for ones in (row["ranks"], row["of"])]
    if ranked[0] != ranked[1] or any(not 1 <= r <= (of or 0) for r, of in pairs):
        yield Refusal(f"{cell}.ranks", "frozen_rank", "ranks within their group", str(pairs))
    figures = {
        "weeks": len(ranks),
        "mean": _mean(ranks),
        "best": ranks[0] if ranks else None,
        "worst": ranks[-1] if ranks else None,
        "first": len([r for r in ranks if r == 1]),
        "last": len([r for r, of in pairs if r == of and r > 1]),
    }
    for name, expected in figures.items():
        printed = row[name]  # type: ignore[literal-required]
        yield from differ(f"{cell}.{name}", "frozen_rank", expected, printed)


def _lengths(row: FrozenRank) -> tuple[int, int]:
    return len(row["ranks"]), len(row["of"])


def _mean(ranks: list[int]) -> str:
    """Half up to two decimals, by whole numbers alone."""
    if not ranks:
        return "/"
    hundredths = (200 * sum(ranks) + len(ranks)) // (2 * len(ranks))
    return f"{hundredths // 100}.{hundredths % 100:02d}"
