"""Fictitious operators, their devices, and what is asked of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyotp
import pytest
from sqlalchemy import select, update

from rules.second_person import STEP_MS, step_at
from schemas.tables import operator
from schemas.vocabulary import OperatorRole
from tasks.county import County
from tasks.enrolling import enrol
from tasks.operators import OperatorRefused, SecondPerson, require_second
from tasks.store.engine import reading, writing
from tests.store.tiny import MONDAY

LI, ZHAO, ACTOR, OFFICE = "李虚构", "赵虚构", "张虚构", "虚构市安委办"
NOW = MONDAY + 12_345


@dataclass(frozen=True)
class Device:
    """A telephone with a secret, and a clock of its own."""

    name: str
    secret: str

    def shows(self, now: int = NOW, steps: int = 0) -> str:
        """The code of the step of `now`, or of one so many steps away."""
        return pyotp.TOTP(self.secret).generate_otp(step_at(now) + steps)

    def never_shows(self, now: int = NOW) -> str:
        """Six digits that are no code of any step near `now`."""
        near = {self.shows(now, steps) for steps in range(-40, 41)}
        return next(code for n in range(100) if (code := f"{n:06d}") not in near)


def enrolled(county: County, name: str, now: int = MONDAY, role: str = "leader") -> Device:
    made = enrol(county, name, OFFICE, OperatorRole(role), ACTOR, now)
    return Device(made.name, made.secret)


def asked(county: County, code: str, now: int = NOW, second: str = LI) -> SecondPerson:
    return require_second(county, ACTOR, second, code, now)


@contextmanager
def refused(reason: str, *said: str) -> Iterator[None]:
    """Refused for this reason, in words of both languages that hold all of `said`."""
    with pytest.raises(OperatorRefused) as caught:
        yield
    error = caught.value
    assert error.reason == reason
    assert str(error) == error.said("en") != error.said("zh")
    for words in (error.said("en"), error.said("zh")):
        assert [value for value in said if value not in words] == []


def outcome(county: County, code: str, now: int = NOW) -> str:
    """proved, or the reason why not."""
    try:
        asked(county, code, now)
    except OperatorRefused as error:
        return error.reason
    return "proved"


def later(steps: int) -> int:
    return NOW + steps * STEP_MS


def change(county: County, who: str, /, **values: object) -> None:
    """What somebody with the owner's password could do to a row."""
    with writing(county.engine) as connection:
        connection.execute(update(operator).where(operator.c.name == who).values(**values))
        connection.commit()


def sealed(county: County, name: str) -> str:
    with reading(county.engine) as connection:
        query = select(operator.c.secret).where(operator.c.name == name)
        return str(connection.execute(query).scalar_one())
