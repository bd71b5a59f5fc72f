"""Mapping executes a declaration on whole columns and loses nothing silently."""

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from schemas.records import SHAPES
from schemas.vocabulary import RecordKind
from tasks.intake.mapping import MappingError, map_rows, unmapped
from tests.mapping.given import ORGANISATION, ROW, declare, finding, mapped, ms, one, rows, update


def test_a_row_becomes_its_canonical_record() -> None:
    row = one()
    assert row["line"] == 2
    assert row["town_code"] == "999901001"
    assert row["severity"] == "major"
    assert row["found_at"] == row["claimed_at"] == ms(2025, 3, 4, 9, 5)
    assert row["found_at__raw"] == "2025/3/4 09:05"


def test_full_width_is_folded_in_ids_and_kept_in_free_text() -> None:
    row = one()
    assert row["source_id"] == "A-001"
    assert row["description"] == "通道堵塞，共３处"


def test_superscript_digits_do_not_make_two_ids_one() -> None:
    frame = mapped(declare(finding()), ROW | {"编号": "12"}, ROW | {"编号": "1²"})
    assert frame[RecordKind.FINDING]["source_id"].nunique() == 2


def test_every_field_of_the_shape_is_a_column_and_what_is_absent_is_missing() -> None:
    frame = mapped(declare(finding()), ROW)[RecordKind.FINDING]
    assert set(SHAPES[RecordKind.FINDING].names) <= set(frame.columns)
    assert {"line", "claimed_at", "row_digest", "found_at__raw", "sent_at__raw"} <= set(
        frame.columns
    )
    assert frame.loc[0, ["place_id", "unit_name", "category"]].isna().all()


def test_an_unknown_town_stays_in_the_column_for_the_suite_to_refuse() -> None:
    frame = mapped(declare(finding()), ROW | {"镇街": "北镇"})[RecordKind.FINDING]
    assert frame["town_code"][0] == "北镇"


def test_an_unreadable_time_is_told_from_a_blank_one() -> None:
    frame = mapped(declare(finding()), ROW | {"时间": "2025-02-30"}, ROW | {"时间": " "})[
        RecordKind.FINDING
    ]
    assert frame["found_at"].isna().all()
    assert frame["found_at__raw"][0] == "2025-02-30"
    assert pd.isna(frame["found_at__raw"][1])


def test_sent_falls_back_to_claimed_only_where_nothing_was_written() -> None:
    spec = {"from": "发送", "time": "iso", "zone": "Asia/Shanghai"}
    frame = mapped(
        declare(finding(sent_at=spec)),
        ROW | {"发送": "2025-03-05T00:00"},
        ROW | {"发送": ""},
        ROW | {"发送": "昨天"},
    )[RecordKind.FINDING]
    assert frame["sent_at"].tolist()[:2] == [ms(2025, 3, 5), ms(2025, 3, 4, 9, 5)]
    assert pd.isna(frame["sent_at"][2])


def test_one_row_gives_several_updates_with_ids_of_their_own() -> None:
    declaration = declare(
        finding(),
        update({"from": ["编号", "=verified"], "join": ":"}, "verified"),
        update({"from": ["编号", "=closed"], "join": ":"}, "closed"),
    )
    updates = mapped(declaration, ROW, ROW | {"编号": "B2"})[RecordKind.UPDATE]
    assert updates["source_id"].tolist() == [
        "A-001:verified",
        "A-001:closed",
        "B2:verified",
        "B2:closed",
    ]
    assert updates["line"].tolist() == [2, 2, 3, 3]


def test_an_id_with_a_blank_part_is_no_id_and_a_text_leaves_it_out() -> None:
    frame = mapped(
        declare(
            finding(
                source_id={"from": ["编号", "子号"], "join": "-"},
                unit_name={"from": ["门牌", "子号"], "join": " "},
            )
        ),
        ROW | {"子号": "", "门牌": "甲路1号"},
    )[RecordKind.FINDING]
    assert pd.isna(frame["source_id"][0])
    assert frame["unit_name"][0] == "甲路1号"


