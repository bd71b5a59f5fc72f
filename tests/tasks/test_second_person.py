"""What needs a second person goes through with that person's code, and by no other way."""

from typing import Any

import pytest

from schemas.period import DAY_MS
from schemas.vocabulary import Mark, State
from tasks.acting import Action, ActRefused, ActReport, act, act_all
from tasks.auditing import audit
from tests.operators.people import Device, enrolled
from tests.store.tiny import MONDAY, OTHER_TOWN, Tiny, finding, hazard, life, update

NOW = MONDAY + 3 * DAY_MS
ACTOR, SECOND = "操作员李虚构", "复核员孙虚构"
EXTENSION = {
    "reason": "设备未到货", "due_date": "2025-04-10", "interim_control": "专人值守",
    "organisation": "虚构市安委办", "second_person": SECOND,
}  # fmt: skip


@pytest.fixture
def second(tiny: Tiny) -> Device:
    """F1 is under way; the second person is enrolled."""
    tiny.bring(NOW - DAY_MS, [finding("F1")], list(life("F1", MONDAY, to="started")))
    return enrolled(tiny.county, SECOND, role="operator")


def do(tiny: Tiny, event: str, code: str = "", now: int = NOW, **data: str) -> ActReport:
    return act(tiny.county, hazard("F1"), event, data, now, actor=ACTOR, code=code, dry_run=False)


def events(tiny: Tiny, kind: str) -> list[Any]:
    return tiny.query(f"SELECT actor, payload, source_id FROM event WHERE kind = '{kind}'")


def test_an_extension_with_the_second_persons_code_moves_the_date(
    tiny: Tiny, second: Device
) -> None:
    original = tiny.present("F1")["original_due_at"]
    report = do(tiny, "extended", second.shows(NOW), **EXTENSION)
    assert (report.ok, "due_at" in report.changes) == (True, True)
    present = tiny.present("F1")
    assert (present["due_at"] > original, present["original_due_at"]) == (True, original)
    assert audit(tiny.county).ok


@pytest.mark.parametrize("code", ["", "000000", "not a code"])
def test_without_a_good_code_nothing_happens(tiny: Tiny, second: Device, code: str) -> None:
    if code == second.shows(NOW):
        pytest.skip("the one code in a million that is good")
    with pytest.raises(ActRefused):
        do(tiny, "extended", code, **EXTENSION)
    assert events(tiny, "extended") == []


def test_a_code_is_good_once(tiny: Tiny, second: Device) -> None:
    assert do(tiny, "extended", second.shows(NOW), **EXTENSION).ok
    again = EXTENSION | {"due_date": "2025-05-10"}
    with pytest.raises(ActRefused, match="used"):
        do(tiny, "extended", second.shows(NOW), **again)


def test_nobody_is_the_second_person_of_himself(tiny: Tiny, second: Device) -> None:
    with pytest.raises(ActRefused):
        act(
            tiny.county, hazard("F1"), "extended", EXTENSION, NOW, actor=SECOND,
            code=second.shows(NOW), dry_run=False,
        )  # fmt: skip
    assert events(tiny, "extended") == []


def test_a_name_that_is_not_enrolled_proves_nothing(tiny: Tiny, second: Device) -> None:
    stranger = EXTENSION | {"second_person": "路人甲虚构"}
    with pytest.raises(ActRefused, match="路人甲虚构"):
        do(tiny, "extended", second.shows(NOW), **stranger)


def test_a_dry_run_needs_no_code_and_uses_none_up(tiny: Tiny, second: Device) -> None:
    assert act(tiny.county, hazard("F1"), "extended", EXTENSION, NOW, actor=ACTOR).ok
    assert do(tiny, "extended", second.shows(NOW), **EXTENSION).ok


def test_a_move_to_another_town_takes_a_second_person(tiny: Tiny, second: Device) -> None:
    assert do(tiny, "moved", town_code=OTHER_TOWN).missing == ("second_person",)
    done = do(tiny, "moved", second.shows(NOW), town_code=OTHER_TOWN, second_person=SECOND)
    assert (done.ok, tiny.present("F1")["town_code"]) == (True, OTHER_TOWN)


