"""Which facts of a hazard count, and in which order they happened: the domain's section 3, plainly.

Part of the oracle: shares no table, mask or function with the pipeline's rules.
"""

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

# Of two facts claimed at one instant, which comes first in life.
IN_LIFE = (
    "registered", "verified", "rejected", "assigned", "bounced", "elements_filed", "started",
    "extension_asked", "suspended", "extended", "extension_refused", "moved", "severity_changed",
    "listed", "delisted", "continued", "production_stopped", "interim_checked", "submitted",
    "acceptance_passed", "acceptance_failed", "closed", "reopened", "merged", "transferred",
    "resumption_asked", "production_resumed", "voided",
)  # fmt: skip
# What happens beside the life: it moves nothing, whatever the state.
BESIDE = (
    "report_accepted", "report_declined", "report_checked", "report_handled", "report_coordinated",
    "report_supervised", "report_transferred", "report_replied", "report_rewarded", "case_filed",
    "penalised", "coerced", "handed_to_police", "exposed", "conflict_settled", "slip_issued",
    "slip_answered",
)  # fmt: skip


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


def in_order(facts: Iterable[Row]) -> list[Row]:
    """The story of one hazard. What happens beside it stands before the facts of its instant."""
    return sorted(facts, key=lambda f: (f["claimed_at"], _place(f), f["source"], f["source_id"]))


def _place(fact: Row) -> int:
    return -1 if fact["kind"] in BESIDE else IN_LIFE.index(fact["kind"])


class Voids:
    """Who cancels whom in one story."""

    def __init__(self, story: list[Row]) -> None:
        self.story = story
        self.voids = [(at, fact) for at, fact in enumerate(story) if fact["kind"] == "voided"]

    def cancelled(self, at: int) -> bool:
        """By a later void that counts: one that is whole, and not cancelled itself."""
        fact = self.story[at]
        return any(
            place > at and _means(void, fact) and is_whole(void) and not self.cancelled(place)
            for place, void in self.voids
        )

    def finds(self, at: int) -> bool:
        """Whether what the void at this place names is there before it."""
        return any(_means(self.story[at], earlier) for earlier in self.story[:at])


def _means(void: Row, fact: Row) -> bool:
    """An update of the void's own side; a finding is rejected, not voided."""
    is_update = fact["record"] == "update" and fact["source"] == void["source"]
    return is_update and fact["source_id"] == void.get("target")


def is_whole(void: Row) -> bool:
    told = all(void.get(name) is not None for name in ("reason", "second_person", "target"))
    return told and void.get("second_person") != void.get("person")
