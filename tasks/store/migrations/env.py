"""Alembic's entry: migrations run on the connection that `tasks.store.schema` hands over."""

from alembic import context

import schemas.tables_projections  # noqa: F401  declares its tables on the same metadata
from schemas.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # the caller's transaction holds it all
)
context.run_migrations()
