"""A realistic edition of an invented county, made from a seed: 18 towns, 10 sectors, a revision.

Every name is invented. The counts keep the balance of every row and the total is the sum of the
towns, so that what is looked at makes sense; nothing here is the product's arithmetic.
"""

from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from schemas.edition import SCHEMA, Edition, Rate, Unit

COUNTY = {"code": "990099", "name": {"zh": "云溪市", "en": "Yunxi"}}

TOWNS = [
    ("云顶街道", "Yunding Subdistrict"),
    ("松涛街道", "Songtao Subdistrict"),
    ("望湖街道", "Wanghu Subdistrict"),
    ("临江街道", "Linjiang Subdistrict"),
    ("北岸街道", "Bei'an Subdistrict"),
    ("青石镇", "Qingshi Town"),
    ("白鹭镇", "Bailu Town"),
    ("长堤镇", "Changdi Town"),
    ("梅坞镇", "Meiwu Town"),
    ("双桥镇", "Shuangqiao Town"),
    ("龙潭镇", "Longtan Town"),
    ("芦苇荡镇", "Luweidang Town"),
    ("沙洲镇", "Shazhou Town"),
    ("竹林镇", "Zhulin Town"),
    ("石桥头镇", "Shiqiaotou Town"),
    ("小渔镇", "Xiaoyu Town"),
    ("柳浦镇", "Liupu Town"),
    ("海角镇", "Haijiao Town"),
]

SECTORS = [
    ("industry", "工业企业", "Industry"),
    ("hazardous_chemicals", "危险化学品", "Hazardous chemicals"),
    ("fire", "消防", "Fire safety"),
    ("road_traffic", "道路交通", "Road traffic"),
    ("construction", "建设施工", "Construction"),
    ("water_transport", "水上交通和渔业", "Water transport and fishery"),
    ("gas", "城镇燃气", "Town gas"),
    ("special_equipment", "特种设备", "Special equipment"),
    ("tourism", "文化旅游", "Culture and tourism"),
    ("agriculture", "农业机械", "Farm machinery"),
]

RATES = {
    "rectification": ("found_closed", "found"),
    "on_time": ("on_time", "due"),
    "on_time_original": ("on_time_original", "due"),
    "rework": ("reworked", "acceptances"),
    "reopen": ("reopened", "closures_90_days"),
    "five_elements": ("major_complete", "major_open"),
    "dispatch": ("dispatched_in_time", "verified"),
    "coverage": ("places_checked", "places_due"),
    "self_check_coverage": ("self_checks_kept", "self_checks_due"),
    "quarterly_coverage": ("quarter_checked", "quarter_due"),
    "timeliness": ("submissions_in_time", "submissions_owed"),
    "accepted_rows": ("rows_accepted", "rows_received"),
    "completeness": ("fields_given", "fields_asked"),
    "discovery": ("found_outside", "found"),
}
ONLY_WHOLE = (
    *("coverage", "timeliness", "self_check_coverage", "quarterly_coverage"),
    *("accepted_rows", "completeness", "discovery"),
)

INDICATORS = (
    ("rectification", "25", "80", "100", "campaign"),
    ("on_time", "25", "60", "100", "period"),
    ("coverage", "15", "0", "100", "campaign"),
    ("five_elements", "10", "50", "100", "period"),
    ("rework", "10", "20", "0", "period"),
    ("dispatch", "5", "70", "100", "period"),
    ("timeliness", "10", "0", "100", "period"),
)


def _indicators(rows: Any) -> list[dict[str, str]]:
    keys = ("of", "weight", "floor", "target", "scope")
    return [dict(zip(keys, row, strict=True)) for row in rows]


