"""The operator's door for what happens beside a hazard's life: reports and enforcement."""

from typing import Any

import pytest

from schemas.period import DAY_MS
from schemas.vocabulary import State
from tasks.acting import ActReport, act
from tasks.auditing import audit
from tests.operators.people import enrolled
from tests.store.tiny import MONDAY, Tiny, finding, hazard, life

NOW = MONDAY + 3 * DAY_MS
SECOND = "复核员孙虚构"


@pytest.fixture
def county(tiny: Tiny) -> Tiny:
    """F1 and F2 are one hazard that two of the public reported; F3 is an inspection's."""
    same = {"place_id": "P1", "description": "一号厂房消防通道被成品货物堵塞，无法通行"}
    findings = [
        finding("F1", channel="public_report", **same),
        finding("F2", MONDAY + 3_600_000, channel="public_report", **same),
        finding("F3"),
    ]
    tiny.bring(MONDAY + DAY_MS, findings, list(life("F3", MONDAY, to="verified")))
    return tiny


def do(tiny: Tiny, name: str, event: str, now: int = NOW, **data: Any) -> ActReport:
    code = data.pop("code", "")
    return act(
        tiny.county, hazard(name), event, data, now, actor="李虚构", code=code, dry_run=False
    )


def steps(tiny: Tiny) -> list[tuple[Any, ...]]:
    return sorted(tiny.query("SELECT stream_id, kind, amount_fen FROM side_step"))


def test_each_report_of_one_hazard_has_steps_of_its_own(county: Tiny) -> None:
    assert do(county, "F2", "report_accepted").ok
    assert steps(county) == [(hazard("F2"), "report_accepted", 0)]
    assert not do(county, "F1", "report_replied", reply="已整改").ok
    assert do(county, "F1", "report_accepted").ok
    assert {s for s, _, _ in steps(county)} == {hazard("F1"), hazard("F2")}


def test_a_reply_closes_the_report_and_not_the_hazard(county: Tiny) -> None:
    assert do(county, "F1", "report_accepted").ok
    assert do(county, "F1", "report_replied", NOW + 1, reply="已转镇街核查").ok
    assert county.state("F1") is State.REGISTERED
    assert audit(county.county).ok


@pytest.mark.parametrize(
    ("name", "event", "data"),
    [
        ("F3", "report_accepted", {}),
        ("F1", "report_replied", {"reply": "已整改"}),
        ("F3", "penalised", {}),
        ("F3", "handed_to_police", {}),
    ],
)
def test_what_a_step_beside_the_life_lacks_refuses_it(
    county: Tiny, name: str, event: str, data: dict[str, str]
) -> None:
    report = do(county, name, event, **data)
    assert (report.ok, bool(report.reason or report.missing)) == (False, True)
    assert steps(county) == []


def test_a_penalty_is_entered_with_its_amount_and_moves_nothing(county: Tiny) -> None:
    assert do(county, "F3", "case_filed", target="虚构应急罚〔2025〕1号").ok
    assert do(county, "F3", "penalised", NOW + 1, amount_fen="2000000").ok
    assert (hazard("F3"), "penalised", 2_000_000) in steps(county)
    assert county.state("F3") is State.VERIFIED
    assert audit(county.county).ok


def test_a_reward_takes_a_second_persons_code(county: Tiny) -> None:
    second = enrolled(county.county, SECOND, role="operator")
    for number, (event, data) in enumerate(
        [("report_accepted", {}), ("report_replied", {"reply": "属实，已整改"})]
    ):
        assert do(county, "F1", event, NOW + number, **data).ok
    assert do(county, "F1", "verified", NOW + 2, organisation="虚构市工业专委办").ok
    paid = {"amount_fen": "50000", "second_person": SECOND}
    with pytest.raises(Exception, match="code"):
        do(county, "F1", "report_rewarded", NOW + 3, **paid)
    at = NOW + 60_000
    done = do(county, "F1", "report_rewarded", at, code=second.shows(at), **paid)
    assert done.ok, done
    assert (hazard("F1"), "report_rewarded", 50_000) in steps(county)
