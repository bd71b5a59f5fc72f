"""prefect.yaml, made this county's own and applied: pool, tags, a schedule per source, automations.

Promise: applying it again changes nothing; counties that share one server do not touch each other's
deployments; one that is declared no more, or is called otherwise by now, is gone.

    apply(settings, county, url)
"""

import copy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from flows.choices import LANG
from flows.forms import OF_FLOW
from flows.server_api import Api, speaking
from schemas.settings import Settings
from tasks.configuration import shipped
from tasks.county import County
from tasks.rendering.catalogue import text

_SECONDS = 180.0
LATE_EVENT, DROPPED_EVENT = "county.late-submission.received", "bihuan.file.dropped"
_ENDS = ("Failed", "Crashed", "TimedOut", "Late", "Degraded")


class ServeFailed(Exception):
    """The server, the deployments or the worker did not start; the message names the log."""


def pool(county: County) -> str:
    """A county's work pool: its own workers, its own queue."""
    return f"bihuan-{county.code}"


def name_of(county: County, job: str) -> str:
    """What people read on Prefect's pages; with the county's name and code on a shared server.

    Two counties may have one name, or share it in one language: a deployment of the same flow and
    name would take the other's place.
    """
    title = text(f"job.{job}", LANG)
    if county.settings.prefect_api_url is None:
        return title
    return f"{getattr(county.organisation.name, LANG)} {county.code} {title}"


def declared() -> dict[str, Any]:
    """prefect.yaml as it is shipped."""
    return dict(yaml.safe_load((shipped() / "prefect.yaml").read_text("utf-8")))


def rendered(county: County) -> dict[str, Any]:
    """prefect.yaml for this county."""
    file = declared()
    return file | {"deployments": [_own(county, job) for job in file["deployments"]]}


def _own(county: County, job: Mapping[str, Any]) -> dict[str, Any]:
    own = copy.deepcopy(dict(job))
    form = OF_FLOW[own["entrypoint"].partition(":")[2]]
    own["name"] = name_of(county, job["name"])
    own["description"] = text(f"job.{job['name']}.what", LANG)
    own["tags"] = [*own["tags"], county.code]
    own["work_pool"] = {**own["work_pool"], "name": pool(county)}
    if job["name"] == "collect":
        own["schedules"] = _per_source(county, own["schedules"][0])
    for place in (own, *own.get("schedules", ())):
        if "form" in place.get("parameters", {}):
            place["parameters"]["form"] = form.shown(place["parameters"]["form"])
    return own


def _per_source(county: County, hourly: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same cron line for each source, spread over the hour: no source waits for another."""
    names = list(county.sources)
    rest = hourly["cron"].partition(" ")[2]
    return [
        {
            **hourly,
            "cron": f"{n * 60 // len(names)} {rest}",
            "slug": f"collect-{name.replace('_', '-')}",
            "parameters": {"form": {"sources": [name]}},
        }
        for n, name in enumerate(names)
    ]


def apply(settings: Settings, county: County, url: str, variables: Mapping[str, str]) -> None:
    """Make pool, deployments and automations as declared. Raises ServeFailed naming the log."""
    file = settings.home / "prefect" / "prefect.yaml"
    file.write_text(yaml.safe_dump(rendered(county), allow_unicode=True, sort_keys=False), "utf-8")
    create = ("work-pool", "create", pool(county), "--type", "process", "--overwrite")
    for arguments in (create, ("--no-prompt", "deploy", "--all", "--prefect-file", str(file))):
        _prefect(settings, arguments, variables)
    _automate(settings, county, url)


def _prefect(settings: Settings, arguments: tuple[str, ...], variables: Mapping[str, str]) -> None:
    log = log_file(settings, "deploy")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            env=dict(variables),
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServeFailed(
            f"prefect {arguments[0]} did not end within {_SECONDS:.0f} seconds: this machine is"
            f" busy; start again. What it said before is in {log}"
        ) from None
    with log.open("a", encoding="utf-8") as kept:
        kept.write(done.stdout + done.stderr)
    if done.returncode:
        raise ServeFailed(f"prefect {arguments[0]} failed; see {log}")


def log_file(settings: Settings, name: str) -> Path:
    folder = settings.home / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


# -- automations ----------------------------------------------------------------------------------


def _automate(settings: Settings, county: County, url: str) -> None:
    """Automations by name: what is there is replaced, so that doing it again changes nothing."""
    with speaking(settings, url) as api:
        known = {each["name"]: each["id"] for each in api.post("automations/filter", {})}
        for wanted in automations(county, _deployed(api, county)):
            if wanted["name"] in known:
                api.put(f"automations/{known[wanted['name']]}", wanted)
            else:
                api.post("automations/", wanted)


def _deployed(api: Api, county: County) -> dict[str, str]:
    """Ids of the county's deployments by name; what is not declared any more is removed."""
    tagged = {"deployments": {"tags": {"all_": ["bihuan", county.code]}}, "limit": 200}
    found = {each["name"]: each["id"] for each in api.post("deployments/filter", tagged)}
    wanted = {name_of(county, job["name"]) for job in declared()["deployments"]}
    for name in set(found) - wanted:
        api.delete(f"deployments/{found[name]}")
    return {name: found[name] for name in wanted}


def automations(county: County, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """What follows events by itself. ids: of deployments by name.

    A run that fails, crashes, starts late or is degraded is told by policy (`notify`); a file in a
    drop folder, or the event that says a submission came late, starts `late`.
    """
    watched = [_tagged("watched"), _tagged(county.code)]
    told = {
        "what": _jinja("{{ event.event.split('.')[-1] }}"),
        "run_name": _jinja("{{ event.resource.name }}"),
        "run_id": _jinja("{{ event.resource.id.split('.')[-1] }}"),
        "message": _jinja("{{ event.payload.get('validated_state', {}).get('message', '') }}"),
    }
    taken = {"sources": [_jinja("{{ event.payload.source }}")], "days": [], "dry_run": False}
    return [
        {
            "name": text("job.automation.notify", LANG, county=county.code),
            "trigger": _when(
                {f"prefect.flow-run.{end}" for end in _ENDS},
                {"prefect.resource.id": "prefect.flow-run.*"},
                watched,
            ),
            "actions": [_run(ids[name_of(county, "notify")], told)],
        },
        {
            "name": text("job.automation.late", LANG, county=county.code),
            "trigger": _when(
                {LATE_EVENT, DROPPED_EVENT},
                {"prefect.resource.id": f"bihuan.county.{county.code}"},
                [],
            ),
            "actions": [_run(ids[name_of(county, "late")], taken)],
        },
    ]


def _tagged(tag: str) -> dict[str, str]:
    return {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{tag}"}


def _when(
    events: set[str], match: Mapping[str, str], related: list[dict[str, str]]
) -> dict[str, Any]:
    """Each such event by itself, at once."""
    return {
        "type": "event",
        "posture": "Reactive",
        "expect": sorted(events),
        "match": dict(match),
        "match_related": related,
        "threshold": 1,
        "within": 0,
    }


def _run(deployment: str, form: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment,
        "parameters": {"form": dict(form)},
    }


def _jinja(template: str) -> dict[str, str]:
    return {"__prefect_kind": "jinja", "template": template}
