"""The present of one hazard and what each kind of fact does to it: domain section 3, plainly.

Part of the oracle: shares no table, mask or function with the pipeline's rules.
"""

from tests.rules.oracle_refusals import LEVELS
from tests.rules.oracle_says import elements, handed_in, interim, told
from tests.rules.oracle_story import Row


class Present:
    """What is so now. `spans` has one entry per fact that took effect."""

    def __init__(self) -> None:
        self.state = "none"
        self.now = 0
        self.about: Row = {}
        self.elements: set[str] = set()
        self.interim: tuple[int, int | None] = (0, None)
        self.handed_in: set[str] = set()
        self.responsible = self.rectifier = self.submitter = None
        self.requester = None  # who handed the work in for the responsible unit
        self.dates = dict.fromkeys(
            ("found", "verified", "assigned", "due", "original_due", "accepted", "closed"), 0
        )
        self.backdated = False
        self.level = 0
        self.marks: set[str] = set()
        self.application: Row | None = None  # for an extension, undecided
        self.resumption = 0  # since when resuming production is asked for
        self.spans: list[Row] = []

    # -- what a fact brings ------------------------------------------------------------------

    def take_data(self, fact: Row) -> None:
        """The elements stand until revised, what was handed in until it is found wanting."""
        self.elements |= elements(fact)
        self.handed_in |= handed_in(fact)
        if told(fact, "interim_control"):
            self.interim = interim(fact)
        if fact.get("responsible_unit"):
            self.responsible = fact["responsible_unit"]
        if fact["kind"] in ("elements_filed", "started") and not self.dates["due"]:
            self.first_due(fact)

    def first_due(self, fact: Row) -> None:
        if due := self.due_named(fact):
            self.dates["due"] = self.dates["original_due"] = due

    def later_due(self, fact: Row) -> None:
        """Another date; the original stays on record, but where there was none."""
        if self.dates["due"]:
            self.dates["due"] = self.due_named(fact) or self.dates["due"]
        else:
            self.first_due(fact)

    def due_named(self, fact: Row) -> int:
        return fact.get("due_major" if self.is_major() else "due_general") or 0

    def is_major(self) -> bool:
        return self.about.get("severity") == "major"

    # -- what happens ------------------------------------------------------------------------

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
        if fact.get("opening"):
            self.marks.add("opening")

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
        self.nothing_halts()

    def on_extension_asked(self, fact: Row) -> None:
        self.application = fact
        self.marks.add("extension_pending")

    def on_extended(self, fact: Row) -> None:
        self.later_due(fact)
        self.on_extension_refused(fact)

    def on_extension_refused(self, fact: Row) -> None:
        self.application = None
        self.marks.discard("extension_pending")

    def on_suspended(self, fact: Row) -> None:
        self.marks.add("suspended")

    def on_continued(self, fact: Row) -> None:
        self.marks.discard("suspended")
        self.later_due(fact)

    def nothing_halts(self) -> None:
        self.application = None
        self.marks -= {"extension_pending", "suspended"}

    def on_production_stopped(self, fact: Row) -> None:
        self.marks.add("production_stopped")
        self.resumption = 0

    def on_resumption_asked(self, fact: Row) -> None:
        self.resumption = self.now

    def on_production_resumed(self, fact: Row) -> None:
        self.marks.discard("production_stopped")
        self.resumption = 0

    def on_moved(self, fact: Row) -> None:
        self.about["town_code"] = fact["town_code"]
        self.later_due(fact)

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
        theirs = told(fact, "organisation") and fact["organisation"] == self.responsible
        self.requester = self.submitter if theirs else None
        self.dates["accepted"] = 0
        self.nothing_halts()

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
                "marks": set(self.marks),
                **{f"{name}_at": instant for name, instant in self.dates.items()},
            }
        )
