"""Which findings are one hazard: new findings and decisions against what the county knows.

The relation is `rules.identity`'s, from content alone; here are only the look-ups. Whatever cluster
a new link touches is joined anew from all its links, so that an operator's MUST_NOT holds whenever
it was said and taking one back is a refold like any other.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from rules.identity import CONTENT, candidate_pairs
from rules.identity_clusters import components
from rules.identity_names import KEYS
from schemas.policy import Identity
from tasks.store import lookups
from tasks.store.engine import Connection

# A decided link: the stream it is recorded in (b), the one it names (a), and what was decided.
LINK_COLUMNS = ["stream_a", "stream_b", "score", "by"]
NO_LINKS = pd.DataFrame({c: pd.Series([], dtype="str") for c in LINK_COLUMNS})


@dataclass(frozen=True)
class Clusters:
    """Root by stream for every stream at hand, members moved to another root, and the links."""

    root_of: pd.Series
    moved: pd.DataFrame  # rows of `finding` whose root_id is new, with was_root beside it
    links: pd.DataFrame  # LINK_COLUMNS

    @cached_property
    def families(self) -> pd.Series:
        """Every root that gave or took members, by root: one word for those that share some."""
        if self.moved.empty:
            return pd.Series([], index=pd.Index([], dtype="str"), dtype="str")
        pairs = self.moved[["was_root", "root_id"]].set_axis(["a", "b"], axis=1).assign(score=1)
        roots = pd.concat([pairs["a"], pairs["b"]]).drop_duplicates()
        keys = pd.DataFrame({"stream_id": roots, "found_at": 0})
        return components(pairs, keys).set_index("stream_id")["root_id"]


def cluster(
    connection: Connection,
    county: str,
    new: pd.DataFrame,
    identity: Identity,
    decided: pd.DataFrame = NO_LINKS,
) -> Clusters:
    """Cluster new findings (columns of `finding`) and decided links with what is known."""
    links = pd.concat([_links_of(connection, county, new, identity), decided], ignore_index=True)
    if links.empty:  # everyone stands alone, which is the usual case of a small delivery
        alone = new["stream_id"].drop_duplicates().to_numpy()
        roots = pd.Series(alone, index=pd.Index(alone, name="stream_id"), name="root_id")
        return Clusters(roots, _moved(lookups.members_of(connection, county, ()), roots), links)
    ends = pd.concat([links["stream_a"], links["stream_b"]]).drop_duplicates()
    known = ends[~ends.isin(new["stream_id"])]
    touched = lookups.roots_of(connection, county, known).unique()
    members = lookups.members_of(connection, county, touched)
    before = lookups.links_of(connection, county, members["stream_id"])
    everyone = pd.concat([new, members])[["stream_id", "found_at"]]
    roots = components(_latest(before, links), everyone).set_index("stream_id")["root_id"]
    return Clusters(roots, _moved(members, roots), links)


def _links_of(
    connection: Connection, county: str, new: pd.DataFrame, identity: Identity
) -> pd.DataFrame:
    """The links of new findings, each in the stream of a new one (b), naming the other (a)."""
    placed = new[(new[list(KEYS)] != "").any(axis=1) & (new["category"] != "")]
    if placed.empty:
        return NO_LINKS
    near = lookups.findings_at(connection, county, placed[list(KEYS)])
    content = list(CONTENT)
    pairs = candidate_pairs(
        pd.concat([near[content], placed[content]], ignore_index=True), identity
    )
    fresh = set(new["stream_id"])
    pairs = pairs[pairs["a"].isin(fresh) | pairs["b"].isin(fresh)]
    is_new = pairs["b"].isin(fresh)
    return pd.DataFrame(
        {
            "stream_a": pairs["a"].where(is_new, pairs["b"]),
            "stream_b": pairs["b"].where(is_new, pairs["a"]),
            "score": pairs["score"],
            "by": pairs["by"],
        }
    )


def _latest(before: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """a, b, score: of two links of one pair the new one counts."""
    return pd.concat([before, in_order(links)]).drop_duplicates(["a", "b"], keep="last")


def in_order(links: pd.DataFrame) -> pd.DataFrame:
    """Links by their pair: a, b, score with a < b, of one pair the last."""
    swap = links["stream_a"] > links["stream_b"]
    pairs = pd.DataFrame(
        {
            "a": links["stream_a"].where(~swap, links["stream_b"]),
            "b": links["stream_b"].where(~swap, links["stream_a"]),
            "score": links["score"].astype("int64"),
        }
    )
    return pairs.drop_duplicates(["a", "b"], keep="last")


def _moved(members: pd.DataFrame, roots: pd.Series) -> pd.DataFrame:
    now = members["stream_id"].map(roots)
    changed = (now != members["root_id"]).to_numpy(dtype=bool)
    return members.assign(was_root=members["root_id"], root_id=now)[changed]
