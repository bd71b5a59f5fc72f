"""What the validation page asks: submissions with their counts and warnings, refused rows."""

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from schemas.tables import quarantine, submission, submission_quality
from tasks.store import bulk

_S, _W, _Q = submission.c, submission_quality.c, quarantine.c


def submissions(connection: Connection, county: str) -> pd.DataFrame:
    """Every submission in ledger order: counts, rows_warned, and warned_by and remarks as JSON;
    those kept before warnings were have 0 and ""."""
    query = (
        select(
            _S.source,
            _S.reporting_unit,
            _S.period,
            _S.received_at,
            _S.rows_received,
            _S.rows_taken,
            _S.rows_refused,
            _S.rows_known,
            func.coalesce(_W.rows_warned, 0).label("rows_warned"),
            func.coalesce(_W.warned_by, "").label("warned_by"),
            func.coalesce(_W.remarks, "").label("remarks"),
        )
        .select_from(
            submission.outerjoin(
                submission_quality, and_(_W.county == _S.county, _W.delivery == _S.delivery)
            )
        )
        .where(_S.county == county)
        .order_by(_S.seq, _S.delivery)
    )
    return bulk.select(connection, query)


def refused(connection: Connection, county: str) -> pd.DataFrame:
    """Every row that was ever refused, the latest first: source, codes, faults, cells."""
    query = (
        select(_Q.source, _Q.codes, _Q.faults, _Q.cells)
        .where(_Q.county == county)
        .order_by(_Q.seq_from.desc(), _Q.source, _Q.delivery, _Q.line)
    )
    return bulk.select(connection, query)
