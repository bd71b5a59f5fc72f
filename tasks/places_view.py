"""All places of a county at one cut: hazards put at their places, ingredients, colours, grades.

A pure function of (watermark, instant, policy). The decisions are `rules.placing`, `rules.repeats`,
`rules.self_checks` and `rules.indices`; the look-ups are `tasks.store.places`. Here they meet, on
whole frames: nothing is asked or decided place by place.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rules.indices import COLUMNS, Scored, scored
from rules.lifecycle import OPEN_STATES
from rules.placing import PlaceStatus
from rules.repeats import repeats
from rules.self_checks import Month, complete_months, kept, owed
from schemas.period import DAY_MS
from schemas.vocabulary import Severity, State
from tasks.county import County
from tasks.places_ground import CALLED, Ground, Only, at_places
from tasks.store import places as store
from tasks.store.engine import Connection
from tasks.store.measures import Cut

_NEVER_RECTIFIED = [int(s) for s in (State.REJECTED, State.MERGED, State.TRANSFERRED)]
_OPEN = [int(s) for s in OPEN_STATES]


@dataclass(frozen=True)
class View:
    """The places at a cut, by place id.

    places: CALLED, hazards and COLUMNS, is_coloured, is_graded. hazards: as the store gives them,
    with place, status, is_open, is_overdue, is_recent, because and earlier (`rules.repeats`).
    """

    cut: Cut
    months: tuple[Month, ...]
    places: pd.DataFrame
    hazards: pd.DataFrame
    unplaced: int  # open hazards that name no place at all
    risk: Scored
    credit: Scored


def view(connection: Connection, county: County, on: Ground, only: Only | None = None) -> View:
    """Every place worth showing, or one, whether worth it or not."""
    policy, cut = county.indices, on.cut
    hazards = _judged(county, at_places(connection, county, on, only), cut)
    fined = store.penalties(connection, cut, cut.end - policy.lookback_days * DAY_MS)
    counts = _counts(hazards, _at_hazards(fined, hazards, on.members))
    months = months_of(county, cut)
    checks = store.self_checks(connection, cut, months, only.place if only else None)
    places = pd.concat([on.known, _unregistered(hazards)]).sort_index()
    places = places[places.index == only.place] if only else places
    counted = counts.reindex(places.index, fill_value=0)
    places = places.assign(
        **{str(name): counted[name] for name in counted},
        **_discipline(on.spans, checks, places.index, months, policy.self_check.place_classes),
        is_coloured=_of_classes(places, policy.risk.place_classes, otherwise=True),
        is_graded=_of_classes(places, policy.credit.place_classes, otherwise=False),
    )
    places = places if only else places[_worth_showing(places)]
    ingredients = places[list(COLUMNS)]
    risk, credit = scored(ingredients, policy.risk), scored(ingredients, policy.credit)
    nowhere = int((hazards["is_open"] & (hazards["at"] < 0)).sum())
    return View(cut, months, places, hazards, nowhere, risk, credit)


def months_of(county: County, cut: Cut) -> tuple[Month, ...]:
    """The complete months whose self-checks count at the cut."""
    policy = county.indices.self_check
    return complete_months(cut.end, policy.months, policy.since, county.zone)


def _judged(county: County, hazards: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """What each hazard is at the cut, and which earlier one it repeats."""
    policy = county.indices
    is_open = hazards["state"].isin(_OPEN)
    past_due = (hazards["due_at"] > 0) & (hazards["due_at"] <= cut.end)
    real = ~hazards["state"].isin(_NEVER_RECTIFIED)
    closed_at = hazards["closed_at"].where(hazards["state"] == int(State.CLOSED), 0)
    start = cut.end - policy.lookback_days * DAY_MS
    judged = hazards.assign(
        closed_at=closed_at,
        is_open=is_open,
        is_overdue=is_open & past_due & (hazards["accepted_at"] == 0),
        is_recent=real & (hazards["found_at"] >= start),
        is_rectified=(closed_at > 0) & (closed_at >= start),
    )
    days = county.days.local_days(judged.loc[real, "found_at"].to_numpy(np.int64))
    again = repeats(judged[real], days, policy.repeats)
    return judged.join(again.reindex(judged.index, fill_value=""))


def _at_hazards(
    penalties: pd.DataFrame, hazards: pd.DataFrame, members: pd.DataFrame
) -> "pd.Series[int]":
    """Penalties by place: a penalty is of the place of the hazard that its finding belongs to."""
    root_of = dict(zip(members["stream_id"], members["root_id"], strict=True))
    roots = [root_of.get(stream, stream) for stream in penalties["stream_id"]]
    fined = hazards[hazards["root_id"].isin(roots)] if roots else hazards[:0]
    place_of = dict(zip(fined["root_id"], fined["place"], strict=True))
    places = [place_of.get(root, "") for root in roots]
    return pd.Series([place for place in places if place], dtype=object).value_counts()


def _unregistered(hazards: pd.DataFrame) -> pd.DataFrame:
    """Places that only findings name, called as their first finding calls them."""
    registered = hazards["status"] == PlaceStatus.REGISTERED.value
    others = hazards[(hazards["at"] >= 0) & ~registered]
    first = others.sort_values(["place", "found_at", "root_id"]).drop_duplicates("place")
    first = first.set_index("place")
    unclear = others.loc[others["status"] == PlaceStatus.UNCLEAR.value, "place"].unique()
    status = pd.Series(PlaceStatus.NOT_REGISTERED.value, first.index, dtype="str")
    status[first.index.isin(unclear)] = PlaceStatus.UNCLEAR.value
    name = first["unit_name"].where(first["unit_name"] != "", first.index.to_series())
    return pd.DataFrame(
        {
            "place_class": "",
            "town_code": first["town_code"],
            "sector_code": first["sector_code"],
            "name": name,
            "status": status,
        },
        index=first.index,
    )[CALLED]


def _discipline(
    spans: pd.DataFrame,
    visits: pd.DataFrame,
    places: pd.Index,
    months: tuple[Month, ...],
    classes: Collection[str],
) -> dict[str, NDArray[np.int64]]:
    due = owed(spans, places, months, list(classes))
    missed = due & ~kept(visits, places, len(months))
    return {
        "self_check_owed": due.sum(axis=1).astype(np.int64),
        "self_check_missed": missed.sum(axis=1).astype(np.int64),
    }


def _counts(hazards: pd.DataFrame, penalties: "pd.Series[int]") -> pd.DataFrame:
    """Ingredients that hazards and penalties give, by place: sums of whole numbers, int64."""
    h = hazards[hazards["at"] >= 0]
    is_open, is_major = h["is_open"], h["severity"] == int(Severity.MAJOR)
    start = h["assigned_at"].where(h["assigned_at"] > 0, h["found_at"])
    seconds = ((h["accepted_at"] - start) // 1000).clip(lower=0)
    parts = {
        "open_major": is_open & is_major,
        "open_general": is_open & ~is_major,
        "open_listed": is_open & (h["listed_level"] > 0),
        "overdue": h["is_overdue"],
        "overdue_major": h["is_overdue"] & is_major,
        "repeats": h["is_recent"] & (h["because"] != ""),
        "found": h["is_recent"],
        "rectified": h["is_rectified"],
        "rectify_seconds": seconds.where(h["is_rectified"], 0),
    }
    columns = pd.DataFrame({name: part.astype("int64") for name, part in parts.items()})
    sums = columns.groupby(h["at"]).sum()
    sums.index = pd.Index(h.drop_duplicates("at").set_index("at")["place"].reindex(sums.index))
    return sums.assign(penalties=penalties.reindex(sums.index, fill_value=0).astype("int64"))


def _worth_showing(places: pd.DataFrame) -> "pd.Series[bool]":
    """Registered places, closed ones with something open, others with anything to say."""
    open_ = (places["open_major"] > 0) | (places["open_general"] > 0)
    said = open_ | (places[["found", "rectified", "penalties"]] > 0).any(axis=1)
    registered = places["status"] == PlaceStatus.REGISTERED.value
    closed = places["status"] == PlaceStatus.CLOSED.value
    return registered | np.where(closed, open_, said)


def _of_classes(
    places: pd.DataFrame, classes: Collection[str], *, otherwise: bool
) -> "pd.Series[bool]":
    """Whether a scale is for these places; `otherwise`: for those that the registry lacks."""
    unknown = places["place_class"] == ""
    return places["place_class"].isin(list(classes)) | (unknown & otherwise)
