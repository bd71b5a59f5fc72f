"""The figures of domain section 5 once more: one hazard after another, one if after another.

Written from the text for the tests. Shares no table, condition or function with the pipeline's
counting, scoring or gate; of the pipeline it knows the names of measures, scopes and splits. A
hazard is the list of its spans as `tests.rules.oracle` lives through them: what it was after each
fact that took effect, in order. A span holds from its `at` until the next one's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from schemas.edition import MEASURES

Span = dict[str, Any]
# unit → scope → split → measure
Counts = dict[str, dict[str, dict[str, dict[str, int]]]]
Told = Iterator[tuple[str, str, int]]  # measure, town, how many

HOUR = 3_600_000
DAY = 24 * HOUR
OPEN = ("registered", "verified", "assigned", "rectifying", "submitted")
NEVER_RECTIFIED = ("rejected", "merged", "transferred")
FIVE = {"responsibility", "measures", "deadline", "funding", "plan"}
_BY_FACT = {
    "registered": ("found",),
    "reopened": ("reopened",),
    "closed": ("closed",),
    "rejected": ("rejected",),
    "merged": ("merged",),
    "transferred": ("transferred",),
    "acceptance_passed": ("acceptances",),
    "acceptance_failed": ("acceptances", "reworked"),
}
RATES = {
    "rectification": ("found_closed", "found"),
    "on_time": ("on_time", "due"),
    "on_time_original": ("on_time_original", "due"),
    "rework": ("reworked", "acceptances"),
    "reopen": ("reopened", "closures_90_days"),
    "five_elements": ("major_complete", "major_open"),
    "dispatch": ("dispatched_in_time", "verified"),
    "overdue_share": ("overdue", "closing"),
    "coverage": ("places_checked", "places_due"),
}


@dataclass(frozen=True)
class Cut:
    """A period's end, when each scope begins (UTC ms), and the hours to dispatch in."""

    end: int
    starts: dict[str, int]
    dispatch_hours: int


def counts(hazards: Iterable[list[Span]], cut: Cut, units: Iterable[str]) -> Counts:
    """Every measure of every town, sector and of "total". `hazards`: as known at a watermark."""
    made: Counts = {u: {s: _nothing() for s in cut.starts} for u in (*units, "total")}
    for hazard in hazards:
        happened = [span for span in hazard if span["at"] < cut.end]
        if not happened:
            continue
        sector = happened[0]["sector"]
        own = "self_check" if happened[0]["self_check"] else "supervision"
        for scope, start in cut.starts.items():
            for measure, town, n in _told(happened, start, cut):
                for split in ("all", own):
                    made[town][scope][split][measure] += n
                    made["total"][scope][split][measure] += n
                    if measure not in ("moved_in", "moved_out"):  # between towns, within a sector
                        made[sector][scope][split][measure] += n
    return made


def _nothing() -> dict[str, dict[str, int]]:
    return {split: dict.fromkeys(MEASURES, 0) for split in ("all", "self_check", "supervision")}


def _told(happened: list[Span], start: int, cut: Cut) -> Told:
    yield from _flows(happened, start, cut)
    yield from _stocks(happened, cut.end)
    yield from _dues(happened[-1], start, cut.end)
    yield from _dispatch(happened, start, cut.dispatch_hours)


def _flows(happened: list[Span], start: int, cut: Cut) -> Told:
    earlier = [span for span in happened if span["at"] < start]
    if earlier and earlier[-1]["state"] in OPEN:
        yield "opening", earlier[-1]["town"], 1
    for span in happened[len(earlier) :]:
        for measure in _BY_FACT.get(span["kind"], ()):
            yield measure, span["town"], 1
        if span["kind"] == "moved" and span["town_before"] != span["town"]:
            yield "moved_out", span["town_before"], 1
            yield "moved_in", span["town"], 1
    if happened[-1]["state"] == "closed" and happened[-1]["found_at"] >= start:
        yield "found_closed", happened[0]["town"], 1


