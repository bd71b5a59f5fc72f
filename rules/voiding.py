"""Which facts are cancelled by later ones: `voided` names one fact of its own side (domain §3).

A void counts when it names its reason, a second person and a fact that is there: of the same
hazard, told by the same source, earlier in the fold's order, and no finding (that is rejected, not
voided). A void can be voided itself; then what it named counts again. The cancelled fact stays in
the ledger, and the fold says of it that it was voided.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from schemas.vocabulary import FactKind, RecordKind

_VOIDED = FactKind.VOIDED.value
_ASKED = ("reason", "second_person", "target")


@dataclass(frozen=True)
class Voids:
    """Flags in fold order: facts that are cancelled, and voids that name a fact that is there."""

    cancelled: np.ndarray
    cancels: np.ndarray


def voids_of(facts: pd.DataFrame, stream: np.ndarray) -> Voids:
    """facts: in fold order, with kind, source, record, source_id, person and `_ASKED`.

    stream: the hazard of each, as a number.
    """
    voids = Voids(np.zeros(len(facts), dtype=bool), np.zeros(len(facts), dtype=bool))
    found = np.flatnonzero(facts["kind"].to_numpy() == _VOIDED)
    if not len(found):
        return voids
    named = _named(facts.iloc[found], stream[found])
    position = _positions(facts, stream, named)
    whole = _is_whole(facts.iloc[found])
    for place, key, is_whole in reversed(list(zip(found.tolist(), named, whole, strict=True))):
        at = position.get(key, len(facts))
        voids.cancels[place] = at < place
        if is_whole and voids.cancels[place] and not voids.cancelled[place]:
            voids.cancelled[at] = True
    return voids


Key = tuple[int, str, str]


def _named(voids: pd.DataFrame, stream: np.ndarray) -> list[Key]:
    columns = (stream.tolist(), voids["source"].tolist(), voids["target"].tolist())
    return [(s, source, str(target)) for s, source, target in zip(*columns, strict=True)]


def _positions(facts: pd.DataFrame, stream: np.ndarray, named: list[Key]) -> dict[Key, int]:
    """Where the named facts stand."""
    asked = set(named)
    may_be = (facts["record"] == RecordKind.UPDATE) & facts["source_id"].isin(
        {target for *_, target in named}
    )
    at = np.flatnonzero(may_be.to_numpy(dtype=bool))
    some = facts.iloc[at]
    keys = zip(
        stream[at].tolist(), some["source"].tolist(), some["source_id"].tolist(), strict=True
    )
    return {key: place for key, place in zip(keys, at.tolist(), strict=True) if key in asked}


def _is_whole(voids: pd.DataFrame) -> list[bool]:
    """Nothing is missing, and the second person is another one."""
    filled = np.logical_and.reduce([voids[name].notna().to_numpy() for name in _ASKED])
    same = (voids["person"] == voids["second_person"]).to_numpy(dtype=bool, na_value=False)
    return [bool(flag) for flag in filled & ~same]
