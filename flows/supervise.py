"""Supervise: the clocks of one day: the ladder, listing of major hazards, who did not report.

A rung fires once per hazard and due date, so a second run of the day appends nothing. What needs a
person is a proposal; messages lie in the outbox.

    bihuan supervise
"""

from dataclasses import asdict
from typing import Any

from prefect.states import Completed, State

from flows import artifacts
from flows.approve import listed_now
from flows.forms import SuperviseForm
from flows.operating import answer, operated
from flows.runtime import moment, opened, step


def supervise_all(now: int) -> dict[str, Any]:
    """Run the clocks at `now` (UTC ms): fired, proposals, listed, missing, messages, appended."""
    from tasks.store.documents import adopt
    from tasks.supervising import supervise as run_clocks

    county = opened()
    adopt(county, now)
    return asdict(run_clocks(county, now))


supervising = step("run the clocks")(supervise_all)


EMPTY = SuperviseForm()


@operated("supervise", SuperviseForm)
def supervise(form: SuperviseForm = EMPTY) -> State[Any] | dict[str, Any]:
    """督办：提醒、催办、挂牌建议、谁未报送。Run the clocks of the day."""
    now = moment()
    if form.working_days_only and not _is_working(now):
        words = artifacts.said("no_working_day")
        return Completed(name="Skipped", message=words, data={"skipped": words})
    result: dict[str, Any] = supervising(now)
    done = rows(result)
    artifacts.table("supervise", done, artifacts.said("supervised"))
    waits = listed_now(now)
    following = (artifacts.said("next.pending", n=len(waits)),) if waits else ()
    answer("supervise", artifacts.said("supervised"), done, following)
    return result


def _is_working(now: int) -> bool:
    """Whether the county works today: a make-up Saturday is a working day, a holiday is none."""
    days = opened().days
    return days.is_working(days.day_of(now))


def rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per rung, then one per unit that did not report."""
    fired = [
        {"what": artifacts.word("rung", rung), "items": items, "who": ""}
        for rung, items in result["fired"].items()
    ]
    listed = [
        {"what": artifacts.said("listed"), "items": 1, "who": number} for number in result["listed"]
    ]
    silent = artifacts.said("missing_report")
    missing = [
        {"what": silent, "items": 1, "who": f"{m['source']} {m['unit']} {m['period']}"}
        for m in result["missing"]
    ]
    return [*fired, *listed, *missing]
