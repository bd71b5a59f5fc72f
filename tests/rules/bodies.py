"""A small valid body of an edition, made from random cells of three towns and two sectors.

Every (town, sector, split) cell gets flows that balance; units are sums of cells. Standing comes
from `rules.scoring`, so that the gate's own path is held against it.
"""

import random
from collections import Counter
from datetime import date
from typing import Any, cast

from rules.gate_laws import RATES
from rules.scoring import rank_units, rate
from schemas.edition import (
    COVERAGE_MEASURES,
    FILED_MEASURES,
    MEASURES,
    SCHEMA,
    SCOPES,
    Body,
    Edition,
    Unit,
)
from schemas.policy import Scoring

TOWNS, SECTORS = ("330282002", "330282003", "330282104"), ("fire", "industry")
GROUPS = {"330282002": "A", "330282003": "A", "330282104": "A"}
FLOWS = ("found", "reopened", "closed", "rejected", "merged", "transferred")
Cell = dict[str, Counter[str]]  # scope → counts

SCORING = Scoring.model_validate(
    {
        "towns": [
            {"of": "rectification", "weight": 3, "floor": 10, "target": 95, "scope": "campaign"},
            {"of": "on_time", "weight": "2.5", "floor": 0, "target": 100, "scope": "period"},
            {"of": "rework", "weight": 1, "floor": 100, "target": 0, "scope": "period"},
            {"of": "coverage", "weight": 1, "floor": 0, "target": 100, "scope": "campaign"},
            {"of": "timeliness", "weight": 1, "floor": 0, "target": 100, "scope": "period"},
        ],
        "sectors": [
            {"of": "rectification", "weight": 1, "floor": 0, "target": 100, "scope": "campaign"},
            {"of": "five_elements", "weight": 1, "floor": 0, "target": 100, "scope": "period"},
        ],
        "deductions": [{"of": "overdue_major", "points_each": "0.5", "cap": 4}],
        "sample_scope": "period",
        "small_sample_below": 10,
        "show_ranks": True,
    }
)


def valid_body(seed: int = 1, scoring: Scoring = SCORING) -> Body:
    rng = random.Random(seed)
    cells = {
        (town, sector, split): _cell(rng)
        for town in TOWNS
        for sector in SECTORS
        for split in ("self_check", "supervision")
    }
    for sector in SECTORS:  # one hazard moves from the first town to the last
        _move(cells[TOWNS[0], sector, "supervision"], cells[TOWNS[-1], sector, "supervision"])
    for cell in cells.values():
        _end(rng, cell)
    towns = [_unit("towns", t, cells, lambda k, t=t: k[0] == t, rng) for t in TOWNS]
    sectors = [_unit("sectors", s, cells, lambda k, s=s: k[1] == s, rng) for s in SECTORS]
    total = _unit("total", "330282", cells, lambda k: True, rng)
    _sum_coverage(total, towns, sectors)
    for unit in (*towns, *sectors, total):
        unit["rates"] = _rates(unit)
    return _body(
        rank_units(towns, "towns", scoring), rank_units(sectors, "sectors", scoring), total, scoring
    )


def _cell(rng: random.Random) -> Cell:
    week = Counter({flow: rng.randint(0, 4) for flow in FLOWS})
    more = Counter({flow: rng.randint(0, 6) for flow in FLOWS})
    week["opening"] = 40
    campaign = week + more
    campaign["opening"] = 40 + _net(week) - _net(campaign)
    return {"period": week, "campaign": campaign}


def _net(flows: Counter[str]) -> int:
    lost = sum(flows[f] for f in ("closed", "rejected", "merged", "transferred", "moved_out"))
    return flows["found"] + flows["reopened"] + flows["moved_in"] - lost


def _move(source: Cell, target: Cell) -> None:
    for scope in ("period", "campaign"):
        source[scope]["moved_out"] += 1
        target[scope]["moved_in"] += 1


def _end(rng: random.Random, cell: Cell) -> None:
    week, campaign = cell["period"], cell["campaign"]
    closing = week["opening"] + _net(week)
    end = Counter(closing=closing, overdue=rng.randint(2, 5), closures_90_days=rng.randint(0, 9))
    end["overdue_major"] = rng.randint(0, 2)
    end["overdue_days"] = rng.randint(0, 30)
    end["major_open"] = rng.randint(2, 4)
    end["major_complete"] = rng.randint(0, 2)
    for scope in (week, campaign):
        scope.update(end)
        scope["found_closed"] = rng.randint(0, scope["found"])
    for part, whole in (("reworked", "acceptances"), ("dispatched_in_time", "verified")):
        week[part], week[whole] = rng.randint(0, 3), 3
        campaign[part], campaign[whole] = week[part] + 1, 5
    week.update(due=4, on_time=rng.randint(0, 3), on_time_original=1, backdated=1)
    campaign.update(due=9, on_time=week["on_time"] + 2, on_time_original=2, backdated=2)
    cell["year"] = Counter(campaign)


