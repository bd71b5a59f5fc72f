"""What the office does with a report from the public, step by step: one table, and when it counts.

Promise: the order in which steps arrive leaves no trace. A step takes effect at the later of its
own claimed time and the effect of what it requires (`RULES`), and waits while that is missing or
while it lacks what nobody's word counts without. All on whole arrays; NOT stands for an instant
that has not come.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.clocks import Days, Flags
from schemas.period import FOREVER
from schemas.vocabulary import ReportStep

K = ReportStep
NOT = FOREVER
Moments = Mapping[ReportStep, Days]  # an instant of each step, by report


@dataclass(frozen=True)
class Rule:
    """What one step asks for.

    after: of every group at least one step; found_true: and a hazard that was found true. asks:
    what whoever enters it at our own door must give; needs: of these, what nobody's word counts
    without. again: it may happen more than once; closed: also after the reply.
    """

    step: ReportStep
    after: tuple[tuple[ReportStep, ...], ...] = ()
    found_true: bool = False
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    again: bool = False
    closed: bool = False


# In an order in which everything required stands first. A report that is passed on 移送, talked
# over 协调 or supervised 督办 is still owed its reply; one that was not accepted can earn nothing.
RULES: tuple[Rule, ...] = (
    Rule(K.ACCEPTED),
    Rule(K.DECLINED, asks=("reason",)),
    Rule(K.CHECKED, ((K.ACCEPTED,),)),
    Rule(K.HANDLED, ((K.CHECKED,),)),
    Rule(K.COORDINATED, ((K.ACCEPTED,),), again=True),
    Rule(K.SUPERVISED, ((K.ACCEPTED,),), again=True),
    Rule(
        K.TRANSFERRED, ((K.ACCEPTED, K.DECLINED),), asks=("target",), needs=("target",), again=True
    ),
    Rule(K.REPLIED, ((K.ACCEPTED, K.DECLINED),), asks=("reply",)),
    Rule(
        K.REWARDED,
        ((K.ACCEPTED,), (K.REPLIED,)),
        found_true=True,
        asks=("amount_fen", "second_person"),
        needs=("amount_fen",),
        closed=True,
    ),
)
RULE = {rule.step: rule for rule in RULES}
LACKING = {
    (K.ACCEPTED,): "report_not_accepted",
    (K.ACCEPTED, K.DECLINED): "report_not_decided",
    (K.CHECKED,): "report_not_checked",
    (K.REPLIED,): "report_not_replied",
}
NOT_TRUE, LACKS_DATA = "hazard_not_found_true", "report_lacks_data"
REASONS = (
    *LACKING.values(),
    *("no_report", "report_closed", "report_step_taken", "report_decided", NOT_TRUE),
    *("amount_not_positive", "reward_above_maximum", "same_person", LACKS_DATA),
)


def judged(steps: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Every step of these reports with `effective_at` (0: it waits) and `waits_for` (why, or "").

    reports: as `standing` gives them; steps of no report are left out.
    """
    at = pd.Index(reports["stream_id"]).get_indexer(pd.Index(steps["stream_id"]))
    known: pd.DataFrame = steps[at >= 0].reset_index(drop=True)
    place, kind = at[at >= 0], known["kind"].to_numpy(dtype=object)
    effective = known["claimed_at"].to_numpy(dtype=np.int64).copy()
    why = np.full(len(known), "", dtype=object)
    moments = {rule.step: instants(reports[str(rule.step)])[place] for rule in RULES}
    true_at = instants(reports["true_at"])[place]
    for rule in RULES:
        mine = kind == rule.step
        after = {step: moments[step][mine] for step in moments}
        effective[mine] = np.maximum(effective[mine], _after(rule, after, true_at[mine]))
        why[mine] = _waits_for(rule, after, true_at[mine])
        lacking = mine & ~_complete(known, rule)
        effective[lacking], why[lacking] = NOT, LACKS_DATA
    return known.assign(effective_at=shown(effective), waits_for=why)


def first_and_last(steps: pd.DataFrame, streams: "pd.Series[str]") -> tuple[Moments, Moments]:
    """When each report's steps were claimed first, and last (−1 for never)."""
    at = pd.Index(streams).get_indexer(pd.Index(steps["stream_id"]))
    kind, claimed = steps["kind"].to_numpy(dtype=object), steps["claimed_at"].to_numpy(np.int64)
    first, last = {}, {}
    for rule in RULES:
        mine = (kind == rule.step) & (at >= 0) & _complete(steps, rule)
        first[rule.step] = np.full(len(streams), NOT, dtype=np.int64)
        last[rule.step] = np.full(len(streams), -1, dtype=np.int64)
        np.minimum.at(first[rule.step], at[mine], claimed[mine])
        np.maximum.at(last[rule.step], at[mine], claimed[mine])
    return first, last


def _complete(steps: pd.DataFrame, rule: Rule) -> Flags:
    """Whether a row has what its step cannot do without."""
    whole = np.ones(len(steps), dtype=bool)
    for name in rule.needs:
        if name == "amount_fen":
            whole &= steps[name].to_numpy(dtype=np.int64) > 0
        else:
            whole &= (steps[name].fillna("") != "").to_numpy(dtype=bool)
    return whole


def take_effect(first: Moments, true_at: Days) -> Moments:
    """Since when each step of each report is in effect; `true_at`: its hazard was found true."""
    effects: dict[ReportStep, Days] = {}
    for rule in RULES:
        effects[rule.step] = np.maximum(first[rule.step], _after(rule, effects, true_at))
    return effects


def _after(rule: Rule, effects: Moments, true_at: Days) -> Days:
    """From when on a step can count; NOT while something that it requires is missing."""
    since = true_at.copy() if rule.found_true else np.zeros(len(true_at), dtype=np.int64)
    for group in rule.after:
        since = np.maximum(since, np.minimum.reduce([effects[step] for step in group]))
    return np.asarray(since)


def _waits_for(rule: Rule, effects: Moments, true_at: Days) -> np.ndarray:
    why = np.full(len(true_at), "", dtype=object)
    if rule.found_true:
        why[true_at == NOT] = NOT_TRUE
    for group in reversed(rule.after):
        why[np.minimum.reduce([effects[step] for step in group]) == NOT] = LACKING[group]
    return why


def instants(column: "pd.Series[int]") -> Days:
    """A column of instants, NOT for absent ones."""
    values = column.to_numpy(dtype=np.int64)
    return np.where(values == 0, NOT, values)


def shown(instants: Days) -> Days:
    return np.where(instants == NOT, 0, instants)
