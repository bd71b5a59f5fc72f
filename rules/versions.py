"""Which rows say something new: revisions by sent time (domain §2).

A row is compared with the latest revision sent before it (or with it): the same digest is nothing
new, another digest is a new revision; a row sent earlier than what is known is kept as an older
revision; A → B → A is three revisions. Of what was sent at one instant nothing comes after the
other: there the same digest is nothing new, whatever order the store gives it in.
"""

import numpy as np
import pandas as pd

NEW, KNOWN, RESUMED = 0, 1, 2
_KEY = ["record", "source_id"]


def classify(rows: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    """NEW, KNOWN or RESUMED for every row. int8, aligned with `rows`.

    Both frames: record, source_id, sent_at, row_digest, delivery. RESUMED is a row that this very
    delivery brought before it was interrupted: taken already, not taken twice.
    """
    columns = [*_KEY, "sent_at", "row_digest", "delivery"]
    result = np.zeros(len(rows), dtype=np.int8)
    candidates = _candidates(rows, known)
    if not candidates.any():
        return result
    mine = rows.loc[candidates, columns].assign(position=np.flatnonzero(candidates))
    line = pd.concat([known[columns].assign(position=-1), mine], ignore_index=True)
    line["is_row"] = line["position"] >= 0
    line = line.sort_values([*_KEY, "sent_at", "row_digest", "is_row"], kind="stable")
    before = line.groupby(_KEY, sort=False)[["row_digest", "delivery", "is_row"]].shift()
    same = (before["row_digest"] == line["row_digest"]).to_numpy(dtype=bool)
    stored = (before["is_row"] == False).to_numpy(dtype=bool)  # noqa: E712 (missing is not False)
    ours = stored & (before["delivery"] == line["delivery"]).to_numpy(dtype=bool)
    verdict = np.where(same, np.where(ours, RESUMED, KNOWN), NEW)
    asked = line["is_row"].to_numpy(dtype=bool)
    result[line["position"].to_numpy()[asked]] = verdict[asked]
    return result


def _candidates(rows: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    """Rows whose key occurs more than once, here or in what is known; all others are new."""
    both = pd.concat([known[_KEY], rows[_KEY]], ignore_index=True)
    hashed = pd.util.hash_pandas_object(both, index=False, categorize=False)
    return hashed.duplicated(keep=False).to_numpy(dtype=bool)[len(known) :]
