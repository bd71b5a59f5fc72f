"""Late: a submission after the cut-off: take it, count its weeks again, publish the corrections.

The old edition stays; a new one exists only where a figure changed, and says who moved and because
of which submission. Any day of the week names the week.

    bihuan late --date 2025-03-12
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from prefect.states import State

from flows import artifacts
from flows.artifacts import said
from flows.editions import KEYS, called, page_of, plain_all, show
from flows.forms import LateForm
from flows.operating import answer, operated, waiting
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
    week = _code(days[0]) if days else ""
    return {**_asked(editions, week), "collected": report.collected, "editions": editions}


def _asked(editions: list[dict[str, Any]], week: str) -> dict[str, Any]:
    """The edition of the week that was asked for; else the keys are there and empty."""
    found = [e for e in editions if e["period"] == week] or editions[-1:]
    return {key: found[0][key] if found else None for key in KEYS}


def _code(day: date) -> str:
    from rules.periods import week_containing

    return week_containing(day, opened().zone).code


taking_late = step("take late submission", task_run_name="late {sources}")(take_late)


EMPTY = LateForm()


def _described(form: dict[str, Any]) -> str:
    return "-".join(["+".join(form["sources"]), *map(str, form["days"][:1])])


@operated("late", LateForm, _described)
def late(form: LateForm = EMPTY) -> State[Any] | dict[str, Any]:
    """迟报补报：收下补报，重算相关各期，出更正通报。Take it, publish the corrections."""
    result: dict[str, Any] = taking_late(form.days, form.sources, moment(), form.dry_run)
    pages = [page_of(edition) for edition in result["editions"]]
    named = map(str, form.days[:1] or form.sources)
    artifacts.page(artifacts.key("late", *named), "\n\n---\n\n".join(pages) or "—")
    for edition in result["editions"]:
        show(edition)
    rows = [_row(edition) for edition in result["editions"]]
    drafts = [e for e in result["editions"] if e["is_new"] and e["state"] == "draft"]
    words = said("late", **{n: result["collected"][n] for n in ("taken", "refused")}, n=len(rows))
    answer("late", words, rows, _following(form.dry_run, drafts))
    return waiting(result, words) if drafts and not form.dry_run else result


def _row(edition: dict[str, Any]) -> dict[str, Any]:
    """What became of one period."""
    revision = edition["revision"] or {"moves": []}
    state = edition["state"] if edition["files"] else "dry"
    return {
        "period": called(edition),
        "state": said(f"state.{state}") if edition["is_new"] else said("state.same"),
        "moved": len(revision["moves"]) if edition["is_new"] else 0,
    }


def _following(dry_run: bool, drafts: list[dict[str, Any]]) -> tuple[str, ...]:
    if dry_run:
        return (said("next.apply"),)
    return tuple(said("next.approve", name=f"{e['kind']}/{e['period']}") for e in drafts)
