"""Which findings are one hazard, decided from their content alone.

Two findings of different streams are one when they name the same place and the same category,
were found at most `window_days` apart, and say nearly the same (domain §3). The relation is
symmetric and knows no order of arrival; clusters are its connected components, and a cluster's
root is the member with the least (found_at, stream_id). Pure functions of frames.
"""

import re

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from schemas.period import DAY_MS
from schemas.policy import Identity

PAIR_COLUMNS = ["a", "b", "score"]
_BLOCK = ["place_key", "category"]
# What is no letter and no digit in any script is laid aside before comparing. Python's expression
# on purpose: in Arrow's, \W would take every Chinese character away.
_NOT_WORDS = re.compile(r"[\W_]+")


def candidate_pairs(frame: pd.DataFrame, policy: Identity) -> pd.DataFrame:
    """Pairs of streams that are one hazard: a, b, score (0-100, whole), a < b, sorted.

    `frame`: stream_id, place_key, category, found_at (UTC ms), description; at most one row per
    stream counts. Blocks of one place and category with more than `block_cap` findings are not
    compared pair by pair: there only identical texts are joined, each to the next one in time.
    """
    rows = _comparable(frame)
    if rows.empty:
        return _pairs(rows, np.array([], int), np.array([], int), np.array([], int))
    size = rows.groupby("block")["block"].transform("size").to_numpy()
    small, large = rows[size <= policy.block_cap], rows[size > policy.block_cap]
    window = policy.window_days * DAY_MS
    pairs = [
        _similar(small.reset_index(drop=True), window, policy.text_similarity),
        _identical(large.reset_index(drop=True), window),
    ]
    return pd.concat(pairs).sort_values(["a", "b"], ignore_index=True)


def components(pairs: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Root of every stream: `keys` (stream_id, found_at) → stream_id, root_id, in keys' order.

    Pairs with a stream that is not among the keys are left out. A stream in no pair is its root.
    """
    order = keys.sort_values(["found_at", "stream_id"]).drop_duplicates("stream_id")
    streams = pd.Index(order["stream_id"])
    a, b = streams.get_indexer(pairs["a"]), streams.get_indexer(pairs["b"])
    known = (a >= 0) & (b >= 0)
    edges = (np.ones(known.sum(), dtype=bool), (a[known], b[known]))
    graph = coo_array(edges, shape=(len(streams), len(streams)))
    _, label = connected_components(graph, directed=False)
    # Streams stand in root order, so the first of each component is its root.
    _, first = np.unique(label, return_index=True)
    roots = pd.Series(streams.to_numpy()[first[label]], index=streams)
    found = roots.reindex(keys["stream_id"]).to_numpy()
    return pd.DataFrame({"stream_id": keys["stream_id"].to_numpy(), "root_id": found})


def normalised(texts: pd.Series) -> pd.Series:
    """A description as it is compared: lower case, without marks and spaces."""
    words = [_NOT_WORDS.sub("", text.lower()) for text in texts.fillna("")]
    return pd.Series(words, index=texts.index, dtype="str")


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Findings that can match anything, one per stream, in blocks ordered by time."""
    filled = (frame["place_key"].fillna("") != "") & (frame["category"].fillna("") != "")
    rows = frame[filled & frame["found_at"].notna()]
    rows = rows.sort_values([*_BLOCK, "found_at", "stream_id", "description"])
    rows = rows.drop_duplicates("stream_id")
    rows = rows[rows.duplicated(_BLOCK, keep=False)].reset_index(drop=True)
    return rows.assign(
        block=rows.groupby(_BLOCK, sort=False).ngroup(),
        text=normalised(rows["description"]),
        found_at=rows["found_at"].astype("int64"),
    )


def _similar(rows: pd.DataFrame, window: int, least: int) -> pd.DataFrame:
    left, right = _near_in_time(rows, window)
    # Truncated, so that a score of 84.9 never passes a limit of 85.
    texts = rows["text"].to_numpy(dtype=object)
    score = process.cpdist(
        texts[left], texts[right], scorer=fuzz.ratio, score_cutoff=least, dtype=np.uint8
    )
    said = rows["text"].str.len().to_numpy(dtype=int) > 0
    keep = (score >= max(least, 1)) & said[left] & said[right]
    return _pairs(rows, left[keep], right[keep], score[keep])


def _near_in_time(rows: pd.DataFrame, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (i, j), i < j, of all rows of one block found within the window.

    Rows are ordered by block and time, so the partners of a row are the run that follows it.
    """
    if rows.empty:
        return np.array([], dtype=int), np.array([], dtype=int)
    # One axis for all blocks: a step wider than the window, and every new block, counts as just
    # wider. Then one search finds where each row's run ends, and nothing can overflow.
    steps = np.minimum(np.diff(rows["found_at"].to_numpy()), window + 1)
    steps[np.diff(rows["block"].to_numpy()) != 0] = window + 1
    axis = np.concatenate([[0], np.cumsum(steps)])
    ends = np.searchsorted(axis, axis + window, side="right")
    runs = ends - np.arange(len(rows)) - 1
    left = np.repeat(np.arange(len(rows)), runs)
    starts = np.repeat(np.cumsum(runs) - runs, runs)
    return left, left + 1 + (np.arange(len(left)) - starts)


def _identical(rows: pd.DataFrame, window: int) -> pd.DataFrame:
    """Neighbours in time of one block with one text: a chain, not all pairs of it."""
    chain = rows[rows["text"] != ""].sort_values(["block", "text", "found_at", "stream_id"])
    same = (chain[["block", "text"]] == chain[["block", "text"]].shift()).all(axis=1)
    near = chain["found_at"].diff() <= window
    right = np.flatnonzero(same.to_numpy(dtype=bool) & near.to_numpy(dtype=bool))
    chain = chain.reset_index(drop=True)
    return _pairs(chain, right - 1, right, np.full(len(right), 100))


def _pairs(
    rows: pd.DataFrame, left: np.ndarray, right: np.ndarray, score: np.ndarray
) -> pd.DataFrame:
    streams = rows["stream_id"].to_numpy(dtype=object)
    a, b = streams[left], streams[right]
    swap = a > b
    return pd.DataFrame(
        {
            "a": pd.Series(np.where(swap, b, a), dtype="str"),
            "b": pd.Series(np.where(swap, a, b), dtype="str"),
            "score": score.astype("int64"),
        },
        columns=PAIR_COLUMNS,
    )
