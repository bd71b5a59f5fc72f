"""Signs of gaming, from frames of what happened in a period: which hazards, of which town.

Every measure names the hazards it concerns (root_id, town) and what they are a part of (its base);
a rule of the policy says how many, or what share, raise a flag. A flag concludes nothing: some
splitting is two pipes of one factory. Pure functions of frames; no clock, no store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from rules.clocks import WorkingDays
from rules.facts import latest_revisions
from rules.identity import CONTENT, candidate_pairs
from rules.identity_names import KEYS
from rules.scoring import rate, rounded
from schemas.edition_annex import Flag, Watched
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy import Identity
from schemas.policy_watch import Watch, WatchMeasure, WatchRule
from schemas.vocabulary import FACT_RANK, FactKind, Severity

M = WatchMeasure
COLUMNS = ["root_id", "town"]
EXAMPLES = 5  # hazards named beside a measure
_EXITS = (FactKind.REJECTED, FactKind.MERGED, FactKind.TRANSFERRED)


@dataclass(frozen=True)
class Happened:
    """What the store saw of a period; times in UTC ms.

    moves: root_id, town, entered_by, at, severity, due_at, found_at, closed_at, backdated, and
    before_severity, before_due_at, before_closed_at of the span before; found: CONTENT, town,
    channel, in_period; parted: pairs (a, b) that operators hold apart; told: root_id, town, late
    (ms between claimed and received); facts: root_id, kind, at, received_at, file_by, evidence,
    organisation, responsible_unit and what tells revisions apart.
    """

    moves: pd.DataFrame
    found: pd.DataFrame
    parted: pd.DataFrame
    told: pd.DataFrame
    facts: pd.DataFrame


@dataclass(frozen=True)
class Sign:
    """One measure: the hazards concerned, and how many there are of what they are a part of."""

    concerned: pd.DataFrame
    base: pd.Series  # by town


def signs(
    seen: Happened, watch: Watch, identity: Identity, days: WorkingDays
) -> dict[WatchMeasure, Sign]:
    """Every measure, for all towns at once."""
    moves = seen.moves
    closed, accepted = _by(moves, FactKind.CLOSED), _by(moves, FactKind.ACCEPTANCE_PASSED)
    found = seen.found[seen.found["in_period"]].rename(columns={"stream_id": "root_id"})
    outside = found["channel"].isin([str(c) for c in watch.outside_channels])
    exits, extended = _by(moves, *_EXITS), _by(moves, FactKind.EXTENDED)
    changed, reopened = _by(moves, FactKind.SEVERITY_CHANGED), _by(moves, FactKind.REOPENED)
    soon = reopened["at"] - reopened["before_closed_at"] <= watch.reopened_within_days * DAY_MS
    left = extended["before_due_at"] - extended["at"]
    near = exits["at"] >= exits["due_at"] - watch.near_due_days * DAY_MS
    down = (changed["severity"] == Severity.GENERAL) & (
        changed["before_severity"] == Severity.MAJOR
    )
    late = seen.told["late"] > watch.told_late_hours * HOUR_MS
    return {
        M.SPLITTING: _sign(_split(seen, identity), found),
        M.CROWDED: _sign(_crowd(seen.found, watch.crowded_from), found),
        M.OUTSIDE: _sign(found[outside], found),
        M.AVOIDED: _sign(exits[(exits["due_at"] > 0) & near], pd.concat([exits, closed])),
        M.BACKDATED: _sign(accepted[accepted["backdated"] > 0], accepted),
        M.TOLD_LATE: _sign(seen.told[late], seen.told),
        M.DOWNGRADED: _sign(changed[down], changed),
        M.SAME_DAY: _sign(_greatest_day(closed, days), closed),
        M.LATE_EXTENSIONS: _sign(extended[left <= watch.last_days * DAY_MS], extended),
        M.REOPENED_SOON: _sign(reopened[soon], reopened),
        M.UNPROVEN: _sign(closed[~closed["root_id"].isin(_proven(seen.facts))], closed),
        M.SELF_ACCEPTED: _sign(accepted[accepted["root_id"].isin(_own(seen.facts))], accepted),
    }


def watched(
    made: Mapping[WatchMeasure, Sign], towns: Sequence[str], numbers: Mapping[str, str]
) -> list[Watched]:
    """Every measure of every town that has any of its base. `numbers`: item number by root."""
    concerned = {m: s.concerned.groupby("town")["root_id"].agg(list) for m, s in made.items()}
    return [
        _watched(town, measure, concerned[measure].get(town, []), int(sign.base[town]), numbers)
        for town in towns
        for measure, sign in made.items()
        if town in sign.base.index
    ]


def flags(
    rows: Sequence[Watched], made: Mapping[WatchMeasure, Sign], rules: Sequence[WatchRule]
) -> list[Flag]:
    """Those that have reached everything their rule names."""
    known = {rule.of: rule for rule in rules}
    found = (_flag(r, known[M(r["measure"])], made) for r in rows if r["measure"] in known)
    return [flag for flag in found if flag is not None]


def _by(moves: pd.DataFrame, *kinds: FactKind) -> pd.DataFrame:
    return moves[moves["entered_by"].isin([FACT_RANK[k] for k in kinds])]


def _sign(concerned: pd.DataFrame, of: pd.DataFrame) -> Sign:
    rows = concerned[COLUMNS].drop_duplicates().sort_values(COLUMNS)
    return Sign(rows, of[COLUMNS].drop_duplicates().groupby("town").size())


def _split(seen: Happened, identity: Identity) -> pd.DataFrame:
    """Found in the period, and another hazard of the same place reads nearly the same."""
    pairs = candidate_pairs(seen.found[list(CONTENT)], identity, identity.unsure_similarity)
    apart = pd.MultiIndex.from_frame(seen.parted[["a", "b"]])
    pairs = pairs[~pd.MultiIndex.from_frame(pairs[["a", "b"]]).isin(apart)]
    twins = seen.found["stream_id"].isin([*pairs["a"], *pairs["b"]]) & seen.found["in_period"]
    rows: pd.DataFrame = seen.found[twins]
    return rows.rename(columns={"stream_id": "root_id"})


def _crowd(found: pd.DataFrame, least: int) -> pd.DataFrame:
    """Found in the period, one of many of its category at its place; all of `found` are near."""
    place = pd.Series("", index=found.index, dtype="str")
    for key in KEYS:
        place = place.where(place != "", found[key])
    rows = found.assign(place=place)[(place != "") & (found["category"].fillna("") != "")]
    many = rows.groupby(["place", "category"])["stream_id"].transform("size") >= least
    crowd: pd.DataFrame = rows[many & rows["in_period"]]
    return crowd.rename(columns={"stream_id": "root_id"})


def _greatest_day(closed: pd.DataFrame, days: WorkingDays) -> pd.DataFrame:
    """Found and closed on the same day: those of each town's greatest day, the first of equals."""
    on = days.local_days(closed["at"].to_numpy(np.int64))
    same = on == days.local_days(closed["found_at"].to_numpy(np.int64))
    rows = closed.assign(day=on)[same]
    counted = rows.groupby(["town", "day"]).size().rename("n").reset_index()
    first = counted.sort_values(["town", "n", "day"], ascending=[True, False, True])
    greatest: pd.DataFrame = first.drop_duplicates("town")
    concerned: pd.DataFrame = rows.merge(greatest, on=["town", "day"])
    return concerned


