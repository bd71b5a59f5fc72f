"""Reconcile: everything a source has, asked for again, against what we have; a difference is named.

`mend` takes what is missing first. A run that finds a difference ends as Completed with the name
Degraded: nothing was lost, and somebody should look.

    bihuan source reconcile complaints --mend
"""

from typing import Any

from prefect.states import Completed, State

from flows.artifacts import said
from flows.forms import ReconcileForm
from flows.operating import answer, operated
from flows.runtime import moment, opened, step

SHOWN = 20


def reconcile_one(name: str, mend: bool, now: int) -> dict[str, Any]:
    """source, rows, missing, different, problem of one source."""
    from flows.collect import adopt_configuration
    from tasks.intake import collect, reconciling

    county = opened()
    county.declared(name)
    if mend:
        adopt_configuration(now)
        collect.collect_source(county, name, now, whole=True)
    return dict(vars(reconciling.reconcile(county, name, now)))


reconciling = step("reconcile source", task_run_name="reconcile {name}")(reconcile_one)


EMPTY = ReconcileForm()


@operated("reconcile", ReconcileForm)
def reconcile(form: ReconcileForm = EMPTY) -> State[Any]:
    """核对：与各来源逐行核对，说明缺什么、哪里不同。Compare every source with our side."""
    from flows.collect import names

    now = moment()
    found = [reconciling(name, form.mend, now) for name in names(opened(), form.sources)]
    rows = [
        {
            "source": one["source"],
            "rows": one["rows"],
            "absent": len(one["missing"]),
            "different": len(one["different"]),
            "problem": one["problem"],
        }
        for one in found
    ]
    off = [one for one in found if one["missing"] or one["different"] or one["problem"]]
    words = said("reconciled.off" if off else "reconciled.same", n=len(off), all=len(found))
    answer("reconcile", words, rows, _following(off))
    result = {"sources": found}
    if not off:
        return Completed(message=words, data=result)
    return Completed(name="Degraded", message=words, data=result)


def _following(off: list[dict[str, Any]]) -> tuple[str, ...]:
    """Which rows differ, a few of each source, and what mends it."""
    lines = []
    for one in off:
        some = [*one["missing"], *one["different"]][:SHOWN]
        ids = ", ".join(f"{record} {source_id}".strip() for record, source_id in some)
        lines.append(said("next.mend", source=one["source"], rows=ids or one["problem"]))
    return tuple(lines)
