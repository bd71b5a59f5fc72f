"""Collect: one flow pulls every source, one task each; a dead source degrades, never stops it.

A run that could not hear a source ends as Completed with the name Degraded and names it: nothing
is lost, the next run goes on from where that source stopped. Running again appends nothing.

    bihuan collect --source grid
"""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.states import Completed, State

from flows import artifacts
from flows.forms import CollectForm
from flows.operating import answer, operated
from flows.runtime import moment, opened, step
from tasks.county import County

Seen = Callable[[str, int, int], None]
COLUMNS = ("source", "received", "taken", "refused", "known", "appended", "problem")


def names(county: County, asked: list[str]) -> list[str]:
    """The sources to pull, in the county's order. Raises ConfigurationError for an unknown one."""
    for name in asked:
        if name not in county.sources:
            county.source_settings(name)  # says which sources there are
    return [name for name in county.sources if not asked or name in asked]


def adopt_configuration(now: int) -> int:
    """What the office changed in its files enters the ledger before what it decides."""
    from tasks.store.documents import adopt

    return adopt(opened(), now)


def collect_one(name: str, now: int) -> Any:
    from tasks.intake.collect import collect_source
    from tasks.rejecting import export_new

    report = collect_source(opened(), name, now)
    export_new(opened(), report)  # a workbook for every delivery with rows that are refused
    return report


def collect_all(form: CollectForm, now: int, seen: Seen | None = None) -> dict[str, Any]:
    """The whole collect without Prefect: the same steps, the same answer."""
    from tasks.intake.collect import summary

    adopt_configuration(now)
    wanted = names(opened(), form.sources)
    reports = []
    for number, name in enumerate(wanted, 1):
        reports.append(collect_one(name, now))
        if seen is not None:
            seen(name, number, len(wanted))
    return summary(reports)


adopting = step("adopt configuration")(adopt_configuration)
collecting = step("collect source", task_run_name="collect {name}")(collect_one)


EMPTY = CollectForm()


@operated("collect", CollectForm, lambda form: "+".join(form["sources"]))
def collect(form: CollectForm = EMPTY) -> State[Any]:
    """收数：从各来源取数、校验、入账。Pull every source, check, take into the ledger."""
    from tasks.intake.collect import summary

    now = moment()
    adopting(now)
    wanted = names(opened(), form.sources)
    progress = _progress()
    reports = []
    for number, name in enumerate(wanted, 1):
        reports.append(collecting(name, now))
        update_progress_artifact(progress, 100.0 * number / len(wanted))
    return show(summary(reports))


def _progress() -> UUID:
    return cast(
        UUID,
        create_progress_artifact(
            0.0, key="collect-progress", description=artifacts.said("progress")
        ),
    )


def show(result: dict[str, Any]) -> State[Any]:
    """The table of the run, and the state that names every degraded source."""
    rows = [{c: source[c] for c in COLUMNS} for source in result["sources"]]
    said = artifacts.said("collected", **{n: result[n] for n in ("received", "taken", "refused")})
    artifacts.table("collect", rows, said)
    answer("collect", said, rows, _following(result))
    if not result["degraded"]:
        return Completed(data=result)
    named = ", ".join(d["source"] for d in result["degraded"])
    words = artifacts.said("collected.degraded", sources=named)
    return Completed(name="Degraded", message=words, data=result)


def _following(result: dict[str, Any]) -> tuple[str, ...]:
    """What a degraded source needs, and where refused rows wait for their senders."""
    dead = [artifacts.said("next.source", **d) for d in result["degraded"]]
    if result["refused"]:
        return (*dead, artifacts.said("next.refused", n=result["refused"]))
    return tuple(dead)
