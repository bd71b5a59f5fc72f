"""A second person is proved by a code that is good, of somebody else, and was never used."""

import pickle

import pytest

from rules.second_person import LOCK_MS, STEP_MS
from schemas.vocabulary import OperatorRole
from tasks.county import County
from tasks.enrolling import retire
from tasks.operators import NotProved, code_for, eligible, operators, prove, require_second
from tasks.store.engine import reading
from tests.operators.people import (
    ACTOR,
    LI,
    NOW,
    OFFICE,
    ZHAO,
    Device,
    asked,
    enrolled,
    later,
    outcome,
    refused,
)

LEADER, CUSTODIAN = OperatorRole.LEADER, OperatorRole.CUSTODIAN


def test_a_good_code_of_another_proves_who_took_part(county: County, li: Device) -> None:
    proved = asked(county, li.shows())
    assert (proved.name, proved.organisation, proved.role) == (LI, OFFICE, LEADER)
    assert proved.proved_at == NOW
    with reading(county.engine) as connection:
        query = f"SELECT kind FROM event WHERE seq = {proved.enrolment}"
        assert connection.exec_driver_sql(query).scalar() == "operator_enrolled"


def test_the_name_may_be_written_otherwise(county: County, li: Device) -> None:
    assert asked(county, li.shows(), second=" 李　虚构").name == LI


def test_a_clock_may_be_one_step_off(county: County, li: Device) -> None:
    for steps in (-1, 0, 1):
        assert asked(county, li.shows(steps=steps)).name == LI


@pytest.mark.parametrize(("steps", "reason"), [(-21, "expired"), (-2, "expired"), (2, "wrong")])
def test_a_clock_may_not_be_further_off(
    county: County, li: Device, steps: int, reason: str
) -> None:
    code = li.shows(steps=steps)
    with refused(reason, LI, "4", "2025-03-03T00:00:12+08:00"):
        asked(county, code)


def test_nobody_is_the_second_of_himself_however_he_writes_it(county: County, li: Device) -> None:
    for actor in (LI, " 李 虚构", "李\u200b虚构"):
        with refused("same_person", LI):
            require_second(county, actor, LI, li.shows(), NOW)
    assert outcome(county, li.shows()) == "proved"  # nothing was used up


def test_who_acts_must_be_said(county: County, li: Device) -> None:
    for actor in ("", "  ", "\u200b", "张\n虚构", "张" * 121):
        with refused("no_actor", "120"):
            require_second(county, actor, LI, li.shows(), NOW)
    assert outcome(county, li.shows()) == "proved"  # nothing was used up


def test_an_unknown_operator_is_refused_with_those_there_are(county: County, li: Device) -> None:
    with refused("unknown", ZHAO, LI):
        asked(county, li.shows(), second=ZHAO)


def test_a_name_that_cannot_be_stored_is_only_unknown(county: County) -> None:
    with refused("unknown", r"\x00"):
        asked(county, "123456", second="李\x00\ud800")


def test_a_retired_operator_proves_nothing(county: County, li: Device) -> None:
    retire(county, LI, "调离", ACTOR, NOW)
    with refused("retired", LI, "2025-03-03T00:00:12+08:00"):
        asked(county, li.shows())


def test_another_role_than_needed_is_refused_before_the_code_is_looked_at(
    county: County, li: Device
) -> None:
    with refused("role", LI, "leader", "custodian"):
        require_second(county, ACTOR, LI, li.shows(), NOW, roles=[CUSTODIAN])
    either = {CUSTODIAN, LEADER}
    assert require_second(county, ACTOR, LI, li.shows(), NOW, roles=either).role == LEADER


def test_a_wrong_code_is_refused_with_the_tries_that_are_left(county: County, li: Device) -> None:
    for left in (4, 3):
        with refused("wrong", LI, str(left)):
            asked(county, li.never_shows())


def test_a_code_of_another_operator_is_wrong(county: County, li: Device) -> None:
    zhao = enrolled(county, ZHAO)
    assert outcome(county, zhao.shows()) == "wrong"


def test_what_is_no_code_is_refused_without_being_repeated_and_is_no_try(
    county: County, li: Device
) -> None:
    for typed in ("12345", "1234567", "the password") * 2:
        with pytest.raises(NotProved) as caught:
            asked(county, typed)
        assert caught.value.reason == "malformed"
        assert typed not in str(caught.value) + repr(caught.value)
    with refused("malformed", LI):
        asked(county, "")
    assert outcome(county, li.shows()) == "proved"


def test_no_refusal_repeats_a_code_that_is_still_good(county: County, li: Device) -> None:
    code = li.shows()
    asked(county, code)
    with pytest.raises(NotProved) as caught:
        asked(county, code)
    assert code not in str(caught.value) + repr(caught.value)


