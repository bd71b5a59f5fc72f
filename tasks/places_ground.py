"""The ground that places stand on: the registry at a cut, and which hazards are at which place.

The decision is `rules.placing`. Only findings whose number the registry does not know cost a
look-up of codes and names; everything is done on whole frames.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.identity_names import credit_key, name_key
from rules.placing import PlaceStatus, placed, surest, unnumbered
from tasks.county import County
from tasks.store import places as store
from tasks.store.engine import Connection
from tasks.store.measures import Cut

_WHERE = ["place", "status"]
_SAID = ["unit_name", "town_code"]
CALLED = ["place_class", "town_code", "sector_code", "name", "status"]


@dataclass(frozen=True)
class Ground:
    """What the registry and identity know at a cut.

    spans: every validity row of every place; known: the row in force of each, by place id, CALLED;
    members: findings that are linked to others, with the root of their cluster.
    """

    cut: Cut
    spans: pd.DataFrame
    known: pd.DataFrame
    members: pd.DataFrame


@dataclass(frozen=True)
class Only:
    """One place, and every hazard that could be at it."""

    place: str
    roots: frozenset[str]


def ground(
    connection: Connection,
    cut: Cut,
    ids: Collection[str] | None = None,
    towns: Collection[str] = (),
) -> Ground:
    """The whole ground, or with `ids` that of these places and of whole towns."""
    spans = store.registry(connection, cut, ids, towns)
    return Ground(cut, spans, _in_force(spans, cut), store.members(connection, cut))


def _in_force(spans: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """The registry's row of each place at the cut, with CALLED, in the order of the ids."""
    rows = spans[spans["claimed_to"] >= cut.end].set_index("place_id")
    lasts = (rows["active_to"] == 0) | (rows["active_to"] >= cut.end)
    status = np.where(lasts, PlaceStatus.REGISTERED.value, PlaceStatus.CLOSED.value)
    return rows.assign(status=status.astype(object))[CALLED]


def at_places(
    connection: Connection, county: County, on: Ground, only: Only | None
) -> pd.DataFrame:
    """Hazards with place and status; where the registry does not know the number that its root's
    finding gives, also with what that finding calls its place: unit_name, town_code."""
    hazards = store.hazards(connection, on.cut, only.roots if only else None)
    lost = unnumbered(hazards, on.known.index)
    hazards = hazards.assign(
        place=hazards["place_key"].astype(object),
        status=pd.Series(PlaceStatus.REGISTERED.value, hazards.index, dtype=object),
        **dict.fromkeys(_SAID, ""),
    )
    if lost.any():
        roots = hazards.loc[lost, "root_id"]
        own, where = _elsewhere(connection, county, on, set(roots))
        hazards.loc[lost, _SAID] = own[_SAID].reindex(roots).to_numpy()
        hazards.loc[lost, _WHERE] = where.reindex(roots).to_numpy()
    return _numbered(hazards)


def _elsewhere(
    connection: Connection, county: County, on: Ground, roots: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """By root: what its finding says, and where it is by the surest of all findings it consists of.

    A root with a known number needs no other finding: none is surer, and it was found first.
    """
    own = store.words(connection, county.code, roots)
    linked = on.members[on.members["root_id"].isin(roots)]
    others = linked[linked["stream_id"] != linked["root_id"]]
    everyone = pd.concat([own.assign(root_id=own["stream_id"]), others], ignore_index=True)
    lost = unnumbered(everyone, on.known.index)
    known = _looked_up(connection, county, on, everyone[lost])
    where = placed(everyone, lost, *known)
    return own.set_index("stream_id"), surest(pd.concat([everyone, where], axis=1))


def _numbered(hazards: pd.DataFrame) -> pd.DataFrame:
    """With `at`: a number for each place, -1 for none. Texts are hashed once."""
    at, names = pd.factorize(hazards["place"])
    nowhere = np.flatnonzero(names == "")
    return hazards.assign(at=np.where(np.isin(at, nowhere), -1, at))


def _looked_up(
    connection: Connection, county: County, on: Ground, lost: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Credit codes and names of the registry, where findings without a known number need them."""
    known = on.known
    codes = pd.DataFrame(columns=["credit_key", "town_code", "place_id"], dtype="str")
    names = pd.DataFrame(columns=["name_key", "place_id"], dtype="str")
    if (lost["credit_key"] != "").any():
        codes = credited(store.credit_codes(connection, on.cut), known)
        codes = codes[codes["credit_key"].isin(lost["credit_key"])]
    if (lost["name_key"] != "").any():
        asked = known[known["town_code"].isin(lost.loc[lost["name_key"] != "", "town_code"])]
        names = named(county, asked)
        names = names[names["name_key"].isin(lost["name_key"])]
    return codes, names


def credited(codes: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """credit_key, town_code, place_id of registered places; codes: place_id, credit_code."""
    codes = codes[codes["place_id"].isin(known.index)]
    keys = pd.Series([credit_key(c) for c in codes["credit_code"]], codes.index, dtype="str")
    towns = known["town_code"].reindex(codes["place_id"]).to_numpy()
    found = pd.DataFrame({"credit_key": keys, "town_code": towns, "place_id": codes["place_id"]})
    return found[found["credit_key"] != ""]


def named(county: County, known: pd.DataFrame) -> pd.DataFrame:
    """name_key (town and name), place_id of registered places that have a name to go by."""
    front = county.place_prefixes
    keys = pd.Series([name_key(name, front) for name in known["name"]], known.index, dtype="str")
    keys = keys[keys != ""]
    towns = known["town_code"].reindex(keys.index)
    return pd.DataFrame({"name_key": towns + "|" + keys, "place_id": keys.index})
