"""Checking parts good rows from bad ones and names every rule that was broken."""

import subprocess
import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import Column

from expectations.rules import RULES, most_severe_first, rules_with
from expectations.suites import SUITES, RuleError, suite_for
from expectations.words import EVENTS, LISTING_LEVELS, SEVERITIES, Words
from schemas.organisation import Organisation
from schemas.records import SHAPES
from schemas.source import ExtraRule
from schemas.tables import event
from schemas.tables_projections import check_visit, figure, finding, listing, place_span
from schemas.vocabulary import RecordKind
from tasks.intake import checking
from tasks.intake.checking import Checked, CheckingError, check
from tests.house.code import ROOT

NOW = int(datetime(2025, 3, 10, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
HOUR = 3_600_000
YEAR_1970, YEAR_2200 = 0, 7_258_118_400_000

ORGANISATION = Organisation.model_validate(
    {
        "code": "999901",
        "name": {"zh": "示例市", "en": "Example City"},
        "extent": {"west": 121, "south": 30, "east": 122, "north": 31},
        "towns": [{"code": "999901001", "name": {"zh": "东镇", "en": "East"}}],
        "sectors": [
            {
                "code": "fire",
                "name": {"zh": "消防", "en": "Fire"},
                "committee": {"zh": "消防专委会", "en": "Fire committee"},
            }
        ],
    }
)
WORDS = Words.of(ORGANISATION, ["factory"])

GOOD: dict[RecordKind, dict[str, Any]] = {
    RecordKind.PLACE: {
        "source_id": "P1",
        "name": "示例厂",
        "place_class": "factory",
        "town_code": "999901001",
        "sector_code": "fire",
        "credit_code": "91110000600037341L",
        "active_from": NOW - HOUR,
    },
    RecordKind.CHECK: {
        "source_id": "C1",
        "place_id": "P1",
        "checked_at": NOW - HOUR,
        "channel": "grid_patrol",
        "actor_kind": "grid",
        "result": "clean",
    },
    RecordKind.FINDING: {
        "source_id": "F1",
        "place_id": "P1",
        "town_code": "999901001",
        "sector_code": "fire",
        "category": "安全出口",
        "description": "二楼安全出口被货物堵塞",
        "severity": "general",
        "channel": "grid_patrol",
        "found_at": NOW - HOUR,
    },
    RecordKind.UPDATE: {
        "source_id": "U1",
        "finding_id": "F1",
        "event": "assigned",
        "happened_at": NOW - HOUR,
        "due_date": NOW + 200 * HOUR,
        "funding_planned_fen": 100,
    },
    RecordKind.FIGURE: {
        "source_id": "G1",
        "unit": "999901001",
        "indicator": "people_trained",
        "period": "2025-W10",
        "value": "12",
        "reported_at": NOW - HOUR,
    },
    RecordKind.SUBMISSION: {
        "source_id": "S1",
        "reporting_unit": "999901001",
        "period": "2025-W10",
        "due_at": NOW,
        "received_at": NOW,
        "rows_received": 1,
        "rows_taken": 1,
        "rows_refused": 0,
        "rows_known": 0,
        "nil_return": False,
    },
}
DTYPES = {"time": "Int64", "date": "Int64", "money": "Int64", "integer": "Int64", "flag": "boolean"}


def frame(kind: RecordKind, *changes: dict[str, Any]) -> pd.DataFrame:
    """Canonical rows as mapping gives them: the good row, changed; `raw` texts from values."""
    rows = [GOOD[kind] | change for change in changes]
    data: dict[str, pd.Series] = {"line": pd.Series(range(2, len(rows) + 2))}
    for field in SHAPES[kind].fields:
        values = [row.get(field.name) for row in rows]
        dtype = DTYPES.get(field.kind, "str")
        raws = [row.get(f"{field.name}__raw", row.get(field.name)) for row in rows]
        data[field.name] = pd.Series(values, dtype=dtype)
        if field.kind not in ("text", "code"):
            data[f"{field.name}__raw"] = pd.Series(
                [None if raw is None else str(raw) for raw in raws], dtype="str"
            )
    return pd.DataFrame(data)


def judge(kind: RecordKind, *changes: dict[str, Any], extra: tuple[ExtraRule, ...] = ()) -> Checked:
    return check(
        frame(kind, *changes),
        kind,
        received=NOW,
        organisation=ORGANISATION,
        place_classes=["factory"],
        extra_rules=extra,
    )


def codes(kind: RecordKind, **change: Any) -> str:
    """The codes that one changed row gets, refused or warned."""
    checked = judge(kind, change)
    return "".join([*checked.refused["codes"], *checked.warned["codes"]])


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_good_row_of_every_record_passes_without_a_word(kind: RecordKind) -> None:
    checked = judge(kind, {})
    assert len(checked.accepted) == 1
    assert checked.refused.empty
    assert checked.warned.empty


@pytest.mark.parametrize(
    ("kind", "field", "column"),
    [
        (RecordKind.FINDING, "source_id", finding.c.source_id),
        (RecordKind.FINDING, "place_id", finding.c.place_key),
        (RecordKind.FINDING, "category", finding.c.category),
        (RecordKind.FINDING, "unit_name", finding.c.unit_name),
        (RecordKind.PLACE, "source_id", place_span.c.place_id),
        (RecordKind.PLACE, "name", place_span.c.name),
        (RecordKind.CHECK, "source_id", event.c.source_id),
        (RecordKind.CHECK, "place_id", check_visit.c.place_id),
        (RecordKind.UPDATE, "source_id", event.c.source_id),
        (RecordKind.UPDATE, "finding_source", event.c.source),
        (RecordKind.UPDATE, "listing_number", listing.c.number),
        (RecordKind.FIGURE, "unit", figure.c.unit),
        (RecordKind.FIGURE, "indicator", figure.c.indicator),
        (RecordKind.FIGURE, "period", figure.c.period),
        (RecordKind.FIGURE, "value", figure.c.value),
    ],
)
def test_what_passes_is_what_the_store_has_room_for(
    kind: RecordKind, field: str, column: Column[str]
) -> None:
    (declared,) = [f for f in SHAPES[kind].fields if f.name == field]
    assert declared.longest == column.type.length  # type: ignore[attr-defined]


REFUSED = [
    (RecordKind.FINDING, {"description": None}, "R001"),
    (RecordKind.FINDING, {"source_id": None}, "R001"),
    (RecordKind.FINDING, {"found_at": None}, "D001"),
    (RecordKind.FINDING, {"found_at": None, "found_at__raw": "2月30日"}, "D002"),
    (RecordKind.FINDING, {"sent_at": None, "sent_at__raw": "昨天"}, "D002"),
    (RecordKind.FINDING, {"found_at": NOW + 25 * HOUR}, "D003"),
    (RecordKind.FINDING, {"sent_at": NOW + 25 * HOUR}, "D003"),
    (RecordKind.FINDING, {"town_code": "北镇"}, "U001"),
    (RecordKind.FINDING, {"sector_code": "渔业"}, "U002"),
    (RecordKind.FINDING, {"severity": "serious"}, "U003"),
    (RecordKind.FINDING, {"channel": "rumour"}, "U003"),
    (RecordKind.FINDING, {"unit_name": "示\x00例"}, "T003"),
    (RecordKind.FINDING, {"category": "类" * 501}, "T007"),
    (RecordKind.FINDING, {"unit_name": "名" * 201}, "T007"),
    (RecordKind.UPDATE, {"source_id": "9" * 201}, "T007"),
    (RecordKind.FINDING, {"source_id": "3.30282199001010001e+17"}, "N002"),
    (RecordKind.UPDATE, {"finding_id": "1E+18"}, "N002"),
    (RecordKind.CHECK, {"actor_kind": "robot"}, "U003"),
    (RecordKind.CHECK, {"result": "fine"}, "U003"),
    (RecordKind.CHECK, {"place_id": None}, "R001"),
    (RecordKind.PLACE, {"place_class": "castle"}, "U003"),
    (RecordKind.PLACE, {"active_to": None, "active_to__raw": "2025-13-01"}, "D002"),
    (RecordKind.UPDATE, {"event": "registered"}, "U003"),
    (RecordKind.UPDATE, {"finding_id": None}, "R001"),
    (RecordKind.UPDATE, {"due_date": None, "due_date__raw": "尽快"}, "D002"),
    (RecordKind.UPDATE, {"finished_on": NOW + 25 * HOUR}, "D003"),
    (RecordKind.UPDATE, {"funding_planned_fen": -1}, "N001"),
    (RecordKind.UPDATE, {"funding_spent_fen": None, "funding_spent_fen__raw": "约一万"}, "N001"),
    (RecordKind.UPDATE, {"town_code": "北镇"}, "U001"),
    (RecordKind.UPDATE, {"listing_level": "none"}, "U003"),
    (RecordKind.UPDATE, {"implied": None, "implied__raw": "也许"}, "U003"),
    (RecordKind.FIGURE, {"value": None, "value__raw": "很多"}, "N001"),
    (RecordKind.FIGURE, {"value": None, "value__raw": None}, "R001"),
    (RecordKind.SUBMISSION, {"rows_taken": -1}, "N001"),
    (RecordKind.FINDING, {"found_at": YEAR_1970}, "D004"),
    (RecordKind.UPDATE, {"due_date": YEAR_2200}, "D004"),
    (RecordKind.PLACE, {"active_to": YEAR_2200}, "D004"),
]


@pytest.mark.parametrize(("kind", "change", "code"), REFUSED)
def test_each_fault_is_refused_by_its_own_code(
    kind: RecordKind, change: dict[str, Any], code: str
) -> None:
    checked = judge(kind, change)
    assert checked.accepted.empty
    assert checked.refused["codes"].tolist() == [code]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (RecordKind.FINDING, {"found_at": NOW + 23 * HOUR}),
        (RecordKind.PLACE, {"active_from": NOW + 999 * HOUR}),
        (RecordKind.PLACE, {"sector_code": None}),
        (RecordKind.UPDATE, {"due_date": NOW + 9999 * HOUR}),
        (RecordKind.UPDATE, {"event": "moved", "town_code": None}),
    ],
)
def test_what_may_be_so_is_not_refused(kind: RecordKind, change: dict[str, Any]) -> None:
    assert judge(kind, change).refused.empty


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("无", "T001"),
        ("..", "T001"),
        ("111", "T001"),
        ("AAA", "T001"),
        ("一般隐患", "T001"),
        ("无隐患。", "T001"),
        ("己整改", "T001,T002"),
        ("堵塞", "T008"),
        ("灭火器过期，已更换", "T002"),
        ("安全出口", "T004"),
        ("灭火器过期", ""),
        ("电线裸露3处", ""),
        ("通道堵塞", ""),
    ],
)
def test_texts_that_say_nothing_pass_with_a_warning(text: str, code: str) -> None:
    checked = judge(RecordKind.FINDING, {"description": text})
    assert checked.refused.empty
    assert "".join(checked.warned["codes"]) == code


