"""Rungs of the ladder that have fired: the rows of `rung`, one per hazard, rung and due date."""

import pandas as pd
from sqlalchemy import and_, select

from schemas.tables_projections import finding, rung
from tasks.store import bulk
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection

KEY = ("root_id", "rung", "due_at")
_R = rung.c


def fired(connection: Connection, county: str) -> pd.DataFrame:
    """What has fired: root_id, rung, due_at, and the stream it fired for.

    root_id is the present root: a hazard that was joined to another one since has climbed with it.
    """
    mine = and_(finding.c.county == _R.county, finding.c.stream_id == _R.root_id)
    columns = (finding.c.root_id, _R.rung, _R.due_at, _R.root_id.label("stream_id"))
    query = select(*columns).join(finding, mine).where(_R.county == county)
    return bulk.select(connection, query)


def undecided(connection: Connection, county: str) -> pd.DataFrame:
    """Proposals that nobody has confirmed or dropped, all columns but county and seq."""
    columns = [c for c in rung.columns if c.name not in ("county", "seq")]
    query = select(*columns).where(_R.county == county, _R.proposal, _R.decision == "")
    return bulk.select(connection, query.order_by(_R.fired_at, _R.digest_key, _R.root_id))


def beginning(rungs: pd.DataFrame) -> Change:
    """Rungs that fire, to be written with their events; columns of the table."""
    fresh = rungs.assign(decision="", decided_by="", decided_at=0, **{GROUP: -1})
    return Change(rung, fresh)


def deciding(rungs: pd.DataFrame) -> Change:
    """Rungs as they are after a decision, in place of what they were."""
    rows = rungs.assign(**{GROUP: -1})
    return Change(rung, rows, KEY, rows[[*KEY, GROUP]])


def of_digest(connection: Connection, county: str, key: str) -> pd.DataFrame:
    """The rungs told in one digest: root_id, rung, due_at, recipient."""
    query = select(_R.root_id, _R.rung, _R.due_at, _R.recipient).where(
        _R.county == county, _R.digest_key == key
    )
    return bulk.select(connection, query.order_by(_R.due_at, _R.root_id))