def _dispatch(happened: list[Span], start: int, hours: int) -> Told:
    """Verified since, and whether the first assignment came in time: for who is in charge now."""
    verified = [span["at"] for span in happened if span["kind"] == "verified"]
    if not verified or verified[-1] < start:
        return
    yield "verified", happened[-1]["town"], 1
    assigned = [span["at"] for span in happened if span["kind"] == "assigned"]
    if assigned and assigned[0] - verified[-1] <= hours * HOUR:
        yield "dispatched_in_time", happened[-1]["town"], 1


def _stocks(happened: list[Span], end: int) -> Told:
    for span in happened:
        if span["kind"] == "closed" and span["at"] >= end - 90 * DAY:
            yield "closures_90_days", span["town"], 1
    now = happened[-1]
    if now["state"] not in OPEN:
        return
    yield "closing", now["town"], 1
    if now["severity"]:
        yield "major_open", now["town"], 1
        if now["have"] >= FIVE:
            yield "major_complete", now["town"], 1
    if now["due_at"] and now["due_at"] <= end and not now["accepted_at"]:
        yield "overdue", now["town"], 1
        yield "overdue_days", now["town"], (end - now["due_at"]) // DAY
        if now["severity"]:
            yield "overdue_major", now["town"], 1


def _dues(now: Span, start: int, end: int) -> Told:
    """Due by 24:00 of a day of the scope; what entered as opening is not judged on time."""
    if now["state"] in NEVER_RECTIFIED or "opening" in now["marks"]:
        return
    if not start < now["due_at"] <= end:
        return
    yield "due", now["town"], 1
    accepted = now["accepted_at"]
    if accepted and accepted <= now["due_at"]:
        yield "backdated" if now["backdated"] else "on_time", now["town"], 1
    if accepted and accepted <= now["original_due_at"] and not now["backdated"]:
        yield "on_time_original", now["town"], 1


def listed(hazards: Iterable[list[Span]], end: int) -> dict[tuple[str, str], int]:
    """Open hazards under a listing at the period's end, by sector and level."""
    found = Counter[tuple[str, str]]()
    for hazard in hazards:
        happened = [span for span in hazard if span["at"] < end]
        if happened and happened[-1]["state"] in OPEN and happened[-1]["level"]:
            now = happened[-1]
            found[now["sector"], ("county", "city", "province")[now["level"] - 1]] += 1
    return dict(found)


def rates(measures: dict[str, int]) -> dict[str, str]:
    """Every rate whose two measures are there: percent with two decimals, "/" for nothing."""
    return {
        name: percent(measures[part], measures[whole])
        for name, (part, whole) in RATES.items()
        if part in measures and whole in measures
    }


def percent(part: int, whole: int) -> str:
    if whole == 0:
        return "/"
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP))


def coverage(
    places: Iterable[list[dict[str, Any]]],
    visits: Iterable[tuple[str, int]],
    span: tuple[int, int],
    classes: Iterable[str],
) -> dict[str, dict[str, int]]:
    """places_due and places_checked by unit: of these classes, active at both ends of the span.

    places: each one's rows as valid from `valid_from`; visits: (place, when).
    """
    start, end = span
    visited = {place for place, at in visits if start <= at < end}
    made: dict[str, dict[str, int]] = defaultdict(lambda: {"places_due": 0, "places_checked": 0})
    for rows in places:
        valid = sorted((row["valid_from"], n) for n, row in enumerate(rows))
        begun = [rows[n] for at, n in valid if at < end]
        if not begun or valid[0][0] > start:
            continue
        now = begun[-1]
        is_active = not now["active_to"] or now["active_to"] >= end
        if now["place_class"] in classes and is_active:
            for unit in (now["town"], now["sector"], "total"):
                made[unit]["places_due"] += 1
                made[unit]["places_checked"] += now["place"] in visited
    return made
