"""The life of one hazard after another, by dicts and ifs: what the domain's section 3 says.

Written from the text, without the pipeline's rules: it shares no table, mask or function with
them, only the spelling of event rows. Slow and plain on purpose.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chinese_calendar import is_workday

Row = dict[str, Any]
Verdict = tuple[str, str, frozenset[str]]

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTICE = 15  # working days before expiry at which a listed hazard's extension is asked for
OPEN = ("registered", "verified", "assigned", "rectifying", "submitted")
# Of two facts claimed at one instant, which comes first in life.
IN_LIFE = (
    "registered", "verified", "rejected", "assigned", "bounced", "elements_filed", "started",
    "extended", "moved", "severity_changed", "listed", "delisted", "submitted",
    "acceptance_passed", "acceptance_failed", "closed", "reopened", "merged", "transferred",
)  # fmt: skip
LEVELS = {"county": 1, "city": 2, "province": 3}
APPLIED: Verdict = ("applied", "", frozenset())


def latest(rows: Iterable[Row]) -> list[Row]:
    """Only the revision sent last counts; of several sent at once, that of the greatest digest."""
    best: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        key = (row["source"], row["record"], row["source_id"])
        rival = best.get(key)
        if rival is None or _sent(row) > _sent(rival):
            best[key] = row
    return list(best.values())


def _sent(row: Row) -> tuple[int, str]:
    return row["sent_at"], row["row_digest"]


def lives(rows: Iterable[Row]) -> dict[str, "Hazard"]:
    """Every hazard after all its facts, by root."""
    by_root: dict[str, list[Row]] = {}
    for row in latest(rows):
        by_root.setdefault(row["root_id"], []).append(row)
    return {root: _lived(facts) for root, facts in by_root.items()}


def _lived(facts: list[Row]) -> "Hazard":
    hazard = Hazard()
    facts.sort(
        key=lambda f: (f["claimed_at"], IN_LIFE.index(f["kind"]), f["source"], f["source_id"])
    )
    for fact in facts:
        hazard.live(fact)
    for fact in hazard.waiting:
        hazard.verdicts[id(fact)] = ("pending", "", frozenset(hazard.missing(fact)))
    return hazard


class Hazard:
    """`spans` has one entry per fact that took effect; `verdicts` one per fact, by id()."""

    def __init__(self) -> None:
        self.state = "none"
        self.now = 0
        self.about: Row = {}
        self.elements: set[str] = set()
        self.handed_in: set[str] = set()
        self.responsible = self.rectifier = self.submitter = None
        self.dates = dict.fromkeys(
            ("found", "verified", "assigned", "due", "original_due", "accepted", "closed"), 0
        )
        self.backdated = False
        self.level = 0
        self.waiting: list[Row] = []
        self.verdicts: dict[int, Verdict] = {}
        self.spans: list[Row] = []

    def live(self, fact: Row) -> None:
        self.now = fact["claimed_at"]
        if self.state in OPEN:
            self.take_data(fact)
        self.complete()
        self.judge(fact)
        self.complete()

    def judge(self, fact: Row) -> None:
        if not self.allows(fact["kind"]):
            self.verdicts[id(fact)] = ("ineffective", "not_from_this_state", frozenset())
        elif reason := self.refusal(fact):
            self.verdicts[id(fact)] = ("ineffective", reason, frozenset())
        elif self.missing(fact):
            self.waiting.append(fact)
        else:
            self.happen(fact)

    def complete(self) -> None:
        """What waited happens as soon as nothing is missing; the earliest first, one at a time."""
        while ready := next((f for f in self.waiting if not self.missing(f)), None):
            self.waiting.remove(ready)
            if reason := self.refusal(ready):
                self.verdicts[id(ready)] = ("ineffective", reason, frozenset())
            else:
                self.happen(ready)

    # -- what a fact brings ------------------------------------------------------------------

    def take_data(self, fact: Row) -> None:
        """The elements stand until revised, what was handed in until it is found wanting."""
        self.elements |= _elements(fact)
        self.handed_in |= _handed_in(fact)
        if fact.get("responsible_unit"):
            self.responsible = fact["responsible_unit"]
        if fact["kind"] in ("elements_filed", "started") and not self.dates["due"]:
            self.first_due(fact)

    def first_due(self, fact: Row) -> None:
        if due := self.due_named(fact):
            self.dates["due"] = self.dates["original_due"] = due

    def due_named(self, fact: Row) -> int:
        return fact.get("due_major" if self.is_major() else "due_general") or 0

    def is_major(self) -> bool:
        return self.about.get("severity") == "major"

    # -- guards ------------------------------------------------------------------------------

    def allows(self, kind: str) -> bool:
        if kind == "registered":
            return self.state == "none"
        if kind == "reopened":
            return self.state == "closed"
        if self.state not in OPEN:
            return False
        if kind in ("elements_filed", "moved", "severity_changed", "listed", "delisted"):
            return True
        if kind == "merged":
            return self.state != "submitted"
        return (
            kind
            in {
                "registered": ("verified", "rejected", "transferred"),
                "verified": ("assigned", "rejected", "transferred"),
                "assigned": ("started", "bounced", "extended", "transferred"),
                "rectifying": ("submitted", "extended"),
                "submitted": ("acceptance_passed", "acceptance_failed", "closed"),
            }[self.state]
        )

    def refusal(self, fact: Row) -> str:
        if fact["kind"] == "acceptance_passed":
            if fact.get("implied") and (
                self.is_major() or self.about["channel"] == "public_report"
            ):
                return "implied_acceptance"
            return "accepted_by_rectifier" if self.is_own_acceptance(fact) else ""
        if fact["kind"] == "extended":
            if self.now >= self.dates["due"]:
                return "extension_after_expiry"
            asked = fact.get("asked_at") or fact["claimed_at"]
            if self.level and working_days(asked, self.dates["due"]) < NOTICE:
                return "extension_asked_too_late"
        if fact["kind"] == "severity_changed" and fact.get("severity") == self.about["severity"]:
            return "same_severity"
        return ""

    def is_own_acceptance(self, fact: Row) -> bool:
        organisation = fact.get("organisation")
        if not organisation or organisation not in (self.responsible, self.rectifier):
            return False
        first, second = self.submitter, fact.get("person")
        by_a_second = bool(first and second and first != second)
        is_self_check = self.about["channel"] == "self_check"
        return self.is_major() or not is_self_check or not by_a_second

    def missing(self, fact: Row) -> set[str]:
        kind = fact["kind"]
        if kind == "assigned":
            return {"responsibility", "deadline"} - self.in_force(fact)
        if kind == "started":
            wanted = {"responsibility", "measures", "deadline"}
            if self.is_major():
                wanted |= {"funding", "plan", "interim_control"}
            return wanted - self.in_force(fact)
        if kind == "submitted":
            wanted = {"finished_on", "work_done", "funding_spent", "evidence"}
            return wanted - self.handed_in - _handed_in(fact)
        if kind == "extended":
            told = {"due_date"} if fact.get("due_general") else set()
            told |= {n for n in ("reason", "second_person") if fact.get(n)} | self.in_force(fact)
            return {"reason", "second_person", "due_date", "interim_control"} - told
        if kind == "closed":
            accepted = set() if self.dates["accepted"] else {"acceptance"}
            return accepted | ({"delisting"} if self.level else set())
        return _untold(fact)

    def in_force(self, fact: Row) -> set[str]:
        deadline = {"deadline"} if self.dates["due"] or fact.get("due_general") else set()
        return self.elements | _elements(fact) | deadline

    # -- what happens ------------------------------------------------------------------------

    def happen(self, fact: Row) -> None:
        self.verdicts[id(fact)] = APPLIED
        before, town_before = self.state, self.about.get("town_code")
        getattr(self, "on_" + fact["kind"], self.on_other)(fact)
        if self.state != before:
            for other in self.waiting:
                self.verdicts[id(other)] = ("ineffective", "left_meanwhile", frozenset())
            self.waiting = []
        self.remember(fact, town_before)

    def on_other(self, fact: Row) -> None:
        after = {"started": "rectifying", "rejected": "rejected", "merged": "merged"}
        after["transferred"] = "transferred"
        self.state = after.get(fact["kind"], self.state)

    def on_registered(self, fact: Row) -> None:
        self.state, self.dates["found"] = "registered", self.now
        self.about = {
            name: fact.get(name) for name in ("town_code", "sector_code", "severity", "channel")
        }
        self.about["town_found"] = fact.get("town_code")

    def on_verified(self, fact: Row) -> None:
        self.state, self.dates["verified"] = "verified", self.now

    def on_assigned(self, fact: Row) -> None:
        self.state = "assigned"
        self.dates["assigned"] = self.dates["assigned"] or self.now
        if not self.dates["due"]:
            self.first_due(fact)

    def on_bounced(self, fact: Row) -> None:
        self.state = "verified"
        self.elements.discard("responsibility")
        self.responsible = None
        self.dates["due"] = self.dates["original_due"] = 0

    def on_extended(self, fact: Row) -> None:
        self.dates["due"] = self.due_named(fact) or self.dates["due"]

    def on_moved(self, fact: Row) -> None:
        self.about["town_code"] = fact["town_code"]
        if self.dates["due"]:
            self.dates["due"] = self.due_named(fact) or self.dates["due"]
        else:
            self.first_due(fact)

    def on_severity_changed(self, fact: Row) -> None:
        self.about["severity"] = fact["severity"]
        if self.is_major() and self.state in ("assigned", "rectifying", "submitted"):
            self.state = "assigned"
            self.void_work()

    def on_listed(self, fact: Row) -> None:
        self.level = LEVELS[fact["listing_level"]]

    def on_delisted(self, fact: Row) -> None:
        self.level = 0

    def on_submitted(self, fact: Row) -> None:
        self.state = "submitted"
        self.submitter, self.rectifier = fact.get("person"), self.responsible

    def on_acceptance_passed(self, fact: Row) -> None:
        self.dates["accepted"] = self.now
        self.backdated = fact["received_at"] > fact["file_by"]

    def on_acceptance_failed(self, fact: Row) -> None:
        self.state = "rectifying"
        self.void_work()

    def on_closed(self, fact: Row) -> None:
        self.state, self.dates["closed"] = "closed", self.now

    def on_reopened(self, fact: Row) -> None:
        """A new term, with whoever and whatever the reopening names."""
        self.state, self.dates["closed"] = "assigned", 0
        self.take_data(fact)
        self.void_work()
        self.first_due(fact)

    def void_work(self) -> None:
        self.handed_in = set()
        self.dates["accepted"], self.backdated = 0, False

    def remember(self, fact: Row, town_before: str | None) -> None:
        deadline = {"deadline"} if self.dates["due"] else set()
        self.spans.append(
            {
                "at": self.now,
                "kind": fact["kind"],
                "state": self.state,
                "town": self.about.get("town_code"),
                "town_before": town_before,
                "town_found": self.about.get("town_found"),
                "sector": self.about.get("sector_code"),
                "severity": int(self.is_major()),
                "self_check": int(self.about.get("channel") == "self_check"),
                "have": self.elements | self.handed_in | deadline,
                "level": self.level,
                "backdated": int(self.backdated),
                **{f"{name}_at": instant for name, instant in self.dates.items()},
            }
        )


def _elements(fact: Row) -> set[str]:
    told = {
        "responsibility": ("responsible_unit",),
        "measures": ("measures",),
        "funding": ("funding_planned_fen", "funding_source"),
        "plan": ("plan_reference",),
        "interim_control": ("interim_control",),
    }
    return {name for name, columns in told.items() if all(_told(fact, c) for c in columns)}


def _handed_in(fact: Row) -> set[str]:
    names = {"finished_on": "finished_on", "work_done": "work_done", "evidence": "evidence"}
    names["funding_spent"] = "funding_spent_fen"
    return {name for name, column in names.items() if _told(fact, column)}


def _told(fact: Row, column: str) -> bool:
    return fact.get(column) is not None


def _untold(fact: Row) -> set[str]:
    """What the fact itself must say and does not."""
    wanted = {
        "verified": {"organisation": "organisation"},
        "rejected": {"organisation": "organisation", "reason": "reason"},
        "bounced": {"reason": "reason"},
        "reopened": {"reason": "reason"},
        "moved": {"town": "town_code", "second_person": "second_person"},
        "severity_changed": {"severity": "severity"},
        "acceptance_passed": {"organisation": "organisation"},
        "acceptance_failed": {"organisation": "organisation"},
        "merged": {"target": "target"},
        "transferred": {"target": "target"},
    }.get(fact["kind"], {})
    untold = {name for name, column in wanted.items() if not _told(fact, column)}
    if fact["kind"] == "listed" and not (
        _told(fact, "listing_number") and _told(fact, "listing_level")
    ):
        untold.add("listing_number")
    return untold


def working_days(asked: int, due: int) -> int:
    """Working days after the day of asking up to the last day of the term."""
    day = datetime.fromtimestamp(asked // 1000, SHANGHAI).date()
    last = datetime.fromtimestamp((due - 1) // 1000, SHANGHAI).date()
    found = 0
    while day < last:
        day += timedelta(days=1)
        found += is_workday(day)
    return found
