"""Every table of the store, declared once for SQLite and PostgreSQL; no engine here.

Everything is keyed by county. `event` is the truth; all others but `document` and `outbox` are
caches that `bihuan audit` compares with a replay. Times are UTC milliseconds (BIGINT), `FOREVER`
stands for "until further notice". `seq_from`/`seq_to` bound what was known when: a row is part of
the picture at watermark W when seq_from <= W < seq_to.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _county() -> Column[str]:
    return Column("county", String(6), primary_key=True)


def _ms(name: str, **options: bool) -> Column[int]:
    return Column(name, BigInteger, **{"nullable": False, **options})  # type: ignore[arg-type]


event = Table(
    "event",
    metadata,
    _county(),
    _ms("seq"),
    Column("stream_id", String(120), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("stream_kind", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    _ms("claimed_at"),
    _ms("sent_at"),
    _ms("received_at"),
    _ms("appended_at"),
    _ms("file_by"),  # until when it had to be received to count as filed in time
    Column("actor", String(120), nullable=False),
    Column("source", String(64), nullable=False),
    Column("record", String(16), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("row_digest", String(16), nullable=False),
    Column("delivery", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("county", "seq", name="event_seq"),
    Index("event_source_id", "county", "source", "record", "source_id"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    _county(),
    _ms("seq"),
    Column("hash", String(64), nullable=False),
)

# One row per committed transaction: watermarks are always ends of slices.
ledger_slice = Table(
    "ledger_slice",
    metadata,
    _county(),
    Column("last_seq", BigInteger, primary_key=True, autoincrement=False),
    _ms("first_seq"),
    _ms("received_at"),
    _ms("appended_at"),
    Column("hash", String(64), nullable=False),
    Column("delivery", String(64), nullable=False),
)

# Our own lock, because a Prefect run can execute twice: the token grows with every taking.
lease = Table(
    "lease",
    metadata,
    _county(),
    Column("name", String(64), primary_key=True),
    _ms("token"),
    Column("holder", String(120), nullable=False),
    _ms("expires_at"),
)

source_cursor = Table(
    "source_cursor",
    metadata,
    _county(),
    Column("source", String(64), primary_key=True),
    Column("cursor", Text, nullable=False),
    _ms("pulled_at"),
)

submission = Table(
    "submission",
    metadata,
    _county(),
    Column("delivery", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("reporting_unit", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    _ms("due_at"),
    _ms("received_at"),
    Column("rows_received", Integer, nullable=False),
    Column("rows_taken", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False),
    Column("rows_known", Integer, nullable=False),
    Column("nil_return", Boolean, nullable=False),
    Column("refused_by", Text, nullable=False),  # JSON: rule code → rows
    _ms("seq"),
    Index("submission_period", "county", "period", "source", "reporting_unit"),
)

# Rows that were refused, or that wait for a hazard to attach to; a row leaves when it is taken.
quarantine = Table(
    "quarantine",
    metadata,
    _county(),
    Column("source", String(64), primary_key=True),
    Column("cells_digest", String(64), primary_key=True),
    Column("record", String(16), nullable=False),
    Column("delivery", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("line", Integer, nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("codes", Text, nullable=False),  # comma-separated rule codes
    Column("cells", Text, nullable=False),  # JSON of the sender's own row, reporter fields sealed
    Column("waits_for", String(120), nullable=False),  # hazard stream; '' for none
    _ms("received_at"),
    _ms("seq_from"),
    _ms("seq_to"),
    Index("quarantine_waits_for", "county", "waits_for"),
)

finding = Table(
    "finding",
    metadata,
    _county(),
    Column("stream_id", String(120), primary_key=True),
    Column("root_id", String(120), nullable=False),
    Column("source", String(64), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("place_key", String(200), nullable=False),
    Column("category", String(120), nullable=False),
    _ms("found_at"),
    Column("town_code", String(9), nullable=False),
    Column("sector_code", String(40), nullable=False),
    Column("unit_name", String(200), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("description", Text, nullable=False),
    Index("finding_root", "county", "root_id"),
    Index("finding_place", "county", "place_key", "category"),
)

identity_link = Table(
    "identity_link",
    metadata,
    _county(),
    Column("stream_a", String(120), primary_key=True),
    Column("stream_b", String(120), primary_key=True),
    Column("score", Integer, nullable=False),
    _ms("seq"),
)

# The fold's result, bitemporal: what a hazard was from claimed_from to claimed_to, as known from
# seq_from until seq_to. Flows are rows by `entered_by`, stocks are rows that hold an instant.
hazard_span = Table(
    "hazard_span",
    metadata,
    _county(),
    Column("root_id", String(120), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    _ms("seq_to"),
    _ms("claimed_from"),
    _ms("claimed_to"),
    Column("entered_by", SmallInteger, nullable=False),  # rank of the FactKind
    Column("state", SmallInteger, nullable=False),
    Column("town_code", String(9), nullable=False),
    Column("town_before", String(9), nullable=False),
    Column("town_found", String(9), nullable=False),  # where it was registered
    Column("sector_code", String(40), nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("self_check", SmallInteger, nullable=False),
    Column("elements", SmallInteger, nullable=False),  # bits of rules.elements.Element
    Column("listed_level", SmallInteger, nullable=False),
    _ms("found_at"),
    _ms("verified_at"),
    _ms("assigned_at"),
    _ms("due_at"),
    _ms("original_due_at"),
    _ms("accepted_at"),
    _ms("closed_at"),
    Column("backdated", SmallInteger, nullable=False),  # accepted, told too late
    Index("hazard_span_claimed", "county", "claimed_from"),
)

# Facts that did not simply apply, and why. Applied facts have no row.
fact_note = Table(
    "fact_note",
    metadata,
    _county(),
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    _ms("seq_to"),
    Column("root_id", String(120), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("reason", String(64), nullable=False),  # catalogue key
    Column("missing", Integer, nullable=False),  # bits of rules.elements.Need
    Column("state", SmallInteger, nullable=False),
    Index("fact_note_root", "county", "root_id"),
)

place_span = Table(
    "place_span",
    metadata,
    _county(),
    Column("place_id", String(120), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    _ms("seq_to"),
    _ms("claimed_from"),
    _ms("claimed_to"),
    _ms("active_from"),
    _ms("active_to"),
    Column("place_class", String(40), nullable=False),
    Column("town_code", String(9), nullable=False),
    Column("sector_code", String(40), nullable=False),
    Column("name", String(200), nullable=False),
)

check_visit = Table(
    "check_visit",
    metadata,
    _county(),
    Column("check_id", String(120), primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    _ms("seq_to"),
    Column("place_id", String(120), nullable=False),
    _ms("checked_at"),
    Column("channel", String(32), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("result", String(16), nullable=False),
    Index("check_visit_place", "county", "place_id", "checked_at"),
)

figure = Table(
    "figure",
    metadata,
    _county(),
    Column("source", String(64), primary_key=True),
    Column("unit", String(64), primary_key=True),
    Column("indicator", String(64), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    _ms("seq_to"),
    Column("value", String(40), nullable=False),
)

listing = Table(
    "listing",
    metadata,
    _county(),
    Column("listing_id", String(120), primary_key=True),
    Column("number", String(80), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("root_id", String(120), nullable=False),
    Column("unit_name", String(200), nullable=False),
    Column("town_code", String(9), nullable=False),
    Column("sector_code", String(40), nullable=False),
    _ms("listed_at"),
    _ms("due_at"),
    _ms("seq"),
    UniqueConstraint("county", "number", name="listing_number"),
)

rung = Table(
    "rung",
    metadata,
    _county(),
    Column("root_id", String(120), primary_key=True),
    Column("rung", String(16), primary_key=True),
    Column("due_at", BigInteger, primary_key=True, autoincrement=False),
    _ms("fired_at"),
    Column("recipient", String(120), nullable=False),
    Column("proposal", Boolean, nullable=False),
    _ms("seq"),
)

outbox = Table(
    "outbox",
    metadata,
    _county(),
    Column("key", String(200), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("recipient", String(120), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    _ms("created_at"),
    _ms("seq"),
    Column("sent_at", BigInteger, nullable=True),
)

edition = Table(
    "edition",
    metadata,
    _county(),
    Column("kind", String(16), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("number", Integer, primary_key=True),
    _ms("watermark"),
    Column("policy_hash", String(64), nullable=False),
    Column("body_digest", String(64), nullable=False),
    Column("folder", String(300), nullable=False),  # relative to the home
    Column("files", Text, nullable=False),  # JSON: name → sha256
    _ms("published_at"),
    _ms("seq"),
)

document = Table(
    "document",
    metadata,
    _county(),
    Column("digest", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("text", Text, nullable=False),
)

APPEND_ONLY = ("event", "ledger_slice", "document")
