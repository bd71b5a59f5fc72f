"""The life of one hazard after another, by dicts and ifs: what the domain's section 3 says.

Written from the text, without the pipeline's rules: it shares no table, mask or function with
them, only the spelling of event rows. Slow and plain on purpose.
"""

from collections.abc import Iterable

from tests.rules.oracle_present import Present
from tests.rules.oracle_refusals import refusals
from tests.rules.oracle_says import elements, handed_in, untold
from tests.rules.oracle_story import BESIDE, Row, Voids, in_order, latest

# What became of a fact: the outcome, the reasons that hold against it, what it lacks.
Verdict = tuple[str, frozenset[str], frozenset[str]]

OPEN = ("registered", "verified", "assigned", "rectifying", "submitted")
APPLIED: Verdict = ("applied", frozenset(), frozenset())
COUNTS_BESIDE: Verdict = ("beside", frozenset(), frozenset())
# state → what may happen there; what may happen in every open state stands below.
_MAY = {
    "none": ("registered",),
    "registered": ("verified", "rejected", "merged", "transferred"),
    "verified": ("assigned", "rejected", "merged", "transferred"),
    "assigned": (
        "started", "bounced", "merged", "transferred", "extension_asked", "extended",
        "extension_refused", "suspended", "continued", "interim_checked",
    ),
    "rectifying": (
        "submitted", "merged", "extension_asked", "extended", "extension_refused", "suspended",
        "continued", "interim_checked",
    ),
    "submitted": ("acceptance_passed", "acceptance_failed", "closed", "interim_checked"),
    "closed": ("reopened", "resumption_asked", "production_resumed"),
}  # fmt: skip
_WHILE_OPEN = (
    "elements_filed", "moved", "severity_changed", "listed", "delisted", "production_stopped",
    "resumption_asked", "production_resumed",
)  # fmt: skip


def lives(rows: Iterable[Row]) -> dict[str, "Hazard"]:
    """Every hazard after all its facts, by root."""
    by_root: dict[str, list[Row]] = {}
    for row in latest(rows):
        by_root.setdefault(row["root_id"], []).append(row)
    return {root: _lived(facts) for root, facts in by_root.items()}


def _lived(facts: list[Row]) -> "Hazard":
    hazard = Hazard()
    story = in_order(facts)
    voids = Voids(story)
    for at, fact in enumerate(story):
        if fact["kind"] in BESIDE:
            if not voids.cancelled(at):
                hazard.verdicts[id(fact)] = COUNTS_BESIDE
        elif voids.cancelled(at):
            hazard.verdicts[id(fact)] = _refused("voided")
        else:
            if voids.finds(at):
                hazard.finding_voids.add(id(fact))
            hazard.live(fact)
    for fact in hazard.waiting:
        hazard.verdicts[id(fact)] = ("pending", frozenset(), frozenset(hazard.missing(fact)))
    return hazard


def _refused(*reasons: str) -> Verdict:
    return "ineffective", frozenset(reasons), frozenset()


class Hazard(Present):
    """`spans` has one entry per fact that took effect; `verdicts` one per fact, by id()."""

    def __init__(self) -> None:
        super().__init__()
        self.finding_voids: set[int] = set()  # voids that name a fact that is there, by id()
        self.waiting: list[Row] = []
        self.verdicts: dict[int, Verdict] = {}

    def live(self, fact: Row) -> None:
        self.now = fact["claimed_at"]
        if self.state in OPEN:
            self.take_data(fact)
        self.complete()
        self.judge(fact)
        self.complete()

    def judge(self, fact: Row) -> None:
        if not self.allows(fact["kind"]):
            self.verdicts[id(fact)] = _refused("not_from_this_state")
        elif reasons := refusals(self, fact):
            self.verdicts[id(fact)] = _refused(*reasons)
        elif self.missing(fact):
            self.waiting.append(fact)
        else:
            self.happen(fact)

    def complete(self) -> None:
        """What waited happens as soon as nothing is missing; the earliest first, one at a time."""
        while ready := next((f for f in self.waiting if not self.missing(f)), None):
            self.waiting.remove(ready)
            if reasons := refusals(self, ready):
                self.verdicts[id(ready)] = _refused(*reasons)
            else:
                self.happen(ready)

    # -- guards ------------------------------------------------------------------------------

    def allows(self, kind: str) -> bool:
        if kind == "voided":
            return self.state != "none"
        if kind in _WHILE_OPEN and self.state in OPEN:
            return True
        return kind in _MAY.get(self.state, ())

    def names_a_fact(self, void: Row) -> bool:
        return id(void) in self.finding_voids

    def missing(self, fact: Row) -> set[str]:
        kind, wanted = fact["kind"], set[str]()
        if kind == "assigned":
            wanted = {"responsibility", "deadline"}
        elif kind == "started":
            wanted = {"responsibility", "measures", "deadline"}
            if self.is_major():
                wanted |= {"funding", "plan", "interim_control"}
        elif kind in ("extension_asked", "extended"):
            wanted = {"interim_control"}
        elif kind == "submitted":
            wanted = {"finished_on", "work_done", "funding_spent", "evidence"}
        elif kind == "closed":
            wanted = {"acceptance", "delisting"}
        elif kind == "delisted":
            wanted = {"acceptance"}
        elif kind == "production_resumed":
            wanted = {"application"}
        return wanted - self.present(fact) | untold(fact, self.is_major())

    def present(self, fact: Row) -> set[str]:
        """What stands now, with what this fact says."""
        found = self.elements | elements(fact) | self.handed_in | handed_in(fact)
        first, last = self.interim
        if not (first <= self.now and (last is None or self.now < last)):
            found.discard("interim_control")
        conditions = {
            "deadline": self.dates["due"] or fact.get("due_general"),
            "acceptance": self.dates["accepted"],
            "delisting": not self.level,
            "application": self.resumption,
        }
        return found | {name for name, holds in conditions.items() if holds}

    # -- what happens ------------------------------------------------------------------------

    def happen(self, fact: Row) -> None:
        self.verdicts[id(fact)] = APPLIED
        before, town_before = self.state, self.about.get("town_code")
        getattr(self, "on_" + fact["kind"], self.on_other)(fact)
        if self.state != before:
            for other in self.waiting:
                self.verdicts[id(other)] = _refused("left_meanwhile")
            self.waiting = []
        self.remember(fact, town_before)
