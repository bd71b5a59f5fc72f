"""Which findings are one hazard, decided from their content alone.

Two findings of different streams are one when they are of the same place and category, were found
at most `window_days` apart, say nearly the same and do not speak of two spots (domain §3). They are
of the same place by the strongest of these that both name: its number; its credit code (and not two
addresses); its name (and not two addresses); its address (where one of them names no unit). The
relation is symmetric, knows no order of arrival and has no cap; clusters are its connected
components (`rules.identity_clusters`). Pure functions of frames.
"""

import numpy as np
import pandas as pd

from rules.identity_clusters import spanning
from rules.identity_names import KEYS
from rules.identity_texts import clauses, elsewhere, scores, spots
from schemas.period import DAY_MS
from schemas.policy import Identity

CONTENT = ("stream_id", "category", "found_at", "description", *KEYS)
PAIR_COLUMNS = ["a", "b", "score", "by"]
BY = ("number", "credit_code", "name", "address")  # which of KEYS says that the place is the same
NO_PAIRS = pd.DataFrame(
    {name: pd.Series([], dtype="int64" if name == "score" else "str") for name in PAIR_COLUMNS}
)
_SAYING = [*KEYS, "category", "text"]


def candidate_pairs(
    findings: pd.DataFrame, policy: Identity, least: int | None = None
) -> pd.DataFrame:
    """Pairs of streams that are one hazard: a, b, score (0-100, whole), by; a < b, sorted.

    `findings`: CONTENT, found_at in UTC ms; at most one row per stream counts. `by` is one of BY.
    `least`: the score to reach, `text_similarity` if None. What was said several times is compared
    once, and no more pairs are given than hold the clusters: components are those of all pairs.
    """
    rows = _comparable(findings, policy)
    if len(rows) < 2:
        return NO_PAIRS.copy()
    window = policy.window_days * DAY_MS
    sayings = _sayings(rows)
    alike = _alike(sayings, policy, window, policy.text_similarity if least is None else least)
    pairs = pd.concat([_repeated(rows, window), _told_otherwise(rows, alike, window)])
    return spanning(pairs.sort_values(["a", "b"])).reset_index(drop=True)


def _comparable(findings: pd.DataFrame, policy: Identity) -> pd.DataFrame:
    """Findings that can match anything, one per stream, by saying and time."""
    filled = (findings[list(KEYS)].fillna("") != "").any(axis=1)
    filled &= (findings["category"].fillna("") != "") & findings["found_at"].notna()
    rows = findings.loc[filled, list(CONTENT)]
    rows = rows.assign(
        **{key: rows[key].fillna("") for key in KEYS},
        found_at=rows["found_at"].astype("int64"),
        description=rows["description"].fillna(""),
    )
    rows = _meeting(rows.sort_values(["stream_id", "found_at"]).drop_duplicates("stream_id"))
    rows = rows.assign(said=clauses(rows["description"], policy.same_words))
    rows["text"] = rows["said"].str.replace(" ", "")
    rows = rows[rows["text"] != ""].sort_values([*_SAYING, "found_at", "stream_id"])
    return rows.assign(
        saying=rows.groupby(_SAYING, sort=False).ngroup().to_numpy(dtype=np.int64)
    ).reset_index(drop=True)


def _meeting(rows: pd.DataFrame) -> pd.DataFrame:
    """Those that share a key and the category with another one."""
    meets = np.zeros(len(rows), dtype=bool)
    for key in KEYS:
        shared = rows.duplicated([key, "category"], keep=False) & (rows[key] != "")
        meets |= shared.to_numpy(dtype=bool)
    return rows[meets]


def _sayings(rows: pd.DataFrame) -> pd.DataFrame:
    """What was said of one place, once: _SAYING, said, description, and when first and last."""
    groups = rows.groupby("saying", sort=True)
    once = groups[[*_SAYING, "said", "description"]].first()
    return once.assign(first=groups["found_at"].min(), last=groups["found_at"].max())


def _alike(sayings: pd.DataFrame, policy: Identity, window: int, least: int) -> pd.DataFrame:
    """Two sayings of one hazard each, u < v, with score and by."""
    found = [_meetings(sayings, key, window) for key in KEYS]
    pairs = pd.DataFrame(np.concatenate(found), columns=["u", "v"]).drop_duplicates()
    u, v = pairs["u"].to_numpy(), pairs["v"].to_numpy()
    by = _same_place(sayings, u, v)
    u, v, by = u[by >= 0], v[by >= 0], by[by >= 0]
    together = ~elsewhere(*_spots(sayings["description"], u, v))
    u, v, by = u[together], v[together], by[together]
    score = scores(sayings["said"].to_numpy(dtype=object), u, v, least)
    return pd.DataFrame({"u": u, "v": v, "by": by, "score": score})[score > 0]


