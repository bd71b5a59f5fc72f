"""Tables of the ledger and of what is kept beside it, declared once for SQLite and PostgreSQL.

No engine here. Everything is keyed by county. `event` is the truth, and what follows from it is in
`schemas.tables_projections`, on the same `metadata`. Times are UTC milliseconds (BIGINT), `FOREVER`
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
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def county_key() -> Column[str]:
    """The first column of every table, and of every primary key."""
    return Column("county", String(6), primary_key=True)


def ms(name: str) -> Column[int]:
    """An instant in UTC milliseconds, or a position in the ledger; never NULL."""
    return Column(name, BigInteger, nullable=False)


event = Table(
    "event",
    metadata,
    county_key(),
    ms("seq"),
    Column("stream_id", String(120), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("stream_kind", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    ms("claimed_at"),
    ms("sent_at"),
    ms("received_at"),
    ms("appended_at"),
    ms("file_by"),  # until when it had to be received to count as filed in time
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
    county_key(),
    ms("seq"),
    Column("hash", String(64), nullable=False),
    # The Merkle tree of its `seq` events (rules.merkle): roots of perfect subtrees in hex.
    Column("frontier", Text, nullable=False, server_default=""),
)

# One row per committed transaction: watermarks are always ends of slices.
ledger_slice = Table(
    "ledger_slice",
    metadata,
    county_key(),
    Column("last_seq", BigInteger, primary_key=True, autoincrement=False),
    ms("first_seq"),
    ms("received_at"),
    ms("appended_at"),
    Column("hash", String(64), nullable=False),
    Column("delivery", String(64), nullable=False),
    Column("root", String(64), nullable=False, server_default=""),  # of the tree up to last_seq
)

# Our own lock, because a Prefect run can execute twice: the token grows with every taking.
lease = Table(
    "lease",
    metadata,
    county_key(),
    Column("name", String(64), primary_key=True),
    ms("token"),
    Column("holder", String(120), nullable=False),
    ms("expires_at"),
)

source_cursor = Table(
    "source_cursor",
    metadata,
    county_key(),
    Column("source", String(64), primary_key=True),
    Column("cursor", Text, nullable=False),
    ms("pulled_at"),
    ms("failing_since"),  # our first failed pull since then; 0: none failed
)

submission = Table(
    "submission",
    metadata,
    county_key(),
    Column("delivery", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("reporting_unit", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    ms("due_at"),
    ms("received_at"),
    Column("rows_received", Integer, nullable=False),
    Column("rows_taken", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False),
    Column("rows_known", Integer, nullable=False),
    Column("nil_return", Boolean, nullable=False),
    Column("refused_by", Text, nullable=False),  # JSON: rule code → rows
    ms("seq"),
    Index("submission_period", "county", "period", "source", "reporting_unit"),
)

# What a submission was like beside its counts, written once with it: for warnings, and for how
# completely its fields were filled. Editions read rows with seq <= watermark.
submission_quality = Table(
    "submission_quality",
    metadata,
    county_key(),
    Column("delivery", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("reporting_unit", String(64), nullable=False),
    Column("rows_warned", Integer, nullable=False),
    Column("warned_by", Text, nullable=False),  # JSON: rule code → accepted rows that broke it
    Column("remarks", Text, nullable=False),  # JSON: what is unusual about it as a whole
    Column("profile", Text, nullable=False),  # JSON: rows, blanks and words by field
    ms("seq"),
    Index("submission_quality_unit", "county", "source", "reporting_unit", "seq"),
)

# Rows that were refused, or that wait for a hazard to attach to; a row leaves when it is taken.
quarantine = Table(
    "quarantine",
    metadata,
    county_key(),
    Column("source", String(64), primary_key=True),
    Column("cells_digest", String(64), primary_key=True),
    Column("record", String(16), nullable=False),
    Column("delivery", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("line", Integer, nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("codes", Text, nullable=False),  # comma-separated rule codes
    # Which field broke which rule: D002:finding.found_at,U001:finding.town_code
    Column("faults", Text, nullable=False, server_default=""),
    Column("cells", Text, nullable=False),  # JSON of the sender's own row, reporter fields sealed
    Column("waits_for", String(120), nullable=False),  # hazard stream; '' for none
    ms("received_at"),
    ms("seq_from"),
    ms("seq_to"),
    Column("corrected_by", String(64), nullable=False, server_default=""),  # delivery, '' for none
    Index("quarantine_waits_for", "county", "waits_for"),
)

outbox = Table(
    "outbox",
    metadata,
    county_key(),
    Column("key", String(200), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("recipient", String(120), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    ms("created_at"),
    ms("seq"),
    Column("sent_at", BigInteger, nullable=True),
)

edition = Table(
    "edition",
    metadata,
    county_key(),
    Column("kind", String(16), primary_key=True),
    Column("period", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),
    ms("watermark"),
    Column("policy_hash", String(64), nullable=False),
    Column("body_digest", String(64), nullable=False),
    Column("folder", String(300), nullable=False),  # relative to the home
    Column("files", Text, nullable=False),  # JSON: name → sha256
    ms("published_at"),
    ms("seq"),
)

# What waits to be signed: the edition and the towns' workbooks lie in `folder`.
draft = Table(
    "draft",
    metadata,
    county_key(),
    Column("kind", String(16), primary_key=True),
    Column("period", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),  # runs per period
    Column("edition", Integer, nullable=False),  # what it will be the edition of its period
    ms("watermark"),
    Column("body_digest", String(64), nullable=False),
    Column("folder", String(300), nullable=False),
    Column("files", Text, nullable=False),  # JSON: name → sha256
    Column("state", String(12), nullable=False),  # DraftState
    ms("made_at"),
    ms("decided_at"),
    Column("decided_by", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    ms("seq"),
)

# 异议: one cell of one edition, contested by a town.
objection = Table(
    "objection",
    metadata,
    county_key(),
    Column("objection_id", String(60), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("period", String(40), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("cell", String(120), nullable=False),
    Column("items", Text, nullable=False),  # JSON: numbers of hazards
    Column("evidence", Text, nullable=False),
    Column("filed_by", String(200), nullable=False),
    ms("filed_at"),
    ms("decide_by"),
    Column("state", String(12), nullable=False),  # ObjectionState
    ms("decided_at"),
    Column("decided_by", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("corrected_by", Integer, nullable=False),  # the edition that corrects it, 0: none yet
    ms("seq"),
)

document = Table(
    "document",
    metadata,
    county_key(),
    Column("digest", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("text", Text, nullable=False),
)

# Who may prove to be a second person. The secret is sealed under a key that lies in the home.
operator = Table(
    "operator",
    metadata,
    county_key(),
    Column("name", String(120), primary_key=True),
    Column("organisation", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("secret", Text, nullable=False),
    ms("last_step"),  # of the last code that was used: none is good twice
    Column("failures", Integer, nullable=False),  # wrong codes in a row
    ms("locked_until"),  # after too many of them; 0: never
    ms("enrolled_at"),
    ms("retired_at"),  # 0: active
    ms("seq"),
)
