"""One holder at a time; a dead one is replaced; who lost it is told before writing."""

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, select

from schemas.events import Head
from schemas.tables import lease as lease_table
from tasks.store import lease, ledger
from tasks.store.engine import reading, writing

COUNTY, NAME = "330282", "collect:grid"
NEVER_WAIT = 0.0


def put(engine: Engine, holder: str, expires_at: int) -> None:
    """A lease as somebody else left it."""
    with writing(engine) as connection:
        row = {"county": COUNTY, "name": NAME, "token": 7}
        connection.execute(lease_table.insert().values(holder=holder, expires_at=expires_at, **row))
        connection.commit()


def a_dead_process() -> int:
    process = multiprocessing.get_context("spawn").Process(target=os.getpid)
    process.start()
    process.join()
    assert process.pid
    return process.pid


def test_a_lease_that_is_held_is_refused_naming_holder_and_wait(engine: Engine) -> None:
    with (
        lease.hold(engine, COUNTY, NAME),
        pytest.raises(lease.LeaseHeld, match=f"being done by .*:{os.getpid()}.* 5 minutes"),
        lease.hold(engine, COUNTY, NAME, NEVER_WAIT),
    ):
        raise AssertionError("two held it")


def test_other_jobs_and_other_counties_are_not_held_up(engine: Engine) -> None:
    with (
        lease.hold(engine, COUNTY, NAME),
        lease.hold(engine, COUNTY, "collect:upper", NEVER_WAIT),
        lease.hold(engine, "330281", NAME, NEVER_WAIT),
    ):
        pass


def test_each_taking_has_a_greater_token(engine: Engine) -> None:
    tokens = []
    for _ in range(3):
        with lease.hold(engine, COUNTY, NAME, NEVER_WAIT) as token:
            tokens.append(token)
    assert tokens == sorted(set(tokens))


def test_a_lease_is_given_back_when_the_work_fails(engine: Engine) -> None:
    with pytest.raises(RuntimeError), lease.hold(engine, COUNTY, NAME):
        raise RuntimeError
    with lease.hold(engine, COUNTY, NAME, NEVER_WAIT):
        pass


def test_waiting_for_a_lease_gets_it_when_it_is_given_back(engine: Engine) -> None:
    held, given = threading.Event(), threading.Event()

    def hold_a_while() -> None:
        with lease.hold(engine, COUNTY, NAME):
            held.set()
            given.wait(10)

    thread = threading.Thread(target=hold_a_while)
    thread.start()
    held.wait(10)
    threading.Timer(0.3, given.set).start()
    with lease.hold(engine, COUNTY, NAME, wait_seconds=10) as token:
        assert token == 2
    thread.join()


def test_a_holder_that_died_on_this_machine_is_replaced_at_once(engine: Engine) -> None:
    put(engine, f"{socket.gethostname()}:{a_dead_process()}", expires_at=2**60)
    with lease.hold(engine, COUNTY, NAME, NEVER_WAIT) as token:
        assert token == 8


def test_a_holder_elsewhere_is_waited_for_until_its_lease_runs_out(engine: Engine) -> None:
    put(engine, "elsewhere.invalid:1", expires_at=2**60)
    with (
        pytest.raises(lease.LeaseHeld, match=r"elsewhere\.invalid"),
        lease.hold(engine, COUNTY, NAME, NEVER_WAIT),
    ):
        raise AssertionError("it was held")
    with writing(engine) as connection:
        connection.execute(lease_table.update().values(expires_at=1))
        connection.commit()
    with lease.hold(engine, COUNTY, NAME, NEVER_WAIT) as token:
        assert token == 8


def end_of(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(lease_table.c.expires_at)).scalar_one())


def test_a_lease_lasts_as_long_as_the_work(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.05)
    with lease.hold(engine, COUNTY, NAME):
        with writing(engine) as connection:
            connection.execute(lease_table.update().values(expires_at=1))
            connection.commit()
        until = time.monotonic() + 10
        while end_of(engine) == 1 and time.monotonic() < until:
            time.sleep(0.05)
        assert end_of(engine) > time.time() * 1000
    time.sleep(0.2)  # nobody renews what was given back
    assert end_of(engine) == 0


def test_a_lease_that_was_lost_is_not_renewed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.05)
    with lease.hold(engine, COUNTY, NAME) as token:
        with writing(engine) as connection:
            connection.execute(lease_table.update().values(token=token + 1, expires_at=5))
            connection.commit()
        time.sleep(0.3)
    assert end_of(engine) == 5


def test_what_is_appended_under_a_lease_that_was_lost_is_refused(
    engine: Engine, drafts: Callable[..., pd.DataFrame]
) -> None:
    def append(connection: Connection, head: Head, stream: str) -> Head:
        return ledger.append(connection, COUNTY, head, drafts(stream), ledger.Stamp(1, 1, ""))

    with lease.hold(engine, COUNTY, NAME) as token:
        with writing(engine) as connection:
            head = append(connection, Head(), "figure:a")
            connection.execute(lease_table.update().values(token=token + 1, holder="elsewhere:1"))
            connection.commit()
        with (
            pytest.raises(lease.LeaseHeld, match="was lost to elsewhere:1; nothing was written"),
            writing(engine) as connection,
        ):
            append(connection, head, "figure:b")
    with reading(engine) as connection:
        assert ledger.read_head(connection, COUNTY) == head
    with writing(engine) as connection:
        assert append(connection, head, "figure:b").seq == head.seq + 1, "no lease, no question"


def test_who_lost_the_lease_does_not_give_it_back_for_the_new_holder(engine: Engine) -> None:
    with lease.hold(engine, COUNTY, NAME), writing(engine) as connection:
        connection.execute(lease_table.update().values(token=9, holder="elsewhere.invalid:1"))
        connection.commit()
    with reading(engine) as connection:
        row = connection.execute(lease_table.select()).one()
    assert row.token == 9
    assert row.expires_at > 0


def test_of_many_who_want_the_first_lease_at_once_one_has_it_and_none_fails(
    engine: Engine,
) -> None:
    barrier, won, lost = threading.Barrier(6), [], []

    def want() -> None:
        barrier.wait()
        try:
            with lease.hold(engine, COUNTY, NAME, NEVER_WAIT) as token:
                won.append(token)
                done.wait(10)
        except lease.LeaseHeld:
            lost.append(1)
            if len(lost) == 5:
                done.set()

    done = threading.Event()
    threads = [threading.Thread(target=want) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
