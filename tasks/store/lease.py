"""Our own lock per county and job, because a scheduler can start the same run twice.

A lease is a row with a token that grows with every taking: whoever lost the lease and does not
know it yet holds an old token, and the ledger refuses what is appended under it (fencing).
A holder says every minute that it lives, however long its work takes; one that fell silent, with
its machine, is replaced after five.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from schemas.tables import lease
from tasks.store import bulk
from tasks.store.engine import writing

TTL_MS = 5 * 60_000
_RENEW_SECONDS = 60.0
_POLL_SECONDS = 0.2
log = logging.getLogger(__name__)

# (county, name, token) of every lease this piece of work holds.
_held: ContextVar[tuple[tuple[str, str, int], ...]] = ContextVar("held", default=())


class LeaseHeld(Exception):
    """Somebody else is doing this; the message names who and until when."""


@contextmanager
def hold(engine: Engine, county: str, name: str, wait_seconds: float = 60) -> Iterator[int]:
    """Hold the lease `name` of a county; yields its fencing token. Raises LeaseHeld."""
    token = _take(engine, county, name, time.monotonic() + wait_seconds)
    before = _held.set((*_held.get(), (county, name, token)))
    try:
        with _renewing(engine, county, name, token):
            yield token
    finally:
        _held.reset(before)
        _release(engine, county, name, token)


@contextmanager
def _renewing(engine: Engine, county: str, name: str, token: int) -> Iterator[None]:
    """Put the lease's end off while the block runs, and never after it."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(_RENEW_SECONDS):
            try:
                if not _expire(engine, county, name, token, int(time.time() * 1000) + TTL_MS):
                    return  # lost: the next append says so
            except SQLAlchemyError as error:  # a store that is busy now is asked again
                log.warning("lease %s of %s: %s", name, county, type(error).__name__)

    thread = threading.Thread(target=renew, name=f"lease {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _take(engine: Engine, county: str, name: str, until: float) -> int:
    while True:
        taken, holder = _try(engine, county, name)
        if taken:
            return taken
        if time.monotonic() > until:
            raise LeaseHeld(
                f"{name} of {county} is being done by {holder}; wait for it to finish, or until its"
                f" lease of {TTL_MS // 60_000} minutes runs out, and run again"
            )
        time.sleep(_POLL_SECONDS)


def _try(engine: Engine, county: str, name: str) -> tuple[int, str]:
    now, me = int(time.time() * 1000), f"{socket.gethostname()}:{os.getpid()}"
    mine = (lease.c.county == county) & (lease.c.name == name)
    with writing(engine) as connection:
        free = {"county": county, "name": name, "token": 0, "holder": "", "expires_at": 0}
        bulk.insert_if_absent(connection, lease, free)
        row = connection.execute(select(lease).where(mine).with_for_update()).one()
        if row.expires_at > now and not _is_dead(row.holder):
            return 0, row.holder
        connection.execute(
            lease.update()
            .where(mine)
            .values(token=row.token + 1, holder=me, expires_at=now + TTL_MS)
        )
        connection.commit()
        return int(row.token) + 1, me


def _is_dead(holder: str) -> bool:
    """A holder on this machine whose process is gone will not come back."""
    host, _, process = holder.rpartition(":")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _release(engine: Engine, county: str, name: str, token: int) -> None:
    _expire(engine, county, name, token, 0)


def _expire(engine: Engine, county: str, name: str, token: int, at: int) -> bool:
    """Let a lease end at this moment (UTC ms). False: it is somebody else's by now."""
    with writing(engine) as connection:
        mine = (lease.c.county == county) & (lease.c.name == name) & (lease.c.token == token)
        changed = connection.execute(lease.update().where(mine).values(expires_at=at))
        connection.commit()
        return bool(changed.rowcount)


def check_held(connection: Connection) -> None:
    """Refuse to write when a lease that this work holds was lost to another. Raises LeaseHeld."""
    for county, name, token in _held.get():
        _check(connection, county, name, token)


def _check(connection: Connection, county: str, name: str, token: int) -> None:
    row = connection.execute(
        select(lease.c.token, lease.c.holder).where(lease.c.county == county, lease.c.name == name)
    ).one_or_none()
    if row is None or row.token != token:
        holder = row.holder if row else "nobody"
        raise LeaseHeld(f"the lease {name} of {county} was lost to {holder}; nothing was written")
