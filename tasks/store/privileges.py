"""Least privilege on PostgreSQL: who may do what, as SQL that an administrator can read first.

Three roles, under one prefix per installation, because roles belong to the whole server:

    PREFIX_owner    migrations, back-up and restore; nothing runs under it day by day
    PREFIX_writer   what `collect`, `supervise`, `bulletin`, `late`, `act` and `audit` need: may add
                    to the ledger and change nothing of it; keeps projections, cursors, outbox
    PREFIX_reader   SELECT, for the site and other readers; no secrets, no messages, no raw rows

Reporters' identities are not in this database at all: the vault is a file of its own. No password
is in here: an administrator gives each with `\\password` of psql, which sends no clear text.
"""

from collections.abc import Iterator

from sqlalchemy import Engine, text

import schemas.tables_projections  # noqa: F401  declares its tables on the same metadata
from schemas.tables import metadata
from tasks.store.engine import reading, writing
from tasks.store.guards import APPEND_ONLY
from tasks.store.parts import SCHEMA

PREFIX = "bihuan"
VERSIONS = "alembic_version"
# Nothing of these is for readers: codes of persons, addressed messages, senders' own rows, where
# sources stand. Of an operator they see everything but the sealed secret.
HIDDEN = ("outbox", "quarantine", "source_cursor", "lease")
SECRET = {"operator": ("secret",)}


class NotTheOwner(Exception):
    """Whoever is connected may not change tables; the message says who may."""


def roles(engine: Engine, prefix: str = PREFIX) -> list[str]:
    """What an administrator runs once in the database; repeating it does nothing new.

    Tables that somebody else made become the owner's. Raises ValueError for a prefix that is no
    plain name.
    """
    if not prefix.isidentifier() or not prefix.isascii() or prefix != prefix.lower():
        raise ValueError(f"{prefix!r} cannot begin a role's name: take lowercase letters and _")
    with reading(engine) as connection:
        database, schema = connection.execute(
            text("SELECT quote_ident(current_database()), quote_ident(current_schema())")
        ).one()
    return list(_roles(database, schema, *_names(prefix)))


def _names(prefix: str) -> tuple[str, str, str]:
    return f"{prefix}_owner", f"{prefix}_writer", f"{prefix}_reader"


def _roles(database: str, schema: str, owner: str, writer: str, reader: str) -> Iterator[str]:
    for role in (owner, writer, reader):
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
            f" THEN CREATE ROLE {role} LOGIN; END IF; END $$"
        )
    yield f"ALTER DATABASE {database} OWNER TO {owner}"
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    yield f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {writer}, {reader}"
    yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"
    yield f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {writer}, {reader}"
    yield _given(schema, owner)


def _given(schema: str, owner: str) -> str:
    """Our tables, their parts and the triggers' function belong to the owner, whoever made them."""
    ours = ", ".join(f"'{name}'" for name in (*sorted(metadata.tables), VERSIONS))
    return (
        "DO $$ DECLARE one regclass; BEGIN"
        " FOR one IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind IN ('r', 'p') AND (n.nspname = '{SCHEMA}'"
        f" OR n.nspname = '{schema}' AND c.relname IN ({ours}))"
        f" LOOP EXECUTE format('ALTER TABLE %s OWNER TO {owner}', one); END LOOP;"
        f" IF to_regnamespace('{SCHEMA}') IS NOT NULL THEN"
        f" ALTER SCHEMA {SCHEMA} OWNER TO {owner}; END IF;"
        " IF to_regproc('bihuan_append_only') IS NOT NULL THEN"
        f" ALTER FUNCTION bihuan_append_only() OWNER TO {owner}; END IF; END $$"
    )


def apply(engine: Engine, statements: list[str]) -> None:
    """Run them as one transaction."""
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        connection.commit()


def require_owner(engine: Engine) -> None:
    """Raises NotTheOwner unless whoever is connected may make tables."""
    if engine.dialect.name != "postgresql":
        return
    query = text("SELECT has_schema_privilege(current_schema(), 'CREATE'), current_user")
    with reading(engine) as connection:
        may, user = connection.execute(query).one()
    if not may:
        owner = user.rpartition("_")[0] + "_owner"
        raise NotTheOwner(
            f"{user} may not change tables: for this one command name {owner} in"
            " BIHUAN_DATABASE_URL"
        )


def grant(engine: Engine) -> str:
    """Give writer and reader of the tables' owner their rights; the prefix, "" where none are.

    Called after every migration: whoever is connected as PREFIX_owner has new tables to share.
    """
    if engine.dialect.name != "postgresql":
        return ""
    with reading(engine) as connection:
        user = str(connection.execute(text("SELECT current_user")).scalar())
        prefix = user.removesuffix("_owner")
        query = text("SELECT count(*) FROM pg_roles WHERE rolname IN (:writer, :reader)")
        names = {"writer": f"{prefix}_writer", "reader": f"{prefix}_reader"}
        if prefix == user or connection.execute(query, names).scalar() != 2:
            return ""
    apply(engine, list(_grants(**names)))
    return prefix


def _grants(writer: str, reader: str) -> Iterator[str]:
    for name, table in metadata.tables.items():
        yield f"REVOKE ALL ON {name} FROM {writer}, {reader}"
        own = "SELECT, INSERT" if name in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        yield f"GRANT {own} ON {name} TO {writer}"
        if name in SECRET:
            shown = ", ".join(c.name for c in table.columns if c.name not in SECRET[name])
            yield f"GRANT SELECT ({shown}) ON {name} TO {reader}"
        elif name not in HIDDEN:
            yield f"GRANT SELECT ON {name} TO {reader}"
    yield f"GRANT SELECT ON {VERSIONS} TO {writer}, {reader}"
    yield from _leases(writer, reader)


def _leases(writer: str, reader: str) -> Iterator[str]:
    """Who builds a site takes a lease on its folder: a reader sees and takes those alone."""
    yield f"GRANT SELECT, INSERT, UPDATE ON lease TO {reader}"
    yield "ALTER TABLE lease ENABLE ROW LEVEL SECURITY"
    for role, rows in ((writer, "true"), (reader, "name LIKE 'site:%'")):
        yield f"DROP POLICY IF EXISTS {role} ON lease"
        yield f"CREATE POLICY {role} ON lease TO {role} USING ({rows})"


def may_rewrite(engine: Engine) -> list[str]:
    """The ledger's tables that whoever is connected could change, but for the triggers."""
    if engine.dialect.name != "postgresql":
        return []
    query = text(
        "SELECT has_table_privilege(:name, 'UPDATE') OR has_table_privilege(:name, 'DELETE')"
        " OR has_table_privilege(:name, 'TRUNCATE')"
    )
    with reading(engine) as connection:
        return [n for n in APPEND_ONLY if connection.execute(query, {"name": n}).scalar()]