def test_a_credit_code_that_fails_its_checksum_is_a_warning() -> None:
    assert codes(RecordKind.PLACE, credit_code="91110000600037341M") == "P001"
    assert codes(RecordKind.PLACE, credit_code=None) == ""


def test_accepted_and_refused_are_a_partition_with_all_columns_and_the_worst_code_first() -> None:
    broken = {"town_code": "北镇", "description": "无", "found_at": None}
    checked = judge(RecordKind.FINDING, {}, broken, {"description": "无"})
    assert checked.accepted["line"].tolist() == [2, 4]
    assert checked.refused["line"].tolist() == [3]
    assert checked.refused["codes"].tolist() == ["D001,U001,T001"]
    assert checked.refused["faults"].tolist() == [
        "D001:finding.found_at,U001:finding.town_code,T001:finding.description"
    ]
    assert checked.warned.to_dict("records") == [{"line": 4, "codes": "T001"}]
    assert set(checked.refused.columns) == set(checked.accepted.columns) | {"codes", "faults"}
    assert set(checked.accepted.columns) == set(frame(RecordKind.FINDING, {}).columns)


def test_rows_are_named_by_position_whatever_index_the_frame_has() -> None:
    odd = frame(RecordKind.FINDING, {}, {"town_code": "北镇"}, {}).set_axis([7, 7, 7])
    checked = check(
        odd, RecordKind.FINDING, received=NOW, organisation=ORGANISATION, place_classes=["factory"]
    )
    assert checked.refused["line"].tolist() == [3]