def test_no_code_is_good_twice_nor_any_before_it(county: County, li: Device) -> None:
    assert outcome(county, li.shows()) == "proved"
    for steps in (0, -1):
        for now in (NOW, later(1)):
            assert outcome(county, li.shows(steps=steps), now) in ("used", "expired")
    with refused("used", LI):
        asked(county, li.shows())
    assert outcome(county, li.shows(steps=1)) == "proved"
    assert outcome(county, li.shows(steps=1), later(2)) == "used"


def test_a_used_code_is_used_for_whatever_it_was_asked(county: County, li: Device) -> None:
    prove(county, LI, li.shows(), NOW)  # `bihuan operator check`
    assert outcome(county, li.shows()) == "used"


def test_a_used_code_is_no_wrong_try(county: County, li: Device) -> None:
    asked(county, li.shows())
    assert [outcome(county, li.shows()) for _ in range(6)] == ["used"] * 6
    assert outcome(county, li.shows(later(1)), later(1)) == "proved"


def test_five_wrong_codes_in_a_row_lock_for_fifteen_minutes(county: County, li: Device) -> None:
    wrong = li.never_shows()
    assert [outcome(county, wrong) for _ in range(5)] == ["wrong"] * 4 + ["locked"]
    with refused("locked", LI, "2025-03-03T00:15:12+08:00"):
        asked(county, li.shows())
    (kept,) = operators(county)
    assert kept.locked_until == NOW + LOCK_MS
    last = NOW + LOCK_MS - 1
    assert outcome(county, li.shows(last), last) == "locked"
    free = NOW + LOCK_MS
    assert outcome(county, li.shows(free), free) == "proved"


def test_after_a_lock_there_are_five_tries_again(county: County, li: Device) -> None:
    for now in (NOW, NOW + LOCK_MS, NOW + 2 * LOCK_MS):
        wrong = li.never_shows(now)
        assert [outcome(county, wrong, now) for _ in range(5)] == ["wrong"] * 4 + ["locked"]


def test_a_good_code_ends_the_row_of_wrong_ones(county: County, li: Device) -> None:
    for now in (NOW, later(1), later(2)):
        assert [outcome(county, li.never_shows(now), now) for _ in range(4)] == ["wrong"] * 4
        assert outcome(county, li.shows(now), now) == "proved"


def test_codes_that_are_too_old_are_tries_too(county: County, li: Device) -> None:
    old = [outcome(county, li.shows(steps=-s)) for s in range(2, 7)]
    assert old == ["expired"] * 4 + ["locked"]


def test_a_lock_is_of_one_operator(county: County, li: Device) -> None:
    zhao = enrolled(county, ZHAO)
    for _ in range(5):
        outcome(county, li.never_shows())
    assert asked(county, zhao.shows(), second=ZHAO).name == ZHAO


def test_who_could_be_second_is_told_without_a_code(county: County, li: Device) -> None:
    found = eligible(county, ACTOR, "李 虚构", NOW, roles=[LEADER])
    assert found.name == LI
    assert not hasattr(found, "secret")
    with refused("same_person"):
        eligible(county, LI, LI, NOW)
    with refused("unknown"):
        eligible(county, ACTOR, ZHAO, NOW)
    with refused("role"):
        eligible(county, ACTOR, LI, NOW, roles=[CUSTODIAN])
    for _ in range(5):
        outcome(county, li.never_shows())
    with refused("locked"):
        eligible(county, ACTOR, LI, NOW)


def test_a_demo_plays_the_second_person_by_its_own_clock(demo: County, li: Device) -> None:
    given = []
    for _ in range(3):
        given.append(code_for(demo, LI, NOW))
        assert outcome(demo, given[-1]) == "proved"
    assert given == [li.shows(steps=s) for s in (-1, 0, 1)]
    with refused("spent", LI):
        code_for(demo, LI, NOW)
    for now in (later(1), later(100), NOW + 400 * 24 * 3600 * 1000):
        assert outcome(demo, code_for(demo, LI, now), now) == "proved"


def test_only_a_demo_plays_anybody(county: County, li: Device) -> None:
    with refused("not_demo", LI, str(county.home)):
        code_for(county, LI, NOW)


def test_the_present_is_what_the_caller_says(county: County, li: Device) -> None:
    """Whatever this machine's clock says: the codes of a demo follow the demo's."""
    for years in (0, 20, 60):
        now = NOW + years * 365 * 24 * 3600 * 1000
        assert now // STEP_MS > 0
        assert outcome(county, li.shows(now), now) == "proved"


def test_a_refusal_outlives_a_process(county: County) -> None:
    """Prefect keeps what a run raised as a pickle."""
    with pytest.raises(NotProved) as caught:
        asked(county, "123456")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (NotProved, str(caught.value))
