"""A new source takes no code: a YAML text and a file are collected, and its rows are in the ledger.

The file is of a kind that nothing else here knows: readings of gas detectors, of which only those
that cross their own limit are hazards.
"""

from pathlib import Path

import orjson
from pytest_httpserver import HTTPServer
from werkzeug import Response

from schemas.vocabulary import State
from tasks.intake.collect import collect_source
from tests.mapping.fresh import NOW, Fresh

GAS = """\
# yaml-language-server: $schema=../../source.schema.json
name: gas
title: {zh: 可燃气体监测, en: Gas detectors}
owner: {zh: 示例物联网平台, en: Example sensor platform}
connector: {type: workbook, name: '^gas_\\d+\\.csv$'}
cadence: continuous
closing: events
skip:
  - {column: 浓度, at_most: 报警限}
records:
  - record: finding
    where:
      - any:
          - {column: 浓度, above: 报警限}
          - {column: 状态, in: [故障]}
    fields:
      source_id: {from: [探头, 采集序列], join: "@"}
      place_id: {from: 位置, split: {by: "/", part: 2}}
      town_code: {from: 位置, split: {by: "/", part: 1}, town: true}
      sector_code: {const: fire}
      category: {const: 可燃气体超限}
      description: {from: [探头, "=浓度", 浓度, "=%LEL，超过报警限"], join: " "}
      severity: {const: general}
      channel: {const: smart_sensing}
      found_at: {from: 采集序列, time: excel, zone: Asia/Shanghai}
  - record: update
    where: [{column: 处置, filled: true}]
    fields:
      source_id: {from: [探头, 采集序列, "=verified"], join: "@"}
      finding_id: {from: [探头, 采集序列], join: "@"}
      event: {const: verified}
      happened_at: {from: 处置, within: only, time: "%Y年%m月%d日%H时", zone: Asia/Shanghai}
      organisation: {const: 示例燃气公司}
"""


def reading(probe: str, level: str, status: str = "正常", note: str = "") -> dict[str, str]:
    return {
        "探头": probe,
        "位置": "掌起镇/P-7/二号车间",
        "采集序列": "45720.354166666664",
        "浓度": level,
        "报警限": "25",
        "状态": status,
        "处置": note,
    }


READINGS = (
    reading("G-1", "24.9"),
    reading("G-2", "25"),
    reading("G-3", "25.1", note="值班员于2025年3月4日9时到场核实"),
    reading("G-4", "——", status="故障"),
    reading("G-5", "——"),
)


def test_a_source_is_added_by_a_yaml_and_a_file(tmp_path: Path) -> None:
    fresh = Fresh.make(tmp_path / "home")
    fresh.declare("gas", GAS)
    fresh.drop("gas", "gas_20250304.csv", READINGS)
    county = fresh.county()
    first, second = (collect_source(county, "gas", NOW + n) for n in range(2))

    assert not first.problem
    # G-1 and G-2 are skipped as declared, which counts as known; G-5 is mapped by nothing.
    assert (first.received, first.taken, first.refused, first.known) == (5, 2, 1, 2)
    assert first.refused_by == {"M001": 1}
    assert second.appended == 0
    events = fresh.query(
        "SELECT kind, source_id, claimed_at, payload FROM event"
        " WHERE source = 'gas' AND record <> 'submission' ORDER BY seq"
    )
    assert {(kind, source_id.partition("@")[0]) for kind, source_id, *_ in events} == {
        ("registered", "G-3"),
        ("verified", "G-3"),
        ("registered", "G-4"),
    }
    payload = next(orjson.loads(p) for k, s, _, p in events if s.startswith("G-3") and "reg" in k)
    assert payload["town_code"] == "330282104"
    assert payload["place_id"] == "P-7"
    assert payload["description"] == "G-3 浓度 25.1 %LEL，超过报警限"
    at = {kind: claimed for kind, source_id, claimed, _ in events if source_id.startswith("G-3")}
    assert at["registered"] == 1_741_048_200_000  # 2025-03-04 08:30 in Shanghai
    assert at["verified"] - at["registered"] == 30 * 60 * 1000


VISITS = """\
name: visits
title: {zh: 巡查记录, en: Visits}
owner: {zh: 示例消防所, en: Example fire station}
connector: {type: http_json, path: /visits, rows: visits}
cadence: continuous
closing: status
records:
  - record: check
    fields:
      source_id: "no"
      place_id: place
      checked_at: &at {from: at, time: iso}
      channel: {const: professional_inspection}
      actor_kind: {const: government}
      result: {from: "found[0].no", map: {"": clean}, otherwise: hazards_found}
  - record: finding
    each: found
    fields:
      source_id: &id {from: ["no", found.no], join: "-"}
      place_id: place
      town_code: {from: town, town: true}
      sector_code: {const: fire}
      description: found.text
      severity: {const: general}
      channel: {const: professional_inspection}
      found_at: *at
  - record: update
    each: found
    statuses:
      column: found.status
      prove:
        限期整改: [verified, assigned, started]
        当场整改: [verified, assigned, started, submitted, acceptance_passed, closed]
    fields:
      source_id: *id
      finding_id: *id
      happened_at: *at
      organisation: {const: 示例消防所}
      responsible_unit: company
      measures: found.text
      due_date: {from: found.due, date: iso}
      finished_on: {from: at, date: iso}
      work_done: found.done
      funding_spent_fen: {from: found.cost, money: yuan, default: 0}
      evidence: found.photos[0]
"""


