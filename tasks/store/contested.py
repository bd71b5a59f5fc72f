"""What a town told of a period that an edition does not count, or not as it was told."""

import pandas as pd
from sqlalchemy import Connection, and_, or_, select

from schemas.period import FOREVER
from schemas.tables import event, quarantine, submission
from schemas.tables_projections import fact_note, finding, hazard_span
from tasks.store import bulk
from tasks.store.measures import Cut

_E, _N, _F, _S, _Q = event.c, fact_note.c, finding.c, hazard_span.c, quarantine.c


def uncounted(connection: Connection, cut: Cut, start: int, town: str) -> pd.DataFrame:
    """Facts claimed in the period, of the town's hazards, that did not apply or came too late.

    Columns: seq, stream_id, kind, claimed_at, received_at, source, source_id, unit_name, outcome,
    reason, missing; outcome is null for what was received after the edition.
    """
    mine = and_(
        _S.county == _F.county,
        _S.root_id == _F.root_id,
        _S.seq_to == FOREVER,
        _S.claimed_to == FOREVER,
        or_(_S.town_code == town, _S.town_found == town),
    )
    noted = and_(
        _N.county == _E.county,
        _N.event_seq == _E.seq,
        _N.seq_from <= cut.watermark,
        _N.seq_to > cut.watermark,
    )
    query = (
        select(
            *(_E.seq, _E.stream_id, _E.kind, _E.claimed_at, _E.received_at),
            *(_F.source, _F.source_id, _F.unit_name, _N.outcome, _N.reason, _N.missing),
        )
        .join(finding, and_(_F.county == _E.county, _F.stream_id == _E.stream_id))
        .join(hazard_span, mine)
        .outerjoin(fact_note, noted)
        .where(_E.county == cut.county, _E.claimed_at >= start, _E.claimed_at < cut.end)
        .where(or_(_N.outcome.is_not(None), _E.seq > cut.watermark))
        .order_by(_E.claimed_at, _E.seq)
    )
    return bulk.select(connection, query)


def refused(connection: Connection, cut: Cut, weeks: list[str], unit: str) -> pd.DataFrame:
    """Rows of a unit's deliveries for these weeks that were refused as known at the watermark."""
    own = select(submission.c.delivery).where(
        submission.c.county == cut.county, submission.c.reporting_unit == unit
    )
    query = select(_Q.source, _Q.line, _Q.source_id, _Q.codes, _Q.received_at).where(
        *(_Q.county == cut.county, _Q.period.in_(weeks), _Q.delivery.in_(own)),
        *(_Q.seq_from <= cut.watermark, _Q.seq_to > cut.watermark),
    )
    return bulk.select(connection, query.order_by(_Q.source, _Q.line))
