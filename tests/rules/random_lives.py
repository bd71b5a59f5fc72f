"""Random facts of several hazards: mostly the main line, with gaps, noise and revisions in it.

Everything comes from the `Random` that is passed in, so Hypothesis can shrink what it finds.
"""

from random import Random
from typing import Any

from tests.rules.facts_of_lives import DAY, HOUR, Fact, rows_of
from tests.rules.oracle_story import BESIDE, IN_LIFE

MAIN_LINE = ("verified", "assigned", "started", "submitted", "acceptance_passed", "closed")
AGAIN = ("reopened", "started", "submitted", "acceptance_failed", "submitted", "closed")
# Beside the main line, now and then: what belongs together, each piece after the fact it follows.
_Piece = tuple[str, tuple[str, ...]]
_EPISODES: tuple[tuple[_Piece, ...], ...] = (
    (("verified", ("listed",)), ("acceptance_passed", ("delisted",))),
    (("started", ("listed", "listed", "extended")), ("acceptance_passed", ("delisted",))),
    (("started", ("extension_asked", "extended")),),
    (("assigned", ("extension_asked", "extension_refused", "extension_asked", "extended")),),
    (("started", ("suspended", "continued")),),
    (("assigned", ("suspended",)),),
    (("started", ("production_stopped", "resumption_asked", "production_resumed")),),
    (("verified", ("production_stopped",)), ("closed", ("resumption_asked", "production_resumed"))),
    (("assigned", ("elements_filed", "interim_checked")),),
    (("submitted", ("severity_changed", "elements_filed", "started", "submitted")),),
    (("submitted", ("acceptance_failed", "submitted")),),
    (("assigned", ("bounced", "assigned")),),
    (("started", ("moved",)),),  # half of them to the town where it is
    (("registered", ("penalised",)), ("closed", ("report_replied",))),
)
UNITS, PERSONS = ("Foundry One", "Mill Two", "Safety Office"), ("A. Example", "B. Example")
TOWNS = ("330282002", "330282003")
# What a fact of each kind says when it says everything.
_ELEMENTS = ("responsible_unit", "measures", "funding", "plan_reference", "interim", "due")
_WORK = ("finished_on", "work_done", "funding_spent_fen", "evidence", "organisation", "person")
_EXTENSION = ("reason", "due", "interim", "person", "policy_days")
_DECISION = ("reason", "person", "second_person")
_SAYS: dict[str, tuple[str, ...]] = {
    "verified": ("organisation",),
    "rejected": ("organisation", "reason"),
    "assigned": ("responsible_unit", "due"),
    "bounced": ("reason",),
    "elements_filed": _ELEMENTS,
    "started": _ELEMENTS[:-1],
    "extended": (*_EXTENSION, "second_person", "organisation"),
    "moved": ("town_code", "person", "second_person"),
    "severity_changed": ("severity", *_DECISION),
    "listed": ("listing_number", "listing_level"),
    "delisted": ("listing_level",),
    "submitted": _WORK,
    "acceptance_passed": ("organisation", "person"),
    "acceptance_failed": ("organisation",),
    "closed": (),
    "reopened": ("reason", "due"),
    "merged": ("target",),
    "transferred": ("target",),
    "extension_asked": _EXTENSION,
    "extension_refused": (*_DECISION, "organisation"),
    "suspended": _DECISION,
    "continued": ("organisation", "person", "second_person"),
    "production_stopped": ("organisation", "reason"),
    "resumption_asked": ("organisation",),
    "production_resumed": ("organisation", "evidence", "policy_days"),
    "interim_checked": ("organisation", "evidence"),
    "voided": ("target", *_DECISION),
    **dict.fromkeys(BESIDE, ()),
}
_SOMETIMES = ("responsible_unit", "due", "interim", "work_done", "asked_at", "implied")


def batch(rng: Random, hazards: int) -> list[dict[str, Any]]:
    """Event rows of `hazards` hazards in no particular order."""
    rows = [row for number in range(hazards) for row in _rows(rng, f"h{number}")]
    rng.shuffle(rows)
    return rows


def _rows(rng: Random, root: str) -> list[dict[str, Any]]:
    rows = []
    for row in rows_of(_facts(rng), root):
        row["source"] = rng.choice(("grid", "inspection"))
        row["received_at"] += rng.choice((0, 1, 2, 3)) * DAY * HOUR
        rows.append(row)
    rows += _voids(rng, root, rows)
    return rows + [_revised(rng, row) for row in rows if rng.random() < 0.08]


