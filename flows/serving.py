"""A Prefect server, the deployments of prefect.yaml and a worker, started and stopped together.

Promise: what was started is stopped, by its own process group, however this ends; nothing else on
the machine is touched. Correctness does not hang on it: a run that dies here is run again.

    with server(settings) as url:          # answers, deployments applied
        with worker(settings, url): …
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

from flows.runtime import environment
from schemas.settings import Settings
from tasks.configuration import shipped

POOL = "bihuan"
_START_SECONDS, _STOP_SECONDS = 180.0, 20.0


class ServeFailed(Exception):
    """The server, the deployments or the worker did not start; the message names the log."""


def _environment(settings: Settings, url: str) -> dict[str, str]:
    """Server, worker and runs speak to this server and work in this home."""
    variables = {**os.environ, **environment(settings, console="INFO"), "PREFECT_API_URL": url}
    password = variables.get("PREFECT_SERVER_API_AUTH_STRING")
    if password:
        variables.setdefault("PREFECT_API_AUTH_STRING", password)
    return variables


def _prefect(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "prefect", *arguments]


@contextmanager
def _process(
    settings: Settings, url: str, name: str, command: list[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a group of its own, its output in HOME/log, gone at the end of the block."""
    with _log(settings, name).open("ab") as log:
        child = subprocess.Popen(
            command,
            env=_environment(settings, url),
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield child
        finally:
            _stop(child)


def _log(settings: Settings, name: str) -> Path:
    folder = settings.home / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, then end it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
            child.wait(_STOP_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def address(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.serve_port}/api"


@contextmanager
def server(settings: Settings, host: str = "127.0.0.1") -> Iterator[str]:
    """The API's address of a server that answers, with the deployments applied."""
    url = address(settings)
    _require_free(settings)
    (settings.home / "prefect").mkdir(parents=True, exist_ok=True)
    port = str(settings.serve_port)
    start = _prefect("server", "start", "--host", host, "--port", port)
    with _process(settings, url, "server", start) as child:
        _wait(settings, url, child)
        deploy(settings, url)
        yield url


def _require_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.serve_port))
        except OSError:
            raise ServeFailed(
                f"port {settings.serve_port} is taken: stop what uses it, or set serve_port in"
                f" {settings.home / 'bihuan.toml'}"
            ) from None


def _wait(settings: Settings, url: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until and child.poll() is None:
            if _answers(session, url):
                return
            time.sleep(0.3)
    raise ServeFailed(f"the server did not start; see {_log(settings, 'server')}")


def _answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(f"{url}/health", timeout=5).ok
    except requests.RequestException:
        return False


def deploy(settings: Settings, url: str) -> None:
    """Apply prefect.yaml; doing it again changes nothing."""
    pool = ("work-pool", "create", POOL, "--type", "process", "--overwrite")
    file = shipped() / "prefect.yaml"
    log = _log(settings, "deploy")
    for arguments in (pool, ("--no-prompt", "deploy", "--all", "--prefect-file", str(file))):
        try:
            done = subprocess.run(
                _prefect(*arguments),
                env=_environment(settings, url),
                cwd=settings.home,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_START_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ServeFailed(
                f"prefect {arguments[0]} did not end within {_START_SECONDS:.0f} seconds: this"
                f" machine is busy; start again. What it said before is in {log}"
            ) from None
        with log.open("a", encoding="utf-8") as kept:
            _keep(kept, done)
        if done.returncode:
            raise ServeFailed(f"prefect {arguments[0]} failed; see {log}")


def _keep(log: IO[str], done: subprocess.CompletedProcess[str]) -> None:
    log.write(done.stdout + done.stderr)


@contextmanager
def worker(settings: Settings, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs what is due."""
    start = _prefect("worker", "start", "--pool", POOL, "--type", "process", "--name", "bihuan")
    with _process(settings, url, "worker", start) as child:
        yield child
