"""Tuples for the frozen tables, from the text frames: prepared beforehand, never timed.

Every delivered row becomes one `event` and one row of its own table (a finding and an update each
one span, a finding also one `finding`). The world's lives are legal, so a state follows from the
last fact alone; nothing of the product is used.
"""

from hashlib import sha256
from typing import Any

import numpy as np
import orjson
import pandas as pd

COUNTY = "330282"
FOREVER = 2**62
DAY_MS = 86_400_000
TABLES = ("event", "finding", "hazard_span", "place_span", "check_visit")
# As frozen in weekly.sql: fact → (entered_by, state).
FACTS = {
    "registered": (0, 1),
    "verified": (1, 2),
    "rejected": (2, 7),
    "assigned": (3, 3),
    "started": (6, 4),
    "submitted": (12, 5),
    "acceptance_passed": (13, 5),
    "acceptance_failed": (14, 4),
    "closed": (15, 6),
}
WHEN = {"findings": "found_at", "updates": "happened_at", "checks": "checked_at"}
Rows = list[tuple[Any, ...]]


def tables(frames: dict[str, pd.DataFrame]) -> dict[str, Rows]:
    """Table → its rows as tuples in column order."""
    places, checks, findings = (frames[k] for k in ("places", "checks", "findings"))
    return {
        "event": _events(frames),
        "finding": _findings(findings),
        "hazard_span": _spans(findings, frames["updates"]),
        "place_span": _places(places),
        "check_visit": _checks(checks, first_seq=len(places) + 1),
    }


def _tuples(*columns: Any) -> Rows:
    """Columns (scalars are repeated) to tuples of plain Python values."""
    rows = max(len(c) for c in columns if not isinstance(c, str | int))
    lists = [
        [c] * rows if isinstance(c, str | int) else c.tolist() if hasattr(c, "tolist") else c
        for c in columns
    ]
    return list(zip(*lists, strict=True))


def _ms(text: pd.Series) -> "pd.Series[int]":
    parsed = pd.to_datetime(text, format="%Y-%m-%dT%H:%M:%S%z", utc=True)
    return parsed.dt.as_unit("ms").astype("int64")


def _streams(kind: str, source: str, ids: pd.Series) -> list[str]:
    digests = (sha256(f"{source}\x1f{i}".encode()).hexdigest()[:16] for i in ids)
    return [f"{kind}:{d}" for d in digests]


def _payloads(frame: pd.DataFrame) -> list[str]:
    """Canonical JSON of every row's filled fields, keys in order."""
    names = sorted(frame.columns)
    rows = zip(*(frame[n].tolist() for n in names), strict=True)
    return [
        orjson.dumps({n: v for n, v in zip(names, row, strict=True) if v}).decode() for row in rows
    ]


def _events(frames: dict[str, pd.DataFrame]) -> Rows:
    rows: Rows = []
    for source in ("places", "checks", "findings", "updates"):
        rows += _source_events(source, frames[source], first_seq=len(rows) + 1)
    return rows


def _source_events(source: str, frame: pd.DataFrame, first_seq: int) -> Rows:
    hazard = source in ("findings", "updates")
    kind, record = ("hazard" if hazard else source[:-1]), source[:-1]
    ids, of = (
        (frame["finding_id"], "findings") if source == "updates" else (frame["source_id"], source)
    )
    version = frame.groupby("finding_id").cumcount() + 2 if source == "updates" else 1
    payloads = _payloads(frame)
    hashes = [sha256(p.encode()).hexdigest() for p in payloads]
    claimed, sent = _ms(frame[WHEN.get(source, "active_from")]), _ms(frame["sent_at"])
    return _tuples(
        COUNTY,
        np.arange(first_seq, first_seq + len(frame)),
        _streams(kind, of, ids),
        version,
        kind,
        frame["event"] if source == "updates" else "registered",
        claimed,
        sent,
        sent,
        sent,
        claimed + 2 * DAY_MS,
        "",
        source,
        record,
        frame["source_id"],
        [h[:16] for h in hashes],
        hashes[0],
        payloads,
        [hashes[0], *hashes[:-1]],
        hashes,
    )


