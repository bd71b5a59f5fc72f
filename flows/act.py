"""Act: one operator action on one hazard, through the same lifecycle as everything else.

A dry run by default: it says what would happen, or what the guard is missing. Who acts is recorded
as claimed; a typed name is not a separation of duties.

    bihuan act inspection:H-000001 assigned --set responsible_unit=… --actor 张三
"""

from dataclasses import asdict
from typing import Any

from prefect import flow

from flows import artifacts
from flows.forms import ActForm
from flows.naming import run_name
from flows.runtime import moment, opened, step
from tasks.county import County


def act_on(
    hazard: str, event: str, data: dict[str, str], actor: str, now: int, dry_run: bool
) -> dict[str, Any]:
    """hazard, event, outcome, reason, missing, state_before, state_after, appended, dry_run."""
    from tasks.acting import act as do

    county = opened()
    named = stream_of(county, hazard)
    return asdict(do(county, named, event, data, now, actor=actor, dry_run=dry_run))


def stream_of(county: County, hazard: str) -> str:
    """A hazard by its source's own number, `inspection:H-000001`, as the ledger names it."""
    from tasks.intake.streams import hazard_id

    source, _, number = hazard.partition(":")
    return hazard_id(source, number) if source in county.sources else hazard


acting = step("act on hazard", task_run_name="{event} {hazard}")(act_on)


@flow(name="act", flow_run_name=run_name("act", lambda form: f"{form['event']}-{form['hazard']}"))
def act(form: ActForm) -> dict[str, Any]:
    """办理：对一条隐患作一次操作，默认试运行。One action on one hazard; a dry run by default."""
    result: dict[str, Any] = acting(
        form.hazard, form.event, form.data(), form.actor, moment(), form.dry_run
    )
    artifacts.page(artifacts.key("act", form.hazard), artifacts.facts(result))
    return result
