"""Replay: what a source has landed is read again by its present mapping; the source is not asked.

A dry run says what was landed since, and reads nothing.

    bihuan source replay inspection --since 2025-03-01
"""

from dataclasses import asdict
from typing import Any

from flows import artifacts
from flows.artifacts import said
from flows.forms import ReplayForm
from flows.operating import answer, operated
from flows.runtime import moment, opened, step


def replay_one(form: ReplayForm, now: int) -> dict[str, Any]:
    """The report of the source and `released`; a dry run: `deliveries` that would be read."""
    from datetime import date

    from flows.collect import adopt_configuration
    from tasks.intake.landing import landed
    from tasks.listing_values import NotUnderstood
    from tasks.sourcing.retake import retake, since_day

    county = opened()
    county.declared(form.source)
    try:
        first = date.fromisoformat(form.since) if form.since else None
    except ValueError:
        raise NotUnderstood("not_date", {"value": form.since}) from None
    since = since_day(first, county.zone)
    found = [d for d in landed(county.landing, form.source) if d.received_at >= since]
    if form.dry_run:
        return {"source": form.source, "deliveries": len(found)}
    adopt_configuration(now)
    taken = retake(county, form.source, since, now)
    return asdict(taken.report) | {"released": taken.released, "deliveries": len(found)}


replaying = step("replay source")(replay_one)


@operated("replay", ReplayForm, lambda form: form["source"])
def replay(form: ReplayForm) -> dict[str, Any]:
    """重读：改好映射后，把某来源已收下的原件重新读一遍。Read landed deliveries again."""
    result: dict[str, Any] = replaying(form, moment())
    outcome = "would" if form.dry_run else "done"
    names = ("received", "taken", "refused", "known", "appended")
    items = [{"source": form.source} | {n: result[n] for n in names if n in result}]
    words = said(f"replayed.{outcome}", source=form.source, n=result["deliveries"])
    following = (said("next.apply"),) if form.dry_run else _after(result)
    answer("replay", words, items, following)
    return result


def _after(result: dict[str, Any]) -> tuple[str, ...]:
    if result["problem"]:
        return (artifacts.cell(result["problem"]),)
    return (said("next.late"),) if result["appended"] else ()
