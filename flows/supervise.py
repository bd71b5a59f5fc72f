"""Supervise: the clocks of one day: the ladder, listing of major hazards, who did not report.

A rung fires once per hazard and due date, so a second run of the day appends nothing. What needs a
person is a proposal; messages lie in the outbox.

    bihuan supervise
"""

from dataclasses import asdict
from typing import Any

from prefect import flow

from flows import artifacts
from flows.forms import SuperviseForm
from flows.naming import run_name
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


@flow(name="supervise", flow_run_name=run_name("supervise"))
def supervise(form: SuperviseForm = EMPTY) -> dict[str, Any]:
    """督办：提醒、催办、挂牌建议、谁未报送。Run the clocks of the day."""
    result: dict[str, Any] = supervising(moment())
    artifacts.table("supervise", rows(result), artifacts.said("supervised"))
    return result


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
