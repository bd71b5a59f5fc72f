"""What tells of a reporter is found in running text, however it is written, and little else is."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.redaction import MARK, holds, needles, redacted

NAME, PHONE, ID = "金丝雀赵", "13900007391", "330282190013320017"
ADDRESS, MAIL = "虚构市望潮街道金丝雀路999号99幢909室", "jin.si.que@canary.invalid"
KNOWN = needles([NAME, PHONE, ID, ADDRESS, MAIL])


def said(text: str, known: tuple[str, ...] = KNOWN) -> str:
    return redacted([[text]], [known])[0][0]


@pytest.mark.parametrize(
    "written",
    [
        NAME,
        "金 丝 雀 赵",
        "金丝雀\u200b赵",
        "金·丝·雀·赵",
        "金先生",
        "139 0000 7391",
        "139-0000-7391",
        "１３９００００７３９１",
        "+86 139 0000 7391",
        "008613900007391",
        "(139)00007391",
        "330282 19001332 0017",
        "330282-1900-1332-0017",
        "３３０２８２１９００１３３２００１７",
        "金丝雀路999号99幢909室",
        "望潮街道 金丝雀路 999号",
        "JIN.SI.QUE@CANARY.INVALID",
        "jin.si.que",
    ],
)
def test_a_reporters_own_values_are_found_in_every_usual_spelling(written: str) -> None:
    assert MARK in said(f"住户{written}反映通道被堵。")
    left = said(f"住户{written}反映通道被堵。")[2:-7]
    assert re.sub("[+(]", "", left) == MARK


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "+8613812345678",
        "1 3 8 1 2 3 4 5 6 7 8",
        "一三八一二三四五六七八",
        "110101199003071234",
        "11010119900307123x",
        "110101 1990 03 07 123X",
        "1101 0119 9003 0712 34",
        "110101900307123",
        "somebody@example.com",
        "ｓｏｍｅｂｏｄｙ＠example.com",
        "0574-63001234",
        "(0574)6300 1234",
    ],
)
def test_numbers_of_persons_are_found_by_their_shape(written: str) -> None:
    left = said(f"请联系{written}，谢谢", ())
    assert left.startswith("请联系") and left.endswith("，谢谢")
    assert left[3:-3].strip("+(") == MARK


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我叫王小明，住二楼。王小明敬上", f"我叫{MARK}，住二楼。{MARK}敬上"),
        ("举报人：王小明 2025年3月1日", f"举报人：{MARK} 2025年3月1日"),
        ("联系电话：6300 1234。", f"联系电话：{MARK}。"),
        ("联系方式 0000-00000000", f"联系方式 {MARK}"),
        ("我家住海塘路99号3幢，楼道被堵", f"我家住{MARK}，楼道被堵"),
        ("住址：望潮街道海塘路99号 谢谢", f"住址：{MARK} 谢谢"),
    ],
)
def test_what_people_say_of_themselves_is_found_where_they_say_it(text: str, left: str) -> None:
    assert said(text, ()) == left


@pytest.mark.parametrize(
    "text",
    [
        "2号厂房消防通道被堵，宽度不足1.2米",
        "2025-03-10至2025-03-17检查，共3万元",
        "2025.3.10-2025.03.17",
        "Duplicate request of 25-000017.",
        "工单H-0000012345，编号91330282MA2ABC1234",
        "灭火器13具、应急灯9盏，电压380V",
        "120000000元",
        "我叫了人来看，联系人很多",
        "姓名不详的工人",
        "12345热线",
        "住户很多，小区无消防车道",
        "金先",
        "",
    ],
)
def test_other_numbers_and_words_stay(text: str) -> None:
    assert said(text, ()) == text


@pytest.mark.parametrize("nobody", ["匿名", "群众", "无", "李", "12", "ab", "", "  ", "anonymous"])
def test_a_word_that_is_nobody_is_not_looked_for(nobody: str) -> None:
    assert said("匿名群众反映无李师傅12 ab anonymous", needles([nobody])) in (
        "匿名群众反映无李师傅12 ab anonymous",
        f"匿名群众反映无{MARK}12 ab anonymous",  # the family name before a title
    )


def test_a_name_that_is_split_over_two_fields_is_found_in_one_piece() -> None:
    known = needles(["小明", "王"])
    assert said("王小明来电", known) == f"{MARK}来电"
    assert said("王师傅来电", known) == f"{MARK}来电"
    assert said("姓王的多", known) == "姓王的多"


def test_a_latin_name_is_no_part_of_a_longer_word() -> None:
    known = needles(["Lee", "Anna"])
    assert said("Sleeping Annapolis", known) == "Sleeping Annapolis"
    assert said("lee told ANNA LEE so", known) == f"{MARK} told {MARK} so"


def test_every_row_is_looked_through_for_its_own_reporter_only() -> None:
    rows = [["王小明", "张小红"], [], ["王小明", "张小红"]]
    known = [needles(["王小明"]), needles(["张小红"]), needles(["张小红"])]
    assert redacted(rows, known) == [[MARK, "张小红"], [], ["王小明", MARK]]


def test_nothing_is_found_over_the_edge_of_a_text() -> None:
    assert redacted([["138123", "45678"], ["王小", "明"]], [(), needles(["王小明"])]) == [
        ["138123", "45678"],
        ["王小", "明"],
    ]


def test_a_reason_that_names_somebody_is_known() -> None:
    assert holds("为核实金丝雀赵的举报", KNOWN)
    assert holds("回访13812345678", ())
    assert not holds("案件移送，经负责人批准", KNOWN)


ALPHABET = string.digits + "金丝雀赵 -·()１９@.ax\x00\ud800\n" + MARK


@given(st.lists(st.lists(st.text(ALPHABET, max_size=40), max_size=4), max_size=6))
def test_redacting_again_changes_nothing_and_texts_keep_their_places(rows: list[list[str]]) -> None:
    known = [KNOWN] * len(rows)
    once = redacted(rows, known)
    assert [len(row) for row in once] == [len(row) for row in rows]
    assert redacted(once, known) == once


@given(st.text("住户，。反映消防通道", max_size=30), st.text("。，堵塞厂房", max_size=30))
def test_wherever_a_number_stands_it_goes_and_the_rest_stays(before: str, after: str) -> None:
    assert said(f"{before}{PHONE}{after}") == f"{before}{MARK}{after}"


def test_a_hostile_text_takes_no_longer_than_another() -> None:
    for piece in ("a", "1", "1 ", "一", "a.", "86", "0086 ", "姓名 :", "-", "@"):
        text = piece * 50_000
        assert len(redacted([[text]], [KNOWN])) == 1
