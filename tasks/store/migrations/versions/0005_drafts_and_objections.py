"""Drafts that wait to be signed, objections; codes of longer periods; the weighty at hand."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Literals, as in schemas/tables_projections.py: a query must say the same for the index to fit.
_WEIGHTY = sa.text("severity = 1 OR listed_level > 0")


def _ms(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _text(name: str, length: int | None = None, key: bool = False) -> sa.Column[str]:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, primary_key=key, nullable=False)


def upgrade() -> None:
    op.create_index(
        "hazard_span_weighty",
        "hazard_span",
        ["county", "claimed_to"],
        sqlite_where=_WEIGHTY,
        postgresql_where=_WEIGHTY,
    )
    _period_of_length(40)
    op.create_table(
        "draft",
        *(_text("county", 6, True), _text("kind", 16, True), _text("period", 40, True)),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        *(_ms("watermark"), _text("body_digest", 64), _text("folder", 300), _text("files")),
        *(_text("state", 12), _ms("made_at"), _ms("decided_at"), _text("decided_by", 100)),
        *(_text("reason"), _ms("seq")),
    )
    op.create_table(
        "objection",
        *(_text("county", 6, True), _text("objection_id", 60, True)),
        *(_text("kind", 16), _text("period", 40)),
        sa.Column("edition", sa.Integer(), nullable=False),
        *(_text("cell", 120), _text("items"), _text("evidence"), _text("filed_by", 200)),
        *(_ms("filed_at"), _ms("decide_by"), _text("state", 12), _ms("decided_at")),
        *(_text("decided_by", 100), _text("reason")),
        sa.Column("corrected_by", sa.Integer(), nullable=False),
        _ms("seq"),
    )


def downgrade() -> None:
    """Editions whose code the old column has no room for go; the ledger keeps them."""
    op.drop_index("hazard_span_weighty", "hazard_span")
    op.drop_table("objection")
    op.drop_table("draft")
    op.execute("DELETE FROM edition WHERE LENGTH(period) > 16")
    _period_of_length(16)


def _period_of_length(length: int) -> None:
    with op.batch_alter_table("edition") as table:
        table.alter_column("period", type_=sa.String(length), existing_nullable=False)
