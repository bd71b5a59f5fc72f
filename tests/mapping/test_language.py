"""What a mapping can say beyond renames: parts, dates in texts, numbers, lists, statuses."""

import json
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from schemas.mapping import Condition, FieldSpec
from schemas.vocabulary import RecordKind
from tasks.intake.mapping import MappingError, map_rows, unmapped
from tests.mapping.given import ORGANISATION, ROW, declare, finding, mapped, ms, one, rows, update

FINDING, UPDATE = RecordKind.FINDING, RecordKind.UPDATE
DAYS = {"from": "备注", "zone": "Asia/Shanghai"}


def values(spec: dict[str, Any], *remarks: str) -> list[Any]:
    """`reason` (text) or `due_date` (a day) of an update, for each remark."""
    name = "due_date" if "date" in spec else "reason"
    declaration = declare(update("编号", "verified", **{name: spec}))
    frame = mapped(declaration, *(ROW | {"备注": r} for r in remarks))[UPDATE]
    return [None if pd.isna(v) else v for v in frame[name]]


@pytest.mark.parametrize(
    ("part", "expected"), [(1, "东镇"), (2, "海塘村"), (-1, "三组"), (4, None), (-4, None)]
)
def test_a_part_of_a_text_is_taken_by_its_place(part: int, expected: str | None) -> None:
    spec = {"from": "备注", "split": {"by": "/", "part": part}}
    assert values(spec, "东镇 / 海塘村/三组") == [expected]


def test_a_separator_is_found_in_an_id_whatever_its_width() -> None:
    assert one(source_id={"from": "编号", "split": {"by": "－", "part": 2}})["source_id"] == "001"


def test_a_part_zero_is_refused() -> None:
    with pytest.raises(ValidationError, match="parts count from 1"):
        FieldSpec.model_validate({"from": "a", "split": {"by": "/", "part": 0}})


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("45720", ms(2025, 3, 4)),
        ("45720.0", ms(2025, 3, 4)),
        ("45720.354166666664", ms(2025, 3, 4, 8, 30)),
        ("61", ms(1900, 3, 1)),
        ("2958465", ms(9999, 12, 31)),
        *((word, None) for word in ("60", "1", "2958466", "-5", "4.5e4", "45,720", "2025-03-04")),
    ],
)
def test_a_spreadsheet_serial_is_a_time_only_where_it_can_be_one(
    serial: str, day: int | None
) -> None:
    spec = {"from": "时间", "time": "excel", "zone": "Asia/Shanghai"}
    frame = mapped(declare(finding(found_at=spec)), ROW | {"时间": serial})[FINDING]
    assert (None if pd.isna(frame["found_at"][0]) else frame["found_at"][0]) == day


def test_a_serial_is_no_date_where_it_is_not_declared_and_others_may_stand_beside_it() -> None:
    assert values(DAYS | {"date": "iso"}, "45720") == [None]
    assert values(DAYS | {"date": ["iso", "excel"]}, "45720", "2025-03-04") == [ms(2025, 3, 5)] * 2


def test_a_date_is_found_in_a_running_text() -> None:
    spec = DAYS | {"date": ["%Y年%m月%d日", "iso"], "within": "only"}
    found = values(spec, "请于２０２５年3月4日前整改", "截至2025-03-04。", "尽快整改", "")
    assert found == [ms(2025, 3, 5), ms(2025, 3, 5), None, None]


def test_of_two_dates_in_a_text_none_is_guessed_unless_it_is_said_which() -> None:
    text = "2025年3月4日检查，限2025年3月9日前整改"
    spec = DAYS | {"date": "%Y年%m月%d日"}
    assert values(spec | {"within": "first"}, text) == [ms(2025, 3, 5)]
    assert values(spec | {"within": "last"}, text) == [ms(2025, 3, 10)]
    declaration = declare(update("编号", "verified", due_date=spec | {"within": "only"}))
    frame = mapped(declaration, ROW | {"备注": text})[UPDATE]
    assert pd.isna(frame["due_date"][0])
    # Filled and unread: the suite refuses it by name.
    assert frame["due_date__raw"][0] == text.replace("，", ",")


