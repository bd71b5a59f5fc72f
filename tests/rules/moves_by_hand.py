"""What may happen to a hazard in which state, and what each move needs: domain section 3 by hand.

Written from the text, not rules.lifecycle read back.
"""

from collections.abc import Mapping
from typing import Any

from tests.rules.facts_of_lives import TREATMENT

# state → kind of fact → state after. What does not stand here is refused.
_OPEN = (
    "elements_filed", "moved", "severity_changed", "listed", "delisted", "production_stopped",
    "resumption_asked", "production_resumed", "voided",
)  # fmt: skip
_TERM = ("extension_asked", "extended", "extension_refused", "suspended", "continued")
ALLOWED: dict[str, dict[str, str]] = {
    "none": {"registered": "registered"},
    "registered": {
        "verified": "verified",
        "rejected": "rejected",
        "merged": "merged",
        "transferred": "transferred",
        **dict.fromkeys(_OPEN, "registered"),
    },
    "verified": {
        "assigned": "assigned",
        "rejected": "rejected",
        "merged": "merged",
        "transferred": "transferred",
        **dict.fromkeys(_OPEN, "verified"),
    },
    "assigned": {
        "started": "rectifying",
        "bounced": "verified",
        "merged": "merged",
        "transferred": "transferred",
        **dict.fromkeys((*_OPEN, *_TERM, "interim_checked"), "assigned"),
    },
    "rectifying": {
        "submitted": "submitted",
        "merged": "merged",
        **dict.fromkeys((*_OPEN, *_TERM, "interim_checked"), "rectifying"),
    },
    "submitted": {
        "acceptance_passed": "submitted",
        "acceptance_failed": "rectifying",
        "closed": "closed",
        **dict.fromkeys((*_OPEN, "interim_checked"), "submitted"),
    },
    "closed": {
        "reopened": "assigned",
        **dict.fromkeys(("resumption_asked", "production_resumed", "voided"), "closed"),
    },
    "rejected": {"voided": "rejected"},
    "merged": {"voided": "merged"},
    "transferred": {"voided": "transferred"},
}
# An upgrade of an item under way returns it to assigned; a downgrade leaves it where it is.
UPGRADED = {"rectifying": "assigned", "submitted": "assigned"}

# What each move needs of its own fact, or of what was filed before.
_ORGANISATION, REASON = {"organisation": "Safety Office"}, {"reason": "see the minutes"}
TARGET = {"target": "hazard:0123456789abcdef"}
FILLS: dict[str, Mapping[str, Any]] = {
    "organisation": _ORGANISATION,
    "reason": REASON,
    "target": TARGET,
    "responsibility": {"responsible_unit": "Foundry One"},
    "deadline": {"due": 240},
    "due_date": {"due": 480},
    "measures": TREATMENT,
    "funding": {"funding_planned_fen": 100, "funding_source": "own"},
    "plan": {"plan_reference": "P-1"},
    "interim_control": {"interim_control": "fenced off"},
    "second_person": {"second_person": "Deputy Example"},
    "town": {"town_code": "330282003"},
    "severity": {},  # the other severity, put in by the case
    "listing_number": {"listing_number": "330282-county-2025-001", "listing_level": "county"},
    "finished_on": {"finished_on": 120},
    "work_done": {"work_done": "replaced"},
    "funding_spent": {"funding_spent_fen": 90},
    "evidence": {"evidence": "photo"},
    "listing_level": {"listing_level": "county"},
    "review": {"evidence": "minutes of the visit"},
}
# kind → what a bare fact lacks, in (general, major) hazards that came by the main line.
_FOUR = ("finished_on", "work_done", "funding_spent", "evidence")
_ASKING = ("interim_control", "reason", "due_date")
_EXTENDING = (*_ASKING, "second_person")
_DECIDING = ("reason", "second_person")
LACKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "verified": (("organisation",), ("organisation",)),
    "rejected": (("organisation", "reason"), ("organisation", "reason")),
    "assigned": (("responsibility", "deadline"), ("responsibility", "deadline")),
    "bounced": (("reason",), ("reason",)),
    "started": (("measures",), ("measures", "funding", "plan", "interim_control")),
    "extended": (_EXTENDING, _EXTENDING),
    "moved": (("second_person", "town"), ("second_person", "town")),
    "severity_changed": (("severity",), ("severity", "reason", "second_person")),
    "listed": (("listing_number",), ("listing_number",)),
    "submitted": (_FOUR, _FOUR),
    "acceptance_passed": (("organisation",), ("organisation",)),
    "acceptance_failed": (("organisation",), ("organisation",)),
    "closed": (("acceptance",), ("acceptance",)),
    "reopened": (("reason",), ("reason",)),
    "merged": (("target",), ("target",)),
    "transferred": (("target",), ("target",)),
    "delisted": (("acceptance", "listing_level"),) * 2,
    "extension_asked": (_ASKING, _ASKING),
    "extension_refused": (_DECIDING, _DECIDING),
    "suspended": (_DECIDING, _DECIDING),
    "continued": (("organisation", "second_person"),) * 2,
    "production_stopped": (("organisation", "reason"),) * 2,
    "resumption_asked": (("organisation",), ("organisation",)),
    "production_resumed": (("organisation", "review", "application"),) * 2,
    "interim_checked": (("organisation",), ("organisation",)),
    "voided": ((*_DECIDING, "target"),) * 2,
}
NEEDS_NOTHING = {"registered", "elements_filed"}
