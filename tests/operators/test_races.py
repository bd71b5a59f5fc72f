"""Of several who come at once with one code, one is proved; of many guesses, few are judged."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import update

from schemas.tables import operator
from tasks.county import County
from tasks.store import operators as store
from tasks.store.engine import reading, writing
from tests.house.code import ROOT
from tests.operators.people import LI, NOW, Device, enrolled, outcome

MANY = 8


def at_once(do: Callable[[], str]) -> Counter[str]:
    """What came of doing it many times at the same moment."""
    gate = Barrier(MANY)

    def each(_: int) -> str:
        gate.wait()
        return do()

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(each, range(MANY)))


def test_of_threads_with_the_same_code_one_is_proved(county: County, li: Device) -> None:
    for steps in (-1, 0, 1):
        code = li.shows(steps=steps)
        assert at_once(lambda c=code: outcome(county, c)) == {"proved": 1, "used": MANY - 1}


def test_a_code_that_is_looked_at_first_and_used_afterwards_is_proved_to_several(
    county: County, li: Device
) -> None:
    """What the test above is for: it finds the check that is not guarded."""
    seen = Barrier(MANY)

    def careless() -> str:
        with reading(county.engine) as connection:
            (kept,) = store.enrolled(connection, county.code)
        seen.wait()
        with writing(county.engine) as connection:
            connection.execute(update(operator).values(last_step=kept.last_step + 1))
            connection.commit()
        return "proved"

    assert at_once(careless)["proved"] > 1


def test_using_a_step_is_guarded_by_itself(county: County, li: Device) -> None:
    """Both have read the row before either used the code, and no lock was taken."""
    with reading(county.engine) as connection:
        (kept,) = store.enrolled(connection, county.code)
    done = []
    for _ in range(2):
        with writing(county.engine) as connection:
            done.append(store.use(connection, county.code, kept, 5))
            connection.commit()
    assert done == [True, False]


def test_a_step_is_not_used_with_a_secret_that_was_replaced_meanwhile(
    county: County, li: Device
) -> None:
    with reading(county.engine) as connection:
        (kept,) = store.enrolled(connection, county.code)
    enrolled(county, LI)
    with writing(county.engine) as connection:
        assert not store.use(connection, county.code, kept, 5)


def test_of_many_guesses_at_once_five_are_judged(county: County, li: Device) -> None:
    wrong = li.never_shows()
    assert at_once(lambda: outcome(county, wrong)) == {"wrong": 4, "locked": MANY - 4}
    with reading(county.engine) as connection:
        query = "SELECT failures FROM operator"
        assert connection.exec_driver_sql(query).scalar() == 0


@pytest.mark.timeout(240)
def test_of_processes_with_the_same_code_one_is_proved(county: County, li: Device) -> None:
    settings = county.settings
    url = county.engine.url.render_as_string(hide_password=False)
    words = [settings.home, settings.county, settings.config_dir, url]
    racers = [_racer(*map(str, (*words, li.shows(), NOW))) for _ in range(3)]
    try:
        assert [_line(racer) for racer in racers] == ["ready"] * 3
        for racer in racers:
            assert racer.stdin
            racer.stdin.write("go\n")
            racer.stdin.flush()
        assert Counter(map(_line, racers)) == {"proved": 1, "used": 2}
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()


def _racer(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.operators.racer", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()
