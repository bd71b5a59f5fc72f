"""A value is read exactly or not at all."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.intake.mapping_text import clean
from tasks.intake.mapping_transforms import TRANSFORMS
from tasks.intake.mapping_values import (
    read_dates,
    read_decimals,
    read_flags,
    read_integers,
    read_money,
    read_times,
)

ZONE = "Asia/Shanghai"


def column(*words: str | None) -> pd.Series:
    return clean(pd.Series(list(words), dtype="object"), folded=True)


def instant(word: str, *formats: str, zone: str | None = ZONE) -> datetime | None:
    ms = read_times(column(word), formats, zone)[0]
    return None if ms is pd.NA else datetime.fromtimestamp(ms / 1000, UTC)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("2024-03-01 10:00", "iso"),
        ("２０２４-03-01T10:00:00.000", "iso"),
        ("2024-03-01T02:00:00Z", "iso"),
        ("2024-03-01T02:00:00.999999999+00:00", "iso"),
        ("2024/3/1 10:0", "%Y/%m/%d %H:%M"),
        ("2024年3月1日10时", "%Y年%m月%d日%H时"),
        ("2024-03-01 03:00 +0100", "%Y-%m-%d %H:%M %z"),
        ("1709258400000", "epoch_ms"),
        ("1709258400", "epoch_s"),
    ],
)
def test_a_time_is_read_in_the_format_that_the_source_declares(word: str, form: str) -> None:
    read = instant(word, form)
    assert read is not None
    assert read.replace(microsecond=0) == datetime(2024, 3, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "word",
    ["2月30日", "2024-02-30", "2024-13-01", "115-03-01", "03/04/2026", "2024", "20240301", "now",
     "today", "NaT", "nan", "2024-03-01T25:00", "٢٠٢٤-03-01", "45000", "2024-03-01x"],
)  # fmt: skip
def test_what_is_not_a_time_in_the_declared_formats_is_unreadable(word: str) -> None:
    assert instant(word, "iso", "%Y-%m-%d", "%Y/%m/%d") is None


def test_a_time_without_offset_is_unreadable_where_no_zone_is_declared() -> None:
    assert instant("2024-03-01 10:00", "iso", zone=None) is None
    assert instant("2024/03/01", "%Y/%m/%d", zone=None) is None
    assert instant("2024-03-01 10:00+08:00", "iso", zone=None) is not None


def test_the_hour_that_occurs_twice_is_its_first_occurrence() -> None:
    read = instant("2023-11-05 01:30", "iso", zone="America/New_York")
    assert read == datetime(2023, 11, 5, 5, 30, tzinfo=UTC)


def test_years_far_from_ours_are_read_rather_than_lost() -> None:
    assert instant("0001-01-02", "iso") is not None
    assert instant("9999-12-31T10:00:00.1234567", "iso") is not None


@pytest.mark.parametrize(
    ("word", "form", "zone"),
    [
        ("2024/3/1", "%Y/%m/%d", None),
        ("2024-03-01T00:00:00.000", "iso", None),
        ("2024-02-29T20:00:00Z", "iso", None),
        ("1709258400000", "epoch_ms", None),
        ("2024-03-01 23:00 -0500", "%Y-%m-%d %H:%M %z", "America/New_York"),
    ],
)
def test_a_day_is_its_midnight_at_the_end_in_the_countys_zone(
    word: str, form: str, zone: str | None
) -> None:
    ms = read_dates(column(word), (form,), ZONE, zone)[0]
    assert datetime.fromtimestamp(ms / 1000, UTC) == datetime(2024, 3, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "unit", "fen"),
    [
        ("12.34", "yuan", 1234),
        ("1,234.5", "yuan", 123450),
        ("0.0001", "wan_yuan", 100),
        ("7", "fen", 7),
        ("-3", "yuan", -300),
        ("0.001", "yuan", None),
        ("1,23", "yuan", None),
        ("1e3", "yuan", None),
        ("NaN", "yuan", None),
        ("Infinity", "yuan", None),
        ("12元", "yuan", None),
        ("²", "yuan", None),
    ],
)
def test_money_is_exact_or_unreadable(word: str, unit: str, fen: int | None) -> None:
    read = read_money(column(word), unit)[0]
    assert (None if read is pd.NA else read) == fen


@given(st.integers(min_value=0, max_value=10**14))
def test_no_fen_is_lost_between_yuan_and_fen(fen: int) -> None:
    assert read_money(column(f"{fen // 100}.{fen % 100:02d}"), "yuan")[0] == fen


def test_numbers_and_flags_read_plain_words_only() -> None:
    assert read_integers(column("１２", "3.0", "٣")).tolist() == [12, pd.NA, pd.NA]
    assert read_decimals(column("1.50", "100", "-0", "x")).fillna("?").tolist() == [
        "1.5", "100", "0", "?",
    ]  # fmt: skip
    assert read_flags(column("是", "FALSE", "maybe")).tolist() == [True, False, pd.NA]


def test_every_unicode_space_is_stripped_and_nothing_is_blank() -> None:
    spaces = "\u3000\u00a0\u2009\ufeff\u200b\t\n"
    assert clean(pd.Series([f"{spaces}字{spaces}", spaces, "", None]), folded=False).fillna(
        "blank"
    ).tolist() == ["字", "blank", "blank", "blank"]


def test_a_lone_surrogate_becomes_a_nul_that_the_suite_refuses() -> None:
    assert clean(pd.Series(["a\ud800b", 1], dtype="object"), folded=False).tolist() == [
        "a\x00b",
        "1",
    ]


def test_decomposed_text_is_composed() -> None:
    assert clean(pd.Series(["e\u0301"]), folded=False)[0] == "\u00e9"


@pytest.mark.parametrize(
    ("name", "word", "result"),
    [
        ("digits", "3302-82/001", "330282001"),
        ("collapse_spaces", "a \n b", "a b"),
        ("lower", "AbC", "abc"),
        ("upper", "AbC", "ABC"),
    ],
)
def test_each_transform_does_what_its_name_says(name: str, word: str, result: str) -> None:
    assert TRANSFORMS[name](pd.Series([word], dtype="str")).tolist() == [result]
