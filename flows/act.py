"""Act: one operator action on one hazard, through the same lifecycle as everything else.

A dry run by default: it says what would happen, or what the guard is missing. Who acts is recorded
as claimed; a second person is proved by the code of that person's device.

    bihuan act inspection:H-000001 assigned --set responsible_unit=… --actor 张三
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flows import artifacts
from flows.artifacts import said
from flows.forms import ActForm
from flows.operating import answer, operated
from flows.runtime import asked_at, moment, opened, step


def act_on(
    hazard: str,
    event: str,
    data: dict[str, str],
    actor: str,
    now: int,
    dry_run: bool,
    code: str = "",
) -> dict[str, Any]:
    """hazard, event, outcome, reason, missing, state_before, state_after, changes, appended, …"""
    from tasks.acting import act as do

    county = opened()
    return asdict(do(county, hazard, event, data, now, actor=actor, code=code, dry_run=dry_run))


acting = step("act on hazard", task_run_name="{event} {hazard}")(act_on)


@operated("act", ActForm, lambda form: f"{form['event']}-{form['hazard']}")
def act(form: ActForm) -> dict[str, Any]:
    """办理：对一条隐患作一次操作，默认试运行。One action on one hazard; a dry run by default."""
    # A run that is carried out twice must enter the same fact, to the letter.
    happened = datetime.fromtimestamp(asked_at() / 1000, UTC).isoformat()
    data = {"happened_at": happened} | form.data()
    result: dict[str, Any] = acting(
        form.hazard, form.event, data, form.actor, moment(), form.dry_run, form.code
    )
    artifacts.page(artifacts.key("act", form.hazard), artifacts.facts(in_words(result)))
    _answered(result)
    return result


def _answered(result: dict[str, Any]) -> None:
    """What happened to the hazard, or would, or why not, and what to do next."""
    told = in_words(result)
    ok = result["outcome"] == "applied"
    outcome = "no" if not ok else "would" if result["dry_run"] else "done"
    why = told["reason"] or told["missing"]
    words = said(f"step.{outcome}", step=told["event"], name=result["hazard"], why=why)
    shown = ("hazard", "state_before", "state_after", "changes")
    following = (said("next.apply"),) if outcome == "would" else ()
    answer("act", words, [{name: told[name] for name in shown}], following)


def in_words(result: dict[str, Any]) -> dict[str, object]:
    """What the action did or would do, as a person reads it."""
    return {
        "hazard": result["hazard"],
        "event": artifacts.word("fact_kind", result["event"]),
        "outcome": artifacts.word("outcome", result["outcome"]),
        "reason": result["problem"] or artifacts.word("reason", result["reason"]),
        "missing": ", ".join(artifacts.word("need", need) for need in result["missing"]),
        "state_before": artifacts.word("state", result["state_before"]),
        "state_after": artifacts.word("state", result["state_after"]),
        "changes": ", ".join(result["changes"]),
        "appended": result["appended"],
        "dry_run": artifacts.said("yes" if result["dry_run"] else "no"),
    }
