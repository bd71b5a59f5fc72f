"""Places and towns by their indices: the list, one place with its explanation, the towns.

Every answer is a pure function of (watermark, instant, policy), names its cut, and shows what each
index is made of. Reads only. Try: `bihuan place list`, `bihuan place show P-000001`.
"""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from rules.indices import COLUMNS, Whole, points
from rules.indices_towns import TOWN_RATES, town_index
from rules.periods import midnight
from schemas.period import DAY_MS
from schemas.policy_indices import CreditScale, RiskColour, RiskScale, Scale
from tasks.county import County
from tasks.places_ground import CALLED, ground
from tasks.places_view import View, view
from tasks.publication.reporting import instant
from tasks.store import cube, duties, ledger
from tasks.store.engine import Connection, reading
from tasks.store.measures import Cut

_AT_RISK = [RiskScale.order.index(c) for c in (RiskColour.ORANGE, RiskColour.RED)]


@dataclass(frozen=True)
class Asked:
    """Which places of the list; "" asks for any, `limit` 0 for all."""

    colour: str = ""
    grade: str = ""
    town: str = ""
    sector: str = ""
    limit: int = 0


def cut_at(connection: Connection, county: County, end: int, watermark: int | None = None) -> Cut:
    """The cut of an instant: all that is known, or what was known at an earlier watermark."""
    head = ledger.read_head(connection, county.code).seq
    known = head if watermark is None else min(watermark, head)
    start = end - county.indices.lookback_days * DAY_MS
    return Cut(county.code, known, end, {"campaign": start}, county.policy.bulletin.dispatch_hours)


def overview(
    county: County, end: int, asked: Asked | None = None, watermark: int | None = None
) -> dict[str, Any]:
    """The places, the worst first, with their ingredients; how many there are of each band.

    end: UTC ms, facts claimed before it count. The counts are of all that was asked for, also of
    those beyond the limit.
    """
    asked = asked or Asked()
    with reading(county.engine) as connection:
        on = ground(connection, cut_at(connection, county, end, watermark))
        seen = view(connection, county, on)
    frame = table(seen)
    chosen = frame[_chosen(frame, asked)]
    shown = chosen.head(asked.limit) if asked.limit else chosen
    return about(county, seen.cut) | {
        "count": len(chosen),
        "colours": _tally(chosen["colour"], RiskScale),
        "grades": _tally(chosen["grade"], CreditScale),
        "unplaced": seen.unplaced,
        "places": rows_of(shown),
    }


def about(county: County, cut: Cut) -> dict[str, Any]:
    """The cut and the policy that an answer is a function of."""
    return {
        "as_of": instant(cut.end, county.zone),
        "watermark": cut.watermark,
        "policy_hash": county.policy_hash,
    }


def table(seen: View) -> pd.DataFrame:
    """A row per place, the worst first: what it is, its bands and scores, its ingredients.

    colour and grade are "" where a scale is not for such a place; scores are in hundredths.
    """
    p = seen.places
    frame = p.assign(
        colour=_words(seen.risk.band, RiskScale, p["is_coloured"]),
        risk_score=seen.risk.score,
        grade=_words(seen.credit.band, CreditScale, p["is_graded"]),
        credit_score=seen.credit.score,
    )
    coloured, graded = (p[name].to_numpy(np.int64) for name in ("is_coloured", "is_graded"))
    worst_last = (
        *(seen.credit.score, -seen.credit.band * graded),
        *(seen.risk.score, -seen.risk.band * coloured),
    )
    return frame.iloc[np.lexsort(worst_last)]  # stable: then by place id


def _words(band: Whole, scale: type[Scale], has: pd.Series) -> np.ndarray:
    return np.where(has, np.array([str(b) for b in scale.order], dtype=object)[band], "")


def _chosen(frame: pd.DataFrame, asked: Asked) -> pd.Series:
    wanted = {
        "colour": asked.colour,
        "grade": asked.grade,
        "town_code": asked.town,
        "sector_code": asked.sector,
    }
    chosen = pd.Series(True, index=frame.index)
    for column, value in wanted.items():
        if value:
            chosen &= frame[column] == value
    return chosen


def _tally(bands: pd.Series, scale: type[Scale]) -> dict[str, int]:
    counts = bands.value_counts()
    return {str(band): int(counts.get(band, 0)) for band in scale.order}


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of `table` as they are answered: text for scores, ingredients as whole numbers."""
    return [
        {
            "place_id": str(place),
            **{name: row[name] for name in CALLED},
            "colour": row["colour"],
            "risk_score": str(points(row["risk_score"])) if row["colour"] else "",
            "grade": row["grade"],
            "credit_score": str(points(row["credit_score"])) if row["grade"] else "",
            "ingredients": {name: int(row[name]) for name in COLUMNS},
        }
        for place, row in zip(frame.index, frame.to_dict("records"), strict=True)
    ]


def towns(county: County, end: int, watermark: int | None = None) -> dict[str, Any]:
    """Every town with its index and what it is made of, the best first."""
    policy = county.indices
    with reading(county.engine) as connection:
        cut = cut_at(connection, county, end, watermark)
        seen = view(connection, county, ground(connection, cut))
        counts = _town_counts(connection, county, cut, seen)
    made = [
        (town, town_index(counts.get(town.code, {}), policy.towns))
        for town in county.organisation.towns
    ]
    made.sort(key=lambda one: (one[1].score is None, -(one[1].score or 0), one[0].code))
    rows = [
        {
            "town_code": town.code,
            "name": town.name.model_dump(),
            "score": None if index.score is None else str(index.score),
            "ingredients": [jsonable(line) for line in index.lines],
        }
        for town, index in made
    ]
    return about(county, cut) | {"towns": rows}


def jsonable(line: Any) -> dict[str, Any]:
    """A frozen value with its decimals as text."""
    return {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(line).items()}


def _town_counts(
    connection: Connection, county: County, cut: Cut, seen: View
) -> dict[str, dict[str, int]]:
    """The measures that TOWN_RATES names, by town: as the bulletin counts them, and of places."""
    campaign = county.policy.campaign
    counted = cube.cells(connection, cut)["campaign"].groupby("town").sum(numeric_only=True)
    begun = midnight(campaign.start, county.zone)
    checked = duties.coverage(connection, cut, campaign.place_classes, begun)
    parts = (counted, checked.groupby("town").sum(numeric_only=True), _of_places(seen))
    frame = pd.concat(parts, axis=1).fillna(0).astype("int64")
    names = sorted({name for pair in TOWN_RATES.values() for name in pair})
    return {
        str(town): {name: int(row.get(name, 0)) for name in names}
        for town, row in frame.to_dict("index").items()
    }


def _of_places(seen: View) -> pd.DataFrame:
    """What places and repeats add to a town's counts; a hazard is of the town that found it."""
    p, h = seen.places, seen.hazards
    at_risk = p["is_graded"].to_numpy(bool) & np.isin(seen.risk.band, _AT_RISK)
    of_places = pd.DataFrame(
        {
            "self_check_owed": p["self_check_owed"],
            "self_checks": p["self_check_owed"] - p["self_check_missed"],
            "graded": p["is_graded"].astype("int64"),
            "at_risk": at_risk.astype("int64"),
        }
    )
    again = h[h["is_recent"] & (h["because"] != "")]
    repeats = again["town_found"].value_counts().rename("repeats")
    return pd.concat([of_places.groupby(p["town_code"]).sum(), repeats], axis=1)