POLICY: dict[str, Any] = {
    "version": "2025.1",
    "scoring": {
        "towns": _indicators(INDICATORS),
        "sectors": _indicators(INDICATORS[:5]),
        "deductions": [
            {"of": "overdue_major", "points_each": "2", "cap": "10"},
            {"of": "backdated", "points_each": "0.2", "cap": "2"},
        ],
        "small_sample_below": 10,
        "show_ranks": True,
    },
    "bulletin": {"audience": "internal"},
}


def _counts(random: Random, size: int, moved: tuple[int, int]) -> dict[str, int]:
    """One span of one split, keeping the balance."""
    c = {"opening": random.randint(size // 2, size), "found": random.randint(size // 3, size)}
    c |= {"reopened": random.randint(0, 2), "moved_in": moved[0], "moved_out": moved[1]}
    c |= {"rejected": random.randint(0, 2), "merged": random.randint(0, 2)}
    c["transferred"] = random.randint(0, 1)
    gone = c["rejected"] + c["merged"] + c["transferred"] + c["moved_out"]
    c["closed"] = max(0, round((c["opening"] + c["found"]) * random.uniform(0.55, 0.8)) - gone)
    c["closing"] = c["opening"] + c["found"] + c["reopened"] + c["moved_in"] - c["closed"] - gone
    c["found_closed"] = round(c["found"] * random.uniform(0.86, 0.99))
    c["due"] = round(c["closed"] * random.uniform(0.9, 1.2))
    c["on_time"] = round(c["due"] * random.uniform(0.75, 1))
    c["on_time_original"] = round(c["on_time"] * random.uniform(0.9, 1))
    c["backdated"] = random.randint(0, 1)
    c["overdue"] = round(c["closing"] * random.uniform(0, 0.15))
    c["overdue_major"] = random.randint(0, min(1, c["overdue"]))
    c["overdue_days"] = c["overdue"] * random.randint(1, 9)
    c["acceptances"] = c["closed"] + random.randint(0, 4)
    c["reworked"] = random.randint(0, c["acceptances"] // 10)
    c["closures_90_days"] = c["closed"] * 5
    c["major_open"] = random.randint(0, 2)
    c["major_complete"] = random.randint(0, c["major_open"])
    c["verified"] = c["found"]
    c["dispatched_in_time"] = round(c["verified"] * random.uniform(0.85, 1))
    return c


def _added(*parts: dict[str, int]) -> dict[str, int]:
    return {k: sum(p.get(k, 0) for p in parts) for k in parts[0]}


def _rate(counts: dict[str, int], rate: str) -> Rate:
    numerator, denominator = (counts[k] for k in RATES[rate])
    value = f"{100 * numerator / denominator:.2f}" if denominator else "/"
    return {"numerator": numerator, "denominator": denominator, "value": value}


def _rates(counts: dict[str, int]) -> dict[str, Rate]:
    return {r: _rate(counts, r) for r, parts in RATES.items() if parts[0] in counts}


def _beside(random: Random, size: int) -> dict[str, int]:
    """Rows of the period's deliveries."""
    rows = size * random.randint(3, 6)
    return {
        "rows_received": rows,
        "rows_accepted": rows - random.randint(0, 9),
        "fields_asked": rows * 12,
        "fields_given": rows * random.randint(9, 11) + random.randint(0, rows),
    }


def _cuts(random: Random, size: int, moved: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    cuts: dict[str, Any] = {}
    for scope, factor in (("period", 1), ("campaign", 9), ("year", 8)):
        own = _counts(random, size * factor // 4, (0, 0))
        rest = _counts(random, size * factor, moved)
        due = size * 60
        coverage = {"places_due": due, "places_checked": round(due * random.uniform(0.4, 0.8))}
        sent = {"submissions_owed": 1, "submissions_in_time": random.choice((1, 1, 1, 1, 0))}
        more = {"found_outside": rest["found"]} | (_beside(random, size) if factor == 1 else {})
        cuts[scope] = {
            "all": _added(own, rest) | coverage | sent | more,
            "self_check": own,
            "supervision": rest,
        }
    return cuts


def _unit(code: str, zh: str, en: str, counts: dict[str, Any], group: str = "all") -> Unit:
    rates = {s: {p: _rates(c) for p, c in by.items()} for s, by in counts.items()}
    return {
        "code": code,
        "name": {"zh": zh, "en": en},
        "group": group,
        "rank": None,
        "last_rank": None,
        "score": None,
        "unranked_because": None,
        "small_sample": counts["period"]["all"]["due"] < 10,
        "points": {},
        "deductions": {"overdue_major": "2"} if counts["period"]["all"]["overdue_major"] else {},
        "counts": counts,
        "rates": rates,
    }


def _ranked(random: Random, units: list[Unit]) -> list[Unit]:
    for group in sorted({u["group"] for u in units}):
        members = [u for u in units if u["group"] == group and u["unranked_because"] is None]
        scores = sorted((round(random.uniform(61, 98.9), 2) for _ in members), reverse=True)
        last = list(range(1, len(members) + 1))
        random.shuffle(last)
        near = sorted(range(len(last)), key=lambda i: i + random.uniform(-3, 3))
        for rank, (unit, score) in enumerate(zip(members, scores, strict=True), 1):
            unit["rank"], unit["score"] = rank, f"{score:.2f}"
            unit["last_rank"] = near.index(rank - 1) + 1
            unit["points"] = {"campaign.rectification": "91.20", "period.on_time": "83.33"}
    return units


def _nothing_due(unit: Unit) -> None:
    unit["unranked_because"] = "nothing_due"
    for scope in ("period", "campaign", "year"):
        for split in ("all", "self_check", "supervision"):
            counts = dict.fromkeys(unit["counts"][scope][split], 0)
            unit["counts"][scope][split] = counts
            unit["rates"][scope][split] = _rates(counts)


def towns(random: Random, grouped: bool = True) -> list[Unit]:
    made = []
    for i, (zh, en) in enumerate(TOWNS):
        moved = (1, 0) if i == 3 else (0, 1) if i == 7 else (0, 0)
        counts = _cuts(random, random.choice((6, 20, 30, 44)), moved)
        group = ("A" if i < 9 else "B") if grouped else "all"
        made.append(_unit(f"9900990{i + 1:02d}", zh, en, counts, group))
    _nothing_due(made[-1])
    return _ranked(random, made)


def sectors(random: Random) -> list[Unit]:
    made = [_unit(c, zh, en, _cuts(random, random.choice((14, 30, 60)))) for c, zh, en in SECTORS]
    return _ranked(random, made)


def _total(parts: list[Unit]) -> Unit:
    counts: Any = {
        scope: {
            split: _added(*(p["counts"][scope][split] for p in parts))
            for split in ("all", "self_check", "supervision")
        }
        for scope in ("period", "campaign", "year")
    }
    return _unit("990099", "云溪市", "Yunxi", counts)


def _listed() -> list[dict[str, str]]:
    levels = ("province", "city", "county", "county", "county", "county", "city", "county")
    works = ("虚构化工有限公司", "示例纺织厂", "样板物流园", "演示塑料制品厂")
    return [
        {
            "number": f"990099-{level}-2025-{i + 1:03d}",
            "level": level,
            "town": f"9900990{(i * 5) % 18 + 1:02d}",
            "sector": SECTORS[i % 4][0],
            "unit_name": works[i % 4],
            "listed_on": str(date(2025, 1, 6) + timedelta(days=7 * i)),
            "due_on": str(date(2025, 7, 5) + timedelta(days=7 * i)),
            "state": ("assigned", "rectifying", "submitted")[i % 3],
        }
        for i, level in enumerate(levels)
    ]


def _matrix(listed: list[dict[str, str]]) -> list[dict[str, str | int]]:
    keys = [(item["sector"], item["level"]) for item in listed]
    return [{"sector": s, "level": v, "count": keys.count((s, v))} for s, v in sorted(set(keys))]


def _owed(index: int, received_at: str | None) -> dict[str, Any]:
    zh, en = TOWNS[index]
    return {
        "source": "grid",
        "source_title": {"zh": "网格排查台账", "en": "Grid patrol ledger"},
        "unit": f"9900990{index + 1:02d}",
        "unit_name": {"zh": zh, "en": en},
        "due_at": "2025-03-10T08:00:00+08:00",
        "received_at": received_at,
    }


_CHANGED = {
    "period.all.found": ["12", "19"],
    "period.all.closed": ["9", "15"],
    "period.supervision.found": ["10", "17"],
    "campaign.all.found": ["121", "128"],
}


def _revision(units: list[Unit]) -> dict[str, Any]:
    up, down = units[1], units[2]
    return {
        "revision_class": "R1",
        "previous": 1,
        "reasons": [
            {
                "source": "grid",
                "unit": units[7]["code"],
                "period": "2025-W10",
                "received_at": "2025-03-13T15:42:00+08:00",
                "rows_taken": "57",
                "delivery": sha256(b"late ledger").hexdigest(),
            }
        ],
        "moves": [
            _move(up, 3, 2, _CHANGED),
            _move(down, 2, 3, {}),
        ],
    }


def _move(unit: Unit, old: int, new: int, changed: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "unit": unit["code"],
        "name": unit["name"],
        "old_rank": old,
        "new_rank": new,
        "old_score": "88.10",
        "new_score": unit["score"],
        "changed": changed,
    }


# A source that answers for itself and did not answer.
_SILENT_SOURCE = {
    "source": "complaints",
    "source_title": {"zh": "群众举报平台", "en": "Public reports"},
    "unit": "complaints",
    "unit_name": {"zh": "举报中心", "en": "Report centre"},
    "due_at": "2025-03-10T08:00:00+08:00",
    "received_at": None,
}


def edition(seed: int = 7, revised: bool = True, grouped: bool = True) -> Edition:
    """A valid edition: number 2 with its revision note, or number 1 without one."""
    random = Random(seed)
    units, listed = towns(random, grouped), _listed()
    body: Any = {
        "schema": SCHEMA,
        "county": COUNTY,
        "fictitious": True,
        "kind": "weekly",
        "period": "2025-W10",
        "first_day": "2025-03-03",
        "last_day": "2025-03-09",
        "campaign": {
            "name": {"zh": "除险保安", "en": "Removing hazards for safety"},
            "start": "2025-01-01",
            "end": "2026-12-31",
        },
        "groups": ["A", "B"] if grouped else ["all"],
        "towns": units,
        "sectors": sectors(random),
        "total": _total(units),
        "listed_matrix": _matrix(listed),
        "listed": listed,
        "unlisted_major": 2,
        "missing": [_owed(16, None), _SILENT_SOURCE],
        "late": [_owed(7, "2025-03-13T15:42:00+08:00"), _owed(4, "2025-03-10T09:05:00+08:00")],
        "sources": {
            "grid": {"zh": "网格排查台账", "en": "Grid patrol ledger"},
            "inspection": {"zh": "检查平台", "en": "Inspection platform"},
        },
        "quarantined": {"R001": 4, "D002": 11, "U001": 3},
        "policy": POLICY,
    }
    envelope: Any = {
        "edition": 2 if revised else 1,
        "issue": {
            "year": 2025,
            "number": 2,
            "correction": 0,
            "signer": None,
            "signed_by": "",
            "recipients": [],
        },
        "watermark": 48213,
        "ledger_head": sha256(b"head").hexdigest(),
        "ledger_root": sha256(b"root").hexdigest(),
        "policy_hash": sha256(b"policy").hexdigest(),
        "body_digest": sha256(repr(body).encode()).hexdigest(),
        "body": body,
    }
    return envelope | ({"revision": _revision(units)} if revised else {})
