"""Who is another person, and what six digits are worth at an instant."""

import base64

import pyotp
import pytest

from rules.second_person import (
    STEP_MS,
    digits,
    first_unused,
    folded,
    is_plain,
    is_same_person,
    judge,
    spelled,
    tidied,
)

STEP = 58_000_000
NOW = STEP * STEP_MS + STEP_MS - 1  # the last millisecond of a step


def code_at(step: int) -> str:
    """Another code for each step, easy to tell."""
    return f"{step % 1_000_000:06d}"


@pytest.mark.parametrize(
    "other",
    [
        *("李 虚构", " 李虚构 ", "李　虚构", "李\u200b虚构"),
        *("李虚构\ufe00", "李\u00ad虚构\u202e", "李虚构\U000e0100"),
    ],
)
def test_blanks_and_what_cannot_be_seen_make_nobody_another(other: str) -> None:
    assert is_same_person("李虚构", other)


def test_width_and_case_make_nobody_another_and_letters_do() -> None:
    assert is_same_person("Li Fake", "ＬＩ ｆａｋｅ")
    assert is_same_person("Straße", "STRASSE")
    assert not is_same_person("李虚构", "李虚拟")
    assert not is_same_person("李\U0003134a", "李\U0003134b")  # newer than some Pythons' tables
    assert not is_same_person("李\ue001", "李\ue002")  # private, as old name cards have them


def test_a_name_is_kept_in_one_width_and_other_words_with_their_punctuation() -> None:
    assert spelled(" Ｌi \t Fake\n") == "Li Fake"
    assert tidied(" 虚构市（安委办） ") == "虚构市（安委办）"
    assert folded(" \u200b\u3000") == ""


@pytest.mark.parametrize("bad", ["", "  ", "\u200b", "李\x00", "李\n虚构", "李\ud800", "李" * 11])
def test_words_that_cannot_be_read_on_one_line_are_none(bad: str) -> None:
    assert not is_plain(bad, 10)


def test_rare_characters_are_characters() -> None:
    assert is_plain("李\U0003134a\ue001", 10)


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "１２３４５６", "123\u00a0456"])
def test_a_code_may_be_typed_with_blanks_and_in_any_width(typed: str) -> None:
    assert digits(typed) == "123456"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "-12345", "١٢٣٤٥٦", "12345\x006"]
)
def test_what_is_not_six_digits_is_no_code(typed: str) -> None:
    assert digits(typed) == ""


@pytest.mark.parametrize("away", range(-25, 26))
def test_a_code_is_good_one_step_around_its_own_and_told_as_old_only_backwards(away: int) -> None:
    judgement = judge(code_at(STEP + away), NOW, 0, code_at)
    expected = "" if abs(away) <= 1 else "expired" if -21 <= away < 0 else "wrong"
    assert judgement.reason == expected
    if not expected:
        assert judgement.step == STEP + away


@pytest.mark.parametrize("last", range(STEP - 2, STEP + 3))
@pytest.mark.parametrize("away", [-1, 0, 1])
def test_a_step_and_all_before_it_are_used_together(last: int, away: int) -> None:
    judgement = judge(code_at(STEP + away), NOW, last, code_at)
    assert judgement.reason == ("used" if STEP + away <= last else "")


def test_a_code_that_two_steps_share_is_good_for_the_one_that_was_not_used() -> None:
    judgement = judge("000000", NOW, STEP - 1, lambda _: "000000")
    assert (judgement.reason, judgement.step) == ("", STEP)


def test_the_first_unused_step_is_one_that_would_be_taken() -> None:
    last, given = 0, []
    while (step := first_unused(NOW, last)) is not None:
        assert judge(code_at(step), NOW, last, code_at).step == step
        given.append(step)
        last = step
    assert given == [STEP - 1, STEP, STEP + 1]


def test_at_the_beginning_of_time_no_step_is_asked_for_that_never_was() -> None:
    assert judge("123456", 0, 0, pyotp.TOTP("A" * 32).generate_otp).reason == "wrong"


# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_that_the_standard_prints(seconds: int, code: str) -> None:
    totp = pyotp.TOTP(base64.b32encode(b"12345678901234567890").decode())
    judgement = judge(code, seconds * 1000, 0, totp.generate_otp)
    assert (judgement.reason, judgement.step) == ("", seconds // 30)
