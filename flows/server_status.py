"""What a home's Prefect server says: is it up, who works, what ran last and runs next.

Promise: asks only, within seconds; a server that is not there is an answer, not an error.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from flows import access
from flows.deploying import pool
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
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(access.header(county.settings))
        try:
            found = _Asked(session, url)
            workers = found.post(f"work_pools/{pool(county)}/workers/filter", {})
            runs = _runs(found, county)
        except requests.RequestException as error:
            reason = error.response.reason if error.response is not None else type(error).__name__
            return {"server": server | {"reason": reason}, "runs": []}
    online = [w["name"] for w in workers if w.get("status") == "ONLINE"]
    return {"server": server | {"up": True, "workers": online}, "runs": runs}


class _Asked:
    """Questions to one server."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session, self._url = session, url

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._session.post(f"{self._url}/{path}", json=body, timeout=_SECONDS)
        answer.raise_for_status()
        return answer.json()


def _runs(asked: _Asked, county: County) -> list[dict[str, Any]]:
    """job, last, state, next of every deployment of the county, in the order of their names."""
    tagged = {"deployments": {"tags": {"all_": [county.code]}}}
    deployments = asked.post("deployments/filter", {**tagged, "limit": 200})
    names = {each["id"]: each["name"] for each in deployments}
    ended = _latest(asked, tagged, _ENDED, "END_TIME_DESC")
    coming = _latest(asked, tagged, ["SCHEDULED"], "EXPECTED_START_TIME_ASC")
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
    asked: _Asked, tagged: dict[str, Any], states: list[str], order: str
) -> dict[str, dict[str, Any]]:
    """The first run of each deployment in this order."""
    runs = asked.post(
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
