"""Late: a submission after the cut-off: take it, count its weeks again, publish the corrections.

The old edition stays; a new one exists only where a figure changed, and says who moved and because
of which submission. Any day of the week names the week.

    bihuan late --date 2025-03-12
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from prefect import flow

from flows import artifacts
from flows.editions import KEYS, page_of, plain_all, show
from flows.forms import LateForm
from flows.naming import run_name
from flows.runtime import moment, opened, step


def take_late(
    days: Sequence[date], sources: Sequence[str], now: int, dry_run: bool
) -> dict[str, Any]:
    """The stable keys of the first asked week's edition, `collected` and all `editions`."""
    from tasks.lateness import late as take
    from tasks.store.documents import adopt

    county = opened()
    if not dry_run:
        adopt(county, now)
    report = take(county, days, now, sources=sources, dry_run=dry_run)
    editions = plain_all(county, report.editions)
    return {**_asked(editions, _code(days[0])), "collected": report.collected, "editions": editions}


def _asked(editions: list[dict[str, Any]], week: str) -> dict[str, Any]:
    """The edition of the week that was asked for; else the keys are there and empty."""
    found = [e for e in editions if e["period"] == week] or editions[-1:]
    return {key: found[0][key] if found else None for key in KEYS}


def _code(day: date) -> str:
    from rules.periods import week_containing

    return week_containing(day, opened().zone).code


taking_late = step("take late submission", task_run_name="late {sources}")(take_late)


def _described(form: dict[str, Any]) -> str:
    return f"{'+'.join(form['sources'])}-{form['days'][0]}"


@flow(name="late", flow_run_name=run_name("late", _described))
def late(form: LateForm) -> dict[str, Any]:
    """迟报补报：收下补报，重算相关各期，出更正通报。Take it, publish the corrections."""
    result: dict[str, Any] = taking_late(form.days, form.sources, moment(), form.dry_run)
    pages = [page_of(edition) for edition in result["editions"]]
    artifacts.page(artifacts.key("late", str(form.days[0])), "\n\n---\n\n".join(pages) or "—")
    for edition in result["editions"]:
        show(edition)
    return result
