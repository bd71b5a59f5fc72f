"""The six canonical records: their columns, kinds and what must not be blank.

A mapped delivery is one pandas frame per record with exactly these columns. Text is NFC `str`
with None for blank; a time is int64-able UTC milliseconds (Int64, <NA> when unreadable) and has a
companion `<name>__raw` text column holding what the source wrote, so that an unreadable date is
told from a missing one. Every frame also carries the columns of `ROW_COLUMNS`.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import RecordKind

ValueKind = Literal["text", "code", "time", "date", "integer", "money", "flag", "decimal"]

# line: 1-based position of the row in its delivery as the sender counts (header included for
# files); row_digest: 16 hex digits over the canonical content, the identity of a revision.
ROW_COLUMNS = ("line", "source_id", "claimed_at", "sent_at", "row_digest")


@dataclass(frozen=True)
class Field:
    """One column of a canonical record.

    `time` is an instant, `date` a calendar day stored as its 24:00 in the county's zone (both UTC
    ms); `money` is an integer number of fen; `decimal` is its canonical text (coordinates: degrees
    of WGS84); `code` is text drawn from a closed list.
    `longest`: how many characters the store has room for; None: any number.
    """

    name: str
    kind: ValueKind = "text"
    required: bool = False
    longest: int | None = None


@dataclass(frozen=True)
class RecordShape:
    """A canonical record: its fields and which of them says when the thing happened."""

    kind: RecordKind
    claimed: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields)

    def of_kind(self, *kinds: ValueKind) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields if f.kind in kinds)


PLACE = RecordShape(
    RecordKind.PLACE,
    "active_from",
    (
        Field("source_id", required=True, longest=120),
        Field("name", required=True, longest=200),
        Field("place_class", "code", required=True),
        Field("town_code", "code", required=True),
        Field("sector_code", "code"),
        Field("credit_code"),
        Field("active_from", "time", required=True),
        Field("active_to", "time"),
        Field("longitude", "decimal"),
        Field("latitude", "decimal"),
        Field("sent_at", "time"),
    ),
)

CHECK = RecordShape(
    RecordKind.CHECK,
    "checked_at",
    (
        Field("source_id", required=True, longest=200),
        Field("place_id", required=True, longest=120),
        Field("checked_at", "time", required=True),
        Field("channel", "code", required=True),
        Field("actor_kind", "code", required=True),
        Field("result", "code", required=True),
        Field("sent_at", "time"),
    ),
)

FINDING = RecordShape(
    RecordKind.FINDING,
    "found_at",
    (
        Field("source_id", required=True, longest=200),
        Field("place_id", longest=200),
        Field("unit_name", longest=200),
        Field("credit_code"),
        Field("address", longest=300),
        Field("town_code", "code", required=True),
        Field("sector_code", "code", required=True),
        Field("category", longest=500),
        Field("description", required=True),
        Field("severity", "code", required=True),
        Field("channel", "code", required=True),
        Field("found_at", "time", required=True),
        Field("longitude", "decimal"),
        Field("latitude", "decimal"),
        Field("sent_at", "time"),
    ),
)

UPDATE = RecordShape(
    RecordKind.UPDATE,
    "happened_at",
    (
        Field("source_id", required=True, longest=200),
        Field("finding_source", longest=64),  # blank: the update's own source
        Field("finding_id", required=True),
        Field("event", "code", required=True),
        Field("happened_at", "time", required=True),
        Field("organisation"),
        Field("person"),
        Field("second_person"),
        Field("reason"),
        Field("implied", "flag"),
        # the five elements, interim control (domain §3)
        Field("responsible_unit"),
        Field("responsible_lead"),
        Field("responsible_post"),
        Field("supervising_department"),
        Field("goal"),
        Field("measures"),
        Field("due_date", "date"),
        Field("milestones"),
        Field("funding_planned_fen", "money"),
        Field("funding_source"),
        Field("plan_reference"),
        Field("plan_date", "date"),
        Field("drilled_on", "date"),
        Field("interim_control"),
        Field("interim_from", "date"),
        Field("interim_until", "date"),
        # submission for acceptance
        Field("finished_on", "date"),
        Field("work_done"),
        Field("funding_spent_fen", "money"),
        Field("evidence"),
        # moves that point somewhere
        Field("town_code", "code"),
        Field("severity", "code"),
        Field("target"),  # merged into, transferred to, or the fact that is voided
        Field("asked_at", "time"),  # extension: when it was asked for
        Field("listing_number", longest=80),
        Field("listing_level", "code"),
        # reports from the public and enforcement
        Field("reply"),
        Field("amount_fen", "money"),
        Field("sent_at", "time"),
    ),
)

FIGURE = RecordShape(
    RecordKind.FIGURE,
    "reported_at",
    (
        Field("source_id", required=True, longest=200),
        Field("unit", required=True, longest=64),
        Field("indicator", required=True, longest=64),
        Field("period", required=True, longest=16),
        Field("value", "decimal", required=True, longest=40),
        Field("reported_at", "time", required=True),
        Field("sent_at", "time"),
    ),
)

SUBMISSION = RecordShape(
    RecordKind.SUBMISSION,
    "received_at",
    (
        Field("source_id", required=True),
        Field("reporting_unit", required=True),
        Field("period", required=True),
        Field("due_at", "time", required=True),
        Field("received_at", "time", required=True),
        Field("rows_received", "integer", required=True),
        Field("rows_taken", "integer", required=True),
        Field("rows_refused", "integer", required=True),
        Field("rows_known", "integer", required=True),
        Field("nil_return", "flag", required=True),
    ),
)

SHAPES: dict[RecordKind, RecordShape] = {
    s.kind: s for s in (PLACE, CHECK, FINDING, UPDATE, FIGURE, SUBMISSION)
}