def _spots(texts: pd.Series, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`spots` of both sides, each text read once."""
    distinct, where = np.unique(np.concatenate([u, v]), return_inverse=True)
    found = spots(texts.iloc[distinct])
    return found[where[: len(u)]], found[where[len(u) :]]


def _meetings(sayings: pd.DataFrame, key: str, window: int) -> np.ndarray:
    """(n, 2) sayings, u < v, of one key and category whose times come within the window."""
    filled = sayings[sayings[key] != ""]
    block = filled.groupby([key, "category"], sort=False).ngroup()
    rows = filled.assign(block=block).sort_values(["block", "first"])
    position, blocks = rows.index.to_numpy(dtype=np.int64), rows["block"].to_numpy()
    first, last = rows["first"].to_numpy(), rows["last"].to_numpy()
    left, right = _within_reach(blocks, first, last, window)
    ends = np.sort(np.column_stack([position[left], position[right]]), axis=1)
    return np.asarray(ends, dtype=np.int64)


def _within_reach(
    block: np.ndarray, first: np.ndarray, last: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions (i, j), i < j, of one block where j begins at most `window` after i ends.

    Rows are ordered by block and first, so the partners of a row are the run that follows it.
    """
    # A step wider than the window counts as just wider: nothing can overflow. That may bring a
    # partner too far away, never lose one; times are held against each other once more later.
    steps = np.minimum(np.diff(first, prepend=first[:1]), window + 1).clip(0)
    axis = np.cumsum(steps)
    ends = np.searchsorted(axis, axis + (last - first) + window, side="right")
    block_ends = np.searchsorted(block, block, side="right")
    runs = np.minimum(ends, block_ends) - np.arange(len(block)) - 1
    left = np.repeat(np.arange(len(block)), runs)
    starts = np.repeat(np.cumsum(runs) - runs, runs)
    return left, left + 1 + (np.arange(len(left)) - starts)


def _same_place(sayings: pd.DataFrame, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Position in BY of what says that two sayings are of one place; -1 where nothing does."""
    both, same = {}, {}
    for key in KEYS:
        codes = pd.factorize(sayings[key])[0]
        filled = sayings[key].to_numpy(dtype=object) != ""
        both[key] = filled[u] & filled[v]
        same[key] = both[key] & (codes[u] == codes[v])
    near = ~both["address_key"] | same["address_key"]
    nameless = ~both["name_key"]
    decided = [
        (both["place_key"], same["place_key"]),
        (both["credit_key"], same["credit_key"] & near),
        (same["name_key"], near),
        (both["address_key"], same["address_key"] & nameless),
    ]
    by = np.full(len(u), -1, dtype=np.int64)
    undecided = np.ones(len(u), dtype=bool)
    for position, (speaks, agrees) in enumerate(decided):
        by[undecided & speaks & agrees] = position
        undecided &= ~speaks
    return by


def _repeated(rows: pd.DataFrame, window: int) -> pd.DataFrame:
    """Neighbours in time of one saying: a chain, not all pairs of it."""
    saying, found_at = rows["saying"].to_numpy(), rows["found_at"].to_numpy()
    right = 1 + np.flatnonzero((saying[1:] == saying[:-1]) & _near(found_at, window))
    strongest = np.argmax(rows[list(KEYS)].to_numpy(dtype=object) != "", axis=1)
    score = np.full(len(right), 100)
    return _pairs(rows["stream_id"], right - 1, right, score, strongest[right])


def _told_otherwise(rows: pd.DataFrame, alike: pd.DataFrame, window: int) -> pd.DataFrame:
    """Where in time one of two alike sayings follows the other within the window."""
    at = pd.DataFrame({"saying": rows["saying"], "row": np.arange(len(rows))})
    sides = [
        alike.assign(pair=np.arange(len(alike)), side=side).merge(
            at, left_on=side, right_on="saying"
        )
        for side in ("u", "v")
    ]
    told = pd.concat(sides, ignore_index=True)
    told = told.assign(found_at=rows["found_at"].to_numpy()[told["row"].to_numpy(dtype=np.int64)])
    told = told.sort_values(["pair", "found_at", "row"], ignore_index=True)
    pair, side = told["pair"].to_numpy(), told["side"].to_numpy()
    follows = (pair[1:] == pair[:-1]) & (side[1:] != side[:-1])
    right = 1 + np.flatnonzero(follows & _near(told["found_at"].to_numpy(), window))
    row = told["row"].to_numpy(dtype=np.int64)
    score, by = told["score"].to_numpy()[right], told["by"].to_numpy()[right]
    return _pairs(rows["stream_id"], row[right - 1], row[right], score, by)


def _near(found_at: np.ndarray, window: int) -> np.ndarray:
    """Whether each is at most `window` after the one before it."""
    gap = np.diff(found_at)
    return np.asarray((gap >= 0) & (gap <= window))


def _pairs(
    streams: pd.Series, left: np.ndarray, right: np.ndarray, score: np.ndarray, by: np.ndarray
) -> pd.DataFrame:
    names = streams.to_numpy(dtype=object)
    a, b = names[left], names[right]
    swap = np.asarray(a > b, dtype=bool)
    return pd.DataFrame(
        {
            "a": pd.Series(np.where(swap, b, a), dtype="str"),
            "b": pd.Series(np.where(swap, a, b), dtype="str"),
            "score": score.astype("int64"),
            "by": pd.Series(np.array(BY, dtype=object)[by.astype(np.int64)], dtype="str"),
        },
        columns=PAIR_COLUMNS,
    )
