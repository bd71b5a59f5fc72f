"""Tables of what follows from the ledger: hazards, places, checks, figures, listings, rungs.

Caches that a replay rebuilds and `bihuan audit` compares with one; times, `FOREVER` and
`seq_from`/`seq_to` are as in `schemas.tables`. Whoever needs every table imports both modules.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)

from schemas.tables import county_key, metadata, ms
from schemas.vocabulary import Severity

finding = Table(
    "finding",
    metadata,
    county_key(),
    Column("stream_id", String(120), primary_key=True),
    Column("root_id", String(120), nullable=False),
    Column("source", String(64), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("place_key", String(200), nullable=False),
    # Other names of the place, each comparable (rules.identity_names); "" where none was given.
    Column("credit_key", String(18), nullable=False),
    Column("name_key", String(300), nullable=False),
    Column("address_key", String(300), nullable=False),
    Column("category", String(500), nullable=False),
    ms("found_at"),
    Column("town_code", String(9), nullable=False),
    Column("sector_code", String(40), nullable=False),
    Column("unit_name", String(200), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("description", Text, nullable=False),
    Index("finding_root", "county", "root_id"),
    Index("finding_place", "county", "place_key", "category"),
    Index("finding_credit", "county", "credit_key"),
    Index("finding_name", "county", "name_key"),
    Index("finding_address", "county", "address_key"),
)

# Score: 1 to 100 how alike, or an operator's word (rules.identity_clusters); stream_a < stream_b.
identity_link = Table(
    "identity_link",
    metadata,
    county_key(),
    Column("stream_a", String(120), primary_key=True),
    Column("stream_b", String(120), primary_key=True),
    Column("score", Integer, nullable=False),
    ms("seq"),
)

# The fold's result, bitemporal: what a hazard was from claimed_from to claimed_to, as known from
# seq_from until seq_to. Flows are rows by `entered_by`, stocks are rows that hold an instant.
hazard_span = Table(
    "hazard_span",
    metadata,
    county_key(),
    Column("root_id", String(120), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    ms("seq_to"),
    ms("claimed_from"),
    ms("claimed_to"),
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
    ms("found_at"),
    ms("verified_at"),
    ms("assigned_at"),
    ms("due_at"),
    ms("original_due_at"),
    ms("accepted_at"),
    ms("closed_at"),
    Column("backdated", SmallInteger, nullable=False),  # accepted, told too late
    Column("marks", SmallInteger, nullable=False, server_default="0"),  # bits of vocabulary.Mark
    # Every count reads the whole county: in the order of the key, not through an index. [measured]
    sqlite_with_rowid=False,
)

# Major or listed: few, and asked for every day. Literals, so that a database sees the index fit.
WEIGHTY = or_(
    hazard_span.c.severity == literal_column(str(int(Severity.MAJOR))),
    hazard_span.c.listed_level > literal_column("0"),
)
Index(
    "hazard_span_weighty",
    hazard_span.c.county,
    hazard_span.c.claimed_to,
    sqlite_where=WEIGHTY,
    postgresql_where=WEIGHTY,
)

# Facts that did not simply apply, and why. Applied facts have no row.
fact_note = Table(
    "fact_note",
    metadata,
    county_key(),
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    ms("seq_to"),
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
    county_key(),
    Column("place_id", String(120), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    ms("seq_to"),
    ms("claimed_from"),
    ms("claimed_to"),
    ms("active_from"),
    ms("active_to"),
    Column("place_class", String(40), nullable=False),
    Column("town_code", String(9), nullable=False),
    Column("sector_code", String(40), nullable=False),
    Column("name", String(200), nullable=False),
)

check_visit = Table(
    "check_visit",
    metadata,
    county_key(),
    Column("check_id", String(120), primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    ms("seq_to"),
    Column("place_id", String(120), nullable=False),
    ms("checked_at"),
    Column("channel", String(32), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("result", String(16), nullable=False),
    Index("check_visit_place", "county", "place_id", "checked_at"),
)

figure = Table(
    "figure",
    metadata,
    county_key(),
    Column("source", String(64), primary_key=True),
    Column("unit", String(64), primary_key=True),
    Column("indicator", String(64), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    ms("seq_to"),
    Column("value", String(40), nullable=False),
)

# What happened beside a hazard's life, on the stream of one finding: steps of a report from the
# public, enforcement, and what operators settled. Bitemporal: a revision ends its predecessor.
side_step = Table(
    "side_step",
    metadata,
    county_key(),
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("seq_from", BigInteger, primary_key=True, autoincrement=False),
    ms("seq_to"),
    Column("stream_id", String(120), nullable=False),
    Column("kind", String(32), nullable=False),
    ms("claimed_at"),
    ms("amount_fen"),  # penalty or reward; 0 where there is none
    Index("side_step_stream", "county", "stream_id"),
    Index("side_step_kind", "county", "kind", "claimed_at"),
)

listing = Table(
    "listing",
    metadata,
    county_key(),
    Column("listing_id", String(120), primary_key=True),
    Column("state", SmallInteger, nullable=False),
    Column("number", String(80), nullable=True),  # given with the approval; NULL before it
    Column("level", SmallInteger, nullable=False),
    Column("source", String(64), nullable=False),  # who listed: the office or the upper platform
    Column("unit_name", String(200), nullable=False),
    Column("town_code", String(9), nullable=False),
    Column("sector_code", String(40), nullable=False),
    ms("proposed_at"),
    ms("listed_at"),
    ms("due_at"),
    ms("original_due_at"),
    ms("plan_due_at"),
    ms("plan_filed_at"),
    ms("progress_at"),  # of the last report on progress
    ms("reported_up_at"),
    ms("published_at"),
    ms("extension_asked_at"),  # 0: none is pending
    ms("applied_at"),
    ms("decided_at"),  # of the opinion on the acceptance
    ms("delisted_at"),
    ms("closed_at"),
    ms("seq"),
    UniqueConstraint("county", "number", name="listing_number"),
)

listing_hazard = Table(
    "listing_hazard",
    metadata,
    county_key(),
    Column("listing_id", String(120), primary_key=True),
    Column("stream_id", String(120), primary_key=True),
    ms("seq"),
    Index("listing_hazard_stream", "county", "stream_id"),
)

rung = Table(
    "rung",
    metadata,
    county_key(),
    Column("root_id", String(120), primary_key=True),
    Column("rung", String(16), primary_key=True),
    Column("due_at", BigInteger, primary_key=True, autoincrement=False),
    ms("fired_at"),
    Column("recipient", String(120), nullable=False),
    Column("proposal", Boolean, nullable=False),
    Column("digest_key", String(200), nullable=False, server_default=""),
    Column("decision", String(16), nullable=False, server_default=""),  # confirmed, dropped
    Column("decided_by", String(120), nullable=False, server_default=""),
    Column("decided_at", BigInteger, nullable=False, server_default="0"),
    ms("seq"),
)
