"""Counties in one database: each in parts of its own on PostgreSQL, and nothing lost on the way."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from schemas.events import Head
from tasks.store import ledger, parts, schema
from tasks.store.engine import open_engine, reading, writing
from tasks.store.guards import APPEND_ONLY
from tasks.store.ledger import Stamp
from tests.store.conftest import events
from tests.store.rows import everything, fill
from tests.store.test_schema import revisions

ONE, OTHER = "330282", "330281"


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    """A PostgreSQL database with the present schema, its own."""
    engine = open_engine(postgres_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def asked(engine: Engine, statement: str) -> list[Any]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def did(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(statement)
        connection.commit()


def counties_in(engine: Engine, part: str) -> set[str]:
    return {row[0] for row in asked(engine, f"SELECT DISTINCT county FROM {parts.SCHEMA}.{part}")}


def append(engine: Engine, county: str, *streams: str) -> None:
    with writing(engine) as connection:
        head = ledger.read_head(connection, county)
        ledger.append(connection, county, head, events(*streams), Stamp(1, 1, "d"))
        connection.commit()


def test_a_row_of_every_table_survives_each_of_the_newest_steps_back_and_forth(
    empty: Engine,
) -> None:
    schema.upgrade(empty)
    fill(empty, ONE, OTHER)
    parts.open_county(empty, ONE)
    before = everything(empty)
    assert all(len(rows) >= 2 for rows in before.values()) and len(before["event"]) == 4
    schema.downgrade(empty, revisions()[-2])
    schema.upgrade(empty)
    assert everything(empty) == before


def test_a_county_that_is_opened_takes_its_rows_out_of_the_rest(postgres: Engine) -> None:
    fill(postgres, ONE, OTHER)
    before = everything(postgres)
    assert parts.open_county(postgres, ONE) == parts.PARTED
    assert everything(postgres) == before
    for table in parts.PARTED:
        assert counties_in(postgres, f"{table}_{ONE}") == {ONE}
        assert counties_in(postgres, f"{table}_rest") == {OTHER}
    assert parts.open_county(postgres, ONE) == ()
    assert parts.open_county(postgres, OTHER) == parts.PARTED
    assert counties_in(postgres, "event_rest") == set()
    assert everything(postgres) == before


def test_the_ledger_goes_on_where_it_was_before_its_county_was_opened(postgres: Engine) -> None:
    append(postgres, ONE, "figure:a", "figure:b")
    parts.open_county(postgres, ONE)
    append(postgres, ONE, "figure:c")
    append(postgres, OTHER, "figure:a")
    with reading(postgres) as connection:
        assert ledger.read_head(connection, ONE).seq == 3
        assert list(ledger.read_events(connection, ONE)["seq"]) == [1, 2, 3]
        assert ledger.has(connection, ONE, Head()) and ledger.read_head(connection, OTHER).seq == 1
    assert asked(postgres, f"SELECT count(*) FROM {parts.SCHEMA}.event_{ONE}") == [(3,)]


@pytest.mark.parametrize(
    "part", ["event", f"{parts.SCHEMA}.event_{ONE}", "bihuan_parts.event_rest"]
)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET payload = '2'", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_no_part_of_the_ledger_can_be_changed_either(
    postgres: Engine, part: str, statement: str
) -> None:
    parts.open_county(postgres, ONE)
    append(postgres, ONE, "figure:a")
    append(postgres, OTHER, "figure:a")
    with pytest.raises(DBAPIError, match="event is append-only"):
        did(postgres, statement.format(part))
    assert asked(postgres, "SELECT count(*) FROM event") == [(2,)]


def test_a_county_opened_late_leaves_every_guard_in_its_place(postgres: Engine) -> None:
    fill(postgres, ONE, OTHER)
    parts.open_county(postgres, ONE)  # part and rest hold rows
    for table in set(APPEND_ONLY) & set(parts.PARTED):
        for part in (table, *(f"{parts.SCHEMA}.{table}_{p}" for p in (ONE, "rest"))):
            for statement in (f"DELETE FROM {part}", f"TRUNCATE {part}"):
                with pytest.raises(DBAPIError, match=f"{table} is append-only"):
                    did(postgres, statement)


def test_a_question_about_a_county_reads_its_part_alone(postgres: Engine) -> None:
    parts.open_county(postgres, ONE)
    for table in parts.PARTED:
        plan = asked(postgres, f"EXPLAIN SELECT count(*) FROM {table} WHERE county = '{ONE}'")
        told = " ".join(row[0] for row in plan)
        assert f"{table}_{ONE}" in told and f"{table}_rest" not in told


@pytest.mark.parametrize("code", ["", "33028", "3302822", "33028x", "1; DROP TABLE event"])
def test_what_is_no_county_is_given_no_part(engine: Engine, code: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        parts.open_county(engine, code)


@pytest.mark.sqlite
def test_sqlite_has_no_parts(sqlite: Engine) -> None:
    assert parts.open_county(sqlite, ONE) == ()