def test_an_empty_frame_is_judged_without_great_expectations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checking, "suite_for", lambda *_: pytest.fail("a suite was built"))
    checked = judge(RecordKind.UPDATE)
    assert checked.accepted.empty
    assert checked.refused.empty
    assert list(checked.warned.columns) == ["line", "codes"]


def test_a_frame_that_lacks_a_column_is_a_schema_error() -> None:
    lacking = frame(RecordKind.FINDING, {}).drop(columns="severity")
    with pytest.raises(CheckingError, match="severity"):
        check(
            lacking,
            RecordKind.FINDING,
            received=NOW,
            organisation=ORGANISATION,
            place_classes=["x"],
        )


def extra(**fields: Any) -> ExtraRule:
    base = {
        "record": "finding",
        "code": "X001",
        "expectation": "expect_column_values_to_not_match_regex",
        "arguments": {"column": "description", "regex": "测试"},
        "message": {"zh": "测试数据", "en": "test data"},
    }
    return ExtraRule.model_validate(base | fields)


def test_a_source_adds_a_rule_by_configuration() -> None:
    checked = judge(RecordKind.FINDING, {}, {"description": "测试消防通道堵塞"}, extra=(extra(),))
    assert checked.refused["codes"].tolist() == ["X001"]
    assert rules_with([extra()])["X001"].zh == "测试数据"


