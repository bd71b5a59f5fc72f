"""Random facts of several hazards: mostly the main line, with gaps, noise and revisions in it.

Everything comes from the `Random` that is passed in, so Hypothesis can shrink what it finds.
"""

from random import Random
from typing import Any

from tests.rules.facts_of_lives import DAY, Fact, rows_of

KINDS = (
    "registered", "verified", "rejected", "assigned", "bounced", "elements_filed", "started",
    "extended", "moved", "severity_changed", "listed", "delisted", "submitted",
    "acceptance_passed", "acceptance_failed", "closed", "reopened", "merged", "transferred",
)  # fmt: skip
MAIN_LINE = ("verified", "assigned", "started", "submitted", "acceptance_passed", "closed")
AGAIN = ("reopened", "started", "submitted", "acceptance_failed", "submitted", "closed")
UNITS, PERSONS = ("Foundry One", "Mill Two", "Safety Office"), ("A. Example", "B. Example")
TOWNS = ("330282002", "330282003")
# What a fact of each kind says when it says everything.
_ELEMENTS = ("responsible_unit", "measures", "funding", "plan_reference", "interim_control", "due")
_WORK = ("finished_on", "work_done", "funding_spent_fen", "evidence", "person")
_SAYS: dict[str, tuple[str, ...]] = {
    "verified": ("organisation",),
    "rejected": ("organisation", "reason"),
    "assigned": ("responsible_unit", "due"),
    "bounced": ("reason",),
    "elements_filed": _ELEMENTS,
    "started": _ELEMENTS[:-1],
    "extended": ("reason", "second_person", "due", "interim_control"),
    "moved": ("town_code", "second_person"),
    "severity_changed": ("severity",),
    "listed": ("listing",),
    "delisted": (),
    "submitted": _WORK,
    "acceptance_passed": ("organisation", "person"),
    "acceptance_failed": ("organisation",),
    "closed": (),
    "reopened": ("reason", "due"),
    "merged": ("target",),
    "transferred": ("target",),
}
_SOMETIMES = ("responsible_unit", "due", "interim_control", "work_done", "asked_at", "implied")


def batch(rng: Random, hazards: int) -> list[dict[str, Any]]:
    """Event rows of `hazards` hazards in no particular order."""
    rows = [row for number in range(hazards) for row in _rows(rng, f"h{number}")]
    rng.shuffle(rows)
    return rows


def _rows(rng: Random, root: str) -> list[dict[str, Any]]:
    rows = []
    for row in rows_of(_facts(rng), root):
        row["source"] = rng.choice(("grid", "inspection"))
        row["received_at"] += rng.choice((0, 1, 2, 3)) * DAY * 3_600_000
        rows.append(row)
        if rng.random() < 0.08:
            rows.append(_revised(rng, row))
    return rows


def _revised(rng: Random, row: dict[str, Any]) -> dict[str, Any]:
    """Another revision, sent earlier, at once or later; it may say less and happen elsewhen."""
    gone = rng.choice([None, *(k for k in ("organisation", "reason", "due_general") if k in row)])
    revision = {k: v for k, v in row.items() if k != gone}
    if gone == "due_general":
        revision.pop("due_major")
    shift = 3_600_000 * rng.randint(-2, 2)
    return revision | {
        "sent_at": row["sent_at"] + 3_600_000 * rng.randint(-1, 1),
        "claimed_at": row["claimed_at"] + shift,
        "row_digest": rng.choice("1f") + row["row_digest"][1:],
    }


def _facts(rng: Random) -> list[Fact]:
    kinds = ["registered", *MAIN_LINE[: rng.randint(1, 6)]]
    if len(kinds) == 7 and rng.random() < 0.7:
        kinds += AGAIN[: rng.randint(1, 6)]
    kinds = [k for k in kinds if rng.random() < 0.95]
    step = rng.choice((0, 6, 24, 72))
    facts = [(kind, n * step + _jitter(rng)) for n, kind in enumerate(kinds)]
    span = len(kinds) * max(step, 1)
    if rng.random() < 0.2:
        facts += [("listed", 0), ("extended", rng.randint(2, 4) * step), ("delisted", span)]
    facts += [(rng.choice(KINDS), rng.randint(0, span)) for _ in range(rng.randint(0, 4))]
    return [(kind, at, _data(rng, kind, at)) for kind, at in facts]


def _jitter(rng: Random) -> int:
    return rng.randint(-30, 30) if rng.random() < 0.1 else 0


def _data(rng: Random, kind: str, at: int) -> dict[str, Any]:
    if kind == "registered":
        channels = ("grid_patrol", "self_check", "public_report")
        return {
            "town_code": rng.choice(TOWNS),
            "sector_code": rng.choice(("fire", "industry")),
            "severity": rng.choice(("general", "general", "major")),
            "channel": rng.choice(channels),
        }
    said = [name for name in _SAYS[kind] if rng.random() < 0.9]
    said += [name for name in _SOMETIMES if rng.random() < 0.06]
    data: dict[str, Any] = {}
    for name in said:
        data |= _value(rng, name, at)
    return data


def _value(rng: Random, name: str, at: int) -> dict[str, Any]:
    if name in ("organisation", "responsible_unit"):
        return {name: rng.choice(UNITS)}
    if name in ("person", "second_person"):
        return {name: rng.choice(PERSONS)}
    if name == "due":
        day = at // DAY + rng.choice((0, 1, 3, 10, 30))
        return {"due_general": day * DAY, "due_major": (day + rng.randint(0, 5)) * DAY}
    if name in ("finished_on", "asked_at"):
        return {name: at - rng.randint(0, 30 * DAY)}
    if name == "funding":
        return {"funding_planned_fen": rng.choice((0, 100)), "funding_source": "own"}
    if name == "listing":
        level = rng.choice(("county", "city", "province"))
        return {"listing_number": "2025-001", "listing_level": level}
    if name == "severity":
        return {name: rng.choice(("general", "major"))}
    if name == "town_code":
        return {name: rng.choice(TOWNS)}
    return {name: {"funding_spent_fen": 90, "implied": 1}.get(name, "said")}
