"""From ledger rows to the fold's input: facts as numpy columns, in the one order that counts.

Promise: the order of arrival leaves no trace. Only the latest revision of each (source, record,
source id) is a fact, latest by (sent, digest); facts of a hazard are ordered by (claimed, kind
rank, source, source id). Text that the fold compares (organisations, persons, towns, sectors)
becomes integer codes over one shared table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.elements import provided
from rules.voiding import Voids, voids_of
from schemas.vocabulary import FACT_RANK, FOLD_PLACE, Channel, ListingLevel, Severity

Codes = np.ndarray

# What the fold reads of an event and its payload; absent columns count as blank.
FACT_COLUMNS = (
    "root_id",
    "seq",
    "kind",
    "source",
    "record",
    "source_id",
    "row_digest",
    "claimed_at",
    "sent_at",
    "received_at",
    "file_by",
)
_CODED = (
    "organisation",
    "responsible_unit",
    "person",
    "second_person",
    "town_code",
    "sector_code",
)
_SEVERITY = {s.name.lower(): int(s) for s in Severity}
# In place of a rank: what moves no hazard. It stands before all facts of its instant, so that a
# void of the same day finds it.
_BESIDE = -1
_PLACE = np.array([*(FOLD_PLACE[kind] for kind in FACT_RANK), -1], dtype=np.int64)
_LEVEL = {level.name.lower(): int(level) for level in ListingLevel}


@dataclass(frozen=True)
class Facts:
    """Facts sorted by (stream, fold order); every array has length n.

    `stream` numbers the roots in `roots`; `start[s]` and `count[s]` delimit stream s. Text codes
    index `words`; -1 is blank. Times are UTC ms, 0 is absent.
    """

    roots: np.ndarray
    words: np.ndarray
    stream: np.ndarray
    start: np.ndarray
    count: np.ndarray
    row: np.ndarray  # position in the frame the facts were made from
    kind: np.ndarray
    claimed: np.ndarray
    provides: np.ndarray
    severity: np.ndarray
    due: np.ndarray  # (n, 2): for a general and for a major hazard
    organisation: np.ndarray
    person: np.ndarray
    second: np.ndarray
    responsible: np.ndarray
    town: np.ndarray
    sector: np.ndarray
    self_check: np.ndarray
    public: np.ndarray
    implied: np.ndarray
    late: np.ndarray
    level: np.ndarray
    asked: np.ndarray
    opening: np.ndarray
    interim_from: np.ndarray
    interim_until: np.ndarray
    policy_days: np.ndarray  # what the policy asked when this was entered; -1: not said
    cancelled: np.ndarray  # by a later fact that voids it
    cancels: np.ndarray  # voids a fact that is there
    beside: np.ndarray  # positions, as `row`, of what counts beside the life: SIDE_KINDS

    def __len__(self) -> int:
        return len(self.kind)


def latest_revisions(events: pd.DataFrame) -> pd.DataFrame:
    """Drop every revision but the latest by (sent, digest) of each (source, record, source id)."""
    keys = ["source", "record", "source_id"]
    hashed = pd.util.hash_pandas_object(events[keys], index=False, categorize=False).to_numpy()
    repeated = pd.Series(hashed).duplicated(keep=False).to_numpy()
    if not repeated.any():
        return events
    again = events[repeated].sort_values([*keys, "sent_at", "row_digest"], kind="stable")
    superseded = again.index[again.duplicated(keys, keep="last")]
    return events.drop(index=superseded)


def prepare(events: pd.DataFrame) -> Facts:
    """Events of hazard streams (FACT_COLUMNS plus payload columns) → Facts, sorted for the fold.

    The frame's index must be unique; `row` refers to positions in the frame as given.
    """
    frame = events.reset_index(drop=True)
    frame = latest_revisions(frame)
    stream, roots = pd.factorize(frame["root_id"])
    kind = frame["kind"].map(FACT_RANK).fillna(_BESIDE).to_numpy(dtype=np.int64)
    claimed = frame["claimed_at"].to_numpy(dtype=np.int64)
    order = _fold_order(stream, claimed, _PLACE[kind], frame)
    frame, stream, kind, claimed = frame.iloc[order], stream[order], kind[order], claimed[order]
    voids = voids_of(frame, stream)
    aside = kind == _BESIDE
    beside = frame.index.to_numpy()[aside & ~voids.cancelled]
    if aside.any():
        frame, stream, kind, claimed = frame[~aside], stream[~aside], kind[~aside], claimed[~aside]
        voids = Voids(voids.cancelled[~aside], voids.cancels[~aside])
    count = np.bincount(stream, minlength=len(roots))
    codes, words = _codes(frame, _CODED)
    return Facts(
        roots=np.asarray(roots, dtype=object),
        words=words,
        stream=stream,
        start=np.concatenate(([0], np.cumsum(count)[:-1])).astype(np.int64),
        count=count,
        row=frame.index.to_numpy(),
        kind=kind,
        claimed=claimed,
        provides=provided(frame, kind),
        due=np.column_stack([_integers(frame, "due_general"), _integers(frame, "due_major")]),
        organisation=codes["organisation"],
        person=codes["person"],
        second=codes["second_person"],
        responsible=codes["responsible_unit"],
        town=codes["town_code"],
        sector=codes["sector_code"],
        cancelled=voids.cancelled,
        cancels=voids.cancels,
        beside=beside,
        **_coded(frame),
    )


def _coded(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    channel = _text(frame, "channel")
    received = frame["received_at"].to_numpy(dtype=np.int64)
    return {
        "severity": _mapped(frame, "severity", _SEVERITY, -1),
        "level": _mapped(frame, "listing_level", _LEVEL, 0),
        "self_check": (channel == Channel.SELF_CHECK.value).to_numpy(dtype=bool),
        "public": (channel == Channel.PUBLIC_REPORT.value).to_numpy(dtype=bool),
        "implied": _integers(frame, "implied").astype(bool),
        "late": received > frame["file_by"].to_numpy(dtype=np.int64),
        "asked": _integers(frame, "asked_at"),
        "opening": _integers(frame, "opening").astype(bool),
        "interim_from": _integers(frame, "interim_from"),
        "interim_until": _integers(frame, "interim_until"),
        "policy_days": _integers(frame, "policy_days", blank=-1),
    }


def _fold_order(
    stream: np.ndarray, claimed: np.ndarray, place: np.ndarray, frame: pd.DataFrame
) -> np.ndarray:
    """Positions in fold order; only true ties pay for comparing texts."""
    order = np.lexsort((place, claimed, stream))
    s, c, k = stream[order], claimed[order], place[order]
    same = (s[1:] == s[:-1]) & (c[1:] == c[:-1]) & (k[1:] == k[:-1])
    if not same.any():
        return order
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    rows = frame.iloc[order[tied]]
    ranked = np.lexsort(
        (rows["source_id"].to_numpy(str), rows["source"].to_numpy(str), k[tied], c[tied], s[tied])
    )
    order[tied] = order[tied][ranked]
    return order


def _codes(frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Mapping[str, Codes], np.ndarray]:
    """One code table over several text columns, so that an acceptor compares with a rectifier."""
    joined = pd.concat([_text(frame, c) for c in columns], ignore_index=True)
    codes, words = pd.factorize(joined)
    return dict(zip(columns, np.split(codes, len(columns)), strict=True)), np.asarray(words, object)


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series([None] * len(frame), index=frame.index, dtype="str")
    return frame[column].astype("str")


def _mapped(frame: pd.DataFrame, column: str, words: Mapping[str, int], blank: int) -> np.ndarray:
    return _text(frame, column).map(words).fillna(blank).to_numpy(dtype=np.int64)


def _integers(frame: pd.DataFrame, column: str, blank: int = 0) -> np.ndarray:
    if column not in frame.columns:
        return np.full(len(frame), blank, dtype=np.int64)
    values = pd.to_numeric(frame[column])
    if values.isna().all():  # most facts say little: a county's worth of blanks costs nothing
        return np.full(len(frame), blank, dtype=np.int64)
    return values.fillna(blank).to_numpy(dtype=np.int64)
