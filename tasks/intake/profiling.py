"""What each delivery is like as a whole: rows, blanks and words by field, on whole frames."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from expectations.batch import Profile
from schemas.records import SHAPES
from schemas.vocabulary import RecordKind
from tasks.intake.drafts import Taking
from tasks.intake.mapping_fields import raw_name


def profiles(taking: Taking, mapped: Mapping[RecordKind, pd.DataFrame]) -> dict[int, Profile]:
    """By position of the delivery; only fields that its source's declaration maps."""
    number = len(taking.deliveries)
    made: list[Profile] = [
        {"rows": 0, "filled": {}, "blank": {}, "words": {}} for _ in range(number)
    ]
    lines = [frame["line"] for frame in mapped.values()]
    if not any(map(len, lines)):
        return {}
    rows = np.bincount(taking.position(pd.concat(lines).drop_duplicates()), minlength=number)
    for position, profile in enumerate(made):
        profile["rows"] = int(rows[position])
    for kind, frame in mapped.items():
        _describe(made, taking, kind, frame)
    return {position: profile for position, profile in enumerate(made) if profile["rows"]}


def _describe(made: list[Profile], taking: Taking, kind: RecordKind, frame: pd.DataFrame) -> None:
    position = taking.position(frame["line"])
    coded = SHAPES[kind].of_kind("code")
    for field in _mapped_fields(taking, kind):
        written = raw if (raw := raw_name(field)) in frame else field  # unreadable is not blank
        blank = frame[written].isna().to_numpy(dtype=bool)
        blanks = np.bincount(position[blank], minlength=len(made))
        filled = np.bincount(position[~blank], minlength=len(made))
        for each in np.flatnonzero(blanks + filled):
            made[each]["blank"][f"{kind}.{field}"] = int(blanks[each])
            made[each]["filled"][f"{kind}.{field}"] = int(filled[each])
        if field in coded:
            _count_words(made, f"{kind}.{field}", frame[field], position)


def _count_words(made: list[Profile], field: str, column: pd.Series, position: np.ndarray) -> None:
    codes, words = pd.factorize(column)
    pairs = np.stack([position, codes])[:, codes >= 0]
    for (each, code), rows in zip(*_counted(pairs), strict=True):
        made[each]["words"].setdefault(field, {})[str(words[code])] = int(rows)


def _counted(pairs: np.ndarray) -> tuple[list[list[int]], list[int]]:
    distinct, rows = np.unique(pairs, axis=1, return_counts=True)
    return distinct.T.tolist(), rows.tolist()


def _mapped_fields(taking: Taking, kind: RecordKind) -> list[str]:
    """Fields that come from the source, not constants."""
    found = {
        name
        for mapping in taking.declaration.records
        if mapping.record is kind
        for name, spec in mapping.specs().items()
        if spec.columns()
    }
    return [name for name in SHAPES[kind].names if name in found]