def _findings(f: pd.DataFrame) -> Rows:
    stream = _streams("hazard", "findings", f["source_id"])
    same = [f[c] for c in ("town_code", "sector_code", "unit_name", "channel", "description")]
    keys = [f[c] for c in ("source_id", "place_id", "category")]
    return _tuples(COUNTY, stream, stream, "findings", *keys, _ms(f["found_at"]), *same)


def _facts(f: pd.DataFrame, u: pd.DataFrame) -> pd.DataFrame:
    """All facts of all hazards in claimed order: hazard (row of `f`), at, kind, due."""
    hazard = pd.Series(np.arange(len(f)), index=f["source_id"])
    due = pd.to_datetime(u["due_date"], format="%Y-%m-%d").dt.as_unit("ms")
    # A day is stored as its 24:00 in +08:00.
    due_ms = due.astype("int64").where(due.notna(), 0) + np.where(due.notna(), DAY_MS * 2 // 3, 0)
    facts = pd.DataFrame(
        {
            "hazard": np.concatenate([np.arange(len(f)), hazard[u["finding_id"]].to_numpy()]),
            "at": np.concatenate([_ms(f["found_at"]), _ms(u["happened_at"])]),
            "kind": np.concatenate(
                [np.full(len(f), "registered", object), u["event"].astype(object)]
            ),
            "due": np.concatenate([np.zeros(len(f), "int64"), due_ms]),
        }
    )
    facts["rank"] = facts["kind"].map({k: rank for k, (rank, _) in FACTS.items()})
    return facts.sort_values(["hazard", "at", "rank"], kind="stable").reset_index(drop=True)


def _last(facts: pd.DataFrame, kinds: tuple[str, ...], values: pd.Series) -> "pd.Series[int]":
    """The latest value set by one of `kinds` in the same hazard up to each fact, else 0."""
    chosen = values.where(facts["kind"].isin(kinds))
    return chosen.groupby(facts["hazard"]).ffill().fillna(0).astype("int64")


def _spans(f: pd.DataFrame, u: pd.DataFrame) -> Rows:
    facts = _facts(f, u)
    hazard, at, kind = facts["hazard"], facts["at"], facts["kind"]
    later = at.shift(-1).where(hazard == hazard.shift(-1)).fillna(FOREVER).astype("int64")
    of = f.take(hazard.to_numpy())
    root = pd.Series(_streams("hazard", "findings", f["source_id"])).take(hazard.to_numpy())
    due = _last(facts, ("assigned",), facts["due"])
    accepted = _last(
        facts, ("acceptance_passed", "acceptance_failed"), at.where(kind != "acceptance_failed", 0)
    )
    times = [_last(facts, (k,), at) for k in ("registered", "verified", "assigned")]
    return _tuples(
        COUNTY,
        root,
        facts.groupby("hazard").cumcount(),
        np.arange(1, len(facts) + 1),
        FOREVER,
        at,
        later,
        facts["rank"],
        kind.map({k: state for k, (_, state) in FACTS.items()}),
        of["town_code"],
        of["town_code"],
        of["sector_code"],
        (of["severity"] == "major").astype(int),
        (of["channel"] == "self_check").astype(int),
        0,
        0,
        *times,
        due,
        due,
        accepted,
        _last(facts, ("closed",), at),
        0,
    )


def _places(p: pd.DataFrame) -> Rows:
    since = _ms(p["active_from"])
    seq = np.arange(1, len(p) + 1)
    words = [p[c] for c in ("place_class", "town_code", "sector_code", "name")]
    return _tuples(COUNTY, p["source_id"], 0, seq, FOREVER, since, FOREVER, since, 0, *words)


def _checks(c: pd.DataFrame, first_seq: int) -> Rows:
    stream, seq = _streams("check", "checks", c["source_id"]), np.arange(len(c)) + first_seq
    words = [c[n] for n in ("channel", "actor_kind", "result")]
    return _tuples(COUNTY, stream, seq, FOREVER, c["place_id"], _ms(c["checked_at"]), *words)
