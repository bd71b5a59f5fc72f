"""The body of an edition: a pure function of (watermark, period, policy) over the ledger.

Everything printed is counted here from what was known at the watermark; nothing depends on when,
where or how often it is made.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from rules.annex import annex
from rules.counting import Counts, by_unit, overall, rates, with_coverage
from rules.kinds import weeks_ending_in
from rules.periods import midnight
from rules.scoring import rank_units
from schemas.edition import SCHEMA, Bilingual, Body, Scope, Unit
from schemas.organisation import Name
from schemas.period import Period
from schemas.policy import Policy
from tasks.county import County
from tasks.publication import archive, freezing, listed, reporting, statutory, watching
from tasks.publication.beside import Beside, Key, beside
from tasks.store import cube, listings, quarantine
from tasks.store.engine import Connection
from tasks.store.measures import Cut

LastRanks = Mapping[str, Mapping[str, int | None]]


@dataclass(frozen=True)
class Units:
    """Every row of the bulletin, not yet ranked."""

    towns: list[Unit]
    sectors: list[Unit]
    total: Unit


def cut_of(county: County, period: Period, watermark: int) -> Cut:
    """A campaign that begins after the period's end has nothing to date."""
    campaign = midnight(county.policy.campaign.start, county.zone)
    return Cut(
        county.code,
        watermark,
        period.end,
        {
            "period": period.start,
            "campaign": min(campaign, period.end),
            "year": midnight(date(period.last_day.year, 1, 1), county.zone),
        },
        county.policy.bulletin.dispatch_hours,
    )


def _count(
    connection: Connection, county: County, period: Period, cut: Cut, owed: list[reporting.Owed]
) -> Units:
    """Every unit of the county, counted for a period."""
    cells = cube.cells(connection, cut)
    more = beside(connection, county, period, cut, owed)
    organisation = county.organisation
    whole = {scope: overall(frame) for scope, frame in cells.items()}
    key = ("total", county.code)
    return Units(
        _rows(cells, "town", organisation.towns, more),
        _rows(cells, "sector", organisation.sectors, more),
        _unit(key, organisation.name, "all", whole, more),
    )


def _rows(
    cells: Mapping[Scope, pd.DataFrame], unit: str, units: tuple[Any, ...], more: Beside
) -> list[Unit]:
    codes = [u.code for u in units]
    counted = {scope: by_unit(frame, unit, codes) for scope, frame in cells.items()}
    return [
        _unit(
            (f"{unit}s", u.code),
            u.name,
            getattr(u, "group", "all"),
            {scope: counted[scope][u.code] for scope in cells},
            more,
        )
        for u in units
    ]


def _unit(key: Key, name: Name, group: str, counts: dict[Scope, Counts], more: Beside) -> Unit:
    """Coverage is of the campaign to date in every scope; the rest is of the period alone."""
    every, own = more.every.get(key, {}), more.own.get(key, {})
    complete = {
        scope: with_coverage(c, every | own if scope == "period" else every)
        for scope, c in counts.items()
    }
    return Unit(
        code=key[1],
        name=bilingual(name),
        group=group,
        rank=None,
        last_rank=None,
        score=None,
        unranked_because=None,
        small_sample=False,
        points={},
        deductions={},
        counts=complete,
        rates=rates(complete),
    )


def bilingual(name: Name) -> Bilingual:
    return Bilingual(zh=name.zh, en=name.en)


def build(
    connection: Connection, county: County, period: Period, watermark: int, last: LastRanks
) -> Body:
    """The whole body. `last`: rank by unit, under "towns" and "sectors", in the edition before."""
    body = counted(connection, county, period, watermark, last)
    earlier = archive.earlier(connection, county, period, watermark)
    body["annex"] = annex(body, earlier, county.policy.of_kind(period.kind).scoring)
    cut = cut_of(county, period, watermark)
    if watching.is_watched(county, period):
        body["watch"] = watching.watch(connection, county, period, cut)
    body = statutory.added(connection, county, cut, body)
    return freezing.added(connection, county, period, watermark, body)


def counted(
    connection: Connection, county: County, period: Period, watermark: int, last: LastRanks
) -> Body:
    """The body's figures, scores and ranks, without what stands beside the signed page."""
    cut = cut_of(county, period, watermark)
    owed = reporting.owed(connection, county, period, watermark)
    units = _count(connection, county, period, cut, owed)
    weighty = listings.open_majors_and_listed(connection, cut)
    items = listed.listed_items(connection, county, cut, weighty)
    policy, organisation = county.policy.of_kind(period.kind), county.organisation
    towns = rank_units(units.towns, "towns", policy.scoring, last.get("towns"))
    sectors = rank_units(units.sectors, "sectors", policy.scoring, last.get("sectors"))
    return Body(
        schema=SCHEMA,
        county={"code": county.code, "name": bilingual(organisation.name)},
        fictitious=county.settings.demo,
        kind=period.kind.value,
        period=period.code,
        first_day=period.first_day.isoformat(),
        last_day=period.last_day.isoformat(),
        campaign={
            "name": bilingual(policy.campaign.name),
            "start": _day(policy.campaign.start),
            "end": _day(policy.campaign.end),
        },
        groups=sorted({t.group for t in organisation.towns}),
        towns=towns,
        sectors=sectors,
        total=units.total,
        listed_matrix=listed.matrix(items),
        listed=items,
        unlisted_major=listed.count_unlisted(county, weighty, period.end),
        missing=reporting.entries(county, [o for o in owed if not o.received_at]),
        late=reporting.entries(county, [o for o in owed if o.received_at > o.due_at]),
        sources={name: bilingual(s.title) for name, s in sorted(county.sources.items())},
        quarantined=_quarantined(connection, county.code, county.zone, period, watermark),
        policy=json.loads(_told(policy).model_dump_json()),
    )


def _told(policy: Policy) -> Policy:
    """The policy as an edition carries it: the public is not told what is looked for."""
    is_internal = policy.bulletin.audience == "internal"
    return policy if is_internal else policy.model_copy(update={"watch": None})


def _day(day: date) -> str:
    return day.isoformat()


def _quarantined(
    connection: Connection, county: str, zone: str, period: Period, watermark: int
) -> dict[str, int]:
    """Rows of the period's deliveries that are still refused, by rule code."""
    found: Counter[str] = Counter()
    for week in weeks_ending_in(period, zone):
        found.update(quarantine.codes(connection, county, week.code, watermark))
    return dict(sorted(found.items()))
