"""The end of a delivery: its submission event and row, its refused rows, its source's cursor.

All in the transaction of the delivery's last slice. A delivery that says nothing new leaves no
event, unless the period has no submission of this unit yet: reporting is a fact of its own.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson
import pandas as pd
from sqlalchemy import Connection, select

from rules.periods import filing_deadline, previous_week, week, week_of
from rules.seal import canonical, digest
from schemas.events import Head
from schemas.period import FOREVER
from schemas.tables import event, quarantine, source_cursor, submission
from schemas.vocabulary import RecordKind, StreamKind
from tasks.county import County
from tasks.intake import quarantine as quarantined
from tasks.intake.drafts import Taking
from tasks.store import bulk, ledger
from tasks.store.changes import GROUP
from tasks.store.engine import reading, writing

if TYPE_CHECKING:
    from tasks.intake.take import TakeReport

SUBMISSION_RECEIVED = "submission_received"


@dataclass(frozen=True)
class Closing:
    """What the last slice of a delivery has to complete."""

    taking: Taking
    report: "TakeReport"
    refused: pd.DataFrame
    only: frozenset[int] | None

    def with_event(self, connection: Connection, drafts: pd.DataFrame) -> pd.DataFrame:
        """The slice's drafts with the submission's event at the end, where one is due."""
        if self.only is not None or not self._is_due(connection, drafts):
            return drafts
        row = submission_row(self.taking, self.report)
        made = pd.DataFrame([_event(self.taking, row, _length(connection, self.taking, row))])
        return pd.concat([drafts, made.assign(**{GROUP: -1})], ignore_index=True)

    def _is_due(self, connection: Connection, drafts: pd.DataFrame) -> bool:
        delivery = self.taking.delivery
        if _has_row(connection, self.taking.county.code, delivery.digest):
            return False
        if len(drafts) or len(self.refused) or delivery.nil_return:
            return True
        # An empty file is no report; an empty answer of a source that is asked is one.
        says_something = self.report.received > 0 or self.taking.declaration.cadence == "continuous"
        row = submission_row(self.taking, self.report)
        return says_something and not _reported(connection, self.taking.county.code, row)


def close_submission(connection: Connection, closing: Closing, head: Head) -> None:
    """Rows of submission, quarantine and source_cursor, as of the slice's last event."""
    taking = closing.taking
    county, delivery = taking.county.code, taking.delivery
    if closing.only is not None:
        done = set(closing.only) - set(closing.refused["line"])
        quarantined.release(connection, county, delivery.digest, done, head.seq)
        return
    row = submission_row(taking, closing.report)
    if _event_exists(connection, county, row) and not _has_row(connection, county, delivery.digest):
        connection.execute(submission.insert().values(county=county, seq=head.seq, **row))
    if len(closing.refused):
        _keep_refused(connection, closing, row["period"], head)
    _move_cursor(connection, taking)


def submission_row(taking: Taking, report: "TakeReport") -> dict[str, object]:
    """The submission as a row of its table, without county and seq."""
    delivery, name = taking.delivery, taking.declaration.name
    period = delivery.period or reporting_period(taking.county, name, delivery.received_at)
    return {
        "delivery": delivery.digest,
        "source": name,
        "reporting_unit": delivery.reporting_unit,
        "period": period,
        "due_at": due_at(taking.county, name, period),
        "received_at": delivery.received_at,
        "rows_received": report.received,
        "rows_taken": report.taken,
        "rows_refused": report.refused,
        "rows_known": report.known,
        "nil_return": delivery.nil_return,
        "refused_by": orjson.dumps(report.refused_by, option=orjson.OPT_SORT_KEYS).decode(),
    }


def due_at(county: County, source: str, period: str) -> int:
    """The filing deadline of a period for a source; 0 where the calendar has no line for it."""
    line = next((d for d in county.policy.calendar if d.source == source), None)
    return filing_deadline(week(period, county.zone), line, county.days) if line else 0


def reporting_period(county: County, source: str, received_at: int) -> str:
    """The week a pull of a continuous source reports for: last week's until its deadline."""
    present = week_of(received_at, county.zone)
    before = previous_week(present, county.zone)
    return before.code if received_at <= due_at(county, source, before.code) else present.code


def counts_by_code(codes: pd.Series) -> dict[str, int]:
    """Rows by rule code; a row that broke two rules counts under both."""
    return dict(sorted(Counter(c for text in codes for c in str(text).split(",")).items()))


