"""Stream ids, by content: the same source row always names the same stream.

A hazard's id is a hash of (source, source id), so an update can be attached before anything is
looked up, and two counties never share an id because the county is part of every key.
"""

import hashlib

import pandas as pd

from schemas.vocabulary import StreamKind


def stream_ids(kind: StreamKind, sources: pd.Series, ids: pd.Series) -> pd.Series:
    """`<kind>:<16 hex digits>` for each (source, source id)."""
    joined = sources.astype("str") + "\x1f" + ids.astype("str")
    return pd.Series([stream_id(kind, text) for text in joined], index=ids.index, dtype="str")


def stream_id(kind: StreamKind, text: str) -> str:
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def hazard_id(source: str, source_id: str) -> str:
    return stream_id(StreamKind.HAZARD, f"{source}\x1f{source_id}")
