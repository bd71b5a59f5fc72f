"""The end of deliveries: their submission events and rows, refused rows.

All in the transaction of the last slice. A delivery that says nothing new leaves no event, unless
the period has no submission of this unit yet: reporting is a fact of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import orjson
import pandas as pd

from expectations.batch import Profile
from rules.clocks import WorkingDays
from rules.deadlines import kept
from rules.periods import filing_deadline, previous_week, week, week_of
from rules.seal import canonical, digest
from schemas.events import Head
from schemas.period import FOREVER
from schemas.policy import Due
from schemas.vocabulary import RecordKind, StreamKind
from tasks.county import County
from tasks.intake.accounting import TakeReport
from tasks.intake.correcting import corrects
from tasks.intake.drafts import LINES, Taking
from tasks.intake.landing import Delivery
from tasks.store import ledger, lookups, quality, quarantine, submissions
from tasks.store.changes import GROUP
from tasks.store.engine import Connection, reading, writing

SUBMISSION_RECEIVED = "submission_received"
Row = dict[str, Any]


def _no_lines() -> pd.Series:
    return pd.Series([], dtype="int64")


@dataclass(frozen=True)
class Closing:
    """What the last slice has to complete. `only`: lines taken again, which submit nothing new;
    `broken`: positions of deliveries that could not be read; `profiles`: what the deliveries are
    like, by position; `settled`: lines that a correction has settled, if they were corrected."""

    taking: Taking
    reports: tuple[TakeReport, ...]
    refused: pd.DataFrame
    only: frozenset[int] | None
    broken: frozenset[int]
    profiles: Mapping[int, Profile] = field(default_factory=dict)
    settled: pd.Series = field(default_factory=_no_lines)

    def with_events(self, connection: Connection, drafts: pd.DataFrame) -> pd.DataFrame:
        """The slice's drafts with an event at the end for every submission that is due."""
        rows = list(self._due(connection)) if self.only is None else []
        if not rows:
            return drafts
        streams = [_stream(row) for row in rows]
        lengths = lookups.stream_lengths(connection, self.taking.county.code, streams)
        made = pd.DataFrame([_event(row) for row in rows])
        made["base_version"] = made["stream_id"].map(lengths).fillna(0).astype("int64")
        return pd.concat([drafts, made.assign(**{GROUP: -1})], ignore_index=True)

    def complete(self, connection: Connection, head: Head) -> None:
        """Rows of submission and quarantine, as of the slice's last event."""
        if self.only is not None:
            self._release(connection, head)
            return
        county = self.taking.county.code
        for row in self._due(connection):
            submissions.add(connection, county, head.seq, row)
        self._keep_quality(connection, head)
        self._keep_refused(connection, head)
        for position, delivery in enumerate(self.taking.deliveries):
            if first := corrects(delivery):
                mine = self.settled[self.settled // LINES == position] % LINES
                quarantine.settle(connection, county, first, mine, delivery.digest, head.seq)

    def _due(self, connection: Connection) -> Iterator[Row]:
        """Submissions that have no row yet and say something."""
        county = self.taking.county.code
        known = submissions.of_source(connection, county, self.taking.declaration.name)
        reported = {(r.reporting_unit, r.period) for r in known}
        taken_before = {r.delivery for r in known}
        for position, delivery in enumerate(self.taking.deliveries):
            if position in self.broken or delivery.digest in taken_before:
                continue
            row = submission_row(self.taking, delivery, self.reports[position])
            unit = (row["reporting_unit"], row["period"])
            if self._says_new(delivery, self.reports[position]) or (
                unit not in reported and self._says_anything(self.reports[position])
            ):
                reported.add(unit)
                yield row

    @staticmethod
    def _says_new(delivery: Delivery, report: TakeReport) -> bool:
        return report.taken > 0 or report.refused > 0 or delivery.nil_return

    def _says_anything(self, report: TakeReport) -> bool:
        """An empty file is no report; an empty answer of a source that is asked is one."""
        return report.received > 0 or self.taking.declaration.cadence == "continuous"

    def _release(self, connection: Connection, head: Head) -> None:
        """Rows that waited, or were refused under an older rule, have been taken now."""
        assert self.only is not None
        done = pd.Series(sorted(set(self.only) - set(self.refused["line"])), dtype="int64")
        for position, lines in done.groupby(done // LINES):
            delivery = self.taking.deliveries[int(position)].digest
            county = self.taking.county.code
            quarantine.release(connection, county, delivery, (lines % LINES).tolist(), head.seq)

    def _keep_quality(self, connection: Connection, head: Head) -> None:
        """The profile and warnings of every delivery that has a submission and no profile yet."""
        for position, profile in self.profiles.items():
            delivery, report = self.taking.deliveries[position], self.reports[position]
            quality.keep(
                connection,
                self.taking.county.code,
                delivery,
                quality.Quality(profile, report.warned, report.warned_by),
                head.seq,
            )

    def _keep_refused(self, connection: Connection, head: Head) -> None:
        if self.refused.empty:
            return
        taking = self.taking
        source, county = taking.declaration.name, taking.county.code
        position = taking.position(self.refused["line"])
        periods = [period_of(taking, d) for d in taking.deliveries]
        frame = self.refused.assign(
            county=county,
            source=source,
            line=self.refused["line"] % LINES,
            period=[periods[p] for p in position],
            received_at=taking.received[position],
            seq_from=head.seq,
            seq_to=FOREVER,
        )
        known = quarantine.is_known(connection, county, source, frame["cells_digest"])
        new = frame[~frame["cells_digest"].isin(known.index)]
        quarantine.keep(connection, new)


def submission_row(taking: Taking, delivery: Delivery, report: TakeReport) -> Row:
    """The submission as a row of its table, without county and seq."""
    name, period = taking.declaration.name, period_of(taking, delivery)
    return {
        "delivery": delivery.digest,
        "source": name,
        "reporting_unit": delivery.reporting_unit,
        "period": period,
        "due_at": _kept(taking, delivery, period),
        "received_at": delivery.received_at,
        "rows_received": report.received,
        "rows_taken": report.taken,
        "rows_refused": report.refused,
        "rows_known": report.known,
        "nil_return": delivery.nil_return,
        "refused_by": orjson.dumps(report.refused_by, option=orjson.OPT_SORT_KEYS).decode(),
    }


def period_of(taking: Taking, delivery: Delivery) -> str:
    name = taking.declaration.name
    return delivery.period or reporting_period(taking.county, name, delivery.received_at)


def _kept(taking: Taking, delivery: Delivery, period: str) -> int:
    """The filing deadline, moved where our own pull failed (weekly sources)."""
    due = due_at(taking.county, taking.declaration.name, period)
    if not due or taking.declaration.cadence != "weekly":
        return due
    end = week(period, taking.county.zone).end
    previous, failing = delivery.previous_pull_at, delivery.failing_since
    return int(kept(due, end, delivery.received_at, previous, failing))


def due_at(county: County, source: str, period: str) -> int:
    """The filing deadline of a period for a source; 0 where the calendar has no line for it."""
    line = next((d for d in county.policy.calendar if d.source == source), None)
    return _deadline(period, county.zone, line, county.days) if line else 0


@lru_cache(maxsize=4096)
def _deadline(period: str, zone: str, line: Due, days: WorkingDays) -> int:
    return filing_deadline(week(period, zone), line, days)


def reporting_period(county: County, source: str, received_at: int) -> str:
    """The week a pull of a continuous source reports for: last week's until its deadline."""
    present = week_of(received_at, county.zone)
    before = previous_week(present, county.zone)
    return before.code if received_at <= due_at(county, source, before.code) else present.code


def confirm(taking: Taking, now: int) -> tuple[TakeReport, int]:
    """The bytes of one delivery taken before came again: all rows known; (report, appended).

    A continuous source that answers the same in a new period has reported for it; that alone is
    recorded, under a delivery name of its own.
    """
    county, delivery = taking.county, taking.deliveries[0]
    with reading(county.engine) as connection:
        rows = submissions.rows_of(connection, county.code, delivery.digest)
    report = TakeReport(received=rows, known=rows)
    if taking.declaration.cadence != "continuous":
        return report, 0
    period = reporting_period(county, taking.declaration.name, now)
    name = f"{delivery.digest[:48]}:{period}"
    again = replace(delivery, digest=name, received_at=now, period=period, nil_return=False)
    closing = Closing(
        replace(taking, deliveries=(again,)), (report,), _none_refused(), None, frozenset()
    )
    with writing(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        drafts = closing.with_events(connection, pd.DataFrame())
        stamp = ledger.Stamp(now, now, name)
        after = ledger.append(connection, county.code, head, drafts, stamp)
        closing.complete(connection, after)
        connection.commit()
    return report, after.seq - head.seq


def _none_refused() -> pd.DataFrame:
    return pd.DataFrame({"line": pd.Series([], dtype="int64")})


def _stream(row: Row) -> str:
    return f"{StreamKind.SUBMISSION}:{row['source']}:{row['reporting_unit']}:{row['period']}"


def _event(row: Row) -> Row:
    received = row["received_at"]
    return {
        "stream_id": _stream(row),
        "stream_kind": StreamKind.SUBMISSION.value,
        "kind": SUBMISSION_RECEIVED,
        "claimed_at": received,
        "sent_at": received,
        "received_at": received,
        "file_by": row["due_at"],
        "actor": row["source"],
        "source": row["source"],
        "record": RecordKind.SUBMISSION.value,
        "source_id": row["delivery"],
        "row_digest": digest(row)[:16],
        "delivery": row["delivery"],
        "payload": canonical(row).decode(),
    }