def _stream(row: dict[str, object]) -> str:
    return f"{StreamKind.SUBMISSION}:{row['source']}:{row['reporting_unit']}:{row['period']}"


def _event(taking: Taking, row: dict[str, object], length: int) -> dict[str, object]:
    delivery = taking.delivery
    received = delivery.received_at
    return {
        "stream_id": _stream(row),
        "stream_kind": StreamKind.SUBMISSION.value,
        "kind": SUBMISSION_RECEIVED,
        "claimed_at": received,
        "sent_at": received,
        "received_at": received,
        "file_by": row["due_at"],
        "actor": taking.declaration.name,
        "source": taking.declaration.name,
        "record": RecordKind.SUBMISSION.value,
        "source_id": delivery.digest,
        "row_digest": digest(row)[:16],
        "delivery": delivery.digest,
        "payload": canonical(row).decode(),
        "base_version": length,
    }


def _length(connection: Connection, taking: Taking, row: dict[str, object]) -> int:
    query = select(event.c.version).where(
        event.c.county == taking.county.code, event.c.stream_id == _stream(row)
    )
    return max((v for (v,) in connection.execute(query)), default=0)


def _has_row(connection: Connection, county: str, delivery: str) -> bool:
    query = select(submission.c.seq).where(
        submission.c.county == county, submission.c.delivery == delivery
    )
    return connection.execute(query).first() is not None


def _event_exists(connection: Connection, county: str, row: dict[str, object]) -> bool:
    query = select(event.c.seq).where(
        event.c.county == county,
        event.c.stream_id == _stream(row),
        event.c.source_id == row["delivery"],
    )
    return connection.execute(query).first() is not None


def _reported(connection: Connection, county: str, row: dict[str, object]) -> bool:
    names = ("source", "reporting_unit", "period")
    same = [submission.c[n] == row[n] for n in names]
    query = select(submission.c.seq).where(submission.c.county == county, *same)
    return connection.execute(query).first() is not None


def _keep_refused(connection: Connection, closing: Closing, period: object, head: Head) -> None:
    taking = closing.taking
    frame = closing.refused.assign(
        county=taking.county.code,
        source=taking.declaration.name,
        delivery=taking.delivery.digest,
        period=period,
        received_at=taking.delivery.received_at,
        seq_from=head.seq,
        seq_to=FOREVER,
    )
    known = quarantined.is_known(
        connection, taking.county.code, taking.declaration.name, frame["cells_digest"]
    )
    new = frame[~frame["cells_digest"].isin(known.index)]
    bulk.insert_frame(connection, quarantine, new)


def _move_cursor(connection: Connection, taking: Taking) -> None:
    mine = (source_cursor.c.county == taking.county.code) & (
        source_cursor.c.source == taking.declaration.name
    )
    values = {"cursor": taking.delivery.cursor_after, "pulled_at": taking.delivery.received_at}
    if connection.execute(source_cursor.update().where(mine).values(**values)).rowcount == 0:
        connection.execute(
            source_cursor.insert().values(
                county=taking.county.code, source=taking.declaration.name, **values
            )
        )


def confirm(taking: Taking, now: int) -> "TakeReport":
    """The bytes of a delivery taken before came again: nothing new, all rows known.

    A continuous source that answers the same in a new period has reported for it; that alone is
    recorded, under a delivery name of its own.
    """
    from tasks.intake.take import TakeReport

    county, delivery = taking.county, taking.delivery
    with reading(county.engine) as connection:
        rows = _rows_of(connection, county.code, delivery.digest)
    report = TakeReport(received=rows, known=rows)
    if taking.declaration.cadence != "continuous":
        return report
    period = reporting_period(county, taking.declaration.name, now)
    again = replace(
        delivery, digest=f"{delivery.digest[:48]}:{period}", received_at=now, period=period
    )
    closing = Closing(replace(taking, delivery=again), report, pd.DataFrame(), None)
    with writing(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        drafts = closing.with_event(connection, pd.DataFrame())
        after = ledger.append(
            connection, county.code, head, drafts, ledger.Stamp(now, now, again.digest)
        )
        close_submission(connection, closing, after)
        connection.commit()
    return replace(report, appended=after.seq - head.seq)


def _rows_of(connection: Connection, county: str, delivery: str) -> int:
    query = select(submission.c.rows_received).where(
        submission.c.county == county, submission.c.delivery == delivery
    )
    return int(connection.execute(query).scalar() or 0)