def _unit(kind: str, code: str, cells: Any, mine: Any, rng: random.Random) -> Unit:
    own = {key: cell for key, cell in cells.items() if mine(key)}
    counts = {scope: _summed(own, scope) for scope in SCOPES}
    for splits in counts.values():
        if kind == "sectors":  # hazards move between towns, never between sectors
            for split in splits.values():
                split["moved_in"] = split["moved_out"] = 0
        due = rng.randint(5, 9)
        splits["all"] |= {"places_due": due, "places_checked": rng.randint(1, due)}
        splits["all"]["found_outside"] = splits["supervision"]["found"]
        if kind == "towns":
            in_time = int(code != TOWNS[1])
            splits["all"] |= {"submissions_owed": 1, "submissions_in_time": in_time}
    if kind != "sectors":
        counts["period"]["all"] |= {"rows_received": 9, "rows_accepted": rng.randint(5, 9)}
        counts["period"]["all"] |= {"fields_asked": 40, "fields_given": rng.randint(20, 40)}
    counts["period"]["all"] |= {"self_checks_due": 6, "self_checks_kept": rng.randint(1, 6)}
    counts["period"]["all"] |= {"quarter_due": 8, "quarter_checked": rng.randint(1, 8)}
    unit = {"code": code, "name": {"zh": code, "en": code}, "group": GROUPS.get(code, "all")}
    blank = dict.fromkeys(("rank", "last_rank", "score", "unranked_because"))
    made = {"small_sample": False, "points": {}, "deductions": {}, "counts": counts, "rates": {}}
    return cast(Unit, unit | blank | made)


def _summed(cells: Any, scope: str) -> dict[str, dict[str, int]]:
    return {
        split: {
            m: sum(cell[scope][m] for key, cell in cells.items() if split in ("all", key[2]))
            for m in MEASURES
        }
        for split in ("all", "self_check", "supervision")
    }


def _sum_coverage(total: Unit, towns: list[Unit], sectors: list[Unit]) -> None:
    """Places by town add up; one place has no sector; two sources report for themselves."""
    for scope in SCOPES:
        parts = [t["counts"][scope]["all"] for t in towns]
        whole = total["counts"][scope]["all"]
        for m in (m for m in COVERAGE_MEASURES if m in parts[0] and m != "found_outside"):
            whole[m] = sum(p[m] for p in parts) + 2 * (m in FILED_MEASURES)
        for sector in sectors:
            sector["counts"][scope]["all"] |= {"places_due": 4, "places_checked": 1}
            if scope == "period":
                sector["counts"][scope]["all"] |= {"self_checks_kept": 1, "quarter_checked": 1}


def _rates(unit: Unit) -> Any:
    return {
        scope: {
            split: {
                name: rate(counts[part], counts[whole])
                for name, (part, whole) in RATES.items()
                if part in counts and whole in counts
            }
            for split, counts in splits.items()
        }
        for scope, splits in unit["counts"].items()
    }


def _body(towns: list[Unit], sectors: list[Unit], total: Unit, scoring: Scoring) -> Body:
    late = {"source": "grid", "unit": TOWNS[1], "received_at": None}
    listed = [
        {"number": "330282-county-2025-001", "level": "county", "sector": "fire"},
        {"number": "330282-city-2025-001", "level": "city", "sector": "fire"},
    ]
    return cast(
        Body,
        {
            "schema": SCHEMA,
            "county": {"code": "330282"},
            "fictitious": True,
            "kind": "weekly",
            "period": "2025-W10",
            "first_day": date(2025, 3, 3).isoformat(),
            "last_day": date(2025, 3, 9).isoformat(),
            "campaign": {},
            "groups": ["A"],
            "towns": towns,
            "sectors": sectors,
            "total": total,
            "listed_matrix": [
                {"sector": s, "level": level, "count": int(s == "fire" and level != "province")}
                for s in SECTORS
                for level in ("province", "city", "county")
            ],
            "listed": listed,
            "unlisted_major": 0,
            "missing": [late],
            "late": [],
            "sources": {},
            "quarantined": {},
            "policy": {"version": "test", "scoring": scoring.model_dump(mode="json")},
        },
    )


def recount(body: Body) -> dict[tuple[str, str, str], dict[str, int]]:
    """What an honest second count of the week would give."""
    units = [("total", body["total"])]
    units += [("towns", u) for u in body["towns"]] + [("sectors", u) for u in body["sectors"]]
    return {
        (kind, u["code"], split): dict(counts)
        for kind, u in units
        for split, counts in u["counts"]["period"].items()
    }


def edition(body: Body, number: int = 1, policy_hash: str = "a" * 64) -> Edition:
    return Edition(
        edition=number,
        watermark=10,
        ledger_head="0" * 64,
        policy_hash=policy_hash,
        body_digest="d" * 64,
        body=body,
    )
