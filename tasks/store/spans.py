"""A fold's result as rows of `hazard_span` and `fact_note`, and what they change.

Only the hazards at hand are read and written: cost follows the change, not the county.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Table

from rules.facts import Facts
from rules.fold import INEFFECTIVE, PENDING, REASONS, Folded
from schemas.period import FOREVER
from schemas.tables_projections import fact_note, hazard_span, side_step
from schemas.vocabulary import Outcome
from tasks.store import lookups
from tasks.store.changes import GROUP, Change, difference

_STAMPS = ("county", "seq_from", "seq_to")
SPAN_CONTENT = [c.name for c in hazard_span.columns if c.name not in _STAMPS]
SIDE_CONTENT = [c.name for c in side_step.columns if c.name not in _STAMPS]
NOTE_CONTENT = [c.name for c in fact_note.columns if c.name not in _STAMPS]
_WORDS = {PENDING: Outcome.PENDING.value, INEFFECTIVE: Outcome.INEFFECTIVE.value}
_FIVE_ELEMENTS_AND_CONTROL = 0b111111


def spans_of(facts: Facts, folded: Folded) -> pd.DataFrame:
    """Rows of SPAN_CONTENT: one per effective fact, each lasting until the next one."""
    s = folded.spans
    stream = s["stream"]
    first = np.concatenate(([True], stream[1:] != stream[:-1])) if len(stream) else stream == 0
    starts = np.flatnonzero(first)
    ordinal = np.arange(len(stream)) - np.repeat(starts, np.diff(np.append(starts, len(stream))))
    last = np.concatenate((first[1:], [True])) if len(stream) else first
    until = np.where(last, FOREVER, np.concatenate((s["at"][1:], [FOREVER]))[: len(stream)])
    words = np.append(facts.words, "")  # -1, a blank, reads as the empty text
    return pd.DataFrame(
        {
            "root_id": facts.roots[stream],
            "ordinal": ordinal,
            "claimed_from": s["at"],
            "claimed_to": until,
            "entered_by": s["kind"],
            "state": s["state"],
            "town_code": words[s["town"]],
            "town_before": words[s["town_before"]],
            "town_found": words[s["town_found"]],
            "sector_code": words[s["sector"]],
            "severity": s["severity"],
            "self_check": s["self_check"],
            "elements": s["have"] & _FIVE_ELEMENTS_AND_CONTROL,
            "listed_level": s["level"],
            **{name: s[name] for name in _TIMES},
            "backdated": s["backdated"],
            "marks": s["marks"],
        }
    )


_TIMES = (
    "found_at",
    "verified_at",
    "assigned_at",
    "due_at",
    "original_due_at",
    "accepted_at",
    "closed_at",
)


def notes_of(facts: Facts, folded: Folded, seqs: np.ndarray) -> pd.DataFrame:
    """Rows of NOTE_CONTENT for the facts that did not simply apply; seqs by fact's input row."""
    noted = np.flatnonzero(folded.outcome != 0)
    return pd.DataFrame(
        {
            "event_seq": seqs[facts.row[noted]],
            "root_id": facts.roots[facts.stream[noted]],
            "outcome": [_WORDS[o] for o in folded.outcome[noted]],
            "reason": [REASONS[r] for r in folded.reason[noted]],
            "missing": folded.missing[noted],
            "state": folded.state_met[noted].astype(np.int64),
        }
    )


def side_steps_of(events: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Rows of SIDE_CONTENT: what counts of what happened beside the lives.

    events: the frame that `facts` were prepared from, with seq, stream_id and amount_fen.
    """
    rows = events.iloc[np.sort(facts.beside)]
    return pd.DataFrame(
        {
            "event_seq": rows["seq"].astype("int64"),
            "stream_id": rows["stream_id"].astype("str"),
            "kind": rows["kind"].astype("str"),
            "claimed_at": rows["claimed_at"].astype("int64"),
            "amount_fen": rows["amount_fen"].fillna(0).astype("int64"),
        }
    ).reset_index(drop=True)


def change(
    connection: Connection,
    county: str,
    table: Table,
    new: pd.DataFrame,
    keys: Iterable[str],
    groups: pd.Series,
) -> Change:
    """How `table` must change so that these hazards read as `new`.

    keys: their roots, or for side steps their streams; groups: the slice group by such a key.
    """
    content, key, owner = _SHAPES[table.name]
    old = lookups.current(connection, county, table, owner, keys)
    ended, begun = difference(old, new, content)
    return Change(
        table,
        begun.assign(**{GROUP: begun[owner].map(groups)}),
        key,
        ended.assign(**{GROUP: ended[owner].map(groups)}) if len(ended) else pd.DataFrame(),
    )


# Content, key within the present rows, and the column that says whose row it is.
_SHAPES = {
    hazard_span.name: (SPAN_CONTENT, ("root_id", "ordinal"), "root_id"),
    fact_note.name: (NOTE_CONTENT, ("event_seq",), "root_id"),
    side_step.name: (SIDE_CONTENT, ("event_seq",), "stream_id"),
}
