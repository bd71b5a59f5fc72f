"""The Merkle tree over the ledger: its frontier beside the head, its root beside every slice.

The tree of what is there already is computed from the events' hashes, about two seconds for a
million. Going back forgets the tree and keeps the ledger.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from rules.merkle import Frontier, grown, leaves

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_HEADS = "SELECT county, seq FROM ledger_head WHERE seq > 0"
_SLICES = "SELECT last_seq FROM ledger_slice WHERE county = :county ORDER BY last_seq"
_HASHES = (
    "SELECT hash FROM event WHERE county = :county AND seq > :after AND seq <= :upto ORDER BY seq"
)
_HEAD = "UPDATE ledger_head SET frontier = :frontier WHERE county = :county"
_SLICE = "UPDATE ledger_slice SET root = :root WHERE county = :county AND last_seq = :last_seq"
_GUARD = "ledger_slice_no_update"


def upgrade() -> None:
    frontier = sa.Column("frontier", sa.Text(), nullable=False, server_default="")
    op.add_column("ledger_head", frontier)
    op.add_column(
        "ledger_slice", sa.Column("root", sa.String(64), nullable=False, server_default="")
    )
    with _unguarded(op.get_bind()) as connection:
        for county, size in connection.execute(sa.text(_HEADS)).all():
            _grow(connection, county, size)


def downgrade() -> None:
    op.drop_column("ledger_slice", "root")
    op.drop_column("ledger_head", "frontier")


def _grow(connection: sa.Connection, county: str, size: int) -> None:
    tree, roots = Frontier(), []
    for (last,) in connection.execute(sa.text(_SLICES), {"county": county}).all():
        part = {"county": county, "after": tree.size, "upto": last}
        longer = grown(tree, leaves(connection.execute(sa.text(_HASHES), part).scalars()))
        if longer.size != last:
            break
        tree = longer
        roots.append({"county": county, "last_seq": last, "root": tree.root.hex()})
    if tree.size != size:
        raise ValueError(
            f"the ledger of {county} is not whole: its head says that it has {size} events, and"
            f" after event {tree.size} some are missing. Nothing was changed; restore the last"
            " backup"
        )
    connection.execute(sa.text(_SLICE), roots)
    connection.execute(sa.text(_HEAD), {"county": county, "frontier": str(tree)})


@contextmanager
def _unguarded(connection: sa.Connection) -> Iterator[sa.Connection]:
    """Slices may be given their roots, once."""
    if connection.dialect.name == "sqlite":
        said = f"SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = '{_GUARD}'"
        guard = connection.execute(sa.text(said)).scalar_one()
        before, after = f"DROP TRIGGER {_GUARD}", guard
    else:
        before, after = (
            f"ALTER TABLE ledger_slice {do} TRIGGER USER" for do in ("DISABLE", "ENABLE")
        )
    connection.exec_driver_sql(before)
    yield connection
    connection.exec_driver_sql(after)
