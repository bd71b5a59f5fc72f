"""Appending: numbered without gaps, chained, one slice per transaction, time never backwards."""

import threading
from collections.abc import Callable
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from rules.merkle import Frontier, grown, leaves, root_of
from rules.seal import chain
from schemas.events import GENESIS, HASHED_COLUMNS, Head
from tasks.intake.take import slices
from tasks.store import ledger
from tasks.store.changes import GROUP
from tasks.store.engine import reading, writing
from tasks.store.ledger import FrontierLost, HeadMoved, Stamp

COUNTY, OTHER = "330282", "330281"
Drafts = Callable[..., pd.DataFrame]


def append(
    engine: Engine, head: Head, drafts: pd.DataFrame, at: int = 1, known: int = 1, county: str = ""
) -> Head:
    with writing(engine) as connection:
        after = ledger.append(connection, county or COUNTY, head, drafts, Stamp(at, known, "d"))
        connection.commit()
    return after


def read(engine: Engine, county: str = COUNTY) -> pd.DataFrame:
    with reading(engine) as connection:
        return ledger.read_events(connection, county)


def test_events_are_numbered_without_gaps_and_versioned_by_stream(
    engine: Engine, drafts: Drafts
) -> None:
    head = append(engine, Head(), drafts("figure:a", "figure:b", "figure:a"))
    append(engine, head, drafts("figure:a", base=2))
    found = read(engine)
    assert found["seq"].tolist() == [1, 2, 3, 4]
    versions = found.sort_values("seq").groupby("stream_id")["version"].apply(list).to_dict()
    assert versions == {"figure:a": [1, 2, 3], "figure:b": [1]}


def test_each_county_has_a_chain_of_its_own_from_genesis(engine: Engine, drafts: Drafts) -> None:
    for county in (COUNTY, OTHER):
        append(engine, Head(), drafts("figure:a", "figure:b"), county=county)
        found = read(engine, county)
        hashes = chain(GENESIS, found[list(HASHED_COLUMNS)].itertuples(index=False, name=None))
        assert found["hash"].tolist() == hashes
        assert found["prev_hash"].tolist() == [GENESIS, hashes[0]]
    assert read(engine)["hash"].tolist() != read(engine, OTHER)["hash"].tolist()


def test_the_tree_grows_with_the_ledger_in_the_same_transaction(
    engine: Engine, drafts: Drafts
) -> None:
    head = Head()
    for number, count in enumerate((1, 4, 3, 9)):
        streams = (f"figure:{number}-{n}" for n in range(count))
        head = append(engine, head, drafts(*streams))
        own = leaves(read(engine)["hash"])
        assert stored(engine) == (str(grown(Frontier(), own)), root_of(own).hex())
    with writing(engine) as connection:
        ledger.append(connection, COUNTY, head, drafts("figure:x"), Stamp(1, 1, "d"))
    assert stored(engine) == (str(grown(Frontier(), own)), root_of(own).hex())


def stored(engine: Engine) -> tuple[str, str]:
    """The frontier beside the head and the root beside the last slice."""
    queries = (
        f"SELECT frontier FROM ledger_head WHERE county = '{COUNTY}'",
        f"SELECT root FROM ledger_slice WHERE county = '{COUNTY}' ORDER BY last_seq DESC LIMIT 1",
    )
    with reading(engine) as connection:
        frontier, root = (connection.exec_driver_sql(q).scalar_one() for q in queries)
    return frontier, root


@pytest.mark.parametrize("forged", ["''", "frontier || frontier", "'not hex'"])
def test_nothing_is_appended_to_a_tree_that_is_not_the_ledgers(
    engine: Engine, drafts: Drafts, forged: str
) -> None:
    head = append(engine, Head(), drafts("figure:a"))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"UPDATE ledger_head SET frontier = {forged}")
        connection.commit()
    with pytest.raises(FrontierLost, match=r"has 1 events.*bihuan audit"):
        append(engine, head, drafts("figure:b"))
    assert len(read(engine)) == 1


def test_a_decision_on_an_old_head_writes_nothing(engine: Engine, drafts: Drafts) -> None:
    append(engine, Head(), drafts("figure:a"))
    with pytest.raises(HeadMoved, match="moved from event 0 to 1"):
        append(engine, Head(), drafts("figure:b"))
    assert read(engine)["stream_id"].tolist() == ["figure:a"]


def test_even_a_slice_without_events_notices_that_the_head_moved(
    engine: Engine, drafts: Drafts
) -> None:
    append(engine, Head(), drafts("figure:a"))
    with pytest.raises(HeadMoved):
        append(engine, Head(), drafts("figure:a")[:0])