def test_a_void_takes_back_ones_own_fact_and_what_it_caused(tiny: Tiny, second: Device) -> None:
    assert do(tiny, "extended", second.shows(NOW), **EXTENSION).ok
    due = tiny.present("F1")["original_due_at"]
    ((_, _, extended),) = events(tiny, "extended")
    later = NOW + 60_000
    void = {"target": extended, "reason": "填错了隐患", "second_person": SECOND}
    done = do(tiny, "voided", second.shows(later), later, **void)
    assert done.ok, done
    assert tiny.present("F1")["due_at"] == due
    assert len(events(tiny, "extended")) == 1  # the event stays
    notes = tiny.query("SELECT outcome, reason FROM fact_note WHERE seq_to > 4000000000000000000")
    assert ("ineffective", "voided") in notes
    assert audit(tiny.county).ok


def test_a_void_of_another_sides_fact_is_refused(tiny: Tiny, second: Device) -> None:
    ((_, _, started),) = events(tiny, "started")
    void = {"target": started, "reason": "x", "second_person": SECOND}
    with pytest.raises(ActRefused, match="own side"):
        do(tiny, "voided", second.shows(NOW), **void)


def test_a_void_by_the_number_of_the_event(tiny: Tiny, second: Device) -> None:
    done = do(tiny, "production_stopped", organisation="虚构市应急局", reason="重大险情")
    assert done.ok
    assert tiny.present("F1")["marks"] & int(Mark.PRODUCTION_STOPPED)
    (number,) = tiny.query("SELECT seq FROM event WHERE kind = 'production_stopped'")[0]
    void = {"target": f"#{number}", "reason": "误填", "second_person": SECOND}
    assert do(tiny, "voided", second.shows(NOW), NOW + 1, **void).ok
    assert not tiny.present("F1")["marks"] & int(Mark.PRODUCTION_STOPPED)


def test_what_lies_in_the_future_has_not_happened(tiny: Tiny, second: Device) -> None:
    with pytest.raises(ActRefused, match="future"):
        do(tiny, "production_stopped", organisation="x", reason="y", happened_at="2031-01-01")


# several at once


def test_several_actions_are_decided_together_and_the_refused_stop_no_other(
    tiny: Tiny, second: Device
) -> None:
    tiny.bring(NOW - DAY_MS, [finding("F2"), finding("F3")], [])
    office = {"organisation": "虚构市工业专委办"}
    actions = [
        Action(hazard("F2"), "verified", office),
        Action(hazard("F3"), "closed", {}),
        Action("hazard:none", "verified", office),
        Action(hazard("F1"), "extended", EXTENSION),
        Action(hazard("F3"), "verified", office),
    ]
    reports = act_all(tiny.county, actions, NOW, actor=ACTOR, code=second.shows(NOW), dry_run=False)
    assert [r.ok for r in reports] == [True, False, False, True, True]
    assert "is no hazard" in str(reports[2].problem)
    assert [tiny.state(n) for n in ("F2", "F3")] == [State.VERIFIED, State.VERIFIED]
    assert audit(tiny.county).ok


def test_two_steps_of_one_hazard_in_one_sheet_are_told_in_their_order(
    tiny: Tiny, second: Device
) -> None:
    tiny.bring(NOW - DAY_MS, [finding("F2")], [])
    actions = [
        Action(hazard("F2"), "rejected", {"organisation": "x", "reason": "不属实",
               "happened_at": "2025-03-05T12:00"}),
        Action(hazard("F2"), "verified", {"organisation": "x", "happened_at": "2025-03-05T09:00"}),
    ]  # fmt: skip
    reports = act_all(tiny.county, actions, NOW, actor=ACTOR, dry_run=False)
    assert [r.event for r in reports if r.ok] == ["rejected", "verified"]
    assert tiny.state("F2") is State.REJECTED


def test_a_late_fact_can_undo_what_an_operator_did_and_the_audit_agrees(
    tiny: Tiny, second: Device
) -> None:
    tiny.bring(NOW, [], [update("F1", "production_stopped", MONDAY + DAY_MS, reason="险情")])
    assert do(tiny, "production_stopped", organisation="x", reason="y").reason == "already_stopped"
    assert audit(tiny.county).ok
