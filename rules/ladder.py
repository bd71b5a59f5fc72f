"""The escalation ladder 提醒 → 催办 → 督办 → 警示 → 通报 → 约谈 → 提级, for all hazards at once.

A rung fires once per (hazard, rung, due date it counts from): a granted extension or a reopening
brings a new due date and so a new ladder. A rung is reached at 00:00 of the day that lies its
working days before or after the due day. A reminder that nobody sent before the due date lapses;
the rungs after it do not, so a run that was missed is made up for. Beyond the published calendar
the statutory rungs wait, the others go by provisional days (domain §4).
"""

from collections.abc import Iterable
from hashlib import sha256
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from rules.clocks import Days, Flags, WorkingDays
from schemas.policy import LadderStep
from schemas.policy_duties import Extension
from schemas.vocabulary import ListingLevel, Mark, Rung

ITEM_COLUMNS = ("root_id", "due_at", "listed_level", "town_code", "sector_code", "unit_name")
RUNG_COLUMNS = ("root_id", "rung", "due_at", "recipient", "proposal")
KEY = ["root_id", "rung", "due_at"]

STATUTORY = frozenset(Rung) - {Rung.REMIND, Rung.URGE}
RECIPIENT_LENGTH = 120  # of `rung.recipient` and `outbox.recipient`


def due_rungs(
    items: pd.DataFrame,
    fired: pd.DataFrame,
    ladder: tuple[LadderStep, ...],
    days: WorkingDays,
    now: int,
) -> pd.DataFrame:
    """The rungs to fire at `now` (UTC ms) that have not fired: one row each, RUNG_COLUMNS.

    `items`: ITEM_COLUMNS, one row per open hazard that waits for its rectification to be accepted
    (accepted_at = 0); due_at in UTC ms, 0 for none. `fired`: root_id, rung, due_at of every rung
    in the ledger. Rows come in the order of (rung, root_id), the same for any order of `items`.
    """
    dated = items.loc[items["due_at"].to_numpy() > 0]
    reached = [_reached(dated, step, days, now) for step in ladder]
    rungs = pd.concat([_empty(), *reached], ignore_index=True)
    rungs = rungs.loc[~_already(rungs, fired)]
    order = {str(rung): place for place, rung in enumerate(Rung)}
    return rungs.sort_values(
        ["rung", "root_id"], key=lambda c: c.map(order) if c.name == "rung" else c
    ).reset_index(drop=True)


def halted(items: pd.DataFrame, extension: Extension, days: WorkingDays, now: int) -> Flags:
    """Which items climb no further at `now`: legitimately paused, or an extension is to be decided.

    `items`: marks (bits of `Mark`), asked_at (UTC ms, when the pending extension was asked for). An
    application that nobody decides holds the ladder only for the days policy gives to decide it.
    """
    marks = items["marks"].to_numpy(dtype=np.int64)
    asked = days.within(days.local_days(items["asked_at"].to_numpy(dtype=np.int64)))
    until = days.midnights(days.shift(asked, extension.decide_within_working_days) + 1)
    pending = ((marks & int(Mark.EXTENSION_PENDING)) > 0) & (now < until)
    return np.asarray(((marks & int(Mark.SUSPENDED)) > 0) | pending)


def waiting(
    items: pd.DataFrame, ladder: tuple[LadderStep, ...], days: WorkingDays, now: int
) -> int:
    """How many statutory rungs wait at `now` because the calendar is not published so far."""
    dated = items.loc[items["due_at"].to_numpy() > 0]
    held = [_due(dated, step, days, now) & ~_official(dated, step, days) for step in ladder]
    return int(sum(flags.sum() for flags in held))


def digests(rungs: pd.DataFrame, day: str) -> list[dict[str, Any]]:
    """One message per recipient, rung and day: never one letter per item.

    `rungs` as `due_rungs` gives them; `day` in ISO form. Each digest has key (unique, the same on
    every run of the day with the same hazards), recipient, rung, day, proposal and
    items: [{root_id, due_at}].
    """
    order = ["recipient", "rung", "proposal", "root_id", "due_at"]
    columns = (column.tolist() for _, column in rungs.sort_values(order)[order].items())
    groups = groupby(zip(*columns, strict=True), key=lambda row: row[:3])
    return [
        _digest(day, recipient, rung, proposal, [(root, due) for *_, root, due in rows])
        for (recipient, rung, proposal), rows in groups
    ]


def with_keys(rungs: pd.DataFrame, told: list[dict[str, Any]]) -> pd.DataFrame:
    """`rungs` with `digest_key`: the key of the digest of `told` that each one stands in."""
    rows = [
        (item["root_id"], digest["rung"], item["due_at"], digest["key"])
        for digest in told
        for item in digest["items"]
    ]
    keys = pd.DataFrame(rows, columns=[*KEY, "digest_key"])
    return rungs.merge(keys, on=KEY, how="left", validate="one_to_one")


