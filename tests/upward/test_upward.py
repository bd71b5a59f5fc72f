"""Reports to the level above: layouts, the drop folder, an HTTP receiver, kills and repeats."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner
from werkzeug import Request, Response

from flows.cli.main import app
from schemas.period import HOUR_MS
from schemas.upward import HAZARD_FIELDS, Upward
from schemas.vocabulary import EditionKind
from tasks.configuration import ConfigurationError, read_upward, shipped
from tasks.posting import send
from tasks.publishing import publish
from tasks.store.documents import adopt
from tasks.upward import UpwardRefused, export
from tests.house.code import ROOT
from tests.postgresql.ways import PYTHON_PATH
from tests.store.tiny import MONDAY, Tiny, finding
from tests.upward.reported import HAZARDS, MARCH, NOW, TABLE, declared, lived, opened, told

KIND = EditionKind.STATUTORY


class Receiver:
    """The level above: it keeps the first file of every key, and answers as it is told."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: list[int] = []
        self.keys: list[str] = []
        self.taken: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.url = server.url_for("/in")
        server.expect_request("/in", method="POST").respond_with_handler(self.receive)

    def receive(self, request: Request) -> Response:
        key, status = request.headers["Idempotency-Key"], (self.answers or [201]).pop(0)
        self.keys.append(key)
        self.headers = dict(request.headers)
        if status < 300:
            self.taken.setdefault(key, request.get_data())
        return Response("", status, {"Location": "/elsewhere"} if status == 302 else None)


@pytest.fixture
def above(httpserver: HTTPServer) -> Receiver:
    return Receiver(httpserver)


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    """March 2025 is published; the table goes by HTTP, the hazards into a folder. To be copied."""
    tiny = Tiny.make(tmp_path_factory.mktemp("march"), migrated_file)
    lived(tiny)
    declared(tiny, TABLE, HAZARDS)
    return tiny


@pytest.fixture
def county(march: Tiny, above: Receiver, tmp_path: Path) -> Tiny:
    march.copied(tmp_path)
    told(tmp_path, above.url)
    return opened(tmp_path)


def _folder(county: Tiny) -> Path:
    return county.county.home.parent / "above"


def test_both_files_reach_the_level_above_in_its_layout(county: Tiny, above: Receiver) -> None:
    table, hazards = export(county.county, KIND, "2025-03", NOW)
    assert (table.state, hazards.state) == ("sent", "sent")
    assert table.key == "upward:table:statutory:2025-03:1"
    rows = json.loads(above.taken[table.key])
    assert list(rows[-1]) == ["单位", "应查", "发现", "整改率"]
    assert rows[-1] == {"单位": "慈溪市", "应查": 0, "发现": 3, "整改率": "33.3"}
    assert above.headers["Authorization"] == "Bearer canary-token-77"
    assert above.headers["Content-Type"] == "application/json"
    (path,) = _folder(county).iterdir()
    assert path.name == "隐患-2025-03-1.csv"
    lines = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert [line["编号"] for line in lines if line["状态"] == "销号"] == ["findings:A"]
    assert len(lines) == hazards.rows == 3
    assert "'=SUM(1)虚构厂" in {line["责任单位"] for line in lines}


def test_again_nothing_is_sent_twice_and_a_new_edition_is_a_new_file(
    county: Tiny, above: Receiver
) -> None:
    first = export(county.county, KIND, "2025-03", NOW)
    again = export(county.county, KIND, "2025-03", NOW + HOUR_MS)
    assert [r.state for r in again] == ["known", "known"]
    assert [r.sha256 for r in again] == [r.sha256 for r in first]
    assert len(above.keys) == 1
    county.drop("findings", finding("Z", MONDAY))
    county.collect("findings", NOW + HOUR_MS)
    publish(county.county, MARCH, NOW + 2 * HOUR_MS, revise=True)
    export(county.county, KIND, "2025-03", NOW + 3 * HOUR_MS)
    assert above.keys == [f"upward:table:statutory:2025-03:{n}" for n in (1, 2)]
    assert len(list(_folder(county).iterdir())) == 2


