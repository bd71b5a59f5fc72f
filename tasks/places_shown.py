"""One place: what is open, what came again, which months it checked itself, and why its bands.

A place is asked for by its number in the registry, its unified credit code, its name, or the word
under which `bihuan place list` shows one that the registry lacks. Reads only; only this place's
hazards are looked at, and its figures are those of the list.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from rules.identity_names import KEYS, credit_key, name_key
from rules.indices import COLUMNS
from rules.indices_explained import Explained, explained
from rules.placing import BY
from rules.self_checks import owed
from schemas.policy_indices import Scale
from schemas.vocabulary import Channel, ListingLevel, Severity, State
from tasks.county import County
from tasks.places import about, cut_at, jsonable, rows_of, table
from tasks.places_ground import Ground, Only, at_places, credited, ground, named
from tasks.places_view import View, view
from tasks.store import places as store
from tasks.store.engine import Connection, reading
from tasks.store.measures import Cut

_SHOWN = 10  # of the places that a name fits, so many are named


class NoSuchPlace(Exception):
    """Nothing, or several places, are called so; the text says what to ask for instead."""


def shown(county: County, key: str, end: int, watermark: int | None = None) -> dict[str, Any]:
    """One place by number, credit code or name, at a cut. Raises NoSuchPlace."""
    key = key.strip()
    with reading(county.engine) as connection:
        cut = cut_at(connection, county, end, watermark)
        on = _ground(connection, county, cut, key)
        place = _asked_for(connection, county, on, key)
        keys = _keys(connection, county, on, place)
        roots = frozenset(_roots(on, store.called(connection, county.code, keys)))
        seen = view(connection, county, on, Only(place, roots))
        if seen.places.empty:
            raise NoSuchPlace(_unknown(key))
        hazards = seen.hazards[seen.hazards["place"] == place]
        told = store.told(connection, county.code, [*hazards["root_id"], *hazards["earlier"]])
        months = _months(connection, county, on, seen, place)
    again = hazards[hazards["is_recent"] & (hazards["because"] != "")]
    return about(county, cut) | {
        "place": rows_of(table(seen))[0] | {"credit_codes": keys.get("credit_key", [])},
        "open": _hazards(county, hazards[hazards["is_open"]], told),
        "repeats": _hazards(county, again, told),
        "months": months,
        "risk": _explained(seen, place, "is_coloured", county.indices.risk),
        "credit": _explained(seen, place, "is_graded", county.indices.credit),
    }


def _ground(connection: Connection, county: County, cut: Cut, key: str) -> Ground:
    """All that decides what is at the place: a corner of the registry where `key` is its number."""
    on = ground(connection, cut, [key])
    if key not in on.known.index:
        return ground(connection, cut)
    found = store.called(connection, county.code, _keys(connection, county, on, key))
    linked = on.members[on.members["root_id"].isin(_roots(on, found))]
    others = pd.concat([found, linked])
    others = others[others["place_key"] != key]
    ids, credit = {key, *others["place_key"]}, others.loc[others["credit_key"] != "", "credit_key"]
    if len(credit):
        codes = store.credit_codes(connection, cut)
        own = pd.Series([credit_key(code) for code in codes["credit_code"]], codes.index)
        ids |= {*codes.loc[own.isin(credit), "place_id"]}
    towns = others.loc[others["name_key"] != "", "town_code"].unique()
    return ground(connection, cut, ids, list(towns))


def _roots(on: Ground, called: pd.DataFrame) -> set[str]:
    """The hazards that these findings are or belong to, as of the watermark."""
    streams = set(called["stream_id"])
    linked = on.members[on.members["stream_id"].isin(streams)]
    return streams | set(linked["root_id"])


def _asked_for(connection: Connection, county: County, on: Ground, key: str) -> str:
    """The id under which the view knows what was asked for."""
    if key in on.known.index or key.partition(":")[0] in BY:
        return key
    found = _by_credit(connection, county, on, key) or _by_name(connection, county, on, key)
    if len(found) > 1:
        some = ", ".join(f"{place} {on.known['name'].get(place, '')}" for place in found[:_SHOWN])
        raise NoSuchPlace(f"{len(found)} places are called {key!r}; ask for one by its id: {some}")
    if not found:
        raise NoSuchPlace(_unknown(key))
    return found[0]


def _unknown(key: str) -> str:
    return (
        f"no place is called {key!r}, neither in the registry nor by any finding; give its number,"
        " its 18-digit credit code or its whole name: `bihuan place list` shows them"
    )


def _by_credit(connection: Connection, county: County, on: Ground, key: str) -> list[str]:
    """Places of this code, else where the hazards are whose findings name it."""
    code = credit_key(key)
    if not code:
        return []
    codes = credited(store.credit_codes(connection, on.cut), on.known)
    places = sorted(codes.loc[codes["credit_key"] == code, "place_id"])
    return places or _of_hazards(connection, county, on, {"credit_key": [code]})


def _by_name(connection: Connection, county: County, on: Ground, key: str) -> list[str]:
    """Places of this very name, else of the same otherwise written, else where hazards name it."""
    exact = on.known.index[on.known["name"] == key]
    if len(exact):
        return sorted(exact)
    bare = name_key(key, county.place_prefixes)
    if not bare:
        return []
    asked = [f"{town}|{bare}" for town in county.organisation.town_codes()]
    names = named(county, on.known)
    places = sorted(names.loc[names["name_key"].isin(asked), "place_id"])
    return places or _of_hazards(connection, county, on, {"name_key": asked})


def _of_hazards(
    connection: Connection, county: County, on: Ground, keys: Mapping[str, list[str]]
) -> list[str]:
    roots = frozenset(_roots(on, store.called(connection, county.code, keys)))
    return sorted({*at_places(connection, county, on, Only("", roots))["place"]} - {""})


def _keys(connection: Connection, county: County, on: Ground, place: str) -> dict[str, list[str]]:
    """By which keys findings may name this place: column of `finding` → values."""
    if place not in on.known.index:
        by, _, value = place.partition(":")
        return {KEYS[BY.index(by)]: [value]}
    codes = credited(store.credit_codes(connection, on.cut, place), on.known)
    names = named(county, on.known.loc[[place]])
    return {
        "place_key": [place],
        "credit_key": codes["credit_key"].tolist(),
        "name_key": names["name_key"].tolist(),
    }


def _explained(seen: View, place: str, has: str, scale: Scale) -> dict[str, Any] | None:
    """Why this place has its band under a scale; None where the scale is not for such a place."""
    row = seen.places.to_dict("index")[place]
    if not row[has]:
        return None
    return _told_of(explained({name: int(row[name]) for name in COLUMNS}, scale))


def _told_of(found: Explained) -> dict[str, Any]:
    """An explanation as it is answered: decimals as text."""
    return jsonable(found) | {
        "lines": [jsonable(line) for line in found.lines],
        "rules": [jsonable(rule) for rule in found.rules],
        "way": [asdict(step) for step in found.way],
    }


def _hazards(county: County, hazards: pd.DataFrame, told: pd.DataFrame) -> list[dict[str, Any]]:
    ordered = hazards.sort_values(["found_at", "root_id"])
    return [_hazard(county, row, told) for row in ordered.to_dict("records")]


def _hazard(county: County, row: Mapping[Any, Any], told: pd.DataFrame) -> dict[str, Any]:
    said = told.loc[row["root_id"]]
    return {
        "hazard": row["root_id"],
        "number": f"{said['source']}:{said['source_id']}",
        "category": row["category"],
        "description": said["description"],
        "severity": Severity(row["severity"]).name.lower(),
        "state": State(row["state"]).name.lower(),
        "listing_level": ListingLevel(row["listed_level"]).name.lower(),
        "found_on": _day(county, row["found_at"]),
        "due_on": _day(county, row["due_at"] - 1) if row["due_at"] else "",
        "is_overdue": bool(row["is_overdue"]),
        "because": row["because"],
        "earlier": _number(told, row["earlier"]),
    }


def _number(told: pd.DataFrame, root: str) -> str:
    return f"{told['source'][root]}:{told['source_id'][root]}" if root else ""


def _day(county: County, at: int) -> str:
    return county.days.day_of(int(at)).isoformat()


def _months(
    connection: Connection, county: County, on: Ground, seen: View, place: str
) -> list[dict[str, Any]]:
    """Each month of the look-back and the running one: visits, self-checks, whether one was owed.

    `owed` is None for the running month: it is not judged before it is complete.
    """
    start = seen.months[0].start if seen.months else on.cut.end
    visits = store.visits(connection, on.cut, place, start)
    days = [_day(county, at) for at in visits["checked_at"]]
    months = pd.Series([day[:7] for day in days], visits.index, dtype="str")
    own = months[visits["channel"] == Channel.SELF_CHECK.value].value_counts()
    every = months.value_counts()
    spans = on.spans[on.spans["place_id"] == place]
    classes = county.indices.self_check.place_classes
    due = owed(spans, pd.Index([place], dtype=object), seen.months, classes)[0]
    running = _day(county, on.cut.end - 1)[:7]
    known = {month.code: bool(is_due) for month, is_due in zip(seen.months, due, strict=True)}
    return [
        {
            "month": month,
            "visits": int(every.get(month, 0)),
            "self_checks": int(own.get(month, 0)),
            "owed": known.get(month),
        }
        for month in (*known, *([running] if running not in known else []))
    ]