def fire_days(items: pd.DataFrame, step: LadderStep, days: WorkingDays) -> Days:
    """The calendar day (ordinal) on which each item reaches this rung."""
    return days.shift(_due_days(items, days), _offsets(items, step))


def _reached(items: pd.DataFrame, step: LadderStep, days: WorkingDays, now: int) -> pd.DataFrame:
    due = _due(items, step, days, now)
    if not due.any():
        return _empty()
    hits = items.loc[due & _official(items, step, days)]
    return pd.DataFrame(
        {
            "root_id": hits["root_id"].astype("str"),
            "rung": pd.Series(str(step.rung), index=hits.index, dtype="str"),
            "due_at": hits["due_at"].astype("int64"),
            "recipient": _recipients(hits, step.to),
            "proposal": pd.Series(step.proposal, index=hits.index, dtype="bool"),
        }
    )


def _due(items: pd.DataFrame, step: LadderStep, days: WorkingDays, now: int) -> Flags:
    """Reached by `now`; a rung before the due date lapses with it."""
    reached = days.midnights(fire_days(items, step, days)) <= now
    lapsed = (_offsets(items, step) < 0) & (items["due_at"].to_numpy() <= now)
    return np.asarray(reached & ~lapsed)


def _official(items: pd.DataFrame, step: LadderStep, days: WorkingDays) -> Flags:
    """Whether this rung may count on the calendar between the due day and its own."""
    if step.rung not in STATUTORY:
        return np.ones(len(items), dtype=bool)
    return days.covered(_due_days(items, days)) & days.covered(fire_days(items, step, days))


def _due_days(items: pd.DataFrame, days: WorkingDays) -> Days:
    """A due date is stored as its 24:00: the day is that of the millisecond before."""
    return days.within(days.local_days(items["due_at"].to_numpy(dtype=np.int64) - 1))


def _offsets(items: pd.DataFrame, step: LadderStep) -> Days:
    listed = step.offset_days if step.listed_offset_days is None else step.listed_offset_days
    is_listed = items["listed_level"].to_numpy() > ListingLevel.NONE
    return np.where(is_listed, listed, step.offset_days).astype(np.int64)


def _recipients(items: pd.DataFrame, to: str) -> "pd.Series[str]":
    """`town:<code>`, `sector:<code>`, `leader`, or `unit:<name>`, which is the town if unnamed."""
    town = "town:" + items["town_code"].astype("str")
    if to == "town":
        return town
    if to == "sector":
        return "sector:" + items["sector_code"].astype("str")
    if to == "leader":
        return pd.Series("leader", index=items.index, dtype="str")
    names = items["unit_name"].fillna("").astype("str").str.strip()
    return _shortened("unit:" + names).where(names != "", town)


def _shortened(names: "pd.Series[str]") -> "pd.Series[str]":
    """Names that the store cannot hold keep their beginning and get a digest of the whole."""
    long = names.str.len() > RECIPIENT_LENGTH
    if not long.any():
        return names
    tails = names[long].map(lambda name: "#" + sha256(name.encode()).hexdigest()[:16])
    return names.mask(long, names.str.slice(0, RECIPIENT_LENGTH - 17) + tails)


def _already(rungs: pd.DataFrame, fired: pd.DataFrame) -> Flags:
    if fired.empty:
        return np.zeros(len(rungs), dtype=bool)
    known = pd.MultiIndex.from_frame(fired[KEY].astype({"rung": "str", "due_at": "int64"}))
    return pd.MultiIndex.from_frame(rungs[KEY]).isin(known)


def _digest(
    day: str, recipient: str, rung: str, proposal: bool, rows: list[tuple[str, int]]
) -> dict[str, Any]:
    items = [{"root_id": root, "due_at": due} for root, due in rows]
    return {
        "key": _key(day, recipient, rung, items),
        "recipient": recipient,
        "rung": rung,
        "day": day,
        "proposal": proposal,
        "items": items,
    }


def _key(day: str, recipient: str, rung: str, items: Iterable[dict[str, Any]]) -> str:
    """Bound to what the digest says: a later run of the day with new hazards is a new message."""
    said = "\n".join([recipient, *(f"{item['root_id']}\x1f{item['due_at']}" for item in items)])
    return f"ladder:{day}:{rung}:{sha256(said.encode()).hexdigest()[:16]}"


def _empty() -> pd.DataFrame:
    kinds = {"root_id": "str", "rung": "str", "due_at": "int64", "recipient": "str"}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    return empty.assign(proposal=pd.Series(dtype="bool"))
