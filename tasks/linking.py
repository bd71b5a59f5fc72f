"""Operators' word on identity: which pairs are unsure, that two findings are one hazard, or not.

A decision is an event of the ledger with actor and reason, and the clusters it touches are folded
anew. It holds against whatever contents say, until the opposite is decided of the same pair. The
list of unsure pairs is worked out on asking and stored nowhere: it follows from what the findings
say, from the policy of today and from what is decided already.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from rules.identity import CONTENT, candidate_pairs
from rules.identity_clusters import MUST, MUST_NOT
from rules.periods import midnight
from tasks.county import County
from tasks.entering import Entry, own_taking
from tasks.intake import hazards
from tasks.store import ledger, lookups
from tasks.store.engine import reading

SOURCE = "operator"
BY_HAND = "operator"


class LinkRefused(Exception):
    """The decision cannot be taken: an unknown finding, no reason, or one that holds against it."""


@dataclass(frozen=True)
class LinkReport:
    """What was decided; `roots` are the clusters of the two afterwards, one if they are one."""

    a: str
    b: str
    same: bool
    roots: tuple[str, str]
    appended: int


def unsure(county: County, since: date | None = None) -> list[dict[str, str | int]]:
    """Pairs that a person should look at, the likeliest first: a, b, score, by, and both texts.

    since: found on this day or later. Keys `a`, `b` are hazard streams.
    """
    start = midnight(since, county.zone) if since else None
    with reading(county.engine) as connection:
        known = lookups.findings_since(connection, county.code, start)
        decided = lookups.links_of(connection, county.code, known["stream_id"])
    policy = county.policy.identity
    pairs = candidate_pairs(known[list(CONTENT)], policy, policy.unsure_similarity)
    root = known.set_index("stream_id")["root_id"]
    apart = pairs["a"].map(root) != pairs["b"].map(root)
    said = pd.MultiIndex.from_frame(decided[["a", "b"]])
    open_ = pairs[apart & ~pd.MultiIndex.from_frame(pairs[["a", "b"]]).isin(said)]
    return _shown(open_.sort_values(["score", "a", "b"], ascending=[False, True, True]), known)


def _shown(pairs: pd.DataFrame, known: pd.DataFrame) -> list[dict[str, str | int]]:
    names = known.set_index("stream_id")
    columns = {f"{side}_text": pairs[side].map(names["description"]) for side in ("a", "b")}
    number = names["source"] + ":" + names["source_id"]
    columns |= {f"{side}_number": pairs[side].map(number) for side in ("a", "b")}
    rows: list[dict[str, str | int]] = pairs.assign(**columns).to_dict("records")  # type: ignore[assignment]
    return rows


def link(
    county: County, a: str, b: str, *, same: bool, reason: str, actor: str, now: int
) -> LinkReport:
    """Decide that two findings are one hazard, or that they are not. Raises LinkRefused.

    a, b: hazard streams, each a finding's own, not its cluster's. Deciding again what holds
    already appends nothing.
    """
    if not reason.strip() or a == b:
        raise LinkRefused("a decision needs a reason and two findings; name both and say why")
    first, second = sorted((a, b))
    return ledger.settled(lambda: _decide(county, first, second, same, reason, actor, now))


def _decide(
    county: County, a: str, b: str, same: bool, reason: str, actor: str, now: int
) -> LinkReport:
    score = MUST if same else MUST_NOT
    row = {"stream_id": b, "to": a, "score": score, "reason": reason, "actor": actor}
    taking = own_taking(county, SOURCE, [row], now)
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        roots = lookups.roots_of(connection, county.code, [a, b])
        _require_known((a, b), roots)
        before = lookups.links_of(connection, county.code, [a])
        if ((before["b"] == b) & (before["score"] == score)).any():
            return LinkReport(a, b, same, (str(roots[a]), str(roots[b])), 0)
        lengths = lookups.stream_lengths(connection, county.code, [b])
        decided = pd.DataFrame(
            [{"stream_a": a, "stream_b": b, "score": score, "by": BY_HAND, "reason": reason,
              "actor": actor, "base_version": int(lengths[b])}]
        )  # fmt: skip
        none = hazards.both(None, None)
        decision = hazards.decide(connection, taking, *none, head.seq, decided)
        after = {str(k): str(v) for k, v in roots.items()} | decision.root_of
        others = lookups.links_of(connection, county.code, after)
    _require_held(a, b, same, after, others)
    appended = Entry(taking, head, decision, now, ()).commit()
    return LinkReport(a, b, same, (after[a], after[b]), appended)


def _require_known(streams: tuple[str, str], roots: pd.Series) -> None:
    for stream in streams:
        if stream not in roots.index:
            raise LinkRefused(f"{stream!r} is no finding of this county; copy it from the list")


def _require_held(a: str, b: str, same: bool, roots: dict[str, str], others: pd.DataFrame) -> None:
    """No decision may be without effect, nor take the effect of another one silently."""
    if (roots[a] == roots[b]) is not same:
        raise LinkRefused(
            f"{a} and {b} are held apart by other decisions; decide about those pairs first"
        )
    must = others[(others["score"] == MUST) & ((others["a"] != a) | (others["b"] != b))]
    torn = must[must["a"].map(roots) != must["b"].map(roots)]
    if len(torn):
        one, other = torn.iloc[0][["a", "b"]]
        raise LinkRefused(
            f"{a} and {b} are one through {one} and {other}, which were decided to be one; "
            "decide about that pair first"
        )
