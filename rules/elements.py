"""What a move of a hazard can need, as bits: the five elements, and the data of single moves.

Promise: every requirement of a guard has one name here, one bit, and one rule that says which
columns of a fact provide it. The five elements 责任、措施、时限、资金、预案 come from domain §3
(statutory contents of a treatment plan); they stay in force until revised. Submission data stay
until the work is found wanting (rework, reopening). The rest must stand on the fact itself.
"""

from collections.abc import Mapping
from enum import IntFlag

import numpy as np
import pandas as pd

from schemas.vocabulary import FACT_RANK, FactKind


class Need(IntFlag):
    """One bit per thing a guard can ask for."""

    RESPONSIBILITY = 1 << 0
    MEASURES = 1 << 1
    DEADLINE = 1 << 2
    FUNDING = 1 << 3
    PLAN = 1 << 4
    INTERIM_CONTROL = 1 << 5
    # sticky until rework or reopening
    FINISHED_ON = 1 << 6
    WORK_DONE = 1 << 7
    FUNDING_SPENT = 1 << 8
    EVIDENCE = 1 << 9
    # on the fact itself
    ORGANISATION = 1 << 10
    REASON = 1 << 11
    SECOND_PERSON = 1 << 12
    TARGET = 1 << 13
    TOWN = 1 << 14
    SEVERITY = 1 << 15
    LISTING_NUMBER = 1 << 16
    DUE_DATE = 1 << 17
    LISTING_LEVEL = 1 << 18
    REVIEW = 1 << 19
    # provided by other facts
    ACCEPTANCE = 1 << 20
    DELISTING = 1 << 21
    APPLICATION = 1 << 22


NOTHING = Need(0)
FIVE_ELEMENTS = Need.RESPONSIBILITY | Need.MEASURES | Need.DEADLINE | Need.FUNDING | Need.PLAN
PLAN_IN_FORCE = FIVE_ELEMENTS | Need.INTERIM_CONTROL
SUBMISSION = Need.FINISHED_ON | Need.WORK_DONE | Need.FUNDING_SPENT | Need.EVIDENCE
STICKY = PLAN_IN_FORCE | SUBMISSION

# A need is provided by a fact when all these payload columns are filled.
PROVIDED_BY: Mapping[Need, tuple[str, ...]] = {
    Need.RESPONSIBILITY: ("responsible_unit",),
    Need.MEASURES: ("measures",),
    Need.DEADLINE: ("due_general",),
    Need.FUNDING: ("funding_planned_fen", "funding_source"),
    Need.PLAN: ("plan_reference",),
    Need.INTERIM_CONTROL: ("interim_control",),
    Need.FINISHED_ON: ("finished_on",),
    Need.WORK_DONE: ("work_done",),
    Need.FUNDING_SPENT: ("funding_spent_fen",),
    Need.EVIDENCE: ("evidence",),
    Need.ORGANISATION: ("organisation",),
    Need.REASON: ("reason",),
    Need.SECOND_PERSON: ("second_person",),
    Need.TARGET: ("target",),
    Need.TOWN: ("town_code",),
    Need.SEVERITY: ("severity",),
    Need.LISTING_NUMBER: ("listing_number", "listing_level"),
    Need.DUE_DATE: ("due_general",),
    Need.LISTING_LEVEL: ("listing_level",),
    Need.REVIEW: ("evidence",),
}


# What is filed with these is evidence of themselves, not of the work that is submitted.
_ABOUT_THEMSELVES = (
    FactKind.EXTENSION_ASKED,
    FactKind.EXTENSION_REFUSED,
    FactKind.SUSPENDED,
    FactKind.CONTINUED,
    FactKind.PRODUCTION_STOPPED,
    FactKind.RESUMPTION_ASKED,
    FactKind.PRODUCTION_RESUMED,
    FactKind.INTERIM_CHECKED,
    FactKind.VOIDED,
)


_COUNTS = np.full(len(FactKind), -1, dtype=np.int64)
_COUNTS[[FACT_RANK[kind] for kind in _ABOUT_THEMSELVES]] = ~int(Need.EVIDENCE)


def provided(facts: pd.DataFrame, kind: np.ndarray) -> np.ndarray:
    """Bits that each fact's own columns provide; an absent column provides nothing. int64, (n,).

    kind: the rank of each.
    """
    bits = np.zeros(len(facts), dtype=np.int64)
    for need, columns in PROVIDED_BY.items():
        if all(c in facts.columns for c in columns):
            filled = np.logical_and.reduce([facts[c].notna().to_numpy() for c in columns])
            bits |= np.where(filled, int(need), 0)
    return np.asarray(bits & _COUNTS[kind])


def names(bits: int) -> tuple[str, ...]:
    """The needs in a mask, by name, in order; for messages and refusals."""
    return tuple(n.name.lower() for n in Need if bits & n and n.name)
