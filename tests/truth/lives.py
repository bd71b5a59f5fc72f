"""Each single hazard held against the truth file: state, town, dates, level, merges, outcomes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from demo.model import NEVER, Row
from demo.truth import Teller
from demo.world import World
from schemas.period import FOREVER
from schemas.tables import event
from schemas.tables_projections import fact_note, finding, hazard_span
from schemas.vocabulary import Severity, State
from tasks.county import County
from tasks.store.engine import reading

_DATES = ("due_at", "original_due_at", "accepted_at")
_STANDING = ("state", "town", "severity", *_DATES, "listed_level")
_APPLIED_LATER = "pending_then_applied"
Key = tuple[str, str]


def lives_that_differ(county: County, teller: Teller) -> Iterator[str]:
    """Every hazard, re-find and outcome in which the ledger and the truth differ."""
    with reading(county.engine) as connection:
        roots = _roots(connection, county)
        standing = _standing(connection, county)
        noted = _noted(connection, county)
    for hazard in teller.hazards():
        key = hazard["source"], hazard["source_id"]
        found = standing.pop(roots.get(key, ""), None)
        wanted = {name: hazard[name] for name in _STANDING}
        if found != wanted:
            yield f"{key} ({hazard['story']}): {found}, truth {wanted}"
    yield from (f"{root} is no hazard of its own" for root in standing)
    outcomes = _outcomes(teller)
    for key in sorted((noted.keys() | outcomes.keys()) - _undecided(teller.world)):
        if noted.get(key) != outcomes.get(key):
            yield f"{key}: {noted.get(key)}, truth {outcomes.get(key)}"


def _undecided(world: World) -> set[Key]:
    """Rows of hazards of which something was never collected: what came of them is still open."""
    told = [r for r in world.rows if r.record == "update"]
    unheard = {_hazard_of(r) for r in told if r.receipt.received >= NEVER}
    return {(r.source, r.id) for r in told if _hazard_of(r) in unheard}


def _hazard_of(row: Row) -> Key:
    fields = row.fields
    return str(fields.get("finding_source") or row.source), str(fields["finding_id"])


def _outcomes(teller: Teller) -> dict[Key, str]:
    """What a re-find registers is there already; what waited and was applied leaves no note."""
    refinds = {(r["source"], r["source_id"]): "ineffective" for r in teller.refinds()}
    told = {(o["source"], o["source_id"]): o["outcome"] for o in teller.outcomes()}
    return refinds | {k: outcome for k, outcome in told.items() if outcome != _APPLIED_LATER}


def _roots(connection: Connection, county: County) -> dict[Key, str]:
    f = finding.c
    query = select(f.source, f.source_id, f.root_id).where(f.county == county.code)
    return {(row.source, row.source_id): row.root_id for row in connection.execute(query)}


def _standing(connection: Connection, county: County) -> dict[str, dict[str, Any]]:
    s = hazard_span.c
    query = select(hazard_span).where(
        s.county == county.code, s.seq_to == FOREVER, s.claimed_to == FOREVER
    )
    return {
        row.root_id: {
            "state": State(row.state).name.lower(),
            "town": row.town_code,
            "severity": Severity(row.severity).name.lower(),
            **{name: getattr(row, name) for name in _DATES},
            "listed_level": row.listed_level,
        }
        for row in connection.execute(query)
    }


def _noted(connection: Connection, county: County) -> dict[Key, str]:
    """Outcome of every fact that did not simply apply, by the row that told it."""
    e, n = event.c, fact_note.c
    query = (
        select(e.source, e.source_id, n.outcome)
        .join_from(fact_note, event, (e.county == n.county) & (e.seq == n.event_seq))
        .where(n.county == county.code, n.seq_to == FOREVER)
    )
    return {(row.source, row.source_id): row.outcome for row in connection.execute(query)}
