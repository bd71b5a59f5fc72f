"""Bitemporal rows: what an earlier watermark saw, it sees for ever."""

from itertools import pairwise

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, and_, select

from schemas.period import FOREVER
from schemas.tables import outbox
from schemas.tables_projections import fact_note, finding
from tasks.store import bulk
from tasks.store.changes import GROUP, Change, difference
from tasks.store.engine import Connection, reading, writing

COUNTY = "330282"
CONTENT = ["event_seq", "root_id", "outcome", "reason", "missing", "state"]
Notes = dict[int, str]  # event number → reason


def frame(notes: Notes) -> pd.DataFrame:
    rows = [(seq, "hazard:a", "pending", reason, 0, 1) for seq, reason in notes.items()]
    made = pd.DataFrame(rows, columns=CONTENT)
    kinds = {"root_id": "str", "outcome": "str", "reason": "str"}
    return made.astype(kinds | dict.fromkeys(("event_seq", "missing", "state"), "int64"))


def write(connection: Connection, old: Notes, new: Notes, seq: int) -> None:
    ended, begun = difference(frame(old), frame(new), CONTENT)
    grouped = begun.assign(**{GROUP: 0}), ended.assign(**{GROUP: 0})
    Change(fact_note, grouped[0], ("event_seq",), grouped[1]).write(connection, COUNTY, seq)


def seen(connection: Connection, watermark: int) -> Notes:
    n = fact_note.c
    visible = and_(n.county == COUNTY, n.seq_from <= watermark, n.seq_to > watermark)
    return {
        row.event_seq: row.reason for row in connection.execute(select(fact_note).where(visible))
    }


versions = st.dictionaries(st.integers(1, 5), st.sampled_from("abc"), max_size=5)


@settings(max_examples=settings().max_examples // 4)
@given(history=st.lists(versions, min_size=1, max_size=4))
def test_what_each_watermark_sees_does_not_change(sqlite: Engine, history: list[Notes]) -> None:
    with writing(sqlite) as connection:  # rolled back: every example begins with an empty table
        states = [{}, *history]
        for number, (old, new) in enumerate(pairwise(states), 1):
            write(connection, old, new, number * 10)
            assert seen(connection, number * 10) == new
        for number, state in enumerate(states):
            assert seen(connection, number * 10) == seen(connection, number * 10 + 9) == state
        assert seen(connection, FOREVER - 1) == history[-1]


def test_a_correction_ends_one_row_and_begins_one_on_both_databases(engine: Engine) -> None:
    with writing(engine) as connection:
        write(connection, {}, {1: "a", 2: "b"}, 10)
        write(connection, {1: "a", 2: "b"}, {1: "a", 2: "c"}, 20)
        connection.commit()
    with reading(engine) as connection:
        rows = connection.execute(select(fact_note).order_by(fact_note.c.seq_from)).all()
        spans = sorted((r.event_seq, r.reason, r.seq_from, r.seq_to) for r in rows)
        assert spans == [(1, "a", 10, FOREVER), (2, "b", 10, 20), (2, "c", 20, FOREVER)]
        assert [seen(connection, w) for w in (9, 10, 19, 20)] == [
            {},
            {1: "a", 2: "b"},
            {1: "a", 2: "b"},
            {1: "a", 2: "c"},
        ]


def test_another_countys_rows_are_left_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        write(connection, {}, {1: "a"}, 10)
        begun = frame({1: "a"}).assign(**{GROUP: 0})
        Change(fact_note, begun).write(connection, "330281", 10)
        write(connection, {1: "a"}, {}, 20)
        connection.commit()
    with reading(engine) as connection:
        query = select(fact_note.c.county, fact_note.c.seq_to).order_by(fact_note.c.county)
        rows = bulk.select(connection, query)
    assert rows.to_numpy().tolist() == [["330281", FOREVER], [COUNTY, 20]]


def test_a_row_of_a_table_without_history_is_replaced(engine: Engine) -> None:
    row = {c.name: "x" for c in finding.columns if c.name != "county"} | {"found_at": 1, GROUP: 0}
    moved = row | {"root_id": "y"}
    with writing(engine) as connection:
        Change(finding, pd.DataFrame([row])).write(connection, COUNTY, 10)
        old = pd.DataFrame([{"stream_id": "x", GROUP: 0}])
        change = Change(finding, pd.DataFrame([moved]), ("stream_id",), old)
        change.write(connection, COUNTY, 20)
        connection.commit()
    with reading(engine) as connection:
        assert connection.execute(select(finding.c.root_id)).scalars().all() == ["y"]


def test_only_the_groups_asked_for_are_written_and_shifted_groups_stay_apart() -> None:
    begin = frame({1: "a", 2: "b"}).assign(**{GROUP: [0, 1]})
    change = Change(fact_note, begin, ("event_seq",), begin[["event_seq", GROUP]])
    part = change.part(pd.Index([1]))
    assert part.begin["event_seq"].tolist() == part.end["event_seq"].tolist() == [2]
    moved = change.shifted(10)
    assert moved.begin[GROUP].tolist() == moved.end[GROUP].tolist() == [10, 11]
    assert Change(outbox, begin).part(pd.Index([0])).end.empty
