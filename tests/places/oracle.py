"""The indices of places in plain Python, one place and one hazard at a time, from the documents.

Shares nothing with the product but the words, the policy and the normalising of names.
"""

import calendar
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from rules.identity_names import credit_key, name_key
from schemas.policy_indices import Indices, Scale
from schemas.tables import event
from schemas.tables_projections import (
    check_visit,
    finding,
    hazard_span,
    identity_link,
    place_span,
    side_step,
)
from tests.places.random_places import Row, World

DAY_MS = 86_400_000
SHANGHAI = timezone(timedelta(hours=8))
OPEN, CLOSED, UNREAL = {1, 2, 3, 4, 5}, 6, {7, 8, 9}


def local(at: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(SHANGHAI)


def instant(day: date) -> int:
    begin = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return round(begin.timestamp() * 1000)


class Oracle:
    """A world at a cut."""

    def __init__(self, world: World, policy: Indices, watermark: int, end: int) -> None:
        self.world, self.policy, self.watermark, self.end = world, policy, watermark, end
        self.start = end - policy.lookback_days * DAY_MS
        self.findings = {row["stream_id"]: row for row in world.of(finding)}
        self.registry = {
            row["place_id"]: row
            for row in self.seen(place_span)
            if row["claimed_from"] < end <= row["claimed_to"]
        }
        self.codes = self._codes()
        self.roots = self._roots()
        self.hazards = self._hazards()

    def seen(self, table: Any) -> list[Row]:
        rows = self.world.of(table)
        return [r for r in rows if r["seq_from"] <= self.watermark < r["seq_to"]]

    def _codes(self) -> dict[str, str]:
        """The code that was claimed last of each registered place, of those that name one."""
        told: dict[str, tuple[int, int, str]] = {}
        for row in self.world.of(event):
            code = json.loads(row["payload"]).get("credit_code")
            known = row["seq"] <= self.watermark and row["claimed_at"] < self.end
            if code and known:
                said = (row["claimed_at"], row["seq"], credit_key(code))
                told[row["source_id"]] = max(told.get(row["source_id"], said), said)
        return {place: code for place, (_, _, code) in told.items() if place in self.registry}

    def _roots(self) -> dict[str, str]:
        """The root of every finding that is linked, by the links known."""
        groups = {stream: {stream} for stream in self.findings}
        for link in self.world.of(identity_link):
            if link["seq"] <= self.watermark:
                both = groups[link["stream_a"]] | groups[link["stream_b"]]
                for stream in both:
                    groups[stream] = both
        order = lambda s: (self.findings[s]["found_at"], s)  # noqa: E731
        return {stream: min(group, key=order) for stream, group in groups.items()}

    def _hazards(self) -> list[Row]:
        found = []
        for span in self.seen(hazard_span):
            if span["claimed_from"] < self.end <= span["claimed_to"]:
                root = span["root_id"]
                place, status = self._where(root)
                category = self.findings[root]["category"]
                found.append(span | {"place": place, "status": status, "category": category})
        return found

    # -- where a hazard is --------------------------------------------------------------------

    def _where(self, root: str) -> tuple[str, str]:
        members = {root} | {s for s, r in self.roots.items() if r == root}
        told = [(*self._place(self.findings[s]), self.findings[s]["found_at"], s) for s in members]
        _, place, status, _, _ = min(told, key=lambda t: (t[0], t[3], t[4]))
        return place, status

    def _place(self, row: Row) -> tuple[int, str, str]:
        """(sureness, place, status) of one finding."""
        if row["place_key"] in self.registry:
            return 0, row["place_key"], "registered"
        own = [
            (4 + n, f"{by}:{row[key]}")
            for n, (key, by) in enumerate(
                [("place_key", "number"), ("credit_key", "credit_code"),
                 ("name_key", "name"), ("address_key", "address")]
            )
            if row[key]
        ]  # fmt: skip
        unclear = False
        if row["credit_key"]:
            anywhere = [p for p, c in self.codes.items() if c == row["credit_key"]]
            here = [p for p in anywhere if self.registry[p]["town_code"] == row["town_code"]]
            for places in (here, anywhere):
                if len(places) == 1:
                    return 1, places[0], "registered"
                if places:
                    unclear = True
                    break
        if row["name_key"]:
            named = [
                p
                for p, r in self.registry.items()
                if f"{r['town_code']}|{name_key(r['name'])}" == row["name_key"]
            ]
            if len(named) == 1:
                return 2, named[0], "registered"
            unclear = unclear or len(named) > 1
        if not own:
            return 8, "", ""
        return (3, own[0][1], "unclear") if unclear else (*own[0], "not_registered")

    # -- ingredients --------------------------------------------------------------------------

    def repeats(self, hazard: Row) -> bool:
        if not hazard["place"] or not hazard["category"] or hazard["state"] in UNREAL:
            return False
        rules = self.policy.repeats
        for other in self.hazards:
            alike = all(other[k] == hazard[k] for k in ("place", "category"))
            if other is hazard or not alike or other["state"] in UNREAL:
                continue
            if (other["found_at"], other["root_id"]) > (hazard["found_at"], hazard["root_id"]):
                continue
            since = hazard["found_at"] - other["closed_at"]
            closed = other["state"] == CLOSED and other["closed_at"] > 0
            if closed and 0 < since <= rules.after_closing_days * DAY_MS:
                return True
            days = (local(hazard["found_at"]).date() - local(other["found_at"]).date()).days
            if 1 <= days <= rules.again_within_days:
                return True
        return False

    def months(self) -> list[tuple[int, int]]:
        found, first = [], self.policy.self_check.since
        if first.day > 1:
            first = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        while True:
            after = first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
            if instant(after) > self.end:
                return found[-self.policy.self_check.months :]
            found.append((instant(first), instant(after)))
            first = after

    def self_checks(self, place: str) -> tuple[int, int]:
        owed = missed = 0
        for begin, end in self.months():
            held = [
                row
                for row in self.seen(place_span)
                if row["place_id"] == place
                and row["claimed_from"] < end <= row["claimed_to"]
                and row["claimed_from"] < self.end
                and row["active_from"] <= begin
                and (row["active_to"] == 0 or row["active_to"] >= end)
                and row["place_class"] in self.policy.self_check.place_classes
            ]
            kept = [
                row
                for row in self.seen(check_visit)
                if row["place_id"] == place
                and row["channel"] == "self_check"
                and begin <= row["checked_at"] < end
            ]
            owed += bool(held)
            missed += bool(held) and not kept
        return owed, missed

    def ingredients(self, place: str) -> dict[str, int]:
        here = [h for h in self.hazards if h["place"] == place]
        is_open = [h for h in here if h["state"] in OPEN]
        overdue = [h for h in is_open if not h["accepted_at"] and 0 < h["due_at"] <= self.end]
        closed = [h for h in here if h["state"] == CLOSED and h["closed_at"] >= self.start]
        closed = [h for h in closed if h["closed_at"] > 0]
        took = [h["accepted_at"] - (h["assigned_at"] or h["found_at"]) for h in closed]
        owed, missed = self.self_checks(place)
        return {
            "open_major": sum(h["severity"] == 1 for h in is_open),
            "open_listed": sum(h["listed_level"] > 0 for h in is_open),
            "open_general": sum(h["severity"] == 0 for h in is_open),
            "overdue": len(overdue),
            "overdue_major": sum(h["severity"] == 1 for h in overdue),
            "repeats": sum(h["found_at"] >= self.start and self.repeats(h) for h in here),
            "self_check_missed": missed,
            "self_check_owed": owed,
            "penalties": self.penalties(place),
            "rectify_seconds": sum(max(ms // 1000, 0) for ms in took),
            "rectified": len(closed),
        }

    def penalties(self, place: str) -> int:
        roots = {h["root_id"] for h in self.hazards if h["place"] == place}
        return sum(
            row["kind"] == "penalised"
            and self.start <= row["claimed_at"] < self.end
            and self.roots[row["stream_id"]] in roots
            for row in self.seen(side_step)
        )

    # -- the answer ---------------------------------------------------------------------------

    def places(self) -> dict[str, Row]:
        """Every place that is listed."""
        found: dict[str, Row] = {}
        others: dict[str, list[Row]] = defaultdict(list)
        for hazard in self.hazards:
            if hazard["place"] and hazard["place"] not in self.registry:
                others[hazard["place"]].append(hazard)
        for place in (*self.registry, *others):
            made = self.ingredients(place)
            status, kind = self._status(place, others)
            recent = any(h["found_at"] >= self.start and h["state"] not in UNREAL
                         for h in others.get(place, []))  # fmt: skip
            is_open = made["open_major"] + made["open_general"] > 0
            said = is_open or made["rectified"] or made["penalties"] or recent
            if status == "closed" and not is_open:
                continue
            if status in ("unclear", "not_registered") and not said:
                continue
            found[place] = {"status": status, "ingredients": made}
            found[place] |= self.band(made, self.policy.risk, kind, "colour", "risk_score")
            found[place] |= self.band(made, self.policy.credit, kind, "grade", "credit_score")
        return found

    def _status(self, place: str, others: dict[str, list[Row]]) -> tuple[str, str]:
        if place in self.registry:
            row = self.registry[place]
            lasts = row["active_to"] == 0 or row["active_to"] >= self.end
            return ("registered" if lasts else "closed"), row["place_class"]
        unclear = any(h["status"] == "unclear" for h in others[place])
        return ("unclear" if unclear else "not_registered"), ""

    def band(self, made: dict[str, int], scale: Scale, kind: str, band: str, score: str) -> Row:
        if kind not in scale.place_classes and (kind or scale is self.policy.credit):
            return {band: "", score: ""}
        left = Decimal(100)
        for line in scale.losses:
            value = self.value(made, line.of.value)
            if value is not None:
                over = max(value - line.above, Decimal(0))
                left -= cents(min(over * line.points_each, line.cap))
        left = max(left, Decimal("0.00"))
        reached = next(b for b in scale.order if left >= scale.bands[b])
        for rule in scale.at_best:
            value = self.value(made, rule.of.value)
            if value is not None and value >= rule.at_least:
                reached = max(reached, rule.band, key=scale.order.index)
        return {band: str(reached), score: str(cents(left))}

    def value(self, made: dict[str, int], of: str) -> Decimal | None:
        with localcontext(prec=60):
            if of == "self_check_missed":
                owed = made["self_check_owed"]
                return Decimal(100 * made[of]) / owed if owed else None
            if of == "rectify_days":
                count = made["rectified"]
                return Decimal(made["rectify_seconds"]) / count / 86_400 if count else None
        return Decimal(made[of])

    def unplaced(self) -> int:
        return sum(h["state"] in OPEN and not h["place"] for h in self.hazards)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
