"""What a home's Prefect server says: is it up, who works, what ran last and runs next.

Promise: asks only, within seconds; a server that is not there is an answer, not an error.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from flows.deploying import pool
from flows.server_api import Api, speaking
from flows.serving import address
from tasks.county import County

_SECONDS = 10
_ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


def ask(county: County) -> dict[str, Any]:
    """server: {up, url, site, workers, reason}; runs: one row per deployment of this county."""
    url = address(county.settings)
    server: dict[str, Any] = {
        "up": False,
        "url": url.removesuffix("/api"),
        "site": f"http://127.0.0.1:{county.settings.site_port}",
        "workers": [],
        "reason": "",
    }
    with speaking(county.settings, url, _SECONDS) as api:
        try:
            workers = api.post(f"work_pools/{pool(county)}/workers/filter", {})
            runs = _runs(api, county)
        except requests.RequestException as error:
            reason = error.response.reason if error.response is not None else type(error).__name__
            return {"server": server | {"reason": reason}, "runs": []}
    online = [w["name"] for w in workers if w.get("status") == "ONLINE"]
    return {"server": server | {"up": True, "workers": online}, "runs": runs}


def _runs(api: Api, county: County) -> list[dict[str, Any]]:
    """job, last, state, next of every deployment of the county, in the order of their names."""
    tagged = {"deployments": {"tags": {"all_": [county.code]}}}
    deployments = api.post("deployments/filter", {**tagged, "limit": 200})
    names = {each["id"]: each["name"] for each in deployments}
    ended = _latest(api, tagged, _ENDED, "END_TIME_DESC")
    coming = _latest(api, tagged, ["SCHEDULED"], "EXPECTED_START_TIME_ASC")
    rows = []
    for key, name in sorted(names.items(), key=lambda pair: pair[1]):
        last, following = ended.get(key, {}), coming.get(key, {})
        rows.append(
            {
                "job": name,
                "last": _local(last.get("end_time"), county.zone),
                "state": last.get("state_name", ""),
                "next": _local(following.get("expected_start_time"), county.zone),
            }
        )
    return rows


def _latest(
    api: Api, tagged: dict[str, Any], states: list[str], order: str
) -> dict[str, dict[str, Any]]:
    """The first run of each deployment in this order."""
    runs = api.post(
        "flow_runs/filter",
        {**tagged, "flow_runs": {"state": {"type": {"any_": states}}}, "sort": order, "limit": 200},
    )
    return {run["deployment_id"]: run for run in reversed(runs) if run["deployment_id"]}


def _local(at: str | None, zone: str) -> str:
    """An instant as the county's wall clock, to the minute."""
    if not at:
        return ""
    moment = datetime.fromisoformat(at).astimezone(ZoneInfo(zone))
    return moment.strftime("%Y-%m-%d %H:%M")
