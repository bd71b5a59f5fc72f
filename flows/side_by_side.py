"""Counties side by side: on a running Dask cluster, on one of this machine's, in processes, or one
by one.

Promise: one big task per county, for a task costs more than a tenth of a second; every county gets
its report, also where the process that worked on it is gone. Which way is taken follows from the
settings, the number of workers asked for and whether the extra `scale` is installed.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

from schemas.settings import Settings
from tasks.backfilling import Asked, CountyReport, backfill_home, said

Way = Literal["dask", "processes", "one_by_one"]
Report = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How counties are run. scheduler: "" for a cluster of this machine's, stopped afterwards."""

    way: Way
    workers: int = 1
    scheduler: str = ""
    without_extra: bool = False  # more was asked for than the installation has

    @property
    def how(self) -> dict[str, Any]:
        """What the answer says of it."""
        return asdict(self)


def planned(settings: Settings, workers: int, counties: int) -> Plan:
    """The way for so many counties; no more workers than there is work."""
    has_dask = find_spec("prefect_dask") is not None
    scheduler = settings.dask_scheduler or ""
    if scheduler and has_dask:
        return Plan("dask", workers, scheduler)
    workers = max(1, min(workers, counties))
    if workers == 1:
        return Plan("one_by_one", without_extra=bool(scheduler))
    if has_dask:
        return Plan("dask", workers)
    return Plan("processes", workers, without_extra=True)


def run(
    plan: Plan, homes: Sequence[Path], asked: Asked, lang: str, *, with_prefect: bool
) -> list[Report]:
    """The reports of all homes, in their order; what a process took with it is told in its place.

    with_prefect: as task runs of the flow that this is called in.
    """
    if plan.way == "processes":
        return _in_processes(plan, homes, asked, lang)
    if plan.way == "one_by_one":
        work = _stepped() if with_prefect else backfill_home
        return [work(home, asked, lang) for home in homes]
    if with_prefect:
        return _as_tasks(plan, homes, asked, lang)
    return _on_dask(plan, homes, asked, lang)


def _settled(home: Path, result: Callable[[], Report], lang: str) -> Report:
    """A county's report, or one that says how its worker was lost."""
    try:
        return result()
    except Exception as error:
        lost = CountyReport(str(home), ok=False, problem=said(error, lang))
        return asdict(lost)


# -- without Dask ---------------------------------------------------------------------------------


def _in_processes(plan: Plan, homes: Sequence[Path], asked: Asked, lang: str) -> list[Report]:
    def alone(home: Path) -> Report:
        # A pool of its own: a process that is killed breaks its pool, and with it no other county.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return _settled(home, pool.submit(backfill_home, home, asked, lang).result, lang)

    with ThreadPoolExecutor(plan.workers) as threads:
        return list(threads.map(alone, homes))


def _stepped() -> Callable[..., Report]:
    from flows.runtime import step

    return step("backfill county", task_run_name="backfill {home}")(backfill_home)


# -- on Dask --------------------------------------------------------------------------------------


def cluster_settings(workers: int) -> dict[str, Any]:
    """A cluster on loopback: a process per worker, one county at a time in each, no dashboard.

    No memory limit: Dask would kill a worker at its share of the machine, and start the county
    again to meet the same end.
    """
    return {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "dashboard_address": None,
        "memory_limit": 0,
        "silence_logs": logging.CRITICAL,
    }


def _on_dask(plan: Plan, homes: Sequence[Path], asked: Asked, lang: str) -> list[Report]:
    from distributed import Client, LocalCluster

    with _quiet():
        own = nullcontext() if plan.scheduler else LocalCluster(**cluster_settings(plan.workers))
        with own as cluster, Client(cluster or plan.scheduler, set_as_default=False) as client:
            # Not pure: the same call does its work again, it is no value to be looked up.
            futures = [client.submit(backfill_home, h, asked, lang, pure=False) for h in homes]
            return [_settled(h, f.result, lang) for h, f in zip(homes, futures, strict=True)]


def _as_tasks(plan: Plan, homes: Sequence[Path], asked: Asked, lang: str) -> list[Report]:
    """One Prefect task run per county, in a flow run of their own on Dask."""
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE
    from prefect.settings import PREFECT_API_URL, temporary_settings
    from prefect_dask import DaskTaskRunner

    runner: Any = (
        DaskTaskRunner(address=plan.scheduler)
        if plan.scheduler
        else DaskTaskRunner(cluster_kwargs=cluster_settings(plan.workers))
    )
    county = task(name="backfill county", task_run_name="backfill {home}", cache_policy=NO_CACHE)(
        backfill_home
    )

    @flow(name="backfill-counties", task_runner=runner)
    def counties() -> list[Report]:
        futures = [county.submit(home, asked, lang) for home in homes]
        return [_settled(h, f.result, lang) for h, f in zip(homes, futures, strict=True)]

    # Workers are told where the server is: each would start one of its own.
    with _quiet(), temporary_settings({PREFECT_API_URL: _server()}):
        return counties()


def _server() -> str:
    """The address of the server that this run is told to."""
    from prefect.settings import PREFECT_API_URL

    if known := PREFECT_API_URL.value():
        return str(known)
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()
    server.start()
    return str(server.api_url)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask says nothing on the terminal, its workers neither."""
    before = os.environ.get("DASK_LOGGING__DISTRIBUTED")
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "critical"
    try:
        yield
    finally:
        if before is None:
            del os.environ["DASK_LOGGING__DISTRIBUTED"]
        else:
            os.environ["DASK_LOGGING__DISTRIBUTED"] = before
