"""Many writers on one SQLite file: nobody is told that it is locked, and nothing is lost."""

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from tasks.store import ledger
from tasks.store.engine import open_engine, reading, sqlite_url, writing
from tasks.store.schema import upgrade
from tests.store.conftest import events

COUNTY, WRITERS = "330282", 8


def write(url: str, writer: int, transactions: int, start: Any, problems: Any) -> None:
    """Append one event per transaction."""
    engine = open_engine(url)
    start.wait()
    try:
        for number in range(transactions):
            with writing(engine) as connection:
                head = ledger.read_head(connection, COUNTY)
                drafts = events(f"figure:{writer}", base=number)
                ledger.append(connection, COUNTY, head, drafts, ledger.Stamp(number, number, ""))
                connection.commit()
    except Exception as error:
        problems.put(f"writer {writer}: {type(error).__name__}: {error}")
    engine.dispose()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "transactions", [50, pytest.param(1000, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])]
)
def test_eight_writers_at_once_meet_no_lock(tmp_path: Path, transactions: int) -> None:
    url = sqlite_url(tmp_path / "store.sqlite")
    upgrade(open_engine(url))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_writers"])
    start, problems = context.Barrier(WRITERS), context.Queue()
    processes = [
        context.Process(target=write, args=(url, n, transactions, start, problems))
        for n in range(WRITERS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [problems.get() for _ in range(problems.qsize())] == []
    assert [p.exitcode for p in processes] == [0] * WRITERS
    with reading(open_engine(url)) as connection:
        found = ledger.read_events(connection, COUNTY)
    assert found["seq"].tolist() == list(range(1, WRITERS * transactions + 1))
    assert set(found.groupby("stream_id")["version"].max()) == {transactions}
