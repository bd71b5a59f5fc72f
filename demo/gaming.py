"""Signs of gaming by hand: the watch of a weekly edition, from steps and rows of the world.

Promise: the table of docs/honest-ranks.md in plain loops over hazards. The world never says nearly
the same of two hazards of one place (`demo.hazards`), so nobody splits here. A hazard that meets a
condition twice in a week is one hazard.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import ceil, comb
from typing import Any

from demo.marks import Page, half_up, percent
from demo.model import NEVER, TAKEN, Row, Step
from demo.tally import Cut, Track
from demo.world import World
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import FactKind, Severity

K = FactKind
MEASURES = (
    "splitting", "crowded", "outside", "avoided", "backdated", "told_late", "downgraded",
    "same_day", "late_extensions", "reopened_soon", "unproven", "self_accepted",
)  # fmt: skip
_EXITS = (K.REJECTED, K.MERGED, K.TRANSFERRED)
_CLOSING = ("submitted", "acceptance_passed", "closed")
Found = dict[str, set[tuple[str, str]]]  # measure → (town, hazard)


@dataclass
class Told:
    """The rows of a world that tell of hazards: by hazard, in the order they happened."""

    world: World
    together: bool

    def __post_init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        void = {(o.source, o.id) for o in self.world.outcomes if o.outcome == "ineffective"}
        for row in sorted(self.world.rows, key=lambda r: r.claimed):
            if row.record == "update" and row.expect == TAKEN and row.receipt.received < NEVER:
                home = row.fields.get("finding_source") or row.source
                self.rows[f"{home}:{row.fields['finding_id']}"].append(row)
        self.without_effect = void

    def entered(self, row: Row, track: Track) -> int:
        """When the ledger had it: with its hazard, or at the end where all is taken at once."""
        last = self.world.weeks.last
        return last if self.together else max(row.receipt.received, track.known[0])


class Gaming:
    """The watch of one week at one cut."""

    def __init__(self, told: Told, tracks: list[Track], cut: Cut, cut_off: int) -> None:
        self.told, self.cut, self.cut_off = told, cut, cut_off
        self.world, self.rule = told.world, told.world.policy["watch"]
        self.concerned: Found = {m: set() for m in MEASURES}
        self.base: Found = {m: set() for m in MEASURES}
        self.closed: dict[str, set[str]] = defaultdict(set)
        self.days: Counter[tuple[str, int]] = Counter()
        self.same_day: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.crowds: Counter[tuple[str, str]] = Counter()
        window = self.world.policy["identity"]["window_days"] * DAY_MS
        known = [(t, t.steps[: t.count_until(cut)]) for t in tracks if t.count_until(cut)]
        for track, steps in known:
            if steps[0].at >= cut.start - window and track.hazard.place_id:
                self.crowds[track.hazard.place_id, track.hazard.category] += 1
        for track, steps in known:
            first = bisect_left(track.at, cut.start)
            for n in range(first, len(steps)):
                self._see(track, steps, n)
            self._see_late(track, steps[-1].after.town)
        self._greatest_days()

    def _note(self, measure: str, town: str, key: str, is_concerned: bool = True) -> None:
        self.base[measure].add((town, key))
        if is_concerned:
            self.concerned[measure].add((town, key))

    def _see(self, track: Track, steps: tuple[Step, ...], n: int) -> None:
        step, before = steps[n], steps[n - 1].after if n else None
        town, key, kind, rule = step.after.town, track.hazard.key, step.kind, self.rule
        if kind is K.REGISTERED:
            hazard = track.hazard
            many = self.crowds[hazard.place_id, hazard.category] >= rule["crowded_from"]
            self._note("splitting", town, key, False)
            self._note("crowded", town, key, many)
            self._note("outside", town, key, hazard.channel in rule["outside_channels"])
        elif kind in _EXITS:
            due = step.after.due_at
            near = step.at >= due - rule["near_due_days"] * DAY_MS
            self._note("avoided", town, key, due > 0 and near)
        elif kind is K.CLOSED:
            self._see_closed(track, step)
        elif kind is K.ACCEPTANCE_PASSED:
            self._note("backdated", town, key, step.after.accepted_late)
            self._note("self_accepted", town, key, self._is_own(track))
        elif kind is K.SEVERITY_CHANGED and before:
            down = (before.severity, step.after.severity) == (Severity.MAJOR, Severity.GENERAL)
            self._note("downgraded", town, key, down)
        elif kind is K.EXTENDED and before:
            last = before.due_at - step.at <= rule["last_days"] * DAY_MS
            self._note("late_extensions", town, key, last)
        elif kind is K.REOPENED:
            closed = max(s.at for s in steps[:n] if s.kind is K.CLOSED)
            soon = step.at - closed <= rule["reopened_within_days"] * DAY_MS
            self._note("reopened_soon", town, key, soon)

    def _see_closed(self, track: Track, step: Step) -> None:
        town, key, clock = step.after.town, track.hazard.key, self.world.weeks.clock
        self.closed[town].add(key)
        self._note("avoided", town, key, False)
        self._note("unproven", town, key, not self._is_proven(track))
        self._note("same_day", town, key, False)
        day = clock.day(step.at)
        if day == clock.day(track.hazard.found_at):
            self.days[town, day.toordinal()] += 1
            self.same_day[town, day.toordinal()].add(key)

    def _greatest_days(self) -> None:
        """Each town's greatest day of found and closed at once, the first of equals."""
        for town in {town for town, _ in self.days}:
            days = [(-n, day) for (t, day), n in self.days.items() if t == town]
            for key in self.same_day[town, min(days)[1]]:
                self._note("same_day", town, key)

    def _rows(self, track: Track) -> list[Row]:
        """What was told of a hazard before the end and by the cut."""
        rows = self.told.rows.get(track.hazard.key, [])
        by = self.cut.received_by
        return [r for r in rows if r.claimed < self.cut.end and self.told.entered(r, track) <= by]

    def _see_late(self, track: Track, town: str) -> None:
        """Steps of closing that were told in the week, of a hazard known before."""
        known = self.world.weeks.last if self.told.together else track.known[0]
        if known >= self.cut.start:
            return
        hours = self.rule["told_late_hours"]
        for row in self._rows(track):
            entered = self.told.entered(row, track)
            if row.fields["event"] in _CLOSING and self.cut.start <= entered <= self.cut_off:
                late = row.receipt.received - row.claimed > hours * HOUR_MS
                self._note("told_late", town, track.hazard.key, late)

    def _is_proven(self, track: Track) -> bool:
        """Some evidence came by its filing deadline."""
        post = self.world.post
        return any(
            r.fields.get("evidence") and not post.filed_late(r.source, r.claimed, r.receipt)
            for r in self._rows(track)
        )

    def _is_own(self, track: Track) -> bool:
        """The last acceptance that took effect is by the unit that was responsible then."""
        unit = own = None
        for row in self._rows(track):
            unit = row.fields.get("responsible_unit") or unit
            counts = (row.source, row.id) not in self.told.without_effect
            if row.fields["event"] == "acceptance_passed" and counts:
                own = row.fields.get("organisation")
        return own is not None and own == unit

    # -- as an edition has it ------------------------------------------------------------------

    def page(self, head: str) -> Page:
        """The section as an edition has it; `head`: the hash that the lots were drawn from."""
        measures = {(t, m): self._row(t, m) for m in MEASURES for t in self._towns(m)}
        flags = {}
        for rule in self.rule["rules"]:
            for town in self._towns(rule["of"]):
                if flag := self._flag(measures[town, rule["of"]], rule):
                    flags[town, rule["of"]] = flag
        drawn = {town: self._drawn(keys, head) for town, keys in self.closed.items()}
        return {"measures": measures, "flags": flags, "drawn": drawn}

    def _towns(self, measure: str) -> set[str]:
        return {town for town, _ in self.base[measure]}

    def _row(self, town: str, measure: str) -> Page:
        items = sorted(key for t, key in self.concerned[measure] if t == town)
        base = sum(t == town for t, _ in self.base[measure])
        return {
            "unit": town,
            "measure": measure,
            "count": len(items),
            "base": base,
            "value": percent(len(items), base),
            "ingredients": {"items": ", ".join(items[:5])} if items else {},
        }

    def _flag(self, row: Page, rule: dict[str, Any]) -> Page | None:
        least, of = Fraction(str(rule.get("percent", 0))), rule["of"]
        if "over_county" in rule:
            county = Fraction(100 * len(self.concerned[of]), len(self.base[of]))
            least = max(least, county + Fraction(str(rule["over_county"])))
        if row["count"] < rule["at_least"] or Fraction(100 * row["count"], row["base"]) < least:
            return None
        limits = [f"≥ {rule['at_least']}", *([f"≥ {half_up(least)}%"] if least else [])]
        return {
            "unit": row["unit"],
            "measure": of,
            "value": f"{row['count']} ({row['value']}%)",
            "threshold": ", ".join(limits),
            "ingredients": {
                "count": str(row["count"]), "base": str(row["base"]), **row["ingredients"],
            },
        }  # fmt: skip

    def _drawn(self, keys: set[str], head: str) -> list[str]:
        """So many that one of the false ones is hit; in the order of their hashes."""
        rule, n = self.rule["reinspection"], len(keys)
        false = ceil(n * rule["false_percent"] / 100)
        doubt = Fraction(100 - rule["confidence_percent"], 100)
        enough = (s for s in range(n) if Fraction(comb(n - false, s), comb(n, s)) <= doubt)
        lots = sorted(keys, key=lambda key: sha256(f"{head}\n{key}".encode()).hexdigest())
        return lots[: min(next(enough, n), rule["at_most"])]
