"""Data quality of an edition: rows received and accepted, fields offered and filled.

Of the deliveries of the period's weeks, as judged when they were received. Rows that were known
already are left out: to send good rows again would else raise the rate. A field counts where the
source has a column for it, on rows that report a hazard; how its rows were filled was written down
with each delivery (`submission_quality`).
"""

from typing import Any

import orjson
import pandas as pd

from rules.kinds import weeks_ending_in
from schemas.period import Period
from tasks.county import County
from tasks.store import submissions
from tasks.store.engine import Connection

MEASURES = ("rows_received", "rows_accepted", "fields_asked", "fields_given")
_EMPTY = '{"filled":{},"blank":{}}'
_COUNTED = "finding."  # fields of the record that reports a hazard


def deliveries(
    connection: Connection, county: County, period: Period, watermark: int
) -> pd.DataFrame:
    """A row per delivery: source, unit, period, received_at, delivery and MEASURES."""
    weeks = [week.code for week in weeks_ending_in(period, county.zone)]
    rows = submissions.delivered(connection, county.code, weeks, watermark)
    profiles = rows["profile"].where(rows["profile"].notna(), _EMPTY)
    filled = [_filled(profile) for profile in profiles.tolist()]
    made = rows.assign(
        rows_received=rows["rows_taken"] + rows["rows_refused"],
        rows_accepted=rows["rows_taken"],
        fields_asked=[asked for asked, _ in filled],
        fields_given=[given for _, given in filled],
    )
    kept = ["source", "reporting_unit", "period", "received_at", "delivery", *MEASURES]
    typed = made[kept].astype(dict.fromkeys(MEASURES, "int64"))
    return typed.rename(columns={"reporting_unit": "unit"})


def _filled(profile: str) -> tuple[int, int]:
    """How many cells a delivery's rows could have filled, and filled."""
    said: dict[str, Any] = orjson.loads(profile)
    given, blank = (
        sum(rows for field, rows in said[kind].items() if field.startswith(_COUNTED))
        for kind in ("filled", "blank")
    )
    return given + blank, given