def test_a_transaction_that_is_left_without_commit_leaves_nothing(
    engine: Engine, drafts: Drafts
) -> None:
    with writing(engine) as connection:
        ledger.append(connection, COUNTY, Head(), drafts("figure:a"), Stamp(1, 1, "d"))
    with pytest.raises(RuntimeError), writing(engine) as connection:
        ledger.append(connection, COUNTY, Head(), drafts("figure:a"), Stamp(1, 1, "d"))
        raise RuntimeError
    with reading(engine) as connection:
        assert ledger.read_head(connection, COUNTY) == Head()
    assert read(engine).empty


def test_of_two_first_writers_one_writes_and_the_other_is_told_to_decide_again(
    engine: Engine, drafts: Drafts
) -> None:
    barrier, told = threading.Barrier(2), []

    def write(stream: str) -> None:
        barrier.wait()
        try:
            append(engine, Head(), drafts(stream))
        except HeadMoved:
            told.append(stream)

    threads = [threading.Thread(target=write, args=(s,)) for s in ("figure:a", "figure:b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read(engine)["stream_id"].tolist()
    assert len(found) == 1
    assert sorted(found + told) == ["figure:a", "figure:b"]


def test_a_reader_sees_one_state_however_long_it_reads(engine: Engine, drafts: Drafts) -> None:
    head = append(engine, Head(), drafts("figure:a"))
    with reading(engine) as connection:
        assert ledger.read_head(connection, COUNTY).seq == 1
        append(engine, head, drafts("figure:b"))
        assert ledger.read_head(connection, COUNTY).seq == 1
        assert len(ledger.read_events(connection, COUNTY)) == 1
    with reading(engine) as connection:
        assert ledger.read_head(connection, COUNTY).seq == 2


@settings(max_examples=settings().max_examples // 4)
@given(stamps=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_no_time_of_the_ledger_runs_backwards(
    sqlite: Engine, drafts: Drafts, stamps: list[tuple[int, int]]
) -> None:
    head = Head()
    with writing(sqlite) as connection:  # rolled back: every example has a ledger of its own
        for number, (at, known) in enumerate(stamps):
            made = drafts(f"figure:{number}")
            head = ledger.append(connection, COUNTY, head, made, Stamp(at, known, "d"))
        query = "SELECT appended_at, received_at FROM ledger_slice ORDER BY last_seq"
        rows = [tuple(r) for r in connection.exec_driver_sql(query)]
        events = ledger.read_events(connection, COUNTY)["appended_at"].tolist()
    assert len(rows) == len(stamps)
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(rows))
    assert events == sorted(events)


def test_the_watermark_of_an_instant_is_the_last_slice_known_by_then(
    engine: Engine, drafts: Drafts
) -> None:
    head, heads = Head(), []
    for number, known in enumerate((100, 200, 200, 300)):
        head = append(engine, head, drafts(f"figure:{number}", f"figure:{number}x"), known=known)
        heads.append(head)
    with reading(engine) as connection:
        marks = {at: ledger.watermark(connection, COUNTY, at) for at in (99, 100, 199, 200, 999)}
        assert ledger.watermark(connection, COUNTY) == heads[-1]
        assert [ledger.head_at(connection, COUNTY, h.seq) for h in heads] == heads
        assert ledger.head_at(connection, COUNTY, 0) == Head()
    assert marks == {99: Head(), 100: heads[0], 199: heads[0], 200: heads[2], 999: heads[3]}


def test_what_is_appended_after_a_later_slice_is_not_slipped_under_an_earlier_cut_off(
    engine: Engine, drafts: Drafts
) -> None:
    first = append(engine, Head(), drafts("figure:a"), known=200)
    append(engine, first, drafts("figure:b"), known=100)
    with reading(engine) as connection:
        assert ledger.watermark(connection, COUNTY, 150) == Head()
        assert ledger.watermark(connection, COUNTY, 200).seq == 2


@given(
    groups=st.lists(st.integers(1, 9), max_size=40),
    size=st.integers(1, 12),
)
def test_slices_hold_whole_groups_in_their_order_and_about_the_size_asked_for(
    groups: list[int], size: int
) -> None:
    numbers = [g for g, events in enumerate(groups) for _ in range(events)]
    frame = pd.DataFrame({GROUP: numbers, "position": range(len(numbers))})
    parts = slices(frame, size)
    assert len(parts) >= 1
    assert [p for part in parts for p in part["position"]] == list(range(len(numbers)))
    of_part = [set(part[GROUP]) for part in parts]
    assert all(not a & b for a, b in pairwise(of_part))
    assert all(len(part) < size + max(groups, default=0) for part in parts)
    if len(numbers) > size:
        assert all(len(part) for part in parts)
