"""Rungs of the ladder that have fired: the rows of `rung`, one per hazard, rung and due date."""

import pandas as pd
from sqlalchemy import select

from schemas.tables_projections import rung
from tasks.store import bulk
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection


def fired(connection: Connection, county: str) -> pd.DataFrame:
    """What has fired: root_id, rung, due_at."""
    query = select(rung.c.root_id, rung.c.rung, rung.c.due_at).where(rung.c.county == county)
    return bulk.select(connection, query)


def beginning(rungs: pd.DataFrame) -> Change:
    """Rungs that fire, to be written with their events; columns of the table."""
    return Change(rung, rungs.assign(**{GROUP: -1}))
