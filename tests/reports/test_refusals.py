"""What an operator may enter of a report and of enforcement: refused by name, asked for by name."""

import re
from pathlib import Path
from typing import Any

import pytest

from rules import enforcement
from rules.report_steps import REASONS, RULES
from rules.reports import missing, refusal, standing
from schemas.vocabulary import Enforcement, ReportStep
from tests.reports.told import DAYS, POLICY, Report, Step, at, findings, ms, step, steps

K, E = ReportStep, Enforcement
ACCEPTED, DECLINED = step(K.ACCEPTED, at(1)), step(K.DECLINED, at(1))
REPLIED = step(K.REPLIED, at(2))
REWARD = {"amount_fen": 100_000, "person": "经办员周虚构", "second_person": "复核员孙虚构"}
SOMETHING = {"reason": "x", "target": "x", "reply": "x", **REWARD}


def after(*told: Step, true: float | None = None) -> dict[str, Any]:
    """A report of which this was told."""
    report = Report(told, true=true)
    row = standing(findings([report]), steps([report]), POLICY, DAYS, ms(at(30)))
    return {str(k): v for k, v in row.to_dict("records")[0].items()}


def refused(kind: ReportStep, row: dict[str, Any] | None, **data: Any) -> str | None:
    return refusal(kind, row, SOMETHING | data, POLICY)


def test_a_report_may_be_accepted_or_declined_first_and_nothing_else() -> None:
    new = after()
    assert {kind for kind in K if refused(kind, new) is None} == {K.ACCEPTED, K.DECLINED}


@pytest.mark.parametrize(
    ("kind", "told", "reason"),
    [
        (K.CHECKED, (), "report_not_accepted"),
        (K.CHECKED, (DECLINED,), "report_not_accepted"),
        (K.HANDLED, (ACCEPTED,), "report_not_checked"),
        (K.REPLIED, (), "report_not_decided"),
        (K.REWARDED, (ACCEPTED,), "report_not_replied"),
        (K.REWARDED, (DECLINED, REPLIED), "report_not_accepted"),
        (K.REWARDED, (ACCEPTED, REPLIED), "hazard_not_found_true"),
        (K.ACCEPTED, (ACCEPTED,), "report_step_taken"),
        (K.REPLIED, (ACCEPTED, REPLIED), "report_step_taken"),
        (K.DECLINED, (ACCEPTED,), "report_decided"),
        (K.CHECKED, (ACCEPTED, REPLIED), "report_closed"),
        (K.TRANSFERRED, (ACCEPTED, REPLIED), "report_closed"),
        (K.TRANSFERRED, (), "report_not_decided"),
    ],
)
def test_what_does_not_follow_is_refused_by_name(
    kind: ReportStep, told: tuple[Step, ...], reason: str
) -> None:
    assert refused(kind, after(*told)) == reason
    assert reason in REASONS


def test_what_was_declined_may_be_accepted_after_all_until_it_is_answered() -> None:
    assert refused(K.ACCEPTED, after(DECLINED)) is None
    assert refused(K.ACCEPTED, after(DECLINED, REPLIED)) == "report_closed"


def test_supervising_and_passing_on_may_happen_again() -> None:
    row = after(ACCEPTED, step(K.SUPERVISED, at(1)), step(K.TRANSFERRED, at(1), target="甲"))
    assert refused(K.SUPERVISED, row) is refused(K.TRANSFERRED, row) is None


def test_a_finding_of_nobody_from_the_public_has_no_report() -> None:
    assert {refused(kind, None) for kind in K} == {"no_report"}


def test_a_reward_is_refused_above_the_maximum_and_where_there_is_none() -> None:
    row = after(ACCEPTED, REPLIED, true=at(1))
    most = POLICY.reward_max_yuan * 100
    assert refused(K.REWARDED, row, amount_fen=most) is None
    assert refused(K.REWARDED, row, amount_fen=most + 1) == "reward_above_maximum"
    assert refused(K.REWARDED, row, amount_fen=0) == "amount_not_positive"
    assert refused(K.REWARDED, row, amount_fen=-1) == "amount_not_positive"


def test_a_reward_needs_a_second_person_who_is_another_one() -> None:
    row = after(ACCEPTED, REPLIED, true=at(1))
    assert refused(K.REWARDED, row, second_person="经办员周虚构") == "same_person"
    assert missing(K.REWARDED, REWARD | {"second_person": ""}) == ("second_person",)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (K.ACCEPTED, ()),
        (K.DECLINED, ("reason",)),
        (K.TRANSFERRED, ("target",)),
        (K.REPLIED, ("reply",)),
        (K.REWARDED, ("amount_fen", "second_person")),
    ],
)
def test_what_a_step_still_needs_is_named(kind: ReportStep, names: tuple[str, ...]) -> None:
    assert missing(kind, {}) == names
    assert missing(kind, SOMETHING) == ()


def test_what_nobody_can_leave_out_is_asked_of_an_operator_too() -> None:
    assert all(set(rule.needs) <= set(rule.asks) for rule in RULES)


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (E.CASE_FILED, ("reason_or_target",)),
        (E.PENALISED, ("amount_fen",)),
        (E.COERCED, ()),
        (E.HANDED_TO_POLICE, ("target",)),
        (E.EXPOSED, ()),
    ],
)
def test_what_enforcement_still_needs_is_named(event: Enforcement, names: tuple[str, ...]) -> None:
    assert enforcement.missing(event, {}) == names
    assert enforcement.missing(event, SOMETHING) == ()


def test_a_case_is_known_by_its_grounds_or_by_its_number() -> None:
    assert enforcement.missing(E.CASE_FILED, {"reason": "未落实隐患整改"}) == ()
    assert enforcement.missing(E.CASE_FILED, {"target": "虚构〔2025〕001号"}) == ()


def test_a_penalty_of_nothing_is_none() -> None:
    assert enforcement.refusal(E.PENALISED, {"amount_fen": 0}) == "amount_not_positive"
    assert enforcement.refusal(E.PENALISED, {"amount_fen": 1}) is None
    assert enforcement.refusal(E.EXPOSED, {}) is None


def test_every_step_and_every_reason_is_in_the_documentation(root: Path) -> None:
    page = (root / "docs" / "reports.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(report_\w+)`.*\|(.*)\|$", page, re.M))
    assert {rule.step: tuple(re.findall(r"`(\w+)`", rows[rule.step])) for rule in RULES} == {
        rule.step: rule.asks for rule in RULES
    }
    assert [r for r in (*REASONS, *enforcement.REASONS) if f"`{r}`" not in page] == []
