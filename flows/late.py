"""Late: a submission after the cut-off: take it, count its weeks again, publish the corrections.

The old edition stays; a new one exists only where a figure changed, and says who moved and because
of which submission. Any day of the week names the week.

    bihuan late --date 2025-03-12
"""

from datetime import date
from typing import Any

from prefect import flow

from flows import artifacts
from flows.editions import KEYS, page_of, plain
from flows.forms import LateForm
from flows.naming import run_name
from flows.runtime import moment, opened, step


def take_late(day: date, source: str, now: int, dry_run: bool) -> dict[str, Any]:
    """The stable keys of the asked week's edition, plus `collected` and all `editions`."""
    from tasks.lateness import late as take
    from tasks.store.documents import adopt

    county = opened()
    if not dry_run:
        adopt(county, now)
    report = take(county, day, now, source=source, dry_run=dry_run)
    editions = [plain(edition) for edition in report.editions]
    return {**_asked(editions, _code(day)), "collected": report.collected, "editions": editions}


def _asked(editions: list[dict[str, Any]], week: str) -> dict[str, Any]:
    """The edition of the week that was asked for; else the keys are there and empty."""
    found = [e for e in editions if e["period"] == week] or editions[-1:]
    return {key: found[0][key] if found else None for key in KEYS}


def _code(day: date) -> str:
    from rules.periods import week_containing

    return week_containing(day, opened().zone).code


taking_late = step("take late submission", task_run_name="late {source} {day}")(take_late)


@flow(name="late", flow_run_name=run_name("late", lambda form: f"{form['source']}-{form['day']}"))
def late(form: LateForm) -> dict[str, Any]:
    """迟报补报：收下补报，重算相关各期，出更正通报。Take it, publish the corrections."""
    result: dict[str, Any] = taking_late(form.day, form.source, moment(), form.dry_run)
    pages = [page_of(edition) for edition in result["editions"]]
    artifacts.page(artifacts.key("late", str(form.day)), "\n\n---\n\n".join(pages) or "—")
    return result
