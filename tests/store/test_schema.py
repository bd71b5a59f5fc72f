"""Migrations: up, down and up again on both databases, and the models say the same as they do."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

import schemas.tables_projections  # noqa: F401  declares its tables on the same metadata
from schemas.events import Head
from schemas.tables import metadata
from tasks.store import ledger, schema
from tasks.store.engine import reading, writing
from tasks.store.guards import APPEND_ONLY
from tasks.store.ledger import Stamp
from tests.store.conftest import events

COUNTY = "330282"


def revisions() -> list[str]:
    """From the first on."""
    folder = Path(schema.__file__).parent / "migrations"
    return [s.revision for s in reversed(list(ScriptDirectory(str(folder)).walk_revisions()))]


def triggers(engine: Engine) -> set[str]:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with reading(engine) as connection:
        return {r[0] for r in connection.exec_driver_sql(catalogue[engine.dialect.name])}


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrated_schema_is_what_the_models_say(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert tables(engine) == set(metadata.tables)


def test_up_down_up_ends_where_up_ends(empty: Engine) -> None:
    assert schema.version(empty) == ""
    assert schema.upgrade(empty) == schema.latest() == revisions()[-1]
    first = tables(empty), triggers(empty)
    assert schema.downgrade(empty, "base") == ""
    assert (tables(empty), triggers(empty)) == (set(), set())
    schema.upgrade(empty)
    assert (tables(empty), triggers(empty)) == first


def test_every_guarded_table_has_its_triggers(engine: Engine) -> None:
    found = triggers(engine)
    assert all(any(name.startswith(f"{table}_no_") for name in found) for table in APPEND_ONLY)


def test_each_step_can_be_taken_back_by_itself(empty: Engine) -> None:
    for before, revision in zip(["base", *revisions()], revisions(), strict=False):
        schema.upgrade(empty, revision)
        there = tables(empty)
        schema.downgrade(empty, before)
        schema.upgrade(empty, revision)
        assert tables(empty) == there


def test_the_ledger_outlives_every_step_but_the_first(empty: Engine) -> None:
    """What the first step made goes with it; no later step may lose an event, either way."""
    first, *later = revisions()
    schema.upgrade(empty)
    fill(empty)
    written = kept(empty)
    assert len(written) == 14
    schema.downgrade(empty, first)
    assert kept(empty) == written
    for revision in later:
        schema.upgrade(empty, revision)
        assert kept(empty) == written


def test_the_tree_of_a_ledger_that_was_there_before_is_the_one_that_grows_with_it(
    empty: Engine,
) -> None:
    schema.upgrade(empty)
    fill(empty)
    grew = tree(empty)
    assert len(grew) == 6
    schema.downgrade(empty, BEFORE_TREE)
    schema.upgrade(empty)
    assert tree(empty) == grew
    with (
        pytest.raises(Exception, match="ledger_slice is append-only"),
        writing(empty) as connection,
    ):
        connection.exec_driver_sql("UPDATE ledger_slice SET root = ''")


def test_no_tree_is_grown_over_a_ledger_with_a_hole(empty: Engine) -> None:
    schema.upgrade(empty)
    fill(empty)
    schema.downgrade(empty, BEFORE_TREE)
    with empty.connect() as connection:
        unguard(connection, "event")
        connection.exec_driver_sql(f"DELETE FROM event WHERE county = '{COUNTY}' AND seq = 4")
        connection.commit()
    with pytest.raises(ValueError, match=rf"{COUNTY} is not whole.* 7 events.*after event 2 some"):
        schema.upgrade(empty)
    assert schema.version(empty) == BEFORE_TREE


BEFORE_TREE = "0005"


def unguard(connection: Connection, table: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for action in ("update", "delete", "replace"):
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{action}")


def fill(engine: Engine) -> None:
    """Two counties, seven events in two slices each."""
    for county in (COUNTY, "330281"):
        head = Head()
        with writing(engine) as connection:
            for number, count in enumerate((2, 5)):
                made = events(*(f"figure:{number}-{n}" for n in range(count)))
                head = ledger.append(connection, county, head, made, Stamp(1, 1, "d"))
            connection.commit()


def tree(engine: Engine) -> list[tuple[object, ...]]:
    query = (
        "SELECT county, last_seq, root FROM ledger_slice"
        " UNION ALL SELECT county, seq, frontier FROM ledger_head ORDER BY county, 2, 3"
    )
    with reading(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def kept(engine: Engine) -> list[tuple[object, ...]]:
    query = "SELECT seq, stream_id, version, payload, hash FROM event ORDER BY county, seq"
    with reading(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_upgrading_a_current_store_changes_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        ledger.append(connection, COUNTY, Head(), events("figure:a"), Stamp(1, 1, "d"))
        connection.commit()
    before = kept(engine)
    assert schema.upgrade(engine) == schema.latest()
    assert kept(engine) == before


def test_a_migration_that_fails_half_way_leaves_the_store_as_it_was(empty: Engine) -> None:
    with writing(empty) as connection:  # in the way of the first migration's last tables
        connection.exec_driver_sql("CREATE TABLE submission (x integer)")
        connection.commit()
    with pytest.raises(Exception, match="submission"):
        schema.upgrade(empty)
    assert schema.version(empty) == ""
    assert tables(empty) == {"submission"}


def test_an_outdated_store_is_named_with_what_to_run(empty: Engine) -> None:
    with pytest.raises(schema.SchemaOutdated, match=r"version none.*bihuan migrate"):
        schema.require_current(empty)
    schema.upgrade(empty)
    schema.require_current(empty)
