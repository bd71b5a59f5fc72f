"""The truth file: what every bulletin of a world has to say, by the world's own arithmetic.

The pipeline never reads it. Shape of `truth(world)` (all instants UTC ms; counts are integers):

    schema, fictitious, seed, county, collects[ms],
    weeks: {code: {start, end, cut_off, first_collect, second_collect,
                   first: Cut, final: Cut}}
    Cut:   {received_by,
            counts: {unit: {scope: {split: {measure: n}}}},   unit: town, sector code or "total"
            coverage: {unit: {places_due, places_checked, …}},   of the period, under "all" only
            listed: {by_level, matrix[{sector, level, count}], unlisted_major},
            quarantined: {code: rows}, waiting: n,
            missing[{source, unit, due_at, received_at}], late[…], ambiguous: {unit: found}}
    hazards[{source, source_id, place_id, channel, sector, town, state, severity, due_at,
             original_due_at, accepted_at, listed_level, complete, found_at, story, ambiguous_of}]
    refinds[{source, source_id, root}]
    refused[{source, record, source_id, code, dirt, unit, period, received_at, taken_at}]
    accepted_dirt[{source, record, source_id, expect, dirt, received_at}]
    outcomes[{source, source_id, event, outcome}]
    reports[{source, source_id, steps[{event, at, fen}]}], enforcement[{town, sector, event, count,
             fen}]: what was collected beside the lives

`first` is what was received by the week's first collect, `final` what was by the last collect of
the world. Ambiguous hazards (the same thing in words the rule cannot join) are counted as hazards
of their own in `counts`; `ambiguous` says how many of `found` they are. A pull of a continuous
source belongs to the week before until that week's filing deadline, then to the present one.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from demo import tally_beside
from demo.checks import Checks, Coverage, Window
from demo.clock import FIRST_MONDAY
from demo.duties import Duties
from demo.model import KNOWN, NEVER, TAKEN, Hazard, Row
from demo.quality import Delivered
from demo.tally import Cut, Tally, Track
from demo.world import World
from schemas.vocabulary import FactKind

SCHEMA = "bihuan/demo-truth/1"


def write(world: World, path: Path) -> None:
    path.write_bytes(orjson.dumps(truth(world), option=orjson.OPT_INDENT_2))


def truth(world: World) -> dict[str, Any]:
    """Everything that is true of a world, as plain values."""
    teller = Teller(world)
    return {
        "schema": SCHEMA,
        "fictitious": True,
        "seed": world.seed,
        "county": world.organisation.code,
        "collects": world.weeks.instants,
        "weeks": {world.weeks.code(n): teller.week(n) for n in range(world.weeks.count)},
        "hazards": teller.hazards(),
        "refinds": teller.refinds(),
        "refused": teller.refused,
        "accepted_dirt": [_dirt(r) for r in world.rows if r.dirt and r.expect in (TAKEN, KNOWN)],
        "outcomes": teller.outcomes(),
        "reports": tally_beside.reports(world),
        "enforcement": tally_beside.enforcement(world),
    }


@dataclass(frozen=True)
class Asked:
    """The time that is asked about: [start, end), when its calendar year began, its first and last
    day, and the numbers of the weeks whose Sunday lies in it, those before and after the world
    among them."""

    start: int
    end: int
    year: int
    days: tuple[date, date]
    weeks: tuple[int, ...]

    @classmethod
    def of_days(cls, world: World, first: date, last: date) -> "Asked":
        """From 00:00 of the first day to 24:00 of the last."""
        clock = world.weeks.clock
        count = (last - first).days + 1
        sundays = [d for n in range(count) if (d := first + timedelta(days=n)).weekday() == 6]
        return cls(
            clock.at(first),
            clock.end_of(last),
            clock.at(date(last.year, 1, 1)),
            (first, last),
            tuple((day - FIRST_MONDAY).days // 7 for day in sundays),
        )


class Teller:
    """One world laid out for counting. together: see `demo.quality`."""

    def __init__(self, world: World, *, together: bool = False) -> None:
        self.world, self.together = world, together
        self.tracks = [Track(h) for h in world.hazards]
        self.duties, self.checks = Duties(world), Checks(world)
        self.delivered = Delivered(world, together)
        self.towns = list(world.organisation.town_codes())
        self.sectors = list(world.organisation.sector_codes())
        self.units = [*self.towns, *self.sectors, "total"]
        clock = world.weeks.clock
        self.campaign = clock.at(world.policy["campaign"]["start"])
        self.found_known = {t.hazard.key: t.known[0] for t in self.tracks}
        self.refused = [*self._refused(), *self._waiting()]

    def week(self, n: int) -> dict[str, Any]:
        weeks = self.world.weeks
        return {
            "start": weeks.start(n),
            "end": weeks.end(n),
            "cut_off": weeks.cut_off(n),
            "first_collect": weeks.first[n],
            "second_collect": weeks.second[n],
            "first": self.cut(self.asked(n), weeks.first[n]),
            "final": self.cut(self.asked(n), weeks.last),
        }

    def asked(self, n: int) -> Asked:
        """One week."""
        first = self.world.weeks.monday(n)
        return Asked.of_days(self.world, first, first + timedelta(days=6))

    def span(self, asked: Asked, received_by: int) -> Cut:
        """What is counted: between which instants, and until when rows count."""
        hours = self.world.policy["bulletin"]["dispatch_hours"]
        begun = self.campaign, asked.year
        return Cut.of((asked.start, asked.end), begun, received_by, hours)

    def cut(self, asked: Asked, received_by: int) -> dict[str, Any]:
        """Any span of time as known from what was received by an instant."""
        cut = self.span(asked, received_by)
        tally = Tally()
        for track in self.tracks:
            tally.count(track, cut)
        filed = self.duties.submissions(asked.weeks, received_by, self.units)
        codes, waiting = self._quarantined(asked.weeks, received_by)
        return {
            "received_by": received_by,
            "counts": tally.by_unit(self.towns, self.sectors),
            "coverage": self._beside(asked, received_by, filed["counts"]),
            "listed": self.duties.listed(self.tracks, cut),
            "quarantined": codes,
            "waiting": waiting,
            "missing": filed["missing"],
            "late": filed["late"],
            "ambiguous": self._ambiguous(cut),
        }

    def _beside(self, asked: Asked, received_by: int, filed: Coverage) -> Coverage:
        """What is counted beside hazards; ledgers and rows only of whoever delivers."""
        parts = [
            self.checks.campaign(Window(self.campaign, asked.end, received_by), self.units),
            self.checks.duties(asked.days, received_by, self.units),
            self.delivered.counts(asked.weeks, received_by, self.units),
            {unit: filed[unit] for unit in (*self.towns, "total")},
        ]
        return {u: {m: n for p in parts for m, n in p.get(u, {}).items()} for u in self.units}

    def _quarantined(self, weeks: tuple[int, ...], received_by: int) -> tuple[dict[str, int], int]:
        """Rows of the weeks' deliveries refused by then and not taken since; how many only wait."""
        periods = {self.world.weeks.code(n) for n in weeks}
        held = [
            r
            for r in self.refused
            if r["period"] in periods
            and r["received_at"] <= received_by
            and (r["taken_at"] is None or r["taken_at"] > received_by)
        ]
        codes = Counter(str(r["code"]) for r in held)
        return dict(sorted(codes.items())), sum(r["taken_at"] is not None for r in held)

    def _ambiguous(self, cut: Cut) -> dict[str, int]:
        found = Counter[str]()
        for track in self.tracks:
            hazard = track.hazard
            inside = cut.start <= hazard.found_at < cut.end and track.known[0] <= cut.received_by
            if hazard.ambiguous_of and inside:
                found.update((track.steps[0].after.town, hazard.sector, "total"))
        return dict(sorted(found.items()))

    # -- rows ----------------------------------------------------------------------------------

    def _refused(self) -> list[dict[str, Any]]:
        rows = [r for r in self.world.rows if r.expect not in (TAKEN, KNOWN)]
        return [_refusal(r, r.expect, None) for r in rows if r.receipt.received < NEVER]

    def _waiting(self) -> list[dict[str, Any]]:
        """Good updates that came before the ledger with their hazard: A001 until it comes."""
        held = []
        for row in self.world.rows:
            if row.record != "update" or row.expect not in (TAKEN, KNOWN):
                continue
            source = row.fields.get("finding_source") or row.source
            known = self.found_known.get(f"{source}:{row.fields['finding_id']}", 0)
            if row.receipt.received < known:
                held.append(_refusal(row, "A001", known if known < NEVER else None))
        return held

    def hazards(self) -> list[dict[str, Any]]:
        return [_at_last(t) for t in self.tracks if t.known[0] <= self.world.weeks.last]

    def refinds(self) -> list[dict[str, Any]]:
        found = self.world.refinds
        return [{"source": r.source, "source_id": r.id, "root": r.root} for r in found]

    def outcomes(self) -> list[dict[str, Any]]:
        """Facts that did not simply apply, of rows that were collected."""
        received = {(r.source, r.id) for r in self.world.rows if r.receipt.received < NEVER}
        return [
            {"source": o.source, "source_id": o.id, "event": o.event, "outcome": o.outcome}
            for o in self.world.outcomes
            if (o.source, o.id) in received
        ]


