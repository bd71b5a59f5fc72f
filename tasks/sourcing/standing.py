"""How each source stands: where it lives, how far it was pulled, what it submitted last."""

from typing import Any

from schemas.source import SourceDeclaration
from tasks.county import County
from tasks.intake.accounting import counts_by_code
from tasks.store import quarantine, submissions
from tasks.store.engine import reading


def standing(county: County, declaration: SourceDeclaration) -> dict[str, Any]:
    """One source for people and programs. Times are UTC ms, 0 or None for never."""
    name = declaration.name
    with reading(county.engine) as connection:
        cursor, pulls = submissions.cursor(connection, county.code, name)
        last = submissions.last_of(connection, county.code, name)
        refused = quarantine.standing(connection, county.code, name)
    return {
        "source": name,
        "title": declaration.title.model_dump(),
        "owner": declaration.owner.model_dump(),
        "connector": declaration.connector.type,
        "cadence": declaration.cadence,
        "closing": declaration.closing.value,
        "vital": declaration.vital,
        "records": list(dict.fromkeys(m.record.value for m in declaration.records)),
        "has_address": name in county.settings.sources,
        "cursor": cursor,
        "pulled_at": pulls.succeeded_at,
        "failing_since": pulls.failing_since,
        "last_submission": {k: v for k, v in last.items() if k != "county"} or None,
        "quarantined": len(refused),
        "quarantined_by": counts_by_code(refused["codes"]),
    }
