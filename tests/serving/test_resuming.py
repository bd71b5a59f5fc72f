"""Prefect's known ways to leave a run behind, on a real server: each is begun again, none for ever.

No worker is there: what is looked at is what a worker would be given.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import access, resuming
from flows.deploying import pool
from flows.resuming import MOST_BEGINNINGS, Watch
from flows.server_api import Api, speaking
from flows.serving import address, server
from tasks.county import County
from tests.serving.conftest import free_port
from tests.store.tiny import Tiny

pytestmark = pytest.mark.timeout(240)

AT_ONCE = timedelta(0)
_ID = "prefect.resource.id"


@dataclass
class Runs:
    """Runs of one deployment that takes one at a time."""

    county: County
    url: str
    api: Api
    deployment: str

    def made(self, *states: str) -> dict[str, Any]:
        """A run that a worker led through these states."""
        body = {"state": {"type": "SCHEDULED"}}
        run = self.api.post(f"deployments/{self.deployment}/create_flow_run", body)
        for state in states:
            self.set(run["id"], state)
        return self.now(run["id"])

    def set(self, run: str, state: str) -> None:
        answer = self.api.post(f"flow_runs/{run}/set_state", {"state": {"type": state}})
        assert answer["status"] == "ACCEPT", (state, answer)

    def now(self, run: str) -> dict[str, Any]:
        wanted = {"flow_runs": {"id": {"any_": [run]}}}
        return dict(self.api.post("flow_runs/filter", wanted)[0])

    def look(self, silence: timedelta = AT_ONCE) -> list[str]:
        return Watch(self.county, self.url).look(silence)

    def free_slots(self) -> bool:
        """Whether another run of the deployment would get its slot."""
        other = self.made()["id"]
        pending = {"state": {"type": "PENDING"}}
        answer = self.api.post(f"flow_runs/{other}/set_state", pending)
        self.api.delete(f"flow_runs/{other}")
        return bool(answer["status"] == "ACCEPT")

    def beat(self, run: str) -> None:
        """A sign of life, kept by the server when this returns."""
        about = {"id": run, "event": "prefect.flow-run.heartbeat"}
        about |= {"occurred": datetime.now(UTC).isoformat()}
        self.api.post("events", [about | {"resource": {_ID: f"prefect.flow-run.{run}"}}])
        kept = {"filter": {"event": {"name": [about["event"]]}}}
        until = time.monotonic() + 60
        while not self.api.post("events/filter", kept)["events"]:
            assert time.monotonic() < until, "the server keeps no event"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Runs]:
    county = Tiny.make(tmp_path_factory.mktemp("resuming"), migrated_file).county
    settings = county.settings.model_copy(update={"serve_port": free_port()})
    access.establish(settings)
    county = replace(county, settings=settings)
    url = address(settings)
    with server(settings), speaking(settings, url) as api:
        flow = api.post("flows/", {"name": "of a test"})
        api.post("work_pools/", {"name": pool(county), "type": "process"})
        about = {"name": "one at a time", "flow_id": flow["id"], "concurrency_limit": 1}
        about |= {"work_pool_name": pool(county), "entrypoint": "none.py:none"}
        made = api.post("deployments/", about)
        yield Runs(county, url, api, made["id"])


@pytest.fixture(autouse=True)
def _nothing_left(runs: Runs) -> Iterator[None]:
    yield
    for run in runs.api.post("flow_runs/filter", {}):
        runs.api.delete(f"flow_runs/{run['id']}")


@pytest.mark.parametrize("states", [("PENDING",), ("PENDING", "RUNNING")])
def test_a_run_that_is_pending_or_running_for_ever_is_begun_again(
    runs: Runs, states: tuple[str, ...]
) -> None:
    run = runs.made(*states)
    assert runs.look() == [run["id"]]
    after = runs.now(run["id"])["state"]
    assert (after["type"], after["name"]) == ("SCHEDULED", "AwaitingRetry")
    assert runs.look() == [], "what waits for a worker is left alone"


def test_a_run_without_a_process_gives_its_slot_back(runs: Runs) -> None:
    runs.made("PENDING", "RUNNING")
    assert not runs.free_slots()
    runs.look()
    assert runs.free_slots()


def test_a_crashed_run_is_begun_again_and_a_failed_one_is_not(runs: Runs) -> None:
    crashed, failed = (runs.made("PENDING", "RUNNING", end) for end in ("CRASHED", "FAILED"))
    assert runs.look() == [crashed["id"]]
    assert runs.now(crashed["id"])["state"]["name"] == "AwaitingRetry"
    assert runs.now(failed["id"])["state"]["type"] == "FAILED"


def test_a_run_that_crashed_long_before_the_watch_began_is_left(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "BEFORE", timedelta(0))
    runs.made("PENDING", "RUNNING", "CRASHED")
    assert runs.look() == []


def test_a_run_that_says_it_lives_is_left_alone(runs: Runs) -> None:
    watch = Watch(runs.county, runs.url)
    run = runs.made("PENDING", "RUNNING")
    began = datetime.now(UTC)
    time.sleep(1)
    runs.beat(run["id"])
    assert watch.look(datetime.now(UTC) - began) == []
    assert runs.now(run["id"])["state"]["type"] == "RUNNING"
    assert watch.look(AT_ONCE) == [run["id"]], "it said nothing since"


def test_no_run_is_judged_by_a_silence_that_began_before_the_watch(runs: Runs) -> None:
    run = runs.made("PENDING", "RUNNING")
    assert runs.look(timedelta(minutes=5)) == []
    assert runs.now(run["id"])["state"]["type"] == "RUNNING"


def test_a_run_is_begun_three_times_and_then_fails_with_the_reason(runs: Runs) -> None:
    run = runs.made()["id"]
    for _ in range(MOST_BEGINNINGS):
        assert runs.now(run)["state"]["type"] == "SCHEDULED"
        runs.set(run, "PENDING")
        runs.set(run, "RUNNING")
        assert runs.look() == [run]
    ended = runs.now(run)["state"]
    assert ended["type"] == "FAILED"
    assert "begun 3 times" in ended["message"]
    assert runs.look() == []


def test_a_run_that_is_cancelling_for_ever_is_cancelled(runs: Runs) -> None:
    run = runs.made("PENDING", "RUNNING", "CANCELLING")
    assert runs.look() == [run["id"]]
    assert runs.now(run["id"])["state"]["type"] == "CANCELLED"


def test_runs_of_another_county_are_not_touched(runs: Runs) -> None:
    run = runs.made("PENDING", "RUNNING")
    organisation = runs.county.organisation.model_copy(update={"code": "330281"})
    other = replace(runs.county, organisation=organisation)
    assert pool(other) != pool(runs.county)
    assert Watch(other, runs.url).look(AT_ONCE) == []
    assert runs.now(run["id"])["state"]["type"] == "RUNNING"
