"""Bulletin: one edition of one week: count, score, gate, write, publish; a dry run writes nothing.

The first edition of a week is what was received by the cut-off, however late the run. A week whose
figures did not change keeps its edition. The gate's refusal fails the run and names the cell.

    bihuan bulletin weekly --week 2025-W10
"""

from typing import Any

from prefect import flow

from flows import artifacts
from flows.editions import page_of, plain
from flows.forms import BulletinForm
from flows.naming import run_name
from flows.runtime import moment, opened, step


def publish_week(
    week: str, now: int, *, dry_run: bool = False, revise: bool = False
) -> dict[str, Any]:
    """One edition as plain data (see flows.editions). `week` "": the last one past its cut-off.

    `revise` counts a published week again. Raises PublishRefused.
    """
    from rules.periods import week as period_of
    from tasks.publishing import publish

    county = opened()
    period = period_of(week or last_week(now), county.zone)
    return plain(publish(county, period, now, revise=revise, dry_run=dry_run))


def last_week(now: int) -> str:
    """The last week whose cut-off has passed at `now`."""
    from rules.periods import cut_off, previous_week, week_of

    county = opened()
    period = previous_week(week_of(now, county.zone), county.zone)
    while cut_off(period, county.policy, county.days) > now:
        period = previous_week(period, county.zone)
    return period.code


publishing = step("publish week", task_run_name="publish {week}")(publish_week)


EMPTY = BulletinForm()


@flow(name="bulletin", flow_run_name=run_name("bulletin", lambda form: form["week"]))
def bulletin(form: BulletinForm = EMPTY) -> dict[str, Any]:
    """周通报：统计、评分、校核、出刊。Count, score, check and publish one week."""
    now = moment()
    week = form.week or last_week(now)
    result: dict[str, Any] = publishing(week, now, dry_run=form.dry_run, revise=form.revise)
    artifacts.page(artifacts.key("bulletin", week), page_of(result))
    return result
