"""What is written in two ways is one key, and what says nothing is none."""

import pandas as pd
import pytest

from rules.identity_names import address_key, credit_key, name_key, place_keys, prefixes

FRONT = prefixes(["临湾市", "云帆镇", "灯塔街道"])


@pytest.mark.parametrize(
    "written",
    [
        "星河五金厂",
        "星河五金厂 ",
        "星河五金厂有限公司",
        "星河五金厂有限责任公司",
        "临湾市星河五金厂股份有限公司",
        "临湾星河五金厂",
        "临湾市云帆镇星河五金厂（普通合伙）",
        "云帆星河五金厂",
        "星河(五金)厂",
    ],
)
def test_a_company_is_one_however_it_is_written(written: str) -> None:
    assert name_key(written, FRONT) == "星河五金厂"


def test_full_width_and_case_are_no_differences() -> None:
    assert (
        name_key("ＡＢＣ电器０１号", FRONT)
        == name_key("abc电器01号", FRONT)
        == "abc电器1号".replace("1", "01")
    )
    assert name_key("Acme Tools, Inc.") == name_key("ACME TOOLS") == "acmetools"


@pytest.mark.parametrize("word", ["", "无", " 不详", "未知", "N/A", "…", "甲"])
def test_what_names_nothing_is_no_key(word: str) -> None:
    assert name_key(word, FRONT) == ""


def test_a_name_is_never_cut_down_to_nothing() -> None:
    assert name_key("临湾市", FRONT) == "临湾市"
    assert name_key("大公司") == "大公司"
    assert name_key("华联超市", prefixes(["华联超市"])) == "华联超市"


@pytest.mark.parametrize(
    "written",
    [
        "灯塔街12号3幢2层",
        "临湾市云帆镇灯塔街十二号三幢二楼",
        "灯塔街 12 号 3号楼 2F",
        "灯塔街１２号３＃楼２层",
        "灯塔街12号3栋2层（原水泥厂内）",
        "灯塔街No.12号3座二层",
    ],
)
def test_an_address_is_one_however_it_is_written(written: str) -> None:
    assert address_key(written, FRONT) == "灯塔街12号3幢2层"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("灯塔街12号", "灯塔街21号"),
        ("灯塔街12号", "灯塔街1-2号"),
        ("灯塔街12弄3号", "灯塔街12号"),
        ("灯塔街12号2层", "灯塔街12号3层"),
        ("一百零五弄", "十五弄"),
    ],
)
def test_two_addresses_are_two(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_numerals_are_numbers_of_any_size_and_letters_elsewhere() -> None:
    assert address_key("三北镇七星路一百零五弄二〇三室") == "三北镇七星路105弄203"


def test_an_address_without_a_number_is_too_vague() -> None:
    assert address_key("灯塔街路口东侧") == ""


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("91999001ma2x00001k", "91999001MA2X00001K"),
        ("９１９９９００１ MA2X 00001K", "91999001MA2X00001K"),
        ("330282000012345", ""),
        ("", ""),
        ("无", ""),
    ],
)
def test_a_credit_code_has_eighteen_characters_or_is_none(written: str, key: str) -> None:
    assert credit_key(written) == key


def test_names_and_addresses_are_those_of_their_town() -> None:
    rows = pd.DataFrame(
        {
            "town_code": ["999001001", "999001002", None],
            "place_id": ["P1", None, None],
            "credit_code": None,
            "unit_name": ["星河五金厂", "星河五金厂", None],
            "address": ["灯塔街12号", None, "灯塔街"],
        }
    )
    keys = place_keys(rows, FRONT)
    assert keys["name_key"].tolist() == ["999001001|星河五金厂", "999001002|星河五金厂", ""]
    assert keys["address_key"].tolist() == ["999001001|灯塔街12号", "", ""]
    assert keys["place_key"].tolist() == ["P1", "", ""]
    assert keys["credit_key"].tolist() == ["", "", ""]
