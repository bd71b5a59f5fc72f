"""Marks of hazards, steps beside their life, listings as entities, confirmed rungs, operators.

Listings known before were proposals that had their number already; they keep it. The way back
keeps of a listing what the old table had room for, and of several hazards the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIMES = (
    "proposed_at", "listed_at", "due_at", "original_due_at", "plan_due_at", "plan_filed_at",
    "progress_at", "reported_up_at", "published_at", "extension_asked_at", "applied_at",
    "decided_at", "delisted_at", "closed_at",
)  # fmt: skip


def upgrade() -> None:
    marks = sa.Column("marks", sa.SmallInteger(), nullable=False, server_default="0")
    op.add_column("hazard_span", marks)
    _side_steps()
    _listings()
    for column in _decisions():
        op.add_column("rung", column)
    _operators()


def downgrade() -> None:
    op.drop_table("operator")
    for column in reversed(_decisions()):
        op.drop_column("rung", column.name)
    _old_listings()
    op.drop_index("side_step_kind", table_name="side_step")
    op.drop_index("side_step_stream", table_name="side_step")
    op.drop_table("side_step")
    op.drop_column("hazard_span", "marks")


def _county() -> sa.Column[str]:
    return sa.Column("county", sa.String(6), nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _ms(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _decisions() -> list[sa.Column[str] | sa.Column[int]]:
    texts = (("digest_key", 200), ("decision", 16), ("decided_by", 120))
    return [
        *(sa.Column(n, sa.String(size), nullable=False, server_default="") for n, size in texts),
        sa.Column("decided_at", sa.BigInteger(), nullable=False, server_default="0"),
    ]


def _side_steps() -> None:
    op.create_table(
        "side_step",
        _county(),
        sa.Column("event_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq_from", sa.BigInteger(), autoincrement=False, nullable=False),
        _ms("seq_to"),
        _text("stream_id", 120),
        _text("kind", 32),
        _ms("claimed_at"),
        _ms("amount_fen"),
        sa.PrimaryKeyConstraint("county", "event_seq", "seq_from"),
    )
    op.create_index("side_step_stream", "side_step", ["county", "stream_id"])
    op.create_index("side_step_kind", "side_step", ["county", "kind", "claimed_at"])


def _listings() -> None:
    op.create_table(
        "listing_hazard",
        _county(),
        _text("listing_id", 120),
        _text("stream_id", 120),
        _ms("seq"),
        sa.PrimaryKeyConstraint("county", "listing_id", "stream_id"),
    )
    op.create_index("listing_hazard_stream", "listing_hazard", ["county", "stream_id"])
    op.execute(
        "INSERT INTO listing_hazard (county, listing_id, stream_id, seq)"
        " SELECT county, listing_id, root_id, seq FROM listing"
    )
    op.rename_table("listing", "old_listing")
    op.create_table(
        "listing",
        _county(),
        _text("listing_id", 120),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.String(80), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        _text("source", 64),
        _text("unit_name", 200),
        _text("town_code", 9),
        _text("sector_code", 40),
        *(_ms(name) for name in _TIMES),
        _ms("seq"),
        sa.PrimaryKeyConstraint("county", "listing_id", name="listing_key"),
    )
    times = dict.fromkeys(_TIMES, "0") | {"proposed_at": "listed_at"}
    op.execute(
        "INSERT INTO listing (county, listing_id, state, number, level, source, unit_name,"
        f" town_code, sector_code, {', '.join(times)}, seq)"
        " SELECT county, listing_id, 1, number, level, 'supervise', unit_name, town_code,"
        f" sector_code, {', '.join(times.values())}, seq FROM old_listing"
    )
    op.drop_table("old_listing")
    with op.batch_alter_table("listing") as batch:
        batch.create_unique_constraint("listing_number", ["county", "number"])


def _old_listings() -> None:
    op.rename_table("listing", "new_listing")
    op.create_table(
        "listing",
        _county(),
        _text("listing_id", 120),
        _text("number", 80),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        _text("root_id", 120),
        _text("unit_name", 200),
        _text("town_code", 9),
        _text("sector_code", 40),
        _ms("listed_at"),
        _ms("due_at"),
        _ms("seq"),
        sa.PrimaryKeyConstraint("county", "listing_id"),
    )
    first = (
        "(SELECT min(h.stream_id) FROM listing_hazard h"
        " WHERE h.county = n.county AND h.listing_id = n.listing_id)"
    )
    op.execute(
        "INSERT INTO listing (county, listing_id, number, level, year, root_id, unit_name,"
        " town_code, sector_code, listed_at, due_at, seq)"
        f" SELECT county, listing_id, number, level, 0, {first}, unit_name, town_code,"
        " sector_code, proposed_at, due_at, seq FROM new_listing n WHERE number IS NOT NULL"
    )
    op.drop_table("new_listing")
    op.drop_index("listing_hazard_stream", table_name="listing_hazard")
    op.drop_table("listing_hazard")
    with op.batch_alter_table("listing") as batch:
        batch.create_unique_constraint("listing_number", ["county", "number"])


def _operators() -> None:
    op.create_table(
        "operator",
        _county(),
        _text("name", 120),
        _text("organisation", 200),
        _text("role", 16),
        sa.Column("secret", sa.Text(), nullable=False),
        _ms("last_step"),
        sa.Column("failures", sa.Integer(), nullable=False),
        *(_ms(name) for name in ("locked_until", "enrolled_at", "retired_at", "seq")),
        sa.PrimaryKeyConstraint("county", "name"),
    )
