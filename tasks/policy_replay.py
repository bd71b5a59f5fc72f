"""Policy replay: how the published weeks would have ranked under another policy. Writes nothing.

Each week is counted again at the watermark of its latest edition, from the same ledger, under the
other policy, and held beside what was published. What that can change: scores and their weights,
floors, targets and deductions, small samples, whether ranks are shown, the campaign that cumulative
figures span, the time for dispatch, what is owed by when. What it cannot: what the guards decided
and the due dates that were given when a fact was entered (deadlines, extensions, identity), which
are facts of the ledger by now; and the towns' groups, which stand in organisation.yaml.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Context, Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

from rules.periods import previous_week
from rules.scoring import UnknownIndicator
from schemas.edition import Bilingual, Body, Unit
from schemas.period import Period
from schemas.policy import Policy
from tasks.configuration import read_policy
from tasks.county import County
from tasks.publication import archive
from tasks.publication.body import counted
from tasks.store.editions import Published
from tasks.store.engine import Connection, reading

_CONTEXT = Context(prec=20)


class ReplayRefused(Exception):
    """The weeks cannot be counted under the other policy; the message says why and what to do."""


@dataclass(frozen=True)
class Beside:
    """One town in one week: as published, and under the other policy."""

    week: str
    edition: int
    unit: str
    name: Bilingual
    group: str
    rank: int | None
    score: str | None
    other_rank: int | None
    other_score: str | None

    @property
    def steps(self) -> int:
        """Places won (positive) or lost; 0 where either rank is missing."""
        return (self.rank or 0) - (self.other_rank or 0) if self.rank and self.other_rank else 0


def compare(county: County, policy: Path, weeks: int, until: Period) -> dict[str, Any]:
    """The last `weeks` published weeks up to `until` under the policy file. Plain data.

    Raises ConfigurationError for a file that is no policy of this county, ReplayRefused where it
    cannot score this county or nothing is published.
    """
    other = read_policy(policy, county.sources)
    trial = replace(county, policy=other)
    with reading(county.engine) as connection:
        found = _published(connection, county, weeks, until)
        if not found:
            raise ReplayRefused(
                f"no week up to {until.code} has an edition: publish one with `bihuan bulletin"
                " weekly`, or name a later --week"
            )
        rows = [r for period, e in found for r in _beside(connection, county, trial, period, e)]
    return {
        "policy": {"published": _versions(county, found), "other": _version(trial)},
        "weeks": [period.code for period, _ in found],
        "rows": [asdict(row) for row in rows],
        "summary": summary(rows),
    }


def summary(rows: Sequence[Beside]) -> dict[str, Any]:
    """How many ranks move, who moves most, and Kendall's tau-b over all pairs of one week's group.

    None where there is nothing to say: no rank moved, or no two ranks to hold beside each other.
    """
    compared = [r for r in rows if r.rank and r.other_rank]
    largest = max(compared, key=lambda r: (abs(r.steps), r.week, r.unit), default=None)
    return {
        "compared": len(compared),
        "moved": sum(r.steps != 0 for r in compared),
        "largest": asdict(largest) if largest and largest.steps else None,
        "rank_correlation": rank_correlation(compared),
    }


def rank_correlation(rows: Sequence[Beside]) -> str | None:
    """Tau-b from sums over weeks and groups: 1.00 the same order, −1.00 the opposite one."""
    agreed = before = after = 0
    for one, two in combinations(rows, 2):
        if (one.week, one.group) == (two.week, two.group):
            was = _sign(one.rank, two.rank)
            would = _sign(one.other_rank, two.other_rank)
            agreed, before, after = agreed + was * would, before + abs(was), after + abs(would)
    if not before or not after:
        return None
    tau = _CONTEXT.divide(Decimal(agreed), _CONTEXT.sqrt(Decimal(before * after)))
    return str(tau.quantize(Decimal("0.01")) + 0)


def _sign(a: int | None, b: int | None) -> int:
    return ((a or 0) > (b or 0)) - ((a or 0) < (b or 0))


def _published(
    connection: Connection, county: County, weeks: int, until: Period
) -> list[tuple[Period, Published]]:
    """The last weeks that have an edition, the latest of each, oldest week first."""
    codes = set(archive.periods(connection, county.code, until.kind))
    found: list[tuple[Period, Published]] = []
    period, oldest = until, min(codes, default=until.code)
    while len(found) < weeks and period.code >= oldest:
        latest = archive.latest(connection, county.code, period) if period.code in codes else None
        if latest:
            found.append((period, latest))
        period = previous_week(period, county.zone)
    return found[::-1]


def _beside(
    connection: Connection, county: County, trial: County, period: Period, edition: Published
) -> list[Beside]:
    published = archive.document(county, edition)["body"]
    would = {u["code"]: u for u in _recounted(connection, trial, period, edition)["towns"]}
    return [
        _row(period, edition, unit, would[unit["code"]])
        for unit in published["towns"]
        if unit["code"] in would
    ]


def _recounted(connection: Connection, trial: County, period: Period, edition: Published) -> Body:
    try:
        return counted(connection, trial, period, edition.watermark, {})
    except UnknownIndicator as error:
        raise ReplayRefused(str(error.args[0])) from None


def _row(period: Period, edition: Published, was: Unit, would: Unit) -> Beside:
    return Beside(
        week=period.code,
        edition=edition.number,
        unit=was["code"],
        name=was["name"],
        group=was["group"],
        rank=was["rank"],
        score=was["score"],
        other_rank=would["rank"],
        other_score=would["score"],
    )


def _version(county: County) -> dict[str, str]:
    policy: Policy = county.policy
    return {"version": policy.version, "hash": county.policy_hash}


def _versions(county: County, found: Sequence[tuple[Period, Published]]) -> list[dict[str, str]]:
    """Each policy that the editions were made under, once, in their order."""
    made = [(archive.document(county, e)["body"]["policy"], e.policy_hash) for _, e in found]
    said = {digest: str(policy.get("version", "")) for policy, digest in made}
    return [{"version": version, "hash": digest} for digest, version in said.items()]