def test_digits_of_a_longer_number_are_no_date() -> None:
    spec = DAYS | {"date": "%Y%m%d", "within": "only"}
    assert values(spec, "单号120250304", "20250304检查") == [None, ms(2025, 3, 5)]


def test_a_format_that_cannot_be_looked_for_is_refused() -> None:
    with pytest.raises(MappingError, match="cannot be looked for"):
        values(DAYS | {"date": "%A %d", "within": "only"}, "x")
    with pytest.raises(ValidationError, match="needs the formats"):
        FieldSpec.model_validate({"from": "a", "within": "only"})


READINGS = ("79.9", "80", "８０．１", "1,200", "n/a", "")


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"above": 80}, [4, 5]),
        ({"at_least": 80}, [3, 4, 5]),
        ({"below": 80}, [2]),
        ({"at_most": 80.1}, [2, 3, 4]),
        ({"at_least": 80, "below": 100}, [3, 4]),
        ({"above": "上限"}, [5]),
    ],
)
def test_readings_that_cross_a_threshold_are_chosen(
    condition: dict[str, Any], kept: list[int]
) -> None:
    record = finding() | {"where": [{"column": "读数", **condition}]}
    cells = [ROW | {"读数": reading, "上限": "100"} for reading in READINGS]
    assert mapped(declare(record), *cells)[FINDING]["line"].tolist() == kept


def test_of_a_group_one_condition_is_enough() -> None:
    group = {"any": [{"column": "读数", "above": 100}, {"column": "报警", "in": ["是"]}]}
    record = finding() | {"where": [{"column": "类型", "in": ["气体"]}, group]}
    cells = [
        ROW | {"类型": kind, "读数": reading, "报警": alarm}
        for kind, reading, alarm in [
            ("气体", "120", "否"), ("气体", "1", "是"), ("气体", "1", "否"), ("水位", "120", "是")
        ]
    ]  # fmt: skip
    assert mapped(declare(record), *cells)[FINDING]["line"].tolist() == [2, 3]


def test_a_condition_names_a_column_or_a_group() -> None:
    for wrong in ({}, {"column": "a", "any": [{"column": "b", "filled": True}]}):
        with pytest.raises(ValidationError, match="exactly one of 'column' and 'any'"):
            Condition.model_validate(wrong)


def test_rows_that_are_knowingly_left_out_are_neither_mapped_nor_strays() -> None:
    above = finding() | {"where": [{"column": "读数", "above": 80}]}
    declaration = declare(above, skip=[{"column": "读数", "at_most": 80}])
    delivered = rows(*(ROW | {"读数": r} for r in ("81", "80", "坏")))
    frames = map_rows(delivered, declaration, ORGANISATION)
    assert frames[FINDING]["line"].tolist() == [2]
    assert unmapped(delivered, frames.values(), declaration)["line"].tolist() == [4]


def test_a_path_looks_into_a_list() -> None:
    photos = json.dumps([{"url": "a.jpg", "n": "007"}, {"url": "b.jpg"}])
    cells = [ROW | {"照片": t} for t in (photos, "[]", "", "a.jpg")]
    fields = {"unit_name": "照片[0].url", "category": "照片[-1].url", "place_id": "照片[0].n"}
    frame = mapped(declare(finding(**fields)), *cells)[FINDING]
    assert frame["unit_name"].dropna().tolist() == ["a.jpg"]
    assert frame["category"].dropna().tolist() == ["b.jpg"]
    assert frame["place_id"].dropna().tolist() == ["007"]


def each_item(**fields: Any) -> dict[str, Any]:
    made = finding(source_id={"from": ["编号", "问题.#"], "join": "-"}, **fields)
    return made | {"each": "问题"}


def test_every_element_of_a_list_is_a_record_of_its_own() -> None:
    items = json.dumps([{"text": "堵塞", "level": {"name": "一般"}}, {"text": "破损"}])
    declaration = declare(
        each_item(description="问题.text", category={"from": "问题.level.name", "default": "未分"}),
        connector="http_json",
    )
    frame = mapped(declaration, ROW | {"问题": items}, ROW | {"问题": "[]"})[FINDING]
    assert frame["source_id"].tolist() == ["A-001-1", "A-001-2"]
    assert frame["description"].tolist() == ["堵塞", "破损"]
    assert frame["category"].tolist() == ["一般", "未分"]
    assert frame["line"].tolist() == [2, 2]


