"""Which field broke which rule, what corrected a refused row, and how good a submission was."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows refused before have no faults: their workbook names the rules, but colours no cell.
    for column in (
        sa.Column("faults", sa.Text(), nullable=False, server_default=""),
        sa.Column("corrected_by", sa.String(length=64), nullable=False, server_default=""),
    ):
        op.add_column("quarantine", column)
    op.create_table(
        "submission_quality",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("delivery", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reporting_unit", sa.String(length=64), nullable=False),
        sa.Column("rows_warned", sa.Integer(), nullable=False),
        sa.Column("warned_by", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county", "delivery"),
    )
    op.create_index(
        "submission_quality_unit",
        "submission_quality",
        ["county", "source", "reporting_unit", "seq"],
    )


def downgrade() -> None:
    op.drop_table("submission_quality")
    for column in ("corrected_by", "faults"):
        op.drop_column("quarantine", column)
