"""Frames go in and come out of both databases as they were; key sets leave nothing behind."""

import traceback

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Engine, MetaData, String, Table, Text, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from tasks.store import bulk
from tasks.store.engine import reading, writing

thing = Table(
    "thing",
    MetaData(),
    Column("name", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("text", Text, nullable=True),
    Column("flag", Boolean, nullable=False),
)
# What COPY's text form, a shell or SQL could trip over. PostgreSQL cannot hold NUL.
TEXTS = ("", "a\tb", "a\nb", "\\N", "\\.", "'; DROP TABLE thing; --", "慈溪", "😀", '"', "%s", None)


@pytest.fixture
def store(empty: Engine) -> Engine:
    with writing(empty) as connection:
        thing.create(connection)
        connection.commit()
    return empty


def rows_of(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        frame = bulk.select(connection, select(thing).order_by(thing.c.name))
    return [(n, c, None if pd.isna(t) else t, bool(f)) for n, c, t, f in frame.to_numpy().tolist()]


def test_rows_come_out_as_they_went_in(store: Engine) -> None:
    rows = [(f"n{i:02d}", 2**62 - i, text, i % 2 == 0) for i, text in enumerate(TEXTS)]
    with writing(store) as connection:
        bulk.insert(connection, thing, rows)
        bulk.insert(connection, thing, [])
        connection.commit()
    assert rows_of(store) == rows


def test_a_frame_is_inserted_by_its_columns_names_and_others_are_ignored(store: Engine) -> None:
    frame = pd.DataFrame(
        {"extra": [1], "flag": [True], "text": ["t"], "count": [7], "name": ["a"]}
    ).astype({"name": "str", "text": "str"})
    with writing(store) as connection:
        bulk.insert_frame(connection, thing, frame)
        connection.commit()
    assert rows_of(store) == [("a", 7, "t", True)]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("bad", ["twice", "without a flag", "too long", "not a number"])
def test_what_is_refused_is_an_error_of_one_kind_that_quotes_no_row(
    store: Engine, at_once: bool, bad: str
) -> None:
    """Exception texts are kept by others: logs, Prefect's database."""
    secret = "canary-7781-王虚构"
    whole: tuple[object, ...] = (secret, 1, secret, True)
    if bad in ("too long", "not a number") and store.dialect.name == "sqlite":
        return  # takes any length and kind
    rows = {
        "twice": [whole, whole],
        "without a flag": [(*whole[:3], None)],
        "too long": [(secret * 9, *whole[1:])],
        "not a number": [(secret, secret, *whole[2:])],
    }[bad]
    with pytest.raises(DBAPIError) as caught, writing(store) as connection:
        if at_once:
            bulk.insert(connection, thing, rows)
        for row in rows:
            marks = ", ".join(["%s" if store.dialect.name == "postgresql" else "?"] * 4)
            connection.exec_driver_sql(f"INSERT INTO thing VALUES ({marks})", row)
    assert "canary" not in "".join(traceback.format_exception(caught.value))
    kind = IntegrityError if bad in ("twice", "without a flag") else DataError
    assert isinstance(caught.value, kind)
    assert rows_of(store) == []


def test_a_row_that_is_refused_takes_its_whole_transaction_with_it(store: Engine) -> None:
    row = ("a", 1, None, True)
    with pytest.raises(Exception, match=r"(?i)unique"), writing(store) as connection:
        bulk.insert(connection, thing, [row, row])
        connection.commit()
    assert rows_of(store) == []


def test_a_query_without_rows_is_a_frame_with_its_columns(store: Engine) -> None:
    with reading(store) as connection:
        frame = bulk.select(connection, select(thing))
    assert (len(frame), list(frame.columns)) == (0, ["name", "count", "text", "flag"])


def test_more_rows_than_one_fetch_come_whole_and_in_order(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_FETCH_ROWS", 7)
    with writing(store) as connection:
        bulk.insert(connection, thing, [(f"{i:03d}", i, None, True) for i in range(50)])
        connection.commit()
    assert [row[1] for row in rows_of(store)] == list(range(50))


def test_a_key_set_finds_its_rows_whatever_it_holds(store: Engine) -> None:
    names = ["a'b", "a\\b", "a\tb", "慈溪", ""]
    with writing(store) as connection:
        bulk.insert(connection, thing, [(n, 1, None, True) for n in [*names, "other"]])
        connection.commit()
    with reading(store) as connection:
        for asked in (names, [*names, *names], ["absent"], []):
            with bulk.keys(connection, asked) as wanted:
                found = bulk.select(connection, select(thing).where(thing.c.name.in_(wanted)))
            assert set(found["name"]) == set(asked) - {"absent"}


def test_key_sets_may_follow_one_another_and_leave_no_table_behind(store: Engine) -> None:
    with reading(store) as connection:
        for _ in range(2):
            with bulk.keys(connection, ["a"]):
                pass
        with pytest.raises(RuntimeError), bulk.keys(connection, ["a"]):
            raise RuntimeError
        with bulk.keys(connection, ["b"]) as wanted:
            assert connection.execute(wanted).scalars().all() == ["b"]


def test_a_key_set_that_a_failed_query_leaves_does_not_hide_the_failure(store: Engine) -> None:
    with (
        pytest.raises(Exception, match="no_such_table"),
        reading(store) as connection,
        bulk.keys(connection, ["a"]),
    ):
        connection.exec_driver_sql("SELECT * FROM no_such_table")


@given(
    rows=st.lists(
        st.tuples(st.integers(-(2**62), 2**62), st.none() | st.text(st.characters(codec="utf-8"))),
        max_size=5,
    )
)
def test_any_text_that_the_door_lets_in_survives_sqlite(
    sqlite: Engine, rows: list[tuple[int, str | None]]
) -> None:
    with writing(sqlite) as connection:
        thing.create(connection)
        full = [(str(i), c, t, True) for i, (c, t) in enumerate(rows)]
        bulk.insert(connection, thing, full)
        found = connection.execute(select(thing).order_by(thing.c.name)).all()
        assert [tuple(r) for r in found] == full