def test_killed_between_sending_and_marking_the_same_key_comes_again_and_takes_effect_once(
    county: Tiny, above: Receiver
) -> None:
    command = [sys.executable, "-m", "tests.upward.reported", str(county.county.home.parent)]
    env = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    killed = subprocess.run(command, cwd=ROOT, env=env, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL
    (key,) = above.keys
    (report,) = export(opened(_folder(county).parent).county, KIND, "2025-03", NOW, name="table")
    assert report.state == "sent"
    assert above.keys == [key, key]
    assert list(above.taken) == [key]
    assert send(county.county, NOW) == 0
    assert len(above.keys) == 2


@pytest.mark.parametrize("status", [500, 302, 400])
def test_what_is_not_taken_waits_with_its_reason_and_goes_with_the_next_round(
    county: Tiny, above: Receiver, status: int
) -> None:
    above.answers = [status]
    (report,) = export(county.county, KIND, "2025-03", NOW, name="table")
    assert report.state == "waiting"
    assert str(status) in report.reason
    assert above.taken == {}
    assert send(county.county, NOW + HOUR_MS) == 1  # as `bihuan supervise` does
    assert list(above.taken) == [report.key]
    assert len(above.keys) == 2


def test_a_receiver_that_is_down_or_not_set_keeps_nothing_else_from_leaving(
    county: Tiny,
) -> None:
    told(_folder(county).parent, "http://127.0.0.1:9/in")
    table, hazards = export(opened(_folder(county).parent).county, KIND, "2025-03", NOW)
    assert (table.state, hazards.state) == ("waiting", "sent")
    assert "[upward.city]" in table.reason
    assert "canary-token-77" not in table.reason
    (county.county.home / "bihuan.toml").write_text("", "utf-8")
    (unset,) = export(opened(_folder(county).parent).county, KIND, "2025-03", NOW, name="table")
    assert unset.state == "waiting"
    assert "is not set" in unset.reason


def test_a_folder_that_is_gone_is_named_and_filled_when_it_is_there(county: Tiny) -> None:
    _folder(county).rmdir()
    (report,) = export(county.county, KIND, "2025-03", NOW, name="hazards")
    assert report.state == "waiting"
    assert str(_folder(county)) in report.reason
    _folder(county).mkdir()
    assert send(county.county, NOW) == 1
    (path,) = _folder(county).iterdir()
    assert path.read_bytes() == (county.county.home / report.file).read_bytes()


def test_a_dry_run_makes_the_same_bytes_and_leaves_nothing(county: Tiny, above: Receiver) -> None:
    dry = export(county.county, KIND, "2025-03", NOW, dry_run=True)
    assert not (county.county.home / "upward").exists()
    assert (above.keys, list(_folder(county).iterdir())) == ([], [])
    assert county.query("SELECT COUNT(*) FROM outbox WHERE kind = 'upward'") == [(0,)]
    made = export(county.county, KIND, "2025-03", NOW)
    assert [r.sha256 for r in made] == [r.sha256 for r in dry]


def test_a_workbook_is_the_same_byte_for_byte_whatever_came_later(county: Tiny) -> None:
    every = {field: field for field in HAZARD_FIELDS}
    book = HAZARDS | {"format": "xlsx", "filename": "h-{period}.xlsx", "columns": every}
    declared(county, book)
    home = _folder(county).parent
    (first,) = export(opened(home).county, KIND, "2025-03", NOW)
    content = (county.county.home / first.file).read_bytes()
    county.drop("findings", finding("Z", MONDAY))
    county.collect("findings", NOW + HOUR_MS)
    (again,) = export(opened(home).county, KIND, "2025-03", NOW + HOUR_MS, dry_run=True)
    assert again.sha256 == first.sha256
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
    sheet: Any = openpyxl.load_workbook(BytesIO(content)).active
    assert [cell.value for cell in sheet[1]] == list(HAZARD_FIELDS)
    assert sheet.max_row == 4
    units = {cell.value: cell.data_type for cell in sheet["B"]}
    assert units["=SUM(1)虚构厂"] == "s"


def test_nothing_of_who_reported_or_what_was_told_is_in_any_file(
    county: Tiny, above: Receiver
) -> None:
    full = HAZARDS | {"columns": {field: field for field in HAZARD_FIELDS}}
    declared(county, TABLE, full)
    export(opened(_folder(county).parent).county, KIND, "2025-03", NOW)
    (path,) = _folder(county).iterdir()
    files = [path.read_text("utf-8-sig"), *(c.decode() for c in above.taken.values())]
    assert "findings:B" in files[0]
    for word in ("王虚构", "举报", "仓库门", "赵虚构", "钱虚构", "消防通道"):
        assert not any(word in text for text in files), word


def test_what_cannot_be_reported_is_refused_with_the_next_step(county: Tiny) -> None:
    with pytest.raises(UpwardRefused, match=r"bihuan bulletin statutory --period 2025-04"):
        export(county.county, KIND, "2025-04", NOW)
    with pytest.raises(UpwardRefused, match="there is: table"):
        export(county.county, KIND, "2025-03", NOW, name="other")
    with pytest.raises(UpwardRefused, match="2025-13"):
        export(county.county, KIND, "2025-13", NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": {"电话": "phone"}}, "no field"),
        ({"columns": {"描述": "description"}}, "no field"),
        ({"filename": "../{period}.csv"}, "filename"),
        ({"filename": "{home}.csv"}, "may hold"),
        ({"filename": "{period}.xlsx"}, r"end with \.csv"),
        (
            {"what": "statutory", "kind": "weekly", "columns": {"单位": "name"}},
            "no statutory table",
        ),
        ({"url": "http://city.example/in"}, "Extra inputs"),
    ],
)
def test_a_layout_that_cannot_be_made_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Upward.model_validate({"exports": [HAZARDS | change]})


