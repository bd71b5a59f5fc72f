"""Many small random counties at once: told by sources, taken by the product, then set apart.

All worlds of a batch are delivered together, in three rounds, through the doors of one store; then
every row is given to the county of its world. So each world is a county of its own, with all that
intake, fold and projections made of it, for the price of a few deliveries. A world is told by its
code alone: `told("w00042")` is the same, and arrives the same, in every batch.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random
from typing import Any

import orjson

from schemas.period import DAY_MS, HOUR_MS
from schemas.records import UPDATE
from tasks.county import County
from tests.machine.county import text_of
from tests.postgresql.ways import forgetful
from tests.rules import oracle
from tests.rules.oracle_story import BESIDE, IN_LIFE, Row
from tests.rules.random_lives import TOWNS, batch
from tests.store.tiny import MONDAY, Tiny, iso

HAZARDS = 12
# Lives begin from the middle of December 2024 to the middle of March 2025.
FIRST, LAST = -80, 10  # days
GO_LIVE, CAMPAIGN = "2024-12-28", "2025-01-20"
ROUNDS = tuple(MONDAY + days * DAY_MS + 8 * HOUR_MS for days in (-28, 7, 42))
SOURCES = ("places", "findings", "updates", "checks")
CLASSES = ("enterprise", "shop")  # all that the policy knows: others are refused
_INSTANTS = ("claimed_at", "sent_at", "due_general", "due_major", "finished_on", "asked_at",
             "interim_from", "interim_until")  # fmt: skip
_EVENT = ("seq", "source", "record", "source_id", "row_digest", "kind", "claimed_at", "sent_at",
          "received_at", "file_by", "payload")  # fmt: skip
_PREFIX = "substr({}, 1, 6)"  # the code of a world, in every id of it

Told = dict[str, list[tuple[int, Row]]]  # source → (from when on it can be told, canonical row)


# -- what happened in a world -----------------------------------------------------------------


def told(code: str) -> Told:
    """All rows of one world."""
    rng = Random(code)
    rows: Told = {source: [] for source in SOURCES}
    _lives(rng, code, rows)
    _places(rng, code, rows)
    return rows


def _lives(rng: Random, code: str, rows: Told) -> None:
    shifts = [rng.randint(FIRST, LAST) * DAY_MS for _ in range(HAZARDS)]
    first: dict[str, int] = {}
    for fact in sorted(batch(rng, HAZARDS), key=lambda f: f["seq"]):
        shift = shifts[int(fact["root_id"][1:])]
        fact |= {n: fact[n] + shift for n in _INSTANTS if fact.get(n) is not None}
        life = f"{code}-{fact['root_id']}"
        known = max(fact["claimed_at"], fact["sent_at"])
        if fact["kind"] != "registered":
            rows["updates"].append((known, _update(rng, fact, code, life)))
        elif first.setdefault(life, fact["source_id"]) == fact["source_id"]:
            rows["findings"].append((known, _finding(fact, life, life)))
            if _is_found_twice(life):
                again = fact | {"claimed_at": fact["claimed_at"] + HOUR_MS}
                rows["findings"].append((known + HOUR_MS, _finding(again, f"{life}-again", life)))


def _is_found_twice(life: str) -> bool:
    return life[-1] in "369"


def _finding(fact: Row, name: str, life: str) -> Row:
    said = ("town_code", "sector_code", "severity", "channel", "sent_at")
    return {n: fact[n] for n in said} | {
        "source_id": name,
        "place_id": f"{life}-place",
        "unit_name": f"虚构五金厂{life}",
        "category": "消防通道",
        "description": f"{life}号厂房消防通道被成品货物堵塞，无法通行",
        "found_at": fact["claimed_at"],
    }


def _update(rng: Random, fact: Row, code: str, life: str) -> Row:
    said = {name: fact[name] for name in UPDATE.names if fact.get(name) is not None}
    if fact["kind"] == "voided" and "target" in said:
        said["target"] = f"{code}-{said['target']}"
    twice = _is_found_twice(life) and rng.random() < 0.5
    return said | {
        "source_id": f"{code}-{fact['source_id']}",
        "finding_id": f"{life}-again" if twice else life,
        "event": fact["kind"],
        "happened_at": fact["claimed_at"],
        "due_date": fact.get("due_general"),
    }


def _places(rng: Random, code: str, rows: Told) -> None:
    for number in range(rng.randint(0, 6)):
        place = f"{code}-P{number}"
        for _ in range(rng.choice((1, 1, 2, 3))):
            rows["places"].append(_place(rng, place))
        for visit in range(rng.choice((0, 0, 1, 2))):
            rows["checks"] += _visits(rng, f"{place}-{visit}", place)


def _place(rng: Random, place: str) -> tuple[int, Row]:
    """Opened, changed or revised; often on the very day that a campaign or a month begins."""
    at = MONDAY + rng.choice((-400, -62, -42, -28, rng.randint(-90, 30))) * DAY_MS
    closed = MONDAY + rng.choice((-31, -3, 0, 29, 60)) * DAY_MS if rng.random() < 0.3 else None
    sent = at + rng.choice((0, 0, 5, 40)) * DAY_MS
    return sent, {
        "source_id": place,
        "name": f"虚构商铺{place}",
        "place_class": rng.choice(CLASSES),
        "town_code": rng.choice(TOWNS),
        "sector_code": rng.choice(("fire", "industry")),
        "active_from": iso(at),
        "active_to": iso(closed) if closed and closed > at else None,
        "sent_at": sent,
    }


def _visits(rng: Random, check: str, place: str) -> Iterator[tuple[int, Row]]:
    """One check, now and then with a revision that says another time."""
    first = MONDAY + rng.choice((-42, -28, rng.randint(-70, 35))) * DAY_MS
    for nth in range(rng.choice((1, 1, 2))):
        at = first + nth * rng.choice((-20, 3, 20)) * DAY_MS
        sent = max(at, first) + nth * HOUR_MS
        yield (
            sent,
            {
                "source_id": check,
                "place_id": place,
                "checked_at": iso(at),
                "channel": "grid_patrol",
                "actor_kind": "grid",
                "result": "clean",
                "sent_at": sent,
            },
        )


# -- what the product made of it --------------------------------------------------------------


@dataclass
class Batch:
    """Worlds that were taken. `watermarks`: what was known after each round."""

    tiny: Tiny
    watermarks: list[int] = field(default_factory=list)
    refused: int = 0
    facts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def taken(cls, tiny: Tiny, codes: list[str]) -> "Batch":
        """Into an empty store."""
        made = cls(tiny)
        worlds = [(Random(f"{code} arrives"), told(code)) for code in codes]
        arriving = {source: _arriving(worlds, source) for source in SOURCES}
        for number, at in enumerate(ROUNDS):
            for source in SOURCES:
                if rows := arriving[source][number]:
                    tiny.drop(source, *map(text_of, rows))
                made.refused += _settled(tiny.collect(source, at))
            ((head,),) = tiny.query("SELECT seq FROM ledger_head")
            made.watermarks.append(head)
        made._set_apart()
        made._read()
        return made

    def county(self, code: str) -> County:
        county = self.tiny.county
        own = replace(county, organisation=county.organisation.model_copy(update={"code": code}))
        own.__dict__["days"] = county.days  # made once: the calendar is everybody's
        return own

    def _set_apart(self) -> None:
        """Every row to the county of its world."""
        forgetful(self.tiny)
        own, code = _PREFIX.format, self.tiny.county.code
        of_finding = (
            f"(SELECT {own('f.source_id')} FROM finding f"
            f" WHERE f.county = '{code}' AND f.stream_id = {{}})"
        )
        self.tiny.execute(
            f"UPDATE hazard_span SET county = {of_finding.format('hazard_span.root_id')}",
            "UPDATE event SET county ="
            f" COALESCE({of_finding.format('event.stream_id')}, {own('source_id')})",
            f"UPDATE finding SET county = {own('source_id')}",
            f"UPDATE place_span SET county = {own('place_id')}",
            f"UPDATE check_visit SET county = {own('place_id')}",
        )

    def _read(self) -> None:
        """The ledger's rows by world, with what they say; a hazard's facts under its life."""
        names = ", ".join(f"e.{name}" for name in _EVENT)
        query = (
            f"SELECT e.county, f.source_id, {names} FROM event e LEFT JOIN finding f"
            " ON f.county = e.county AND f.stream_id = e.stream_id ORDER BY e.seq"
        )
        for code, finding, *event in self.tiny.query(query):
            fact = dict(zip(_EVENT, event, strict=True))
            said = orjson.loads(fact.pop("payload"))
            root = finding.removesuffix("-again") if finding else ""
            self.facts[code].append(said | fact | {"root_id": root})

    # -- what an independent count is given ----------------------------------------------------

    def hazards(self, code: str, watermark: int) -> list[list[Row]]:
        """Every hazard's spans as known at a watermark, by the oracle."""
        kinds = (*IN_LIFE, *BESIDE)
        known = [f | {"file_by": file_by(f)} for f in self.facts[code]
                 if f["seq"] <= watermark and f["kind"] in kinds]  # fmt: skip
        return [hazard.spans for hazard in oracle.lives(known).values() if hazard.spans]

    def places(self, code: str, watermark: int) -> list[list[Row]]:
        """Each place's rows: of those valid from one instant the one sent last."""
        rows: dict[str, dict[int, Row]] = defaultdict(dict)
        for row in self._revisions(code, watermark, "place"):
            rows[row["source_id"]][row["claimed_at"]] = {
                "place": row["source_id"],
                "place_class": row["place_class"],
                "town": row["town_code"],
                "sector": row["sector_code"],
                "valid_from": row["claimed_at"],
                "active_to": row.get("active_to"),
            }
        return [list(versions.values()) for versions in rows.values()]

    def visits(self, code: str, watermark: int) -> list[tuple[str, int]]:
        last = {row["source_id"]: row for row in self._revisions(code, watermark, "check")}
        return [(row["place_id"], row["claimed_at"]) for row in last.values()]

    def _revisions(self, code: str, watermark: int, record: str) -> list[Row]:
        """Known rows of a record, the last revision last."""
        rows = [f for f in self.facts[code] if f["seq"] <= watermark and f["record"] == record]
        return sorted(rows, key=lambda f: (f["sent_at"], f["row_digest"]))


def _arriving(worlds: list[tuple[Random, Told]], source: str) -> list[list[Row]]:
    """The rows of each round: most with the first that could tell them, some late.

    Acceptances are late more often, and so not believed to have been in time.
    """
    rounds: list[list[Row]] = [[] for _ in ROUNDS]
    for rng, rows in worlds:
        for known, row in rows[source]:
            late = (0, 1, 1) if row.get("event") == "acceptance_passed" else (0, 0, 0, 0, 1, 2)
            first = sum(at < known for at in ROUNDS) + rng.choice(late)
            if first < len(ROUNDS):
                rounds[first].append(row)
    return rounds


def _settled(report: Any) -> int:
    """Nothing is refused but what names a hazard that has not come yet."""
    assert not report.problem, report
    assert set(report.refused_by) <= {"A001"}, report
    return int(report.refused)


def file_by(fact: Row) -> int:
    """48 hours after what a continuous source tells of; where we did not ask in these hours, or
    never before, what came with our next pull is in time."""
    deadline = int(fact["claimed_at"]) + 48 * HOUR_MS
    before = next((a for a, b in pairwise(ROUNDS) if b == fact["received_at"]), 0)
    return max(deadline, fact["received_at"]) if before <= deadline else deadline