def test_a_single_element_without_brackets_is_one_element() -> None:
    declaration = declare(each_item(description="问题.text"), connector="http_json")
    frame = mapped(
        declaration,
        ROW | {"问题": json.dumps([{"text": "堵塞"}])},
        ROW | {"问题.text": "破损"},  # as XML and a bare JSON object are read
    )[FINDING]
    assert frame["description"].tolist() == ["堵塞", "破损"]
    words = mapped(declare(each_item(description="问题")), ROW | {"问题": '["堵塞","破损"]'})
    assert words[FINDING]["description"].tolist() == ["堵塞", "破损"]


def test_a_list_that_a_file_does_not_have_is_named() -> None:
    with pytest.raises(MappingError, match="'问题' is missing"):
        mapped(declare(each_item(description="问题.text")), ROW)


def test_a_list_is_read_only_where_a_field_reads_it() -> None:
    """What is not read may hold a reporter, and is sealed when in doubt."""
    read = declare(each_item(description="问题.text", category="照片[0].url")).reads()
    assert {"问题.text", "照片.url"} <= read
    assert not {"问题", "照片"} & read


LIFE = ["verified", "assigned", "started", "submitted", "acceptance_passed", "closed"]


def status_update() -> dict[str, Any]:
    made = update("编号", "verified", finding_id="编号")
    del made["fields"]["event"]
    proves = {"待整改": LIFE[:2], "当场整改": LIFE, "上报": []}
    return made | {"statuses": {"column": "状态", "prove": proves}}


def test_a_status_gives_the_steps_that_it_proves_and_says_they_are_implied() -> None:
    declaration = declare(finding(), status_update())
    cells = [ROW | {"状态": s} for s in ("待整改", "当场整改", "上报", "")]
    frames = mapped(declaration, *cells)
    updates = frames[UPDATE]
    assert updates["event"].groupby(updates["line"]).agg(list).to_dict() == {2: LIFE[:2], 3: LIFE}
    assert updates["implied"].all()
    assert updates["source_id"].tolist()[:2] == ["A-001:verified", "A-001:assigned"]
    assert len(frames[FINDING]) == 4


def test_a_status_that_nobody_listed_is_not_passed_over() -> None:
    frame = mapped(declare(status_update()), ROW | {"状态": "挂起"})[UPDATE]
    assert frame["event"].tolist() == ["挂起"]  # the suite refuses it, and with it the row


def test_statuses_belong_to_an_update_without_an_event() -> None:
    for wrong in (
        finding() | {"statuses": {"column": "状态", "prove": {}}},
        update("编号", "closed") | {"statuses": {"column": "状态", "prove": {}}},
    ):
        with pytest.raises(ValidationError, match="belongs to an update"):
            declare(wrong)


def test_one_row_of_an_inspection_is_a_check_and_a_finding_with_its_closure() -> None:
    check = {
        "record": "check",
        "fields": {
            "source_id": "编号",
            "place_id": "编号",
            "checked_at": {"from": "时间", "time": "%Y/%m/%d %H:%M", "zone": "Asia/Shanghai"},
            "channel": {"const": "grid_patrol"},
            "actor_kind": {"const": "grid"},
            "result": {"from": "内容", "map": {"": "clean"}, "otherwise": "hazards_found"},
        },
    }
    found = finding() | {"where": [{"column": "内容", "filled": True}]}
    declaration = declare(check, found, status_update())
    frames = mapped(
        declaration, ROW | {"状态": "当场整改"}, ROW | {"编号": "B", "内容": "", "状态": ""}
    )
    assert frames[RecordKind.CHECK]["result"].tolist() == ["hazards_found", "clean"]
    assert frames[FINDING]["source_id"].tolist() == ["A-001"]
    assert frames[UPDATE]["event"].tolist() == LIFE
