"""Upheld objections 异议 and the editions that answer them.

An objection is owed its correction from the moment it is upheld: the next edition of its period, or
the draft of one, names it, and it learns its edition when that is published, never before.
"""

from rules.revision import Reason
from schemas.edition import Edition, ObjectionState
from schemas.period import Period
from tasks.county import County
from tasks.store import objections
from tasks.store.engine import Connection


def cause(objection_id: str, cell: str, reason: str) -> Reason:
    """How a correction names what it answers."""
    return {"objection": objection_id, "cell": cell, "reason": reason}


def owed(connection: Connection, county: County, period: Period) -> list[Reason]:
    """The upheld objections to a period that no edition has answered yet, oldest first."""
    upheld = objections.objections(connection, county.code, state=ObjectionState.UPHELD.value)
    own = (o for o in upheld if (o.kind, o.period) == (period.kind.value, period.code))
    return [cause(o.objection_id, o.cell, o.reason) for o in own if not o.corrected_by]


def named(edition: Edition) -> list[str]:
    """Ids of the objections that an edition answers."""
    if "revision" not in edition:
        return []
    return [r["objection"] for r in edition["revision"]["reasons"] if "objection" in r]


def answered(connection: Connection, county: County, edition: Edition) -> None:
    """Tell the objections that an edition names its number, in the transaction it is entered by."""
    for objection_id in named(edition):
        values = {"corrected_by": edition["edition"]}
        objections.decide(connection, county.code, objection_id, values)