def test_an_extra_rule_may_hold_only_where_its_condition_does() -> None:
    rule = extra(where={"column": "channel", "in": ["self_check"]})
    tested = {"description": "测试消防通道堵塞"}
    checked = judge(RecordKind.FINDING, tested, tested | {"channel": "self_check"}, extra=(rule,))
    assert checked.refused["line"].tolist() == [3]


def test_a_source_makes_a_shipped_warning_critical() -> None:
    rule = extra(code="T001", expectation="as_shipped", arguments={})
    checked = judge(RecordKind.FINDING, {"description": "无"}, extra=(rule,))
    assert checked.refused["codes"].tolist() == ["T001"]
    assert judge(RecordKind.CHECK, {}, extra=(rule,)).refused.empty


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expectation": "expect_column_values_to_match"}, "nearest is"),
        ({"expectation": "expect_table_row_count_to_equal"}, "no expectation"),
        ({"arguments": {"column": "description"}}, "regex"),
        ({"where": {"column": "colour", "filled": True}}, "colour"),
        ({"code": "T009", "expectation": "as_shipped", "arguments": {}}, "no such code"),
    ],
)
def test_an_extra_rule_that_cannot_be_made_says_why(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(RuleError, match=said):
        judge(RecordKind.FINDING, {}, extra=(extra(**fields),))


@pytest.mark.parametrize(
    "arguments", [{"column": "no_such", "regex": "x"}, {"column": "description", "regex": "(x"}]
)
def test_an_expectation_that_cannot_run_is_an_error_and_never_a_pass(
    arguments: dict[str, Any],
) -> None:
    with pytest.raises(CheckingError, match="named no rows"):
        judge(RecordKind.FINDING, {}, extra=(extra(arguments=arguments),))


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_coded_field_is_held_to_its_word_list(kind: RecordKind) -> None:
    suite = suite_for(kind, WORDS)
    held = {e.column: tuple(e.value_set) for e in suite.expectations if hasattr(e, "value_set")}
    coded = SHAPES[kind].of_kind("code")
    assert held == {name: WORDS.allowed(kind, name) for name in coded}


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_expectation_carries_a_known_code_and_its_severity(kind: RecordKind) -> None:
    for made in SUITES[kind](WORDS).expectations:
        rule = RULES[made.meta["code"]]
        assert made.meta["severity"] == rule.severity == made.severity.value


def test_words_are_what_the_ledger_stores() -> None:
    assert SEVERITIES == ("general", "major")
    assert LISTING_LEVELS == ("county", "city", "province")
    assert "registered" not in EVENTS
    with pytest.raises(KeyError, match="not a coded field"):
        WORDS.allowed(RecordKind.FINDING, "description")


def test_every_rule_speaks_both_languages_and_says_what_to_do() -> None:
    for rule in RULES.values():
        assert all([rule.zh, rule.en, rule.fix_zh, rule.fix_en])
    assert most_severe_first(["T001", "U001", "R001", "U001"], RULES) == ["R001", "U001", "T001"]


def test_explaining_rules_does_not_import_great_expectations() -> None:
    program = (
        "import sys, expectations.rules, expectations.suites, tasks.intake.checking;"
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_extra_rules_are_made_before_anything_was_ever_checked() -> None:
    """In a fresh process Great Expectations has no data context yet, and asks for one in places."""
    script = (
        "from tests.expectations.test_check import WORDS, extra\n"
        "from expectations.suites import suite_for\n"
        "from schemas.vocabulary import RecordKind\n"
        "print(suite_for(RecordKind.FINDING, WORDS, [extra()]).expectations[-1].meta['code'])\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "X001", done.stderr
