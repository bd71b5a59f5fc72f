"""One `bihuan serve` beside a small city: its API, its site, its pages in a browser, its clock.

with a_city(folder) as city, a_served(city) as served: served.api("flow_runs/filter")
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requests

from flows import access
from flows.cli.homes import make_home, toml, write_toml
from flows.playing import COUNTY, configure, source_sections
from schemas.settings import Settings
from tests.house.code import ROOT
from tests.postgresql.ways import PYTHON_PATH

BIHUAN = str(Path(sys.executable).parent / "bihuan")
PATIENCE = 240.0


@dataclass
class Served:
    """A served home with its city. `typed` takes commands."""

    home: Path
    url: str
    site: str
    city: Any
    typed: subprocess.Popen[str]

    @property
    def settings(self) -> Settings:
        return Settings.load(self.home)

    @property
    def password(self) -> str:
        return access.password(self.settings)

    def ask(self, method: str, path: str, **named: Any) -> Any:
        """Prefect answers 503 while its SQLite is busy and wants to be asked again."""
        headers = access.header(self.settings)
        for _ in range(30):
            answer = requests.request(
                method, f"{self.url}/api/{path}", headers=headers, timeout=60, **named
            )
            if answer.status_code != 503:
                break
            time.sleep(1)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def api(self, path: str, **body: Any) -> Any:
        return self.ask("POST", path, json=body)

    def runs(self, flow: str, **filters: Any) -> list[dict[str, Any]]:
        """Runs of one flow, the latest first."""
        found = self.api(
            "flow_runs/filter",
            flows={"name": {"any_": [flow]}},
            flow_runs=filters or None,
            sort="EXPECTED_START_TIME_DESC",
        )
        return list(found)

    def deployment(self, flow: str, nth: int = 0) -> dict[str, Any]:
        found = self.api("deployments/filter", flows={"name": {"any_": [flow]}})
        return dict(sorted(found, key=lambda d: d["name"])[nth])

    def start(self, flow: str, form: dict[str, Any] | None = None) -> dict[str, Any]:
        """A run of a flow's deployment, as the pages start one."""
        body: dict[str, Any] = {"state": {"type": "SCHEDULED"}}
        if form is not None:
            body["parameters"] = {"form": form}
        deployment = self.deployment(flow)["id"]
        return dict(self.api(f"deployments/{deployment}/create_flow_run", **body))

    def state(self, run_id: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"flow_runs/{run_id}")["state"])

    def ended(self, run_id: str, patience: float = PATIENCE) -> dict[str, Any]:
        """A run's last state."""

        def last() -> dict[str, Any] | None:
            found = self.state(run_id)
            return None if found["type"] in ("SCHEDULED", "PENDING", "RUNNING") else found

        return self.until(last, patience)

    def until(self, found: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """What is found once something is. patience: in seconds."""
        limit = time.monotonic() + patience
        while time.monotonic() < limit:
            if answer := found():
                return answer
            time.sleep(1)
        log = (self.home / "log" / "worker.log").read_text("utf-8")[-3000:]
        raise AssertionError(f"nothing came within {patience:.0f} s; the worker says:\n{log}")

    def pause(self) -> None:
        """Nothing starts by itself from now on: what the story runs is what runs."""
        for each in self.api("deployments/filter"):
            self.ask("PATCH", f"deployments/{each['id']}", json={"paused": True})

    def artifact(self, key: str) -> str:
        """The latest artifact of a key, as it is kept."""
        found = self.api(
            "artifacts/filter", artifacts={"key": {"any_": [key]}}, sort="CREATED_DESC", limit=1
        )
        return str(found[0]["data"]) if found else ""

    def stand_at(self, ms: int) -> None:
        """Let the clock of every run from now on stand at this moment (UTC ms)."""
        path = self.home / "bihuan.toml"
        text = re.sub(r"^now = .*\n", _clock(ms), path.read_text("utf-8"), flags=re.M)
        path.write_text(text, "utf-8")

    def bihuan(self, *arguments: str) -> SimpleNamespace:
        """returncode, stdout and stderr of a command."""
        assert self.typed.stdin is not None and self.typed.stdout is not None
        self.typed.stdin.write(json.dumps([*arguments, "--home", str(self.home), "--json"]) + "\n")
        self.typed.stdin.flush()
        return SimpleNamespace(**json.loads(self.typed.stdout.readline()))

    def done(self, *arguments: str) -> dict[str, Any]:
        """What a command that must succeed answers."""
        run = self.bihuan(*arguments)
        assert run.returncode == 0, run.stderr + (self.home / "log" / "bihuan.log").read_text()
        return dict(json.loads(run.stdout))


def _clock(ms: int) -> str:
    """A line of bihuan.toml."""
    return f'now = "{datetime.fromtimestamp(ms / 1000, UTC).isoformat()}"\n'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def a_city(home: Path, extra: str = "", hazards: int = 60) -> Iterator[Any]:
    """A small city and a home whose sources are in it. extra: more of the home's settings."""
    from demo.servers.city import City

    with City(1, 2, hazards, home / "city") as running:
        running.advance(running.world.weeks.first[0])
        ports = f"serve_port = {free_port()}\nsite_port = {free_port()}\n"
        settings = toml(COUNTY, configure(home), source_sections(running.settings()) + extra)
        first = _clock(running.world.weeks.first[0])
        write_toml(home, "demo = true\n" + first + ports + settings)
        make_home(home, COUNTY)
        yield running


def serve(home: Path) -> subprocess.Popen[str]:
    """`bihuan serve`; it says where it is when server, deployments and worker are there."""
    return subprocess.Popen(
        [BIHUAN, "serve", "--home", str(home), "--json"], stdout=subprocess.PIPE, text=True
    )


@contextmanager
def up(home: Path, running: Any, process: subprocess.Popen[str]) -> Iterator[Served]:
    """What a home that is being served is asked by."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (home / "log" / "server.log").read_text()[-2000:]
    said = json.loads(line)
    with _typed(said["url"] + "/api") as typed:
        yield Served(home, said["url"], said["site"], running, typed)


@contextmanager
def a_served(home: Path, running: Any) -> Iterator[Served]:
    """The home served; when it ends, nothing of it is left."""
    process = serve(home)
    try:
        with up(home, running, process) as found:
            yield found
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    for port in (Settings.load(home).serve_port, Settings.load(home).site_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, f"{port} is still listened on"


@contextmanager
def _typed(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process for commands that speak to the served one."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.flows.commanding"],
        env={
            **os.environ,
            "PYTHONPATH": PYTHON_PATH,
            "BIHUAN_PREFECT_API_URL": url,
            "BIHUAN_LANG": "en",
        },
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