def _refusal(row: Row, code: str, taken_at: int | None) -> dict[str, Any]:
    receipt = row.receipt
    return {
        "source": row.source,
        "record": row.record,
        "source_id": row.id,
        "code": code,
        "dirt": row.dirt,
        "unit": row.unit or row.source,
        "period": receipt.period,
        "received_at": receipt.received,
        "taken_at": taken_at,
    }


def _dirt(row: Row) -> dict[str, Any]:
    return {
        "source": row.source,
        "record": row.record,
        "source_id": row.id,
        "expect": row.expect,
        "dirt": row.dirt,
        "received_at": row.receipt.received,
    }


def _at_last(track: Track) -> dict[str, Any]:
    """How a hazard stands at the last collect, whatever was claimed by then."""
    hazard: Hazard = track.hazard
    steps = [s for s in track.steps if s.known < NEVER]
    now = steps[-1].after
    return {
        "source": hazard.source,
        "source_id": hazard.id,
        "place_id": hazard.place_id,
        "channel": hazard.channel,
        "sector": hazard.sector,
        "town": now.town,
        "state": now.state.name.lower(),
        "severity": now.severity.name.lower(),
        "due_at": now.due_at,
        "original_due_at": now.original_due_at,
        "accepted_at": now.accepted_at,
        "listed_level": now.level,
        "complete": now.complete,
        "found_at": hazard.found_at,
        "closures": sum(s.kind is FactKind.CLOSED for s in steps),
        "story": hazard.story,
        "ambiguous_of": hazard.ambiguous_of,
    }
