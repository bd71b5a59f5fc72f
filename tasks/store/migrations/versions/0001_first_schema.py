"""The first schema: ledger, projections, editions, and the triggers that keep the ledger."""

import sqlalchemy as sa
from alembic import op

from tasks.store import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    guards.run(op, guards.create(op.get_bind().dialect.name))


def downgrade() -> None:
    guards.run(op, guards.drop(op.get_bind().dialect.name))
    _drop_tables()


def _create_tables() -> None:
    op.create_table(
        "check_visit",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("check_id", sa.String(length=120), nullable=False),
        sa.Column("seq_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.String(length=120), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("county", "check_id", "seq_from"),
    )
    op.create_index(
        "check_visit_place", "check_visit", ["county", "place_id", "checked_at"], unique=False
    )
    op.create_table(
        "document",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county", "digest"),
    )
    op.create_table(
        "edition",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("policy_hash", sa.String(length=64), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("folder", sa.String(length=300), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "kind", "period", "number"),
    )
    op.create_table(
        "event",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("stream_id", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stream_kind", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("appended_at", sa.BigInteger(), nullable=False),
        sa.Column("file_by", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=16), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("row_digest", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("county", "stream_id", "version"),
        sa.UniqueConstraint("county", "seq", name="event_seq"),
    )
    op.create_index(
        "event_source_id", "event", ["county", "source", "record", "source_id"], unique=False
    )
    op.create_table(
        "fact_note",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.String(length=120), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "event_seq", "seq_from"),
    )
    op.create_index("fact_note_root", "fact_note", ["county", "root_id"], unique=False)
    op.create_table(
        "figure",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("seq_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("county", "source", "unit", "indicator", "period", "seq_from"),
    )
    op.create_table(
        "finding",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("stream_id", sa.String(length=120), nullable=False),
        sa.Column("root_id", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("place_key", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=500), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("sector_code", sa.String(length=40), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county", "stream_id"),
    )
    op.create_index("finding_place", "finding", ["county", "place_key", "category"], unique=False)
    op.create_index("finding_root", "finding", ["county", "root_id"], unique=False)
    op.create_table(
        "hazard_span",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("root_id", sa.String(length=120), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("seq_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.Column("claimed_from", sa.BigInteger(), nullable=False),
        sa.Column("claimed_to", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("town_before", sa.String(length=9), nullable=False),
        sa.Column("town_found", sa.String(length=9), nullable=False),
        sa.Column("sector_code", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("self_check", sa.SmallInteger(), nullable=False),
        sa.Column("elements", sa.SmallInteger(), nullable=False),
        sa.Column("listed_level", sa.SmallInteger(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=False),
        sa.Column("assigned_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("original_due_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("backdated", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "root_id", "ordinal", "seq_from"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_link",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("stream_a", sa.String(length=120), nullable=False),
        sa.Column("stream_b", sa.String(length=120), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "stream_a", "stream_b"),
    )
    op.create_table(
        "lease",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "name"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("county"),
    )
    op.create_table(
        "ledger_slice",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("appended_at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("county", "last_seq"),
    )
    op.create_table(
        "listing",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("listing_id", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("root_id", sa.String(length=120), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("sector_code", sa.String(length=40), nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "listing_id"),
        sa.UniqueConstraint("county", "number", name="listing_number"),
    )
    op.create_table(
        "outbox",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("county", "key"),
    )
    op.create_table(
        "place_span",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("place_id", sa.String(length=120), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("seq_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.Column("claimed_from", sa.BigInteger(), nullable=False),
        sa.Column("claimed_to", sa.BigInteger(), nullable=False),
        sa.Column("active_from", sa.BigInteger(), nullable=False),
        sa.Column("active_to", sa.BigInteger(), nullable=False),
        sa.Column("place_class", sa.String(length=40), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("sector_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("county", "place_id", "ordinal", "seq_from"),
    )
    op.create_table(
        "quarantine",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("cells_digest", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("seq_from", sa.BigInteger(), nullable=False),
        sa.Column("seq_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "source", "cells_digest"),
    )
    op.create_index("quarantine_waits_for", "quarantine", ["county", "waits_for"], unique=False)
    op.create_table(
        "rung",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("root_id", sa.String(length=120), nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("proposal", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "root_id", "rung", "due_at"),
    )
    op.create_table(
        "source_cursor",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("pulled_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "source"),
    )
    op.create_table(
        "submission",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reporting_unit", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("rows_received", sa.Integer(), nullable=False),
        sa.Column("rows_taken", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("nil_return", sa.Boolean(), nullable=False),
        sa.Column("refused_by", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "delivery"),
    )
    op.create_index(
        "submission_period",
        "submission",
        ["county", "period", "source", "reporting_unit"],
        unique=False,
    )


def _drop_tables() -> None:
    op.drop_index("submission_period", table_name="submission")
    op.drop_table("submission")
    op.drop_table("source_cursor")
    op.drop_table("rung")
    op.drop_index("quarantine_waits_for", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("place_span")
    op.drop_table("outbox")
    op.drop_table("listing")
    op.drop_table("ledger_slice")
    op.drop_table("ledger_head")
    op.drop_table("lease")
    op.drop_table("identity_link")
    op.drop_table("hazard_span")
    op.drop_index("finding_root", table_name="finding")
    op.drop_index("finding_place", table_name="finding")
    op.drop_table("finding")
    op.drop_table("figure")
    op.drop_index("fact_note_root", table_name="fact_note")
    op.drop_table("fact_note")
    op.drop_index("event_source_id", table_name="event")
    op.drop_table("event")
    op.drop_table("edition")
    op.drop_table("document")
    op.drop_index("check_visit_place", table_name="check_visit")
    op.drop_table("check_visit")
