"""Reports from the public 群众举报: where each stands, and what its reporter is owed by when.

A report is one finding that came through the channel `public_report`, with a cycle of its own
beside the hazard's life: a reply closes the report, never the hazard (domain §3). Promise: the
order in which steps arrive leaves no trace. A step takes effect at the later of its own claimed
time and the effect of what it requires (`RULES`), and waits while that is missing. Joined reports
stay reports of their own: each is owed its own reply. Times are UTC ms, 0 is absent.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rules.clocks import Flags, WorkingDays
from rules.report_duties import duty, first_due
from rules.report_steps import (
    LACKING,
    NOT,
    NOT_TRUE,
    RULE,
    Moments,
    Rule,
    first_and_last,
    instants,
    shown,
    take_effect,
)
from rules.second_person import is_same_person
from schemas.policy_duties import Reports
from schemas.vocabulary import ReportStep

K = ReportStep
RECEIVED = "received"

# true_at: when its hazard was found true, 0 for not; is_major: what the hazard is now.
FINDING_COLUMNS = (
    *("stream_id", "root_id", "received_at", "town_code", "sector_code", "unit_name"),
    *("true_at", "is_major"),
)
STEP_COLUMNS = ("stream_id", "kind", "claimed_at", "amount_fen", "target")


def standing(
    findings: pd.DataFrame, steps: pd.DataFrame, policy: Reports, days: WorkingDays, now: int
) -> pd.DataFrame:
    """One row per report received by `now`: `findings` as given, and what was claimed by then.

    `<step>`: since when the step is in effect; `<step>_due`: 24:00 of the last working day for it,
    of every duty that is done or still open; `<step>_late`: it was, or is, past that; state:
    "received", or the step that says how far it is; is_open: not replied to; next_step, next_due:
    the open duty that is due first ("" and 0 for none); next_provisional: that date lies beyond
    the published calendar; is_late: a duty is open past its date.

    findings: FINDING_COLUMNS and whatever else; steps: STEP_COLUMNS, in any order.
    """
    rows = findings[findings["received_at"] <= now].reset_index(drop=True)
    rows["true_at"] = rows["true_at"].where(rows["true_at"] <= now, 0)
    first, last = first_and_last(steps[steps["claimed_at"] <= now], rows["stream_id"])
    moments = take_effect(first, instants(rows["true_at"]))
    declined = (first[K.DECLINED] < NOT) & (last[K.DECLINED] > last[K.ACCEPTED])
    clocks = [duty(clock, rows, moments, last, declined, days, now) for clock in policy.clocks]
    made: dict[str, np.ndarray] = {str(step): shown(at) for step, at in moments.items()}
    for clock in clocks:
        made |= {f"{clock.step}_due": clock.due, f"{clock.step}_late": clock.is_late}
    made |= {"state": _state(moments, declined), "is_open": moments[K.REPLIED] == NOT}
    return rows.assign(**made, **first_due(clocks, len(rows), days, now))


def overdue(reports: pd.DataFrame, now: int) -> pd.DataFrame:
    """The duties open past their date at `now`, for digests to towns: one row each.

    stream_id, root_id, town_code, sector_code, unit_name, step, due_at, recipient (`town:<code>`),
    in the order of recipient, due date and report. reports: as they stand at `now`.
    """
    names = ["stream_id", "root_id", "town_code", "sector_code", "unit_name"]
    parts = [reports.iloc[:0][names].assign(step="", due_at=0)]
    for step in K:
        if f"{step}_due" in reports.columns:
            due = reports[f"{step}_due"]
            late = reports[(due > 0) & (due < now) & (reports[str(step)] == 0)]
            parts.append(late[names].assign(step=str(step), due_at=late[f"{step}_due"]))
    found = pd.concat(parts, ignore_index=True).astype({"due_at": "int64"})
    found = found.assign(recipient="town:" + found["town_code"].astype("str"))
    order = ["recipient", "due_at", "stream_id", "step"]
    return found.sort_values(order, ignore_index=True)


def missing(step: ReportStep, data: Mapping[str, Any]) -> tuple[str, ...]:
    """What an operator must still say, by name of the field."""
    return tuple(name for name in RULE[step].asks if data.get(name) in (None, ""))


def refusal(
    step: ReportStep, report: Mapping[str, Any] | None, data: Mapping[str, Any], policy: Reports
) -> str | None:
    """Why an operator must not make this step of a report (a row of `standing`), or None.

    report: None for a finding that no member of the public reported. data: amount_fen, person,
    second_person as they are entered. What is merely left out is said by `missing`.
    """
    if report is None:
        return "no_report"
    return _out_of_turn(RULE[step], report) or _not_allowed(step, data, policy)


def _out_of_turn(rule: Rule, report: Mapping[str, Any]) -> str | None:
    if report[K.REPLIED] and not rule.closed and rule.step is not K.REPLIED:
        return "report_closed"
    if report[rule.step] and not rule.again:
        return "report_step_taken"
    if rule.step is K.DECLINED and report[K.ACCEPTED]:
        return "report_decided"
    for group in rule.after:
        if not any(report[step] for step in group):
            return LACKING[group]
    return NOT_TRUE if rule.found_true and not report["true_at"] else None


def _not_allowed(step: ReportStep, data: Mapping[str, Any], policy: Reports) -> str | None:
    if step is not K.REWARDED:
        return None
    fen, person = data.get("amount_fen"), str(data.get("person") or "")
    if fen is not None and fen <= 0:
        return "amount_not_positive"
    if fen is not None and fen > policy.reward_max_yuan * 100:
        return "reward_above_maximum"
    second = str(data.get("second_person") or "")
    return "same_person" if second and is_same_person(person, second) else None


def _state(moments: Moments, declined: Flags) -> np.ndarray:
    """How far a report is; the decline that stands hides what was done before it."""
    state = np.full(len(declined), RECEIVED, dtype=object)
    for step in (K.ACCEPTED, K.CHECKED, K.HANDLED):
        state[moments[step] < NOT] = str(step)
    state[declined] = str(K.DECLINED)
    for step in (K.REPLIED, K.REWARDED):
        state[moments[step] < NOT] = str(step)
    return state
