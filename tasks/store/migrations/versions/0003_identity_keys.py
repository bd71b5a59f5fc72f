"""Findings carry every name of their place; sources, since when our own pulls of them fail.

Findings taken before have none of the new keys: they are still found by the place's number.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEYS = (("credit", 18), ("name", 300), ("address", 300))


def upgrade() -> None:
    for key, length in _KEYS:
        column = sa.Column(f"{key}_key", sa.String(length), nullable=False, server_default="")
        op.add_column("finding", column)
        op.create_index(f"finding_{key}", "finding", ["county", f"{key}_key"], unique=False)
    failing = sa.Column("failing_since", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("source_cursor", failing)


def downgrade() -> None:
    op.drop_column("source_cursor", "failing_since")
    for key, _ in reversed(_KEYS):
        op.drop_index(f"finding_{key}", table_name="finding")
        op.drop_column("finding", f"{key}_key")
