"""Runs that nobody carries out any more are given back to the workers, without anybody's hand.

A worker or a server that is killed leaves runs behind that are Pending, Running or Cancelling for
ever, and hold their deployment's only slot; one that lost its process is Crashed. Promise: such a
run of this county is begun again within minutes, three times in all; after that, or when it fell
silent more than a day ago and a person may have done it by hand since, it ends as Failed, of which
people are told. A run is never judged by a silence
that began before this watch did. Beginning a run twice does no harm: every effect has its own
fenced lease or key beneath (`tasks.store.lease`), and Prefect is not trusted with either.

    with resuming(county, api): …
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.beside import beside
from flows.deploying import pool
from flows.server_api import Api, speaking
from tasks.county import County

LOOK_SECONDS = 30.0
# A run says every 30 s that it lives; a lease of its is free after five minutes at the latest
# (`tasks.store.lease.TTL_MS`), a beginning before that would only wait for it.
SILENCE = timedelta(minutes=5)
TOO_OLD = timedelta(days=1)
MOST_BEGINNINGS = 3
# A process that lost its server says so as soon as there is one, before the watch begins.
BEFORE = timedelta(minutes=15)
_HEARTBEAT = "prefect.flow-run.heartbeat"
_OPEN = ["PENDING", "RUNNING", "CANCELLING"]
log = logging.getLogger(__name__)


@contextmanager
def resuming(county: County, api: str, every: float = LOOK_SECONDS) -> Iterator[None]:
    """Look after this county's runs while the block runs."""
    with beside("resuming", every, Watch(county, api).look):
        yield


class Watch:
    """Which runs fell silent since the watch began."""

    def __init__(self, county: County, url: str) -> None:
        self._county, self._url = county, url
        self._began = datetime.now(UTC)

    def look(self, silence: timedelta = SILENCE) -> list[str]:
        """Give back what nothing was heard of for so long; the ids of those runs."""
        with speaking(self._county.settings, self._url) as api:
            left = [*self._silent(api, silence), *self._crashed(api)]
            for run in left:
                self._settle(api, run)
        return [str(run["id"]) for run in left]

    def _runs(self, api: Api, states: list[str], **more: Any) -> list[dict[str, Any]]:
        """Runs of this county's workers in one of these states."""
        found = api.post(
            "flow_runs/filter",
            {
                "work_pools": {"name": {"any_": [pool(self._county)]}},
                "flow_runs": {"state": {"type": {"any_": states}}, **more},
                "limit": 200,
            },
        )
        return list(found)

    def _silent(self, api: Api, silence: timedelta) -> list[dict[str, Any]]:
        """Open runs of which nothing was heard for too long."""
        before = datetime.now(UTC) - silence
        if self._began > before:
            return []
        quiet = [run for run in self._runs(api, _OPEN) if _since(run) < before]
        return [run for run in quiet if not _lives(api, run, before)]

    def _crashed(self, api: Api) -> list[dict[str, Any]]:
        """Runs whose process was lost, not long before the watch began or since."""
        since = {"end_time": {"after_": (self._began - BEFORE).isoformat()}}
        return [run for run in self._runs(api, ["CRASHED"], **since) if _can_begin(run)]

    def _settle(self, api: Api, run: dict[str, Any]) -> None:
        state = _next_state(run)
        log.warning("run %s was %s and silent: %s", run["name"], run["state"]["name"], state)
        api.post(f"flow_runs/{run['id']}/set_state", {"state": state, "force": True})


def _lives(api: Api, run: dict[str, Any], since: datetime) -> bool:
    """Whether the run said since then that it lives."""
    said = {
        "event": {"name": [_HEARTBEAT]},
        "resource": {"id": [f"prefect.flow-run.{run['id']}"]},
        "occurred": {"since": since.isoformat()},
    }
    return bool(api.post("events/filter", {"filter": said, "limit": 1})["events"])


def _next_state(run: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a run that nobody carries out."""
    if run["state"]["type"] == "CANCELLING":
        return {"type": "CANCELLED", "message": "nobody was carrying it out"}
    if not _can_begin(run):
        begun = f"begun {run['run_count']} times, last heard of at {_since(run).isoformat()}"
        return {"type": "FAILED", "message": f"{begun}; not begun again by itself"}
    return {
        "type": "SCHEDULED",
        "name": "AwaitingRetry",
        "message": "nobody was carrying it out: begun again",
        "state_details": {"scheduled_time": datetime.now(UTC).isoformat()},
    }


def _can_begin(run: dict[str, Any]) -> bool:
    return run["run_count"] < MOST_BEGINNINGS and datetime.now(UTC) - _since(run) < TOO_OLD


def _since(run: dict[str, Any]) -> datetime:
    """Since when the run is in its state."""
    return datetime.fromisoformat(run["state"]["timestamp"])
