"""`bihuan source`: a draft that loads, a trial that stores nothing, a replay that mends."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from typer.testing import CliRunner

from flows.cli.main import app
from schemas.source import SourceDeclaration
from tasks.configuration import read, read_sources
from tasks.intake.collect import collect_source
from tasks.sourcing.retake import retake, since_day
from tests.mapping.fresh import NOW, Fresh, write

run = CliRunner().invoke


pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    return Fresh.make(tmp_path / "home")


ROWS = [
    {
        "隐患编号": f"X-{n}",
        "所属镇街": town,
        "行业领域": "消防",
        "隐患描述": f"第{n}处疏散通道被杂物堵塞",
        "隐患等级": grade,
        "发现方式": "网格排查",
        "发现时间": f"2025/3/{n} 09:0{n}",
        "联系电话": "000-0000",
        "备用": "",
    }
    for n, (town, grade) in enumerate(
        [("掌起镇", "一般隐患"), ("观海卫", "一般隐患"), ("附海镇", "重大隐患"), ("桥头", "一般")],
        1,
    )
]


def said(fresh: Fresh, *arguments: str, ok: bool = True) -> Any:
    """The JSON answer of `bihuan source …`."""
    result = run(app, ["source", *arguments, "--home", str(fresh.home), "--json"])
    assert (result.exit_code == 0) is ok, result.output
    return json.loads(result.stdout)


def test_a_draft_from_a_gb18030_file_loads_and_says_what_it_was_guessed_from(
    fresh: Fresh, tmp_path: Path
) -> None:
    sample = write(tmp_path / "隐患_20250307.csv", ROWS, "gb18030")
    answer = said(fresh, "new", "drafted", "--sample", str(sample))
    assert answer["todo"] == []
    declaration = read_sources(fresh.sources)["drafted"]
    (mapping,) = declaration.records
    fields = {name: spec.columns() for name, spec in mapping.fields.items()}
    assert fields == {
        "source_id": ("隐患编号",),
        "town_code": ("所属镇街",),
        "sector_code": ("行业领域",),
        "description": ("隐患描述",),
        "severity": ("隐患等级",),
        "channel": ("发现方式",),
        "found_at": ("发现时间",),
    }
    assert mapping.fields["found_at"].time == "%Y/%m/%d %H:%M"
    assert mapping.fields["found_at"].zone == "Asia/Shanghai"
    assert mapping.fields["severity"].map == {
        "一般隐患": "general",
        "重大隐患": "major",
        "一般": "general",
    }
    assert declaration.reporter_fields == ("联系电话",)
    text = Path(answer["file"]).read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../source.schema.json\n")
    assert (Path(answer["file"]).parent / "../../source.schema.json").resolve().exists()
    assert "gb18030" in text
    assert "000-0000" not in text  # a declaration can be published
    assert "read 4 of 4 values" in text


def test_a_draft_finds_the_sheet_and_the_heading_of_a_workbook(
    fresh: Fresh, tmp_path: Path
) -> None:
    path = tmp_path / "330282104_2025-W10.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write_column(0, 0, ["填表说明", "一式两份"])
        sheet = book.add_worksheet("台账")
        sheet.write(0, 0, "示例镇隐患台账")
        for column, name in enumerate(ROWS[0]):
            sheet.write(2, column, name)
            sheet.write_column(3, column, [row[name] for row in ROWS])
    said(fresh, "new", "weekly", "--sample", str(path))
    connector = read_sources(fresh.sources)["weekly"].connector.model_dump()
    assert (connector["sheet"], connector["header_line"]) == ("台账", 3)
    assert connector["name"] == r"^(?P<unit>\d{9})_(?P<period>\d{4}-?W\d{2}).*\.(?:xlsx)$"
    trial = said(fresh, "check", "weekly", "--sample", str(path))
    assert (trial["received"], trial["accepted"], trial["problems"]) == (4, 4, [])


def test_a_draft_finds_the_rows_of_a_json_page(fresh: Fresh, tmp_path: Path) -> None:
    row = {"id": "7", "town": {"name": "掌起镇"}, "industry": "消防", "text": "x", "found": "a"}
    page = {"meta": {}, "data": {"items": [row, row | {"id": "8", "found": "2025-03-04T08:00Z"}]}}
    (tmp_path / "page.json").write_text(json.dumps(page), "utf-8")
    answer = said(fresh, "new", "feed", "--sample", str(tmp_path / "page.json"))
    assert read_sources(fresh.sources)["feed"].connector.model_dump()["rows"] == "data.items"
    assert answer["fields"]["town_code"] == {"from": "town.name", "town": True}
    assert set(answer["todo"]) == {"severity", "channel", "found_at"}  # half are dates: not enough


def test_what_was_not_found_is_a_todo_that_loads_and_lets_no_row_pass(
    fresh: Fresh, tmp_path: Path
) -> None:
    sample = write(tmp_path / "bare.csv", [{"a": "1", "b": "x"}, {"a": "2", "b": "x"}])
    answer = said(fresh, "new", "bare", "--sample", str(sample))
    assert answer["fields"]["source_id"] == "a"
    assert {"town_code", "found_at", "channel"} <= set(answer["todo"])
    text = Path(answer["file"]).read_text("utf-8")
    assert "channel: TODO  # TODO required" in text
    trial = said(fresh, "check", "bare", "--sample", str(sample))
    assert trial["accepted"] == 0
    assert "'TODO' is missing" in trial["problems"][0]


def test_dates_that_can_be_read_two_ways_are_for_a_person(fresh: Fresh, tmp_path: Path) -> None:
    rows = [{"id": str(n), "found": f"0{n}/03/2025"} for n in range(1, 5)]
    answer = said(fresh, "new", "days", "--sample", str(write(tmp_path / "d.csv", rows)))
    assert "found_at" in answer["todo"]


def test_a_draft_overwrites_nothing_and_never_the_shipped_configuration(
    fresh: Fresh, tmp_path: Path
) -> None:
    sample = str(write(tmp_path / "s.csv", ROWS))
    said(fresh, "new", "once", "--sample", sample)
    before = (fresh.sources / "once.yaml").read_bytes()
    assert "is there already" in said(fresh, "new", "once", "--sample", sample, ok=False)["error"]
    assert (fresh.sources / "once.yaml").read_bytes() == before
    toml = fresh.home / "bihuan.toml"
    toml.write_text(toml.read_text("utf-8").replace("config_dir", "# config_dir"), "utf-8")
    assert "--copy-config" in said(fresh, "new", "two", "--sample", sample, ok=False)["error"]


@pytest.mark.parametrize(
    ("file", "record", "found"),
    [
        ("shenzhen_selfcheck/train.csv", "finding", {"source_id": "id", "description": "content"}),
        (
            "toronto_dinesafe/dinesafe.2012.csv",
            "finding",
            {
                "source_id": "Rec #",
                "place_id": "Establishment ID",
                "unit_name": "Establishment Name",
                "description": "Infraction Details",
            },
        ),
        ("teddy_messages", "finding", {"source_id": "留言编号", "description": "留言详情"}),
    ],
)
def test_drafts_from_real_files_name_the_right_columns(
    fresh: Fresh, shared_data: Path, file: str, record: str, found: dict[str, str]
) -> None:
    sample = str(shared_data / file)
    answer = said(fresh, "new", "real", "--sample", sample, "--record", record)
    assert {field: answer["fields"].get(field) for field in found} == found
    assert read(Path(answer["file"]), SourceDeclaration).name == "real"


def declaration(**fields: Any) -> str:
    """The four rows above as a source; their town is read as `fields` say."""
    spec = {
        "source_id": "隐患编号",
        "town_code": {"from": "所属镇街", "town": True},
        "sector_code": {"const": "fire"},
        "description": "隐患描述",
        "severity": {"from": "隐患等级", "map": {"一般隐患": "general", "重大隐患": "major"}},
        "channel": {"const": "grid_patrol"},
        "found_at": {"from": "发现时间", "time": "%Y/%m/%d %H:%M", "zone": "Asia/Shanghai"},
    }
    return yaml.safe_dump(
        {
            "name": "ledger",
            "title": {"zh": "台账", "en": "Ledger"},
            "owner": {"zh": "示例", "en": "Example"},
            "connector": {"type": "workbook", "name": "."},
            "cadence": "continuous",
            "reporter_fields": ["联系电话"],
            "records": [{"record": "finding", "fields": spec | fields}],
        },
        allow_unicode=True,
    )


def everything(folder: Path) -> dict[str, str]:
    """Every file that a home keeps for good, by digest."""
    kept = [
        p for name in ("landing", "vault", "config", "drop") for p in (folder / name).rglob("*")
    ]
    return {
        str(p): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in [*kept, *folder.glob("bihuan.sqlite*")]
        if p.is_file() and p.stat().st_size and not p.name.endswith("-shm")
    }


@pytest.mark.parametrize("sampled", [True, False])
def test_a_trial_says_what_would_become_of_rows_and_stores_nothing(
    fresh: Fresh, tmp_path: Path, sampled: bool
) -> None:
    fresh.declare("ledger", declaration())
    path = fresh.drop("ledger", "l.csv", [*ROWS[:2], ROWS[2] | {"发现时间": "3月3日"}, ROWS[3]])
    before = everything(fresh.home)
    trial = said(fresh, "check", "ledger", *(["--sample", str(path)] if sampled else []))
    assert everything(fresh.home) == before
    assert (trial["received"], trial["accepted"], trial["refused"]) == (4, 2, 2)
    assert trial["refused_by"] == {"D002": 1, "U003": 1}
    first = {f["field"]: (f["before"], f["after"]) for f in trial["rows"][0]["fields"]}
    assert first["town_code"] == ("掌起镇", "330282104")
    assert first["found_at"] == ("2025/3/1 09:01", "2025-03-01 09:01:00+08:00")
    assert trial["rows"][2]["codes"] == "D002"
    assert [f["after"] for f in trial["rows"][2]["fields"] if f["field"] == "found_at"] == [""]


def test_a_trial_speaks_both_languages(fresh: Fresh) -> None:
    fresh.declare("ledger", declaration())
    fresh.drop("ledger", "l.csv", [ROWS[3]])
    for language, words in (("zh", "未存入任何数据"), ("en", "nothing was stored")):
        os.environ["BIHUAN_LANG"] = language
        result = run(app, ["source", "check", "ledger", "--home", str(fresh.home)])
        assert result.exit_code == 0
        assert words in result.stdout
        assert "U003" in result.stdout


def test_sources_are_listed_and_shown_with_what_they_last_gave(fresh: Fresh) -> None:
    fresh.declare("ledger", declaration())
    assert said(fresh, "list")["sources"][0]["pulled_at"] == 0
    fresh.drop("ledger", "l.csv", ROWS)
    collect_source(fresh.county(), "ledger", NOW)
    (listed,) = said(fresh, "list")["sources"]
    shown = said(fresh, "show", "ledger")
    assert (listed["pulled_at"], listed["quarantined_by"]) == (NOW, {"U003": 1})
    assert shown["last_submission"]["rows_taken"] == 3
    assert shown["cursor"] == listed["cursor"] != ""
    assert shown["declaration"]["name"] == "ledger"
    error = said(fresh, "show", "nobody", ok=False)["error"]
    assert "there are: ledger" in error
    plain = run(app, ["source", "show", "ledger", "--home", str(fresh.home)]).stdout
    assert "1 rows in quarantine U003 1" in plain


def collected(fresh: Fresh) -> None:
    fresh.declare("ledger", declaration())
    fresh.drop("ledger", "l.csv", ROWS)
    report = collect_source(fresh.county(), "ledger", NOW)
    assert (report.taken, report.refused_by) == (3, {"U003": 1})


MENDED = {
    "from": "隐患等级",
    "map": {"一般隐患": "general", "重大隐患": "major", "一般": "general"},
}


def hazards(fresh: Fresh) -> list[Any]:
    return fresh.query("SELECT source_id FROM event WHERE kind = 'registered' ORDER BY source_id")


def quarantined(fresh: Fresh) -> list[Any]:
    return fresh.query("SELECT codes FROM quarantine WHERE seq_to > 4000000000000000000")


def test_a_replay_under_a_mended_mapping_takes_what_was_refused_and_asks_nobody(
    fresh: Fresh,
) -> None:
    collected(fresh)
    fresh.declare("ledger", declaration(severity=MENDED))
    for file in (fresh.home / "drop" / "ledger").iterdir():
        file.unlink()
    taken = retake(fresh.county(), "ledger", 0, NOW + 1)
    report = taken.report
    assert (report.received, report.taken, report.refused, report.known) == (4, 1, 0, 3)
    assert (taken.released, report.appended) == (1, 1)
    assert hazards(fresh) == [(f"X-{n}",) for n in range(1, 5)]
    assert quarantined(fresh) == []
    again = retake(fresh.county(), "ledger", 0, NOW + 2)
    assert (again.report.appended, again.report.known, again.released) == (0, 4, 0)


def test_a_replay_without_mending_appends_nothing_and_releases_nothing(fresh: Fresh) -> None:
    collected(fresh)
    taken = retake(fresh.county(), "ledger", 0, NOW + 1)
    assert (taken.report.appended, taken.report.refused, taken.released) == (0, 1, 0)
    assert quarantined(fresh) == [("U003",)]


def test_a_replay_reads_only_what_was_received_since_a_day(fresh: Fresh) -> None:
    collected(fresh)
    fresh.declare("ledger", declaration(severity=MENDED))
    taken = retake(fresh.county(), "ledger", NOW + 1, NOW + 1)
    assert (taken.report.deliveries, taken.released) == (0, 0)
    from datetime import date

    midnight = since_day(date(2025, 3, 10), "Asia/Shanghai")
    assert NOW - 86_400_000 < midnight <= NOW
    assert since_day(None, "Asia/Shanghai") == 0


def test_the_replay_command_adopts_the_mended_mapping_and_tells_what_it_did(fresh: Fresh) -> None:
    collected(fresh)
    fresh.declare("ledger", declaration(severity=MENDED))
    answer = said(fresh, "replay", "ledger", "--since", "2025-03-01")
    assert (answer["taken"], answer["released"]) == (1, 1)
    adopted = fresh.query("SELECT COUNT(*) FROM event WHERE stream_id = 'source:ledger'")
    assert adopted == [(1,)]
    assert run(app, ["source", "replay", "ledger", "--since", "March"]).exit_code == 2


def test_the_reconcile_command_names_what_is_missing_and_takes_it_when_asked(
    fresh: Fresh,
) -> None:
    collected(fresh)
    assert said(fresh, "reconcile", "ledger")["differences"] == 0
    fresh.drop("ledger", "m.csv", [ROWS[0] | {"隐患编号": "X-9"}])
    found = said(fresh, "reconcile", "ledger", ok=False)
    assert (found["rows"], found["missing"]) == (5, [["finding", "X-9"]])
    assert hazards(fresh) == [(f"X-{n}",) for n in range(1, 4)], "comparing takes nothing"
    assert said(fresh, "reconcile", "ledger", "--mend")["differences"] == 0
    assert ("X-9",) in hazards(fresh)


def test_a_source_without_an_address_can_still_be_tried_on_a_sample(
    fresh: Fresh, tmp_path: Path
) -> None:
    (fresh.sources / "ledger.yaml").write_text(declaration(), "utf-8")
    trial = said(fresh, "check", "ledger", "--sample", str(write(tmp_path / "l.csv", ROWS)))
    assert trial["received"] == 4
    assert "[sources.ledger]" in said(fresh, "check", "ledger", ok=False)["error"]
