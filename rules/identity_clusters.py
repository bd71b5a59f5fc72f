"""From links to clusters: connected components, and what operators said holds against them.

A link's score is 1 to 100 where contents decided. MUST is an operator's word that two findings are
one hazard, MUST_NOT that they are not: two findings that MUST_NOT be one are in different clusters
whatever connects them, and whoever was joined to both goes with the one it is more alike (then
nearer in time). Nothing here knows when a link was made.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

MUST, MUST_NOT = 101, 0


def components(pairs: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Root of every stream: `keys` (stream_id, found_at) → stream_id, root_id, in keys' order.

    pairs: a, b, score. Pairs with a stream that is not among the keys are left out. A stream in no
    pair is its root; else the root is the member with the least (found_at, stream_id).
    """
    order = keys.sort_values(["found_at", "stream_id"]).drop_duplicates("stream_id")
    streams = pd.Index(order["stream_id"])
    a, b = streams.get_indexer(pairs["a"]), streams.get_indexer(pairs["b"])
    known = (a >= 0) & (b >= 0)
    edges = pd.DataFrame({"a": a[known], "b": b[known], "score": pairs["score"].to_numpy()[known]})
    label = _labels(edges, order["found_at"].to_numpy())
    # Streams stand in root order, so the first of each component is its root.
    _, first, where = np.unique(label, return_index=True, return_inverse=True)
    roots = pd.Series(streams.to_numpy()[first[where]], index=streams)
    found = roots.reindex(keys["stream_id"]).to_numpy()
    return pd.DataFrame({"stream_id": keys["stream_id"].to_numpy(), "root_id": found})


def spanning(pairs: pd.DataFrame) -> pd.DataFrame:
    """As few of the pairs (a, b, score from 1 to 100) as hold the same clusters, the surest ones.

    Every link is an event of the ledger: a crowd that says the same is held by one less than heads.
    """
    codes, streams = pd.factorize(pd.concat([pairs["a"], pairs["b"]]))
    a, b = codes[: len(pairs)], codes[len(pairs) :]
    doubt = MUST - pairs["score"].to_numpy(dtype=np.float64)  # never 0, which would be no edge
    graph = coo_array((doubt, (a, b)), shape=(len(streams), len(streams)))
    kept = minimum_spanning_tree(graph.tocsr()).tocoo()
    ends = pd.MultiIndex.from_arrays([kept.coords[0], kept.coords[1]])
    return pairs[pd.MultiIndex.from_arrays([a, b]).isin(ends)]


def _labels(edges: pd.DataFrame, found_at: np.ndarray) -> np.ndarray:
    """A number for each stream, the same for those of one cluster; ends are positions."""
    joins, bars = edges[edges["score"] != MUST_NOT], edges[edges["score"] == MUST_NOT]
    ends = (np.ones(len(joins), dtype=bool), (joins["a"], joins["b"]))
    count = len(found_at)
    _, found = connected_components(coo_array(ends, shape=(count, count)), directed=False)
    label = np.asarray(found, dtype=np.int64)
    a, b = bars["a"].to_numpy(), bars["b"].to_numpy()
    torn = np.unique(label[a][label[a] == label[b]])
    if not len(torn):
        return label
    inside = joins[np.isin(label[joins["a"]], torn)]
    parts = _parted(inside, {*zip(a.tolist(), b.tolist(), strict=True)}, found_at)
    for stream, part in parts.items():
        label[stream] = count + part
    return label


def _parted(
    joins: pd.DataFrame, bars: set[tuple[int, int]], found_at: np.ndarray
) -> dict[int, int]:
    """Clusters that operators have torn, joined anew link by link, the surest first.

    One by one on purpose: each join depends on those before it, and torn clusters are few and
    small. Returns a part's number (its least member) by stream.
    """
    gap = np.abs(found_at[joins["a"]] - found_at[joins["b"]])
    surest = joins.assign(less=-joins["score"], gap=gap).sort_values(["less", "gap", "a", "b"])
    part = {s: {s} for s in (*joins["a"].tolist(), *joins["b"].tolist())}
    barred = bars | {(b, a) for a, b in bars}
    for a, b in zip(surest["a"].tolist(), surest["b"].tolist(), strict=True):
        one, other = part[a], part[b]
        if one is other or any((x, y) in barred for x in one for y in other):
            continue
        one |= other
        part.update(dict.fromkeys(other, one))
    return {stream: min(members) for stream, members in part.items()}
