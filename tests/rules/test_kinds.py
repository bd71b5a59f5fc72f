"""Periods of every kind: codes name them, days lie in them, they follow without gaps."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import (
    EXAMPLES,
    RECURRING,
    containing,
    months_within,
    period_of,
    previous,
    quarters_within,
    weeks_ending_in,
)
from schemas.vocabulary import EditionKind

ZONE = "Asia/Shanghai"
days = st.dates(date(2000, 1, 10), date(2090, 12, 31))


@pytest.mark.parametrize("kind", EditionKind)
def test_every_kind_has_an_example_that_names_its_period(kind: EditionKind) -> None:
    period = period_of(kind, EXAMPLES[kind], ZONE)
    assert (period.kind, period.code) == (kind, EXAMPLES[kind])
    assert period.start < period.end


@given(st.sampled_from(RECURRING), days)
def test_a_day_lies_in_one_period_of_a_kind_whose_code_names_it_again(
    kind: EditionKind, day: date
) -> None:
    period = containing(kind, day, ZONE)
    assert period.first_day <= day <= period.last_day
    assert period_of(kind, period.code, ZONE) == period
    before = previous(period, ZONE)
    assert before is not None
    assert before.end == period.start
    assert before.last_day + timedelta(days=1) == period.first_day


@pytest.mark.parametrize(
    ("kind", "code", "first", "last"),
    [
        (EditionKind.MONTHLY, "2024-02", "2024-02-01", "2024-02-29"),
        (EditionKind.STATUTORY, "2025-12", "2025-12-01", "2025-12-31"),
        (EditionKind.QUARTER, "2025-Q4", "2025-10-01", "2025-12-31"),
        (EditionKind.HALF_YEAR, "2025-H1", "2025-01-01", "2025-06-30"),
        (EditionKind.YEAR, "2025", "2025-01-01", "2025-12-31"),
        (EditionKind.SPAN, "2025-03-10--2025-03-10", "2025-03-10", "2025-03-10"),
    ],
)
def test_a_code_says_its_first_and_last_day(
    kind: EditionKind, code: str, first: str, last: str
) -> None:
    period = period_of(kind, code, ZONE)
    assert (period.first_day.isoformat(), period.last_day.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (EditionKind.MONTHLY, "2025-13"),
        (EditionKind.MONTHLY, "2025-1"),
        (EditionKind.QUARTER, "2025-Q5"),
        (EditionKind.HALF_YEAR, "2025-H3"),
        (EditionKind.YEAR, "25"),
        (EditionKind.YEAR, "0000"),
        (EditionKind.SPAN, "2025-03-10"),
        (EditionKind.SPAN, "2025-03-10--2025-02-01"),
        (EditionKind.CAMPAIGN, "x--2025-02-01"),
    ],
)
def test_a_wrong_code_is_refused_with_an_example(kind: EditionKind, code: str) -> None:
    with pytest.raises(ValueError, match=EXAMPLES[kind]):
        period_of(kind, code, ZONE)


def test_a_year_holds_its_months_and_quarters_and_the_weeks_that_end_in_it() -> None:
    year = period_of(EditionKind.YEAR, "2025", ZONE)
    assert [m.code for m in months_within(year, ZONE)] == [f"2025-{n:02d}" for n in range(1, 13)]
    assert [q.code for q in quarters_within(year, ZONE)] == [f"2025-Q{n}" for n in range(1, 5)]
    weeks = weeks_ending_in(year, ZONE)
    assert (weeks[0].code, weeks[-1].code, len(weeks)) == ("2025-W01", "2025-W52", 52)


def test_a_span_holds_only_whole_months() -> None:
    span = period_of(EditionKind.SPAN, "2025-01-15--2025-03-31", ZONE)
    assert [m.code for m in months_within(span, ZONE)] == ["2025-02", "2025-03"]
    assert quarters_within(span, ZONE) == []


def test_kinds_that_do_not_recur_have_no_period_before() -> None:
    span = period_of(EditionKind.SPAN, EXAMPLES[EditionKind.SPAN], ZONE)
    assert previous(span, ZONE) is None
    with pytest.raises(ValueError, match="first and last day"):
        containing(EditionKind.CAMPAIGN, date(2025, 3, 1), ZONE)
