"""A database view, read by SQL from real SQLite files, a real PostgreSQL and a real MariaDB."""

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tasks.sources.base import Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.registry import puller
from tasks.sources.table_engine import read_only_engine
from tools.mariadb import is_installed, throwaway_mariadb

VIEW = {"type": "table", "view": "v_rows", "cursor_column": "moved", "order_column": "id"}
COUNTER = {**VIEW, "cursor_column": "id"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An exchange database with a view over rows (id, moved, amount)."""
    path = tmp_path / "exchange db.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE rows (id INTEGER PRIMARY KEY, moved TEXT, amount REAL, code TEXT);"
            "CREATE VIEW v_rows AS SELECT * FROM rows;"
        )
    connection.close()
    return path


def insert(path: Path, *rows: tuple[Any, ...]) -> None:
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
    connection.close()


def pulled(request: PullRequest) -> list[Pulled]:
    return list(puller(request.declaration)(request))


def ids(found: list[Pulled]) -> list[int]:
    return [row["id"] for p in found for row in json.loads(p.parts[0].content)]


def test_batches_bring_every_row_once_each_with_its_own_cursor(ask: Any, database: Path) -> None:
    insert(database, *((n, f"2025-03-0{n // 3 + 1} 08:00:00", 1.5, "007") for n in range(9)))
    found = pulled(ask({**VIEW, "batch_rows": 4}, url=f"sqlite:///{database}"))
    assert ids(found) == list(range(9))
    assert [len(json.loads(p.parts[0].content)) for p in found] == [4, 4, 1]
    assert [p.cursor_after for p in found] == [
        '"2025-03-02 08:00:00"',
        '"2025-03-03 08:00:00"',
        '"2025-03-03 08:00:00"',
    ]
    row = {"id": 0, "moved": "2025-03-01 08:00:00", "amount": "1.5", "code": "007"}
    assert json.loads(found[0].parts[0].content)[0] == row


def test_a_view_without_rows_gives_one_empty_delivery(ask: Any, database: Path) -> None:
    (found,) = pulled(ask(COUNTER, cursor="7", url=f"sqlite:///{database}"))
    assert (found.parts[0].content, found.cursor_after) == (b"[]", "7")


def test_a_counter_goes_on_after_its_last_value(ask: Any, database: Path) -> None:
    insert(database, *((n, None, None, None) for n in (1, 2, 3)))
    found = pulled(ask(COUNTER, cursor="2", url=f"sqlite:///{database}"))
    assert (ids(found), found[-1].cursor_after) == ([3], "3")


def test_rows_written_later_under_the_same_or_an_older_time_are_not_missed(
    ask: Any, database: Path
) -> None:
    insert(database, (5, "2025-03-05 08:00:00", None, None))
    url = f"sqlite:///{database}"
    cursor = pulled(ask(VIEW, url=url))[-1].cursor_after
    insert(database, (4, "2025-03-05 08:00:00", None, None), (3, "2025-03-05 07:30:00", None, None))
    assert ids(pulled(ask(VIEW, cursor=cursor, url=url))) == [3, 4, 5]
    assert ids(pulled(ask({**VIEW, "overlap_minutes": 0}, cursor=cursor, url=url))) == [4, 5]


def test_a_time_in_the_future_or_no_time_at_all_never_becomes_the_cursor(
    ask: Any, database: Path
) -> None:
    insert(database, (1, "2025-03-05 08:00:00", None, None), (2, "2925-01-01 00:00:00", None, None))
    insert(database, (3, "未知", None, None))
    found = pulled(ask(VIEW, url=f"sqlite:///{database}"))
    assert ids(found) == [1, 2, 3]
    assert found[-1].cursor_after == '"2025-03-05 08:00:00"'


def test_rows_without_a_cursor_value_come_with_every_pull(ask: Any, database: Path) -> None:
    insert(database, (1, None, None, None), (2, "2025-03-05 08:00:00", None, None))
    url = f"sqlite:///{database}"
    found = pulled(ask(VIEW, url=url))
    assert ids(found) == [1, 2]
    assert 1 in ids(pulled(ask(VIEW, cursor=found[-1].cursor_after, url=url)))
    with pytest.raises(SourceRefused, match="have no moved"):
        pulled(ask({**VIEW, "batch_rows": 1}, url=url))


def test_a_database_is_never_written_to_and_never_made(ask: Any, tmp_path: Path) -> None:
    path = tmp_path / "gone.sqlite"
    with pytest.raises(SourceDown, match="unable to open"):
        pulled(ask(VIEW, url=f"sqlite:///{path}"))
    assert not path.exists()


@pytest.mark.parametrize(
    ("connector", "named"), [({"view": "v_gone"}, "v_gone"), ({"cursor_column": "gone"}, "gone")]
)
def test_a_view_or_column_that_is_gone_is_named(
    ask: Any, database: Path, connector: dict[str, str], named: str
) -> None:
    with pytest.raises(SourceDown, match=named):
        pulled(ask({**VIEW, **connector}, url=f"sqlite:///{database}"))


def test_more_bytes_than_allowed_are_refused(ask: Any, database: Path) -> None:
    insert(database, *((n, "2025-03-05", None, "x" * 100) for n in range(20)))
    with pytest.raises(SourceRefused, match="batch_rows"):
        pulled(ask(VIEW, url=f"sqlite:///{database}", max_bytes=1000))


@pytest.mark.parametrize("url", [None, "", "exchange database"])
def test_an_address_that_is_none_names_the_setting(ask: Any, url: str | None) -> None:
    with pytest.raises(SourceRefused, match=r"\[sources\.feed\] url"):
        pulled(ask(VIEW, url=url))


def test_a_password_is_in_no_message(ask: Any) -> None:
    url = "postgresql+psycopg://reader:canary-pw@127.0.0.1:1/exchange"
    with pytest.raises(SourceDown, match="connection") as caught:
        pulled(ask(VIEW, url=url, timeout_seconds=1))
    assert "canary-pw" not in str(caught.value)


def test_postgresql_timestamps_and_decimals_are_cursors_too(ask: Any, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE v_rows (id int, moved timestamptz, amount numeric(12, 2))")
        )
        connection.execute(
            text(
                "INSERT INTO v_rows SELECT n, timestamptz '2025-03-01 00:00+00'"
                " + n * interval '1 hour', n FROM generate_series(1, 5) n"
            )
        )
    engine.dispose()
    found = pulled(ask({**VIEW, "batch_rows": 2}, url=postgres_url))
    assert ids(found) == [1, 2, 3, 4, 5]
    again = pulled(ask({**VIEW, "overlap_minutes": 60}, found[-1].cursor_after, url=postgres_url))
    assert ids(again) == [4, 5]
    by_amount = {**VIEW, "cursor_column": "amount"}
    cursor = pulled(ask(by_amount, url=postgres_url))[-1].cursor_after
    assert cursor == '{"number":"5.00"}'
    assert ids(pulled(ask(by_amount, cursor, url=postgres_url))) == [5]


def writes(request: PullRequest, statement: str) -> str:
    """What the database says to a statement on the very connection that a pull uses."""
    engine = read_only_engine(request)
    try:
        with engine.connect() as connection, pytest.raises(SQLAlchemyError) as caught:
            connection.execute(text(statement))
        return str(caught.value)
    finally:
        engine.dispose()


def test_sqlite_is_opened_so_that_it_cannot_be_written_to(ask: Any, database: Path) -> None:
    request = ask(VIEW, url=f"sqlite:///{database}")
    assert "readonly database" in writes(request, "INSERT INTO rows VALUES (1, '', 1, '')")
    insert(database, (1, "2025-03-01", 1, ""))  # the owner still can


def test_postgresql_is_read_in_read_only_transactions_even_through_a_view_that_writes(
    ask: Any, postgres_url: str
) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE seen (id int, moved int)",
            "CREATE FUNCTION spy() RETURNS int LANGUAGE sql"
            " AS 'INSERT INTO seen VALUES (1, 1) RETURNING id'",
            "CREATE VIEW v_rows AS SELECT spy() AS id, 1 AS moved",
        ):
            connection.execute(text(statement))
    request = ask(VIEW, url=postgres_url)
    assert "read-only transaction" in writes(request, "INSERT INTO seen VALUES (2, 2)")
    with pytest.raises(SourceDown, match="read-only transaction"):
        pulled(request)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM seen")).scalar() == 0
    engine.dispose()


def test_a_url_without_a_driver_takes_the_installed_one(ask: Any, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE v_rows (id int, moved date)"))
        connection.execute(text("INSERT INTO v_rows VALUES (1, '2025-03-05'), (2, '2925-01-01')"))
    url = postgres_url.replace("+psycopg", "")
    (found,) = pulled(ask(VIEW, url=url))
    assert found.cursor_after == '{"day":"2025-03-05"}'
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO v_rows VALUES (3, '2025-03-05'), (4, '2025-03-04')"))
        connection.execute(text("INSERT INTO v_rows VALUES (5, '2025-03-02')"))
    engine.dispose()
    assert sorted(ids(pulled(ask(VIEW, found.cursor_after, url=url)))) == [1, 2, 3, 4]


@pytest.fixture(scope="module")
def mariadb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not is_installed():
        reason = "MariaDB is not installed (Debian: mariadb-server-core, mariadb-client-core)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with throwaway_mariadb(tmp_path_factory.mktemp("mariadb")) as url:
        engine = create_engine(url.replace("mysql:", "mysql+pymysql:"))
        with engine.begin() as connection:
            for statement in (
                "CREATE TABLE t (id INT, moved DATETIME, amount DECIMAL(12, 2), said VARCHAR(40))",
                "CREATE VIEW v_rows AS SELECT * FROM t",
            ):
                connection.execute(text(statement))
            for n in range(1, 6):
                row = {"n": n, "at": f"2025-03-01 0{n}:00:00", "said": "通道堵塞"}
                connection.execute(text("INSERT INTO t VALUES (:n, :at, :n, :said)"), row)
        engine.dispose()
        yield url


def test_mysql_times_and_decimals_are_cursors_too(ask: Any, mariadb_url: str) -> None:
    found = pulled(ask({**VIEW, "batch_rows": 2}, url=mariadb_url))
    assert ids(found) == [1, 2, 3, 4, 5]
    first = json.loads(found[0].parts[0].content)[0]
    assert (first["said"], first["amount"]) == ("通道堵塞", "1.00")
    again = pulled(ask({**VIEW, "overlap_minutes": 60}, found[-1].cursor_after, url=mariadb_url))
    assert ids(again) == [4, 5]
    by_amount = {**VIEW, "cursor_column": "amount"}
    cursor = pulled(ask(by_amount, url=mariadb_url))[-1].cursor_after
    assert ids(pulled(ask(by_amount, cursor, url=mariadb_url))) == [5]


def test_mysql_is_read_in_a_read_only_session(ask: Any, mariadb_url: str) -> None:
    said = writes(ask(VIEW, url=mariadb_url), "INSERT INTO t VALUES (9, NULL, 1, '')")
    assert "READ ONLY transaction" in said


def test_a_column_that_is_no_cursor_is_refused_by_its_type(ask: Any, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE v_rows (id int, moved uuid)"))
        connection.execute(text("INSERT INTO v_rows VALUES (1, gen_random_uuid())"))
    engine.dispose()
    with pytest.raises(SourceRefused, match=r"moved cannot be the cursor_column.*UUID"):
        pulled(ask(VIEW, url=postgres_url))


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("mysql+mysqldb://reader@127.0.0.1/exchange", "pip install mysqlclient"),
        ("postgresql+psycopg2://reader@127.0.0.1/exchange", "pip install psycopg2"),
        ("oracle://reader@127.0.0.1/exchange", "cannot be opened read only"),
        ("nosuch://reader@127.0.0.1/exchange", "url"),
    ],
)
def test_a_database_that_cannot_be_opened_is_refused_with_the_next_step(
    ask: Any, url: str, advice: str
) -> None:
    with pytest.raises(SourceRefused, match=advice):
        pulled(ask(VIEW, url=url))
