"""Which findings are one hazard: new findings against what the county knows of their places.

The relation is `rules.identity`'s, from content alone; here are only the look-ups. Clusters known
before are represented by their roots: a root is the least member, so the least of the roots and
the new findings is the least of all.
"""

from dataclasses import dataclass

import pandas as pd

from rules.identity import candidate_pairs, components
from schemas.policy import Identity
from tasks.store import lookups
from tasks.store.engine import Connection

_CONTENT = ["stream_id", "place_key", "category", "found_at", "description"]


@dataclass(frozen=True)
class Clusters:
    """Root by stream for every stream at hand, members moved to another root, and the links."""

    root_of: pd.Series
    moved: pd.DataFrame  # rows of `finding` whose root_id is new
    links: pd.DataFrame  # stream_a, stream_b, score


def cluster(connection: Connection, county: str, new: pd.DataFrame, identity: Identity) -> Clusters:
    """Cluster new findings (columns of `finding`) with the known ones at the same places."""
    placed = new[(new["place_key"] != "") & (new["category"] != "")]
    near = lookups.findings_at(connection, county, placed["place_key"].unique())
    pairs = candidate_pairs(
        pd.concat([near[_CONTENT], placed[_CONTENT]], ignore_index=True), identity
    )
    fresh = set(new["stream_id"])
    pairs = pairs[pairs["a"].isin(fresh) | pairs["b"].isin(fresh)]
    known_roots = near.set_index("stream_id")["root_id"]
    ends = pairs.assign(
        a=pairs["a"].map(known_roots).astype("str").fillna(pairs["a"]),
        b=pairs["b"].map(known_roots).astype("str").fillna(pairs["b"]),
    )
    touched = set(ends["a"]) | set(ends["b"])
    members = lookups.members_of(connection, county, touched - fresh)
    heads = members[members["stream_id"] == members["root_id"]]
    everyone = pd.concat([new, heads])[["stream_id", "found_at"]].drop_duplicates("stream_id")
    roots = components(ends, everyone).set_index("stream_id")["root_id"]
    return Clusters(_all_roots(roots, members), _moved(members, roots), _links(pairs, fresh))


def _all_roots(roots: pd.Series, members: pd.DataFrame) -> pd.Series:
    """Root of new findings, of touched roots and of all their members."""
    others = members.set_index("stream_id")["root_id"].map(roots)
    return pd.concat([roots, others[~others.index.isin(roots.index)]])


def _moved(members: pd.DataFrame, roots: pd.Series) -> pd.DataFrame:
    now = members["root_id"].map(roots)
    return members.assign(root_id=now)[(now != members["root_id"]).to_numpy(dtype=bool)]


def _links(pairs: pd.DataFrame, fresh: set[str]) -> pd.DataFrame:
    """Links as recorded: in the stream of a new finding (b), naming the other one (a)."""
    is_new = pairs["b"].isin(fresh)
    return pd.DataFrame(
        {
            "stream_a": pairs["a"].where(is_new, pairs["b"]),
            "stream_b": pairs["b"].where(is_new, pairs["a"]),
            "score": pairs["score"],
        }
    )
