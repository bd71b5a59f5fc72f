"""The audit compares the rows with a replay of the events, but for what is of codes alone."""

import pytest
from sqlalchemy import select

from schemas.tables import operator
from tasks.auditing import audit
from tasks.county import County
from tasks.enrolling import retire
from tasks.store.engine import writing
from tests.operators.people import ACTOR, LI, ZHAO, Device, asked, change, enrolled, later, outcome
from tests.store.tiny import MONDAY


@pytest.fixture
def told(county: County, li: Device) -> County:
    zhao = enrolled(county, ZHAO)
    enrolled(county, "王虚构")
    enrolled(county, LI, now=later(1))
    retire(county, "王虚构", "调离", ACTOR, later(2))
    asked(county, zhao.shows(later(3)), later(3), second=ZHAO)
    outcome(county, "000000", later(3))
    assert audit(county).findings == []
    return county


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (LI, {"name": "孙虚构"}),
        (LI, {"organisation": "别处"}),
        (LI, {"role": "custodian"}),
        (LI, {"enrolled_at": MONDAY}),
        (LI, {"retired_at": 1}),
        ("王虚构", {"retired_at": 0}),
        (ZHAO, {"seq": 1}),
    ],
)
def test_a_row_changed_by_hand_is_found(told: County, name: str, values: dict[str, object]) -> None:
    change(told, name, **values)
    (found,) = audit(told).findings
    assert (found["check"], found["where"]) == ("projection", "operator")


def test_a_row_that_no_event_tells_of_and_one_that_is_gone_are_found(told: County) -> None:
    with writing(told.engine) as connection:
        row = connection.execute(select(operator).where(operator.c.name == LI)).mappings().one()
        connection.execute(operator.insert().values(**dict(row) | {"name": "孙虚构"}))
        connection.execute(operator.delete().where(operator.c.name == ZHAO))
        connection.commit()
    (found,) = audit(told).findings
    assert "1 rows in the store that a replay does not give, 1 the other way" in found["problem"]


def test_what_is_of_codes_alone_is_not_the_ledgers(told: County) -> None:
    change(told, LI, last_step=7, failures=3, locked_until=9)
    assert audit(told).findings == []
