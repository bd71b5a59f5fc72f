"""A Prefect server, this county's deployments, a worker, the site and the watch over drop folders.

Promise: what was started is stopped, by its own process group, however this ends; nothing else on
the machine is touched. Where the settings name a server (`prefect_api_url`), that one is joined and
none is started. Correctness does not hang on it: a run that dies here is begun again
(`flows.resuming`).

    with served(settings, county) as address:      # answers, deployments applied, a worker runs
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import requests

from flows import access
from flows.deploying import ServeFailed, apply, log_file, pool
from flows.dropping import watching
from flows.resuming import resuming
from flows.runtime import environment
from flows.showing import shown
from schemas.settings import Settings
from tasks.county import County

_START_SECONDS, _STOP_SECONDS = 180.0, 20.0


@dataclass(frozen=True)
class Served:
    """A home that is served: Prefect's pages, its API, the site, and the processes by name."""

    url: str
    api: str
    site: str
    processes: Mapping[str, subprocess.Popen[bytes]]

    def ended(self) -> str:
        """The name of a process that is not there any more; "" while all work."""
        return next((n for n, child in self.processes.items() if child.poll() is not None), "")


@contextmanager
def served(settings: Settings, county: County, host: str = "127.0.0.1") -> Iterator[Served]:
    """Everything of a home, up; gone at the end of the block. Raises ServeFailed."""
    access.establish(settings)
    with ExitStack() as stack:
        processes = {}
        if settings.prefect_api_url is None:
            processes["server"] = stack.enter_context(server(settings, host))
        api = address(settings)
        apply(settings, county, api, _environment(settings, api))
        processes["worker"] = stack.enter_context(worker(settings, county, api))
        site = stack.enter_context(shown(county, host))
        stack.enter_context(watching(county, api))
        stack.enter_context(resuming(county, api))
        yield Served(api.removesuffix("/api"), api, site, processes)


def _environment(settings: Settings, url: str) -> dict[str, str]:
    """Server, worker and runs speak to this server and work in this home."""
    own = environment(settings, console="INFO") | access.variables(settings)
    return {**os.environ, **own, "PREFECT_API_URL": url}


def _prefect(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "prefect", *arguments]


@contextmanager
def _process(
    settings: Settings, url: str, name: str, command: list[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a group of its own, its output in HOME/log, gone at the end of the block."""
    with log_file(settings, name).open("ab") as log:
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


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, then end it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
            child.wait(_STOP_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def address(settings: Settings) -> str:
    """The API of this home's server, its own or the one it joins."""
    return settings.prefect_api_url or f"http://127.0.0.1:{settings.serve_port}/api"


@contextmanager
def server(settings: Settings, host: str = "127.0.0.1") -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers at `address(settings)`."""
    url = address(settings)
    _require_free(settings)
    (settings.home / "prefect").mkdir(parents=True, exist_ok=True)
    port = str(settings.serve_port)
    start = _prefect("server", "start", "--host", host, "--port", port)
    with _process(settings, url, "server", start) as child:
        _wait(settings, url, child)
        yield child


def _require_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.serve_port))
        except OSError:
            raise ServeFailed(
                f"port {settings.serve_port} is taken: stop what uses it, or set serve_port in"
                f" {settings.home / 'bihuan.toml'}; to join a server that runs there, set"
                f" prefect_api_url"
            ) from None


def _wait(settings: Settings, url: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until and child.poll() is None:
            if _answers(session, url):
                return
            time.sleep(0.3)
    raise ServeFailed(f"the server did not start; see {log_file(settings, 'server')}")


def _answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(f"{url}/health", timeout=5).ok
    except requests.RequestException:
        return False


@contextmanager
def worker(settings: Settings, county: County, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs what is due for this county. Any number of them may run at once."""
    name = f"{county.code}-{socket.gethostname()}-{os.getpid()}"
    start = _prefect("worker", "start", "--pool", pool(county), "--type", "process", "--name", name)
    with _process(settings, url, "worker", start) as child:
        yield child
