"""On PostgreSQL the tables that grow are kept in parts, one per county; on SQLite nothing changes.

Nothing is moved: the table becomes the rest, from which `bihuan migrate` takes its county's rows.
"""

from alembic import op

from tasks.store import parts

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        parts.divide(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        parts.unite(op.get_bind())
