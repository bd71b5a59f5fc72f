"""A worker and a server are killed in the middle of a run: served again, it ends with one effect.

Nobody lifts a hand but to serve again, and it takes no longer than ten minutes.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from schemas.tables import event
from tasks.auditing import audit
from tasks.county import County, open_county
from tasks.store import ledger
from tasks.store.engine import reading
from tests.flows.served import Served, a_city, a_served, serve, up

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1500)]

TEN_MINUTES = 600


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    home = tmp_path_factory.mktemp("killed")
    with a_city(home, hazards=8_000) as running:
        yield home, running


@pytest.mark.parametrize("what", ["worker", "server"])
def test_a_run_whose_worker_or_server_was_killed_ends_by_itself_with_one_effect(
    city: tuple[Path, Any], what: str
) -> None:
    home, running = city
    process = serve(home)
    with up(home, running, process) as served:
        served.pause()
        if what == "server":  # the second of the two: a week later
            running.advance(running.world.weeks.second[0])
            served.stand_at(running.world.weeks.second[0])
        run = _begun(served)
        _kill(process, what)
    assert process.wait(120) == 1, "who serves is told, and starts again"
    with a_served(home, running) as served:
        served.until(lambda: served.state(run)["type"] == "COMPLETED", TEN_MINUTES)
        done = served.done("collect")
    assert (done["degraded"], done["appended"]) == ([], 0), "everything was taken, once"
    county = open_county(served.settings)
    assert audit(county).ok
    assert _doubled(county) == []


def _kill(process: subprocess.Popen[str], what: str) -> None:
    """End one of the processes that this `bihuan serve` started, and all below it, at once."""
    (found,) = (
        child for child in psutil.Process(process.pid).children() if what in child.cmdline()
    )
    for each in [*found.children(recursive=True), found]:
        each.kill()


def _begun(served: Served) -> str:
    """A collect that has entered something and is not done."""
    county = open_county(served.settings)
    before = _head(county)
    run = str(served.start("collect", {"sources": []})["id"])
    served.until(lambda: _head(county) > before)
    assert served.state(run)["type"] == "RUNNING", "it was over too soon to be killed"
    return run


def _head(county: County) -> int:
    with reading(county.engine) as connection:
        return ledger.read_head(connection, county.code).seq


def _doubled(county: County) -> list[Any]:
    """Facts of a source that stand in the ledger twice, to the letter."""
    same = (event.c.source, event.c.source_id, event.c.kind, event.c.payload)
    with reading(county.engine) as connection:
        found = select(*same).group_by(*same).having(func.count() > 1)
        return list(connection.execute(found.where(event.c.source_id != "")))