def test_the_shipped_layouts_are_valid_and_two_of_one_name_are_not(tmp_path: Path) -> None:
    assert len(read_upward(shipped() / "config" / "cixi").exports) == 2
    assert read_upward(tmp_path).exports == ()
    (tmp_path / "upward.yaml").write_text(json.dumps({"exports": [TABLE, TABLE]}), "utf-8")
    with pytest.raises(ConfigurationError, match="table"):
        read_upward(tmp_path)


def test_layouts_are_adopted_like_the_rest_of_the_configuration(county: Tiny) -> None:
    adopt(county.county, NOW)
    assert adopt(county.county, NOW) == 0
    turned = dict(reversed(TABLE["columns"].items()))
    declared(county, TABLE | {"columns": turned}, HAZARDS)  # the order is part of a layout
    assert adopt(opened(_folder(county).parent).county, NOW + 1) == 1


def test_the_command_says_what_left_and_ends_with_1_where_something_waits(
    county: Tiny, above: Receiver, own_environment: None
) -> None:
    home = county.county.home
    config = {"BIHUAN_COUNTY": "reference", "BIHUAN_CONFIG_DIR": str(home.parent / "config")}
    above.answers = [503]
    command = ["upward", "statutory", "2025-03", "--home", str(home), "--json"]
    first = CliRunner().invoke(app, command, env=config)
    said = json.loads(first.stdout)
    assert (first.exit_code, said["ok"]) == (1, False)
    assert [i["state"] for i in said["items"]] == ["waiting", "sent"]
    second = CliRunner().invoke(app, command, env=config)
    assert second.exit_code == 0, second.output
    assert [i["state"] for i in json.loads(second.stdout)["items"]] == ["sent", "known"]
    table = CliRunner().invoke(app, command[:-1], env=config)
    assert "sent before" in table.stdout
