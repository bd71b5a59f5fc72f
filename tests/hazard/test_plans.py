"""Questions about one hazard, or one person's acts, cost the same in a county of any size."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.event import listen, remove

from tasks.county import County
from tasks.hazard_file import hazard_file
from tasks.hazard_register import register
from tests.hazard.conftest import NOW
from tests.store.tiny import Tiny, hazard

pytestmark = pytest.mark.sqlite  # another planner, and another plan for so few rows
LONG = ("event", "finding", "hazard_span", "fact_note")


@contextmanager
def plans(county: County) -> Iterator[list[str]]:
    """How SQLite answers every query asked meanwhile, a line for each table it goes to."""
    found: list[str] = []

    def asked(_conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            own = cursor.connection.cursor()
            rows = own.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(row[-1] for row in rows)
            own.close()

    listen(county.engine, "before_cursor_execute", asked)
    try:
        yield found
    finally:
        remove(county.engine, "before_cursor_execute", asked)


def walks(plan: list[str]) -> list[str]:
    """Lines that read a long table whole: scanned, or searched by the county alone."""
    return [
        line
        for line in plan
        if any(line.split()[1:2] == [table] for table in LONG)
        and ("SCAN" in line or line.endswith("(county=?)"))
    ]


@pytest.mark.parametrize(
    "asked",
    [
        lambda county: hazard_file(county, hazard("A1"), NOW),
        lambda county: hazard_file(county, hazard("B1"), NOW),
        lambda county: register(county, by="李虚构"),
    ],
    ids=["file", "file of a major hazard", "register"],
)
def test_no_long_table_is_walked(told_once: Tiny, asked: Callable[[County], Any]) -> None:
    with plans(told_once.county) as plan:
        asked(told_once.county)
    assert plan
    assert walks(plan) == []


def test_a_walk_would_be_seen(told_once: Tiny) -> None:
    with plans(told_once.county) as plan, told_once.county.engine.connect() as connection:
        connection.exec_driver_sql("SELECT seq FROM event WHERE county = '330282' ORDER BY seq")
    assert len(walks(plan)) == 1
