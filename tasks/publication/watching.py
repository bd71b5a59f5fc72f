"""The watch of an edition: signs of gaming, and closed hazards drawn for re-inspection.

Only where the policy has a section `watch` and the edition's audience is internal. A pure function
of (watermark, period, policy): the draw is made from the ledger's head at the cut-off, so that a
later edition of the period draws from the same lots.
"""

from collections.abc import Mapping

import pandas as pd

from rules import watch as signs
from rules.identity_names import place_keys
from rules.inspection import draw, sample_size
from rules.periods import cut_off
from schemas.edition_annex import Watch
from schemas.period import DAY_MS, Period
from schemas.policy_watch import Reinspection
from schemas.vocabulary import FACT_RANK, FactKind
from tasks.county import County
from tasks.store import ledger
from tasks.store import watch as store
from tasks.store.engine import Connection
from tasks.store.measures import Cut


def is_watched(county: County, period: Period) -> bool:
    watch, bulletin = county.policy.watch, county.policy.bulletin.of_kind(period.kind)
    return watch is not None and period.kind in watch.kinds and bulletin.audience == "internal"


def watch(connection: Connection, county: County, period: Period, cut: Cut) -> Watch:
    """The section; only where `is_watched`."""
    policy = county.policy.watch
    if policy is None:
        raise ValueError("the policy has no section watch: ask is_watched first")
    seen = _happened(connection, county, period, cut)
    made = signs.signs(seen, policy, county.policy.identity, county.days)
    closed = seen.moves[seen.moves["entered_by"] == FACT_RANK[FactKind.CLOSED]]
    concerned = pd.concat([*(sign.concerned["root_id"] for sign in made.values())])
    numbers = store.numbers(connection, county.code, [*concerned, *closed["root_id"]])
    rows = signs.watched(made, county.organisation.town_codes(), numbers)
    head = _head(connection, county, period, cut) if policy.reinspection else ""
    return Watch(
        measures=rows,
        flags=signs.flags(rows, made, policy.rules),
        drawn=_drawn(closed, numbers, policy.reinspection, head),
        drawn_from=head,
    )


def _happened(connection: Connection, county: County, period: Period, cut: Cut) -> signs.Happened:
    window = county.policy.identity.window_days * DAY_MS
    moves = store.moves(connection, cut, period.start - window)
    inside = moves["at"] >= period.start
    registered = moves["entered_by"] == FACT_RANK[FactKind.REGISTERED]
    finished = moves["entered_by"].isin(
        [FACT_RANK[k] for k in (FactKind.CLOSED, FactKind.ACCEPTANCE_PASSED)]
    )
    roots = moves.loc[registered, "root_id"]
    said, parted = store.said(connection, cut, roots)
    told = store.told(connection, cut, period.start, cut_off(period, county.policy, county.days))
    town = store.towns(connection, cut, told["stream_id"].unique())
    told = told.assign(root_id=told["stream_id"], town=told["stream_id"].map(town))
    return signs.Happened(
        moves=moves[inside],
        found=_found(county, said, moves[registered], period.start),
        parted=parted,
        told=told.dropna(subset="town"),
        facts=store.facts(connection, cut, moves.loc[inside & finished, "root_id"]),
    )


def _found(
    county: County, said: pd.DataFrame, registered: pd.DataFrame, start: int
) -> pd.DataFrame:
    """What `rules.identity` compares, of every hazard found in the period or shortly before."""
    own = registered.drop_duplicates("root_id").set_index("root_id")
    at = said["stream_id"].map(own["at"]).astype("int64")
    keys = place_keys(said, county.place_prefixes)
    columns: Mapping[str, pd.Series] = {str(name): keys[name] for name in keys}
    town = said["stream_id"].map(own["town"])
    return said.assign(found_at=at, in_period=at >= start, town=town, **columns)


def _head(connection: Connection, county: County, period: Period, cut: Cut) -> str:
    known = ledger.watermark(connection, county.code, cut_off(period, county.policy, county.days))
    return ledger.head_at(connection, county.code, min(known.seq, cut.watermark)).hash


def _drawn(
    closed: pd.DataFrame, numbers: Mapping[str, str], rule: Reinspection | None, head: str
) -> dict[str, list[str]]:
    if rule is None:
        return {}
    found = {}
    for town, roots in closed.groupby("town")["root_id"]:
        items = {numbers[root] for root in roots.tolist()}
        size = sample_size(len(items), rule.false_percent, rule.confidence_percent)
        found[str(town)] = draw(head, items, min(size, rule.at_most))
    return found