def _voids(rng: Random, root: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Voids of some of the facts and of each other: mostly later ones, mostly of the same side."""
    made: list[dict[str, Any]] = []
    for number in range(rng.choice((0, 0, 0, 1, 2, 3))):
        named = rng.choice([*rows, *made])
        at = (named["claimed_at"] - rows[0]["claimed_at"]) // HOUR + rng.choice((-1, 0, 1, 5))
        data = {"target": named["source_id"], "reason": "typed twice"}
        data |= {"person": rng.choice(PERSONS), "second_person": rng.choice(PERSONS)}
        lost = rng.choice((*data, *[""] * 12))
        said = {name: value for name, value in data.items() if name != lost}
        (void,) = rows_of([("voided", 0, said)], root)
        void["source_id"] = f"{rng.choice('az')}-{root}-{number}"
        void["source"] = named["source"] if rng.random() < 0.9 else "grid"
        claimed = rows[0]["claimed_at"] + at * HOUR
        made.append(void | dict.fromkeys(("claimed_at", "sent_at", "received_at"), claimed))
    return made


def _revised(rng: Random, row: dict[str, Any]) -> dict[str, Any]:
    """Another revision, sent earlier, at once or later; it may say less and happen elsewhen."""
    gone = rng.choice([None, *(k for k in ("organisation", "reason", "due_general") if k in row)])
    revision = {k: v for k, v in row.items() if k != gone}
    if gone == "due_general":
        revision.pop("due_major")
    shift = HOUR * rng.randint(-2, 2)
    return revision | {
        "sent_at": row["sent_at"] + HOUR * rng.randint(-1, 1),
        "claimed_at": row["claimed_at"] + shift,
        "row_digest": rng.choice("1f") + row["row_digest"][1:],
    }


def _facts(rng: Random) -> list[Fact]:
    kinds = ["registered", *MAIN_LINE[: rng.randint(1, 6)]]
    if len(kinds) == 7 and rng.random() < 0.7:
        kinds += AGAIN[: rng.randint(1, 6)]
    for _ in range(rng.choice((0, 0, 1, 2, 3, 4))):
        for after, piece in rng.choice(_EPISODES):
            at = kinds.index(after) + 1 if after in kinds else len(kinds)
            kinds[at:at] = piece
    careful = rng.choice((False, True))
    step = rng.choice((0, 6, 6, 24, 72))
    if careful:
        return [(kind, n * step, _data(rng, kind, n * step, careful)) for n, kind in _each(kinds)]
    kinds = [k for k in kinds if rng.random() < 0.95]
    facts = [(kind, n * step + _jitter(rng)) for n, kind in _each(kinds)]
    span, noise = len(kinds) * max(step, 1), (*IN_LIFE, rng.choice(BESIDE))
    facts += [(rng.choice(noise), rng.randint(0, span)) for _ in range(rng.randint(0, 4))]
    return [(kind, at, _data(rng, kind, at, careful)) for kind, at in facts]


def _each(kinds: list[str]) -> list[tuple[int, str]]:
    return list(enumerate(kinds))


def _jitter(rng: Random) -> int:
    return rng.randint(-30, 30) if rng.random() < 0.1 else 0


def _data(rng: Random, kind: str, at: int, careful: bool) -> dict[str, Any]:
    if kind == "registered":
        channels = ("grid_patrol", "self_check", "public_report")
        opening = {"opening": 1} if rng.random() < 0.1 else {}
        return opening | {
            "town_code": rng.choice(TOWNS),
            "sector_code": rng.choice(("fire", "industry")),
            "severity": rng.choice(("general", "general", "major")),
            "channel": rng.choice(channels),
        }
    said = [name for name in _SAYS[kind] if careful or rng.random() < 0.9]
    said += [name for name in _SOMETIMES if not careful and rng.random() < 0.06]
    data: dict[str, Any] = {}
    for name in said:
        data |= _value(rng, name, at)
    said = _CAREFUL | _CAREFULLY.get(kind, {})
    return data | {k: v for k, v in said.items() if careful and k in data}


# Who takes care sends others: a unit that rectifies, an office that decides, three persons.
_CAREFUL = {
    "responsible_unit": "Foundry One",
    "organisation": "Safety Office",
    "person": "A. Example",
    "second_person": "C. Example",
    "listing_level": "city",
}
_CAREFULLY = {
    "submitted": {"organisation": "Foundry One"},
    "acceptance_passed": {"person": "B. Example"},
}


def _value(rng: Random, name: str, at: int) -> dict[str, Any]:
    if name in _CHOICES:
        return {name: rng.choice(_CHOICES[name])}
    if name == "due":
        day = at // DAY + rng.choice((0, 1, 3, 10, 30))
        return {"due_general": day * DAY, "due_major": (day + rng.randint(0, 5)) * DAY}
    if name == "interim":
        return {"interim_control": "fenced off"} | _interim_days(rng, at)
    if name in ("finished_on", "asked_at"):
        return {name: at - rng.randint(0, 30 * DAY)}
    if name == "funding":
        return {"funding_planned_fen": rng.choice((0, 100)), "funding_source": "own"}
    return {name: {"funding_spent_fen": 90, "implied": 1}.get(name, "said")}


def _interim_days(rng: Random, at: int) -> dict[str, Any]:
    """A first or last day, both or none; days are written as their 24:00."""
    first = (at // DAY + rng.choice((-3, 0, 1, 2))) * DAY
    last = (at // DAY + rng.choice((-1, 1, 2, 5))) * DAY
    days = {"interim_from": first, "interim_until": last}
    return {name: day for name, day in days.items() if rng.random() < 0.3}


_CHOICES: dict[str, tuple[Any, ...]] = {
    "organisation": UNITS,
    "responsible_unit": UNITS,
    "person": PERSONS,
    "second_person": PERSONS,
    "severity": ("general", "major"),
    "town_code": TOWNS,
    "listing_level": ("county", "city", "province"),
    "policy_days": (0, 5, 20),
}