def test_one_visit_is_a_check_its_hazards_and_what_was_put_right_on_the_spot(
    tmp_path: Path,
) -> None:
    found = [
        {"no": 1, "text": "灭火器压力不足", "status": "当场整改", "due": "2025-03-04",
         "done": "已更换灭火器", "photos": ["after.jpg"]},
        {"no": 2, "text": "疏散指示灯损坏", "status": "限期整改", "due": "2025-03-20"},
    ]  # fmt: skip
    visit = {"place": "P-1", "town": "掌起镇", "company": "示例五金厂"}
    visits = [
        visit | {"no": "V1", "at": "2025-03-04T09:00:00+08:00", "found": found},
        visit | {"no": "V2", "at": "2025-03-05T09:00:00+08:00", "found": []},
    ]
    fresh = Fresh.make(tmp_path / "home")
    with HTTPServer() as server:
        server.expect_request("/visits").respond_with_json({"visits": visits})
        (fresh.sources / "visits.yaml").write_text(VISITS, "utf-8")
        with (fresh.home / "bihuan.toml").open("a", encoding="utf-8") as toml:
            toml.write(f'\n[sources.visits]\nurl = "{server.url_for("")}"\ntoken = "none"\n')
        report = collect_source(fresh.county(), "visits", NOW)
    assert (report.problem, report.received, report.taken) == ("", 2, 2)
    checks = fresh.query("SELECT source_id FROM event WHERE record = 'check' ORDER BY source_id")
    assert checks == [("V1",), ("V2",)]
    registered = "SELECT stream_id, source_id FROM event WHERE kind = 'registered'"
    stands = fresh.query(
        f"SELECT e.source_id, s.state FROM ({registered}) e JOIN hazard_span s"
        " ON s.root_id = e.stream_id AND s.seq_to > 4000000000000000000"
        " AND s.claimed_to > 4000000000000000000 ORDER BY 1"
    )
    assert stands == [("V1-1", State.CLOSED), ("V1-2", State.RECTIFYING)]


NUMBERS = """\
name: numbers
title: {zh: 上级平台通报数, en: Figures of the upper platform}
owner: {zh: 上级安委办, en: Upper safety committee office}
connector: {type: http_json, path: /figures, rows: items}
cadence: continuous
closing: never
records:
  - record: figure
    fields:
      source_id: {from: [unit, item, month], join: ":"}
      unit: unit
      indicator: {from: item, map: {排查: found, 整改: closed}}
      period: month
      value: {from: number}
      reported_at: &at {from: told, time: iso}
      sent_at: *at
"""


def test_the_upper_platforms_numbers_are_figures_and_a_corrected_one_is_a_revision(
    tmp_path: Path,
) -> None:
    number = {"unit": "330282", "month": "2025-02"}
    items = [
        number | {"item": "排查", "number": "1,812", "told": "2025-03-05T08:00:00Z"},
        number | {"item": "整改", "number": "约1700", "told": "2025-03-05T08:00:00Z"},
    ]
    fresh = Fresh.make(tmp_path / "home")
    with HTTPServer() as server:
        server.expect_request("/figures").respond_with_handler(lambda _: _answer(items))
        (fresh.sources / "numbers.yaml").write_text(NUMBERS, "utf-8")
        with (fresh.home / "bihuan.toml").open("a", encoding="utf-8") as toml:
            toml.write(f'\n[sources.numbers]\nurl = "{server.url_for("")}"\ntoken = "none"\n')
        first = collect_source(fresh.county(), "numbers", NOW)
        items[0] |= {"number": "1815", "told": "2025-03-06T08:00:00Z"}
        second = collect_source(fresh.county(), "numbers", NOW + 1)
    assert (first.taken, first.refused_by) == (1, {"N001": 1})
    assert (second.problem, second.taken, second.known) == ("", 1, 1)
    figures = "SELECT unit, indicator, period, value FROM figure WHERE seq_to > 4000000000000000000"
    assert fresh.query(figures) == [("330282", "found", "2025-02", "1815")]
    assert len(fresh.query("SELECT 1 FROM event WHERE record = 'figure'")) == 2


def _answer(items: list[dict[str, str]]) -> Response:
    return Response(orjson.dumps({"items": items}), content_type="application/json")
