"""Two workers are given the same runs: each run has one effect, and both end as if alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from flows import access
from flows.deploying import pool
from flows.server_api import Api, speaking
from flows.serving import address, server
from schemas.period import DAY_MS
from schemas.tables import event
from tasks.auditing import audit
from tasks.store.engine import reading
from tests.house.code import ROOT
from tests.postgresql.ways import PYTHON_PATH
from tests.serving.conftest import ENTRYPOINTS, free_port
from tests.store.tiny import MONDAY, Tiny, finding, hazard, life

Worker = subprocess.Popen[str]


@dataclass
class Office:
    """A home, its server, and two workers."""

    tiny: Tiny
    api: Api
    deployments: dict[str, str]
    workers: list[Worker]

    def both(self, flow: str, form: dict[str, object]) -> list[str]:
        """The states in which one run ends for each of the two, who begin at once."""
        body = {"state": {"type": "PENDING"}, "parameters": {"form": form}}
        run = self.api.post(f"deployments/{self.deployments[flow]}/create_flow_run", body)["id"]
        for worker in self.workers:
            assert worker.stdin is not None
            worker.stdin.write(f"{run}\n")
            worker.stdin.flush()
        return [_line(worker) for worker in self.workers]

    def count(self, kind: str) -> int:
        """Events of one kind."""
        with reading(self.tiny.county.engine) as connection:
            wanted = select(func.count()).where(event.c.kind == kind)
            return int(connection.execute(wanted).scalar_one())


def _line(worker: Worker) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


@contextmanager
def _worker(home: Path) -> Iterator[Worker]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.serving.carrying", str(home)],
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert _line(process) == "ready"
        yield process


def _settings(tiny: Tiny, url: str) -> str:
    """The home's bihuan.toml: where its sources lie and which server it joins."""
    own = tiny.county.settings
    lines = [f'county = "{own.county}"', f'config_dir = "{own.config_dir}"']
    lines += [f'prefect_api_url = "{url}"']
    lines += [f'[sources.{n}]\nfolder = "{where.folder}"' for n, where in own.sources.items()]
    return "\n".join(lines) + "\n"


def _deployed(api: Api, pool_name: str) -> dict[str, str]:
    """Ids of a deployment of each flow."""
    api.post("work_pools/", {"name": pool_name, "type": "process"})
    made = {}
    for name in ENTRYPOINTS:
        flow = api.post("flows/", {"name": name})["id"]
        about = {"name": name, "flow_id": flow, "work_pool_name": pool_name}
        made[name] = api.post("deployments/", about | {"enforce_parameter_schema": False})["id"]
    return made


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Office]:
    tiny = Tiny.make(tmp_path_factory.mktemp("twice"), migrated_file)
    settings = tiny.county.settings.model_copy(update={"serve_port": free_port()})
    access.establish(settings)
    with ExitStack() as stack:
        stack.enter_context(server(settings))
        url = address(settings)
        (tiny.county.home / "bihuan.toml").write_text(_settings(tiny, url), "utf-8")
        api = stack.enter_context(speaking(settings, url))
        workers = [stack.enter_context(_worker(tiny.county.home)) for _ in range(2)]
        yield Office(tiny, api, _deployed(api, pool(tiny.county)), workers)
        for worker in workers:
            worker.stdin.close()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "runs", [4, pytest.param(100, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])]
)
def test_of_two_workers_with_the_same_run_each_time_one_has_the_effect(
    office: Office, runs: int
) -> None:
    names = [f"{runs}-{number}" for number in range(runs // 2)]
    assigned = [fact for name in names for fact in life(name, MONDAY, to="assigned")]
    office.tiny.bring(MONDAY + DAY_MS, [finding(name) for name in names], assigned)
    filed, found = office.count("elements_filed"), office.count("registered")
    ends = []
    for number, name in enumerate(names):
        office.tiny.drop("findings", finding(f"{name}-new"))
        ends += office.both("collect", {"sources": ["findings"]})
        measures = {"measures": f"clear the way, {number}", "dry_run": False}
        about = {"hazard": hazard(name), "event": "elements_filed", "actor": "B. Example"}
        ends += office.both("act", about | measures)
    assert ends == ["Completed", "Completed", "Completed applied", "Completed applied"] * len(names)
    assert office.count("registered") - found == runs // 2
    assert office.count("elements_filed") - filed == runs // 2
    assert audit(office.tiny.county).ok