def _proven(facts: pd.DataFrame) -> pd.Series:
    """Hazards of which some evidence was received by its filing deadline."""
    in_time = facts["evidence"].notna() & (facts["received_at"] <= facts["file_by"])
    return facts.loc[in_time, "root_id"]


def _own(facts: pd.DataFrame) -> pd.Series:
    """Hazards whose last passing acceptance is by the unit that was then responsible."""
    told = latest_revisions(facts).sort_values(["root_id", "at", "seq"])
    responsible = told.groupby("root_id")["responsible_unit"].ffill()
    passed = told[told["kind"] == FactKind.ACCEPTANCE_PASSED.value]
    last = passed.drop_duplicates("root_id", keep="last")
    same = last["organisation"].notna() & (last["organisation"] == responsible[last.index])
    return last.loc[same, "root_id"]


def _watched(
    town: str, measure: WatchMeasure, roots: list[str], base: int, numbers: Mapping[str, str]
) -> Watched:
    items = sorted(numbers.get(root, root) for root in roots)
    return Watched(
        unit=town,
        measure=measure.value,
        count=len(roots),
        base=base,
        value=rate(len(roots), base)["value"],
        ingredients={"items": ", ".join(items[:EXAMPLES])} if items else {},
    )


def _flag(row: Watched, rule: WatchRule, made: Mapping[WatchMeasure, Sign]) -> Flag | None:
    share = Fraction(100 * row["count"], row["base"])
    least, limits = Fraction(rule.percent), [f"≥ {rule.at_least}"]
    if rule.over_county is not None:
        county = _county_share(made[rule.of])
        least = max(least, county + Fraction(rule.over_county))
    if least:
        limits.append(f"≥ {rounded(least)}%")
    if row["count"] < rule.at_least or share < least:
        return None
    parts = {"count": str(row["count"]), "base": str(row["base"]), **row["ingredients"]}
    return Flag(
        unit=row["unit"],
        measure=row["measure"],
        value=f"{row['count']} ({row['value']}%)",
        threshold=", ".join(limits),
        ingredients=parts,
    )


def _county_share(sign: Sign) -> Fraction:
    base = int(sign.base.sum())
    return Fraction(100 * len(sign.concerned), base) if base else Fraction(0)