def test_joined_texts_stay_in_their_rows_where_others_have_nothing_to_join() -> None:
    record = finding(unit_name={"from": ["门牌", "子号"], "join": " "})
    frame = mapped(
        declare(record),
        ROW | {"子号": "", "门牌": ""},
        ROW | {"子号": "", "门牌": "甲路1号"},
        ROW | {"子号": "", "门牌": ""},
        ROW | {"子号": "3", "门牌": "乙路2号"},
    )[RecordKind.FINDING]
    assert frame["unit_name"].fillna("").tolist() == ["", "甲路1号", "", "乙路2号 3"]


def test_a_row_of_which_nothing_is_left_still_has_a_digest() -> None:
    fields = {name: f"c{name}" for name in ("source_id", "description", "town_code")}
    fields |= {name: f"c{name}" for name in ("sector_code", "severity", "channel")}
    fields["found_at"] = {"from": "cfound_at", "time": "iso"}
    declaration = declare({"record": "finding", "fields": fields})
    filled = {f"c{name}": "x" for name in fields}
    blanks = dict.fromkeys(filled, "")
    frame = mapped(declaration, blanks, filled)[RecordKind.FINDING]
    assert frame["row_digest"].str.len().tolist() == [16, 16]
    assert frame["row_digest"].is_unique


def test_conditions_choose_rows_and_the_rest_is_named_as_unmapped() -> None:
    record = finding() | {"where": [{"column": "类型", "in": ["隐患"]}]}
    delivered = rows(ROW | {"类型": "隐患"}, ROW | {"类型": "未知"})
    frames = map_rows(delivered, declare(record), ORGANISATION)
    assert frames[RecordKind.FINDING]["line"].tolist() == [2]
    assert unmapped(delivered, frames.values())["line"].tolist() == [3]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"in": ["甲", "乙"]}, [2, 3]),
        ({"in": ["甲", "丙（丁）"]}, [2, 4]),
        ({"not_in": ["甲", ""]}, [3, 4]),
        ({"filled": True}, [2, 3, 4]),
        ({"filled": False}, [5]),
        ({"matches": "^丙(?=.丁)"}, [4]),
    ],
)
def test_each_condition_selects_what_it_says(condition: dict[str, Any], kept: list[int]) -> None:
    record = finding() | {"where": [{"column": "类型", **condition}]}
    cells = [ROW | {"类型": word} for word in (" 甲 ", "乙", "丙(丁）", "")]
    frame = mapped(declare(record), *cells)[RecordKind.FINDING]
    assert frame["line"].tolist() == kept


def test_map_otherwise_default_and_extract_work_in_their_order() -> None:
    spec = {
        "from": "等级",
        "extract": r"等级:(.+)",
        "map": {"重大": "major"},
        "otherwise": "general",
    }
    cells = [ROW | {"等级": w} for w in ("等级: 重大 ", "等级:别的", "没有")]
    declaration = declare(finding(severity=spec | {"default": "general"}))
    assert mapped(declaration, *cells)[RecordKind.FINDING]["severity"].tolist() == [
        "major",
        "general",
        "general",
    ]


def test_an_expression_sees_what_the_source_wrote_and_the_result_is_folded() -> None:
    spec = {"from": "编号", "extract": "（(.+)）"}
    record = finding(source_id=spec) | {"where": [{"column": "编号", "matches": "^编号（"}]}
    frame = mapped(declare(record), ROW | {"编号": "编号（Ａ１）"}, ROW)[RecordKind.FINDING]
    assert frame["source_id"].tolist() == ["A1"]


def test_the_first_alternative_column_that_is_present_is_taken() -> None:
    declaration = declare(finding(description={"from": ["隐患内容", "内容"]}))
    assert mapped(declaration, ROW)[RecordKind.FINDING]["description"][0] == "通道堵塞，共３处"


