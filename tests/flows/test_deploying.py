"""prefect.yaml becomes this county's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows import choices
from flows.deploying import automations, declared, name_of, pool, rendered
from flows.forms import OF_FLOW
from schemas.settings import Settings
from tasks.county import County, open_county


@pytest.fixture
def county(home: Path) -> County:
    choices._county.cache_clear()
    return open_county(Settings.load(home))


def _job(county: County, name: str) -> dict[str, Any]:
    wanted = name_of(county, name)
    return next(d for d in rendered(county)["deployments"] if d["name"] == wanted)


def test_each_source_is_collected_every_hour_by_a_schedule_of_its_own(county: County) -> None:
    schedules = _job(county, "collect")["schedules"]
    assert [s["parameters"]["form"]["sources"] for s in schedules] == [
        [choices.sources()[name]] for name in county.sources
    ]
    minutes = [s["cron"].split()[0] for s in schedules]
    assert len(set(minutes)) == len(minutes), "no source waits for another"
    assert {s["cron"].split(" ", 1)[1] for s in schedules} == {"* * * *"}
    assert {s["timezone"] for s in schedules} == {"Asia/Shanghai"}


def test_a_county_has_a_pool_and_a_tag_of_its_own(county: County) -> None:
    jobs = rendered(county)["deployments"]
    assert {job["work_pool"]["name"] for job in jobs} == {pool(county)} == {"bihuan-330282"}
    assert all("330282" in job["tags"] for job in jobs)


def test_counties_that_share_a_server_do_not_share_a_name(home: Path) -> None:
    url = "http://127.0.0.1:4200/api"
    joined = open_county(Settings.load(home, prefect_api_url=url))
    names = {job["name"] for job in rendered(joined)["deployments"]}
    assert len(names) == len(declared()["deployments"])
    assert all(name.startswith(joined.organisation.name.zh) for name in names)
    namesake = replace(
        joined, organisation=joined.organisation.model_copy(update={"code": "000001"})
    )
    assert names.isdisjoint(job["name"] for job in rendered(namesake)["deployments"])


def test_every_form_that_is_deployed_can_be_filled_from_its_own_defaults(county: County) -> None:
    for job in rendered(county)["deployments"]:
        form = OF_FLOW[job["entrypoint"].partition(":")[2]]
        for schedule in job.get("schedules", ()):
            form.model_validate((schedule.get("parameters") or {}).get("form", {}))


def test_whatever_is_watched_is_told_and_the_telling_is_not_watched(county: County) -> None:
    jobs = {job["name"]: job["tags"] for job in declared()["deployments"]}
    assert {name for name, tags in jobs.items() if "watched" not in tags} == {"notify"}
    ids = {name_of(county, name): f"id-{name}" for name in jobs}
    told, taken = automations(county, ids)
    assert told["actions"][0]["deployment_id"] == "id-notify"
    assert "prefect.flow-run.Degraded" in told["trigger"]["expect"]
    assert taken["actions"][0]["deployment_id"] == "id-late"
