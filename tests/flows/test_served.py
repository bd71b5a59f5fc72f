"""Real runs: one `bihuan serve` for the session, a small city beside it, commands against both.

The tests are one story and stand in its order.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from flows.cli.homes import make_home, toml, write_toml
from flows.playing import COUNTY, configure, source_sections
from tests.house.code import ROOT

pytestmark = pytest.mark.timeout(600)

BIHUAN = str(Path(sys.executable).parent / "bihuan")
MONDAY, AFTER = "2025-03-10T07:30", "2025-03-10T08:05"


@dataclass
class Served:
    """A served home with its city."""

    home: Path
    url: str
    city: Any
    typed: subprocess.Popen[str]

    def api(self, path: str, **body: Any) -> Any:
        """Prefect answers 503 while its SQLite is busy and wants to be asked again."""
        for _ in range(30):
            answer = requests.post(f"{self.url}/{path}", json=body, timeout=60)
            if answer.status_code != 503:
                break
            time.sleep(1)
        answer.raise_for_status()
        return answer.json()

    def runs(self, flow: str, **filters: Any) -> list[dict[str, Any]]:
        """Runs of one flow, the latest first."""
        found = self.api(
            "flow_runs/filter",
            flows={"name": {"any_": [flow]}},
            flow_runs=filters or None,
            sort="EXPECTED_START_TIME_DESC",
        )
        return list(found)

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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    from demo.servers.city import City

    home = tmp_path_factory.mktemp("served")
    with City(1, 2, 60, home / "city") as running:
        running.advance(running.world.weeks.first[0])
        sections = source_sections(running.settings())
        write_toml(home, "demo = true\n" + toml(COUNTY, configure(home), sections))
        make_home(home, COUNTY)
        yield home, running


@pytest.fixture(scope="module")
def served(city: tuple[Path, Any]) -> Iterator[Served]:
    home, running = city
    port = _free_port()
    process = subprocess.Popen(
        [BIHUAN, "serve", "--port", str(port), "--home", str(home), "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # comes when server, deployments and worker are there
        assert line, (home / "log" / "server.log").read_text()[-2000:]
        url = json.loads(line)["url"] + "/api"
        with _typed(url) as typed:
            yield Served(home, url, running, typed)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server is still there"


@contextmanager
def _typed(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process for commands that speak to the served one."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.flows.commanding"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "BIHUAN_PREFECT_API_URL": url,
            "BIHUAN_LANG": "en",
        },
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@pytest.mark.parametrize("flow", ["collect", "supervise", "bulletin", "audit"])
def test_a_cron_deployment_really_gets_scheduled_runs(served: Served, flow: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        runs = served.runs(flow, state={"type": {"any_": ["SCHEDULED"]}})
        if runs:
            assert all(run["auto_scheduled"] for run in runs)
            return
        time.sleep(1)
    pytest.fail(f"{flow} got no scheduled run")


def test_a_scheduled_bulletin_publishes_while_the_form_is_a_dry_run(served: Served) -> None:
    (deployment,) = served.api("deployments/filter", deployments={"name": {"any_": ["bulletin"]}})
    assert deployment["parameters"]["form"]["dry_run"] is True
    scheduled = served.runs("bulletin", state={"type": {"any_": ["SCHEDULED"]}})
    assert {run["parameters"]["form"]["dry_run"] for run in scheduled} == {False}


def test_run_forms_are_in_chinese_with_dates_and_drop_downs(served: Served) -> None:
    (late,) = served.api("deployments/filter", deployments={"name": {"any_": ["late"]}})
    schema = json.dumps(late["parameter_openapi_schema"], ensure_ascii=False)
    assert "补报各周内任意一天" in schema
    assert '"format": "date"' in schema
    (act,) = served.api("deployments/filter", deployments={"name": {"any_": ["act"]}})
    assert "acceptance_passed" in json.dumps(act["parameter_openapi_schema"])


def test_collect_takes_what_is_there_and_is_seen_as_a_named_run(served: Served) -> None:
    done = served.bihuan("collect", "--now", MONDAY)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {"received", "taken", "refused", "known", "appended"} < set(result)
    assert result["appended"] > 0
    assert result["degraded"] == []
    run = served.runs("collect", state={"type": {"any_": ["COMPLETED"]}})[0]
    assert (run["name"], run["state"]["name"]) == ("collect-2025-W11", "Completed")
    assert set(run["tags"]) == {COUNTY, "fictitious"}


def test_collect_again_appends_nothing_even_if_a_source_is_down_and_names_it(
    served: Served,
) -> None:
    served.city.break_("complaints", "html")
    done = served.bihuan("collect", "--now", MONDAY)
    served.city.heal("complaints")
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert result["appended"] == 0
    assert [d["source"] for d in result["degraded"]] == ["complaints"]
    assert "complaints" in done.stderr
    state = served.runs("collect", state={"type": {"any_": ["COMPLETED"]}})[0]["state"]
    assert (state["type"], state["name"]) == ("COMPLETED", "Degraded")
    assert "complaints" in state["message"]


def test_a_week_before_its_cut_off_is_refused_in_one_line(served: Served) -> None:
    done = served.bihuan("bulletin", "weekly", "--week", "2025-W10", "--now", MONDAY)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cut-off" in json.loads(done.stdout)["error"]


def test_a_bulletin_has_its_stable_keys_and_a_second_run_the_same_files(served: Served) -> None:
    arguments = ("bulletin", "weekly", "--week", "2025-W10", "--now", AFTER)
    first, second = (served.done(*arguments) for _ in range(2))
    keys = {"kind", "period", "edition", "watermark", "policy_hash", "root", "files", "gate"}
    assert keys < set(first)
    assert (first["period"], first["edition"], first["gate"]["ok"]) == ("2025-W10", 1, True)
    assert first["files"] == second["files"]
    assert (first["is_new"], second["is_new"]) == (True, False)
    shown = served.api(
        "artifacts/filter", artifacts={"key": {"any_": ["bulletin-weekly-2025-w10"]}}
    )
    assert first["policy_hash"] in shown[0]["data"]
    keys = [f"bulletin-weekly-2025-w10-{name}" for name in ("ranking", "chart", "docx", "html")]
    shown = served.api("artifacts/filter", artifacts={"key": {"any_": keys}})
    assert {a["key"]: a["type"] for a in shown} == dict(
        zip(keys, ("table", "image", "markdown", "markdown"), strict=True)
    )
    (chart,) = {a["data"] for a in shown if a["type"] == "image"}
    assert b64decode(chart.removeprefix("data:image/svg+xml;base64,")).startswith(b"<svg ")


def test_an_action_is_tried_before_it_is_done(served: Served) -> None:
    done = served.bihuan("act", "hazard:0000000000000000", "verified", "--now", AFTER)
    assert done.returncode == 1
    assert "no hazard" in json.loads(done.stdout)["error"]


def test_a_deployed_run_is_carried_out_by_the_worker_in_this_home(served: Served) -> None:
    (audit,) = served.api("deployments/filter", deployments={"name": {"any_": ["audit"]}})
    run = served.api(f"deployments/{audit['id']}/create_flow_run", state={"type": "SCHEDULED"})
    until = time.monotonic() + 240
    while time.monotonic() < until:
        state = requests.get(f"{served.url}/flow_runs/{run['id']}", timeout=30).json()["state"]
        if state["type"] not in ("SCHEDULED", "PENDING", "RUNNING"):
            break
        time.sleep(1)
    log = (served.home / "log" / "worker.log").read_text("utf-8")[-3000:]
    assert state["type"] == "COMPLETED", log
    assert "events, root" in state["message"]
