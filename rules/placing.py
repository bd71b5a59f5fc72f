"""Which place a hazard is at: the registry's, or one that only its findings name.

A finding is at a registered place by the strongest of what it names: the place's number; its
unified credit code; its name in its town. A credit code of several places is that of the one in the
finding's town, if there is one only. What fits nothing is a place of its own, called by the
strongest key given (`number:…`, `credit_code:…`, `name:town|…`, `address:town|…`) and marked as not
registered; what fits several is marked as unclear and belongs to none of them. A hazard is where
the most surely placed of its findings is. From content alone: no order has an effect.
"""

from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rules.identity_names import KEYS

BY = ("number", "credit_code", "name", "address")  # KEYS as they are called


class PlaceStatus(StrEnum):
    REGISTERED = "registered"
    CLOSED = "closed"  # registered, and no longer active
    UNCLEAR = "unclear"  # several registered places fit
    NOT_REGISTERED = "not_registered"


# How surely a finding is placed: registered by KEYS[0..2], then unclear, then unregistered by KEYS.
_UNCLEAR = 3
_UNREGISTERED = 4
_NOWHERE = _UNREGISTERED + len(KEYS)


def unnumbered(findings: pd.DataFrame, places: "pd.Index[str]") -> NDArray[np.bool_]:
    """Which findings name no number that the registry knows. places: unique."""
    return np.asarray(places.get_indexer(pd.Index(findings["place_key"], dtype=object)) < 0)


def placed(
    findings: pd.DataFrame, lost: NDArray[np.bool_], codes: pd.DataFrame, names: pd.DataFrame
) -> pd.DataFrame:
    """place ("" for none), status ("" for none) and sureness (less is surer), index as given.

    findings: KEYS, town_code; lost: those that are `unnumbered`. codes: credit_key, town_code,
    place_id; names: name_key (town and name), place_id; both may hold what is asked for only.
    """
    registered = pd.Series(PlaceStatus.REGISTERED.value, findings.index, dtype=object)
    place = findings["place_key"].astype(object)
    found = pd.DataFrame({"place": place, "status": registered, "sureness": 0})
    if lost.any():
        found.loc[lost] = _otherwise(findings[lost], codes, names)
    return found


def surest(members: pd.DataFrame) -> pd.DataFrame:
    """place and status by root_id. members: root_id, stream_id, found_at, `placed`'s columns."""
    ordered = members.sort_values(["root_id", "sureness", "found_at", "stream_id"])
    return ordered.drop_duplicates("root_id").set_index("root_id")[["place", "status"]]


def _otherwise(findings: pd.DataFrame, codes: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Findings without a known number, by credit code, then by name, then by what they say."""
    by_credit, unclear_credit = _by_credit(findings, codes)
    by_name, unclear_name = _single(findings["name_key"], names, ["name_key"])
    unclear = unclear_credit | unclear_name
    place, sureness = _own_word(findings)
    place = np.where(by_name != "", by_name, place)
    place = np.where(by_credit != "", by_credit, place)
    sureness = np.where(unclear, _UNCLEAR, sureness)
    sureness = np.where(by_name != "", 2, sureness)
    sureness = np.where(by_credit != "", 1, sureness)
    status = np.select(
        [sureness < _UNCLEAR, sureness == _UNCLEAR, sureness < _NOWHERE],
        [
            s.value
            for s in (PlaceStatus.REGISTERED, PlaceStatus.UNCLEAR, PlaceStatus.NOT_REGISTERED)
        ],
        "",
    )
    columns = {"place": place, "status": status, "sureness": sureness}
    return pd.DataFrame(columns, index=findings.index)


def _by_credit(
    findings: pd.DataFrame, codes: pd.DataFrame
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The only place of a credit code in the town, else the only one at all; and the unclear."""
    key = findings["credit_key"]
    here = key.where(key == "", key + "|" + findings["town_code"])
    towns = codes["credit_key"] + "|" + codes["town_code"]
    in_town, several = _single(here, codes.assign(here=towns), ["here"])
    anywhere, spread = _single(key, codes, ["credit_key"])
    place = np.where(in_town != "", in_town, np.where(several, "", anywhere))
    return place, (place == "") & (several | spread)


def _single(
    asked: pd.Series, known: pd.DataFrame, key: list[str]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The one place_id of each key ("" for none or several), and which have several."""
    grouped = known.groupby(key[0])["place_id"]
    count = asked.map(grouped.nunique()).fillna(0).to_numpy(dtype=np.int64)
    first = asked.map(grouped.first()).to_numpy(dtype=object)
    asking = (asked != "").to_numpy(dtype=bool)
    return np.where(asking & (count == 1), first, ""), np.asarray(asking & (count > 1))


def _own_word(findings: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """What a finding calls its place, by the strongest key that it gives."""
    place = np.full(len(findings), "", dtype=object)
    sureness = np.full(len(findings), _NOWHERE, dtype=np.int64)
    for position, (key, by) in reversed([*enumerate(zip(KEYS, BY, strict=True))]):
        text = findings[key].to_numpy(dtype=object)
        given = text != ""
        place[given] = f"{by}:" + text[given]
        sureness[given] = _UNREGISTERED + position
    return place, sureness