def test_a_named_transform_is_applied_and_an_unknown_one_is_refused() -> None:
    assert one(place_id={"from": "编号", "transform": "digits"})["place_id"] == "001"
    with pytest.raises(MappingError, match="digits"):
        one(place_id={"from": "编号", "transform": "digit"})


def test_a_missing_column_of_a_file_is_an_error_with_the_nearest_name() -> None:
    renamed = {("镇街名称" if k == "镇街" else k): v for k, v in ROW.items()}
    with pytest.raises(MappingError, match=r"'镇街' is missing.*nearest is '镇街名称'") as caught:
        mapped(declare(finding()), renamed)
    assert caught.value.column == "镇街"


def test_an_absent_key_of_json_is_blank_unless_a_required_field_needs_it() -> None:
    declaration = declare(finding(category="类别"), connector="http_json")
    assert pd.isna(mapped(declaration, ROW)[RecordKind.FINDING]["category"][0])
    without_text = {k: v for k, v in ROW.items() if k != "内容"}
    with pytest.raises(MappingError, match="required field description"):
        mapped(declaration, without_text)


def test_an_optional_key_of_json_that_was_renamed_is_noticed() -> None:
    declaration = declare(finding(category="hazard_category"), connector="http_json")
    with pytest.raises(MappingError, match="looks like its new name"):
        mapped(declaration, ROW | {"hazardCategory": "fire exit"})


def test_keys_of_records_that_no_row_is_may_be_absent_from_json() -> None:
    record = update("更新号", "verified") | {"where": [{"column": "类型", "in": ["更新"]}]}
    frames = mapped(declare(finding(), record, connector="http_json"), ROW)
    assert frames[RecordKind.UPDATE].empty
    assert set(SHAPES[RecordKind.UPDATE].names) <= set(frames[RecordKind.UPDATE].columns)


def test_a_delivery_without_rows_gives_empty_frames() -> None:
    nothing = pd.DataFrame({"line": pd.Series([], dtype="int64")})
    frame = map_rows(nothing, declare(finding()), ORGANISATION)[RecordKind.FINDING]
    assert frame.empty
    assert {"description", "row_digest"} <= set(frame.columns)


def test_a_time_without_a_format_is_refused_before_any_row_is() -> None:
    with pytest.raises(MappingError, match="say how it is written with 'time'"):
        one(found_at="时间")


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="Asia/Cixi"):
        one(found_at={"from": "时间", "time": "iso", "zone": "Asia/Cixi"})


def test_the_digest_follows_the_content_and_not_the_sending() -> None:
    spec = {"from": "发送", "time": "iso", "zone": "Asia/Shanghai"}
    digests = mapped(
        declare(finding(sent_at=spec)),
        ROW | {"发送": "2025-03-05T00:00"},
        ROW | {"发送": "2025-03-06T00:00", "内容": " 通道堵塞，共３处"},
        ROW | {"发送": "2025-03-05T00:00", "内容": "通道堵塞，共４处"},
    )[RecordKind.FINDING]["row_digest"].tolist()
    assert digests[0] == digests[1] != digests[2]
    assert all(len(d) == 16 and int(d, 16) >= 0 for d in digests)


def test_a_field_that_a_record_gains_does_not_change_old_digests() -> None:
    assert one()["row_digest"] == one(category={"const": ""})["row_digest"]


def test_updates_read_days_money_and_flags() -> None:
    declaration = declare(
        update(
            "编号",
            "assigned",
            due_date={"from": "期限", "date": "%Y年%m月%d日"},
            funding_planned_fen={"from": "资金", "money": "wan_yuan"},
            implied={"const": True},
        )
    )
    row = mapped(declaration, ROW | {"期限": "2025年3月9日", "资金": "１．２５"})[
        RecordKind.UPDATE
    ].iloc[0]
    assert row["due_date"] == ms(2025, 3, 10)
    assert row["funding_planned_fen"] == 1_250_000
    assert row["implied"]
    assert row["funding_planned_fen__raw"] == "1.25"
