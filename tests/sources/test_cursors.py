"""Times as cursors: the spelling of a source comes back to it unchanged."""

import pytest

from tasks.sources.cursors import earlier, instant, iso, latest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-05T02:00:00Z", "2025-03-05T00:00:00Z"),
        ("2025-03-05T02:00:00+08:00", "2025-03-05T00:00:00+08:00"),
        ("2025-03-05 02:00:00", "2025-03-05 00:00:00"),
        ("2025-03-05T02:00:00.125Z", "2025-03-05T00:00:00.125Z"),
        ("2025-03-05T02:00:00.000250+08:00", "2025-03-05T00:00:00.000250+08:00"),
        ("2025-03-05", "2025-03-04"),
        ("row-17", "row-17"),
        ("", ""),
    ],
)
def test_an_earlier_time_is_spelled_like_the_time(text: str, expected: str) -> None:
    assert earlier(text, 120) == expected


def test_times_are_compared_as_instants_not_as_text() -> None:
    values = ["2025-03-05T09:30:00+08:00", "2025-03-05T02:00:00Z", "2025-03-05", None, 7]
    assert latest(values, "", 2**60) == "2025-03-05T02:00:00Z"


def test_nothing_newer_keeps_the_cursor() -> None:
    assert latest(["2025-03-01", "?"], "2025-03-02", 2**60) == "2025-03-02"
    assert latest([], "", 2**60) == ""


def test_an_instant_and_its_text_are_one() -> None:
    assert instant(iso(1_741_564_800_000)) == 1_741_564_800_000
    assert instant("9999-99-99") is None
