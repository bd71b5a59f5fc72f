"""Landing: content-addressed, atomic, once; and no reporter in it, ever."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tasks.intake.landing import Damaged, landed, load
from tasks.intake.reading import read_rows
from tasks.sources.base import SourceRefused
from tasks.store.vault import Vault, unseal

NAME, PHONE = "吹哨人甲某", "19900000000"
PAGE = json.dumps({"items": [{"id": "1", "unit": "甲厂", "what": "x", "when": "t"}]}).encode()


def everything(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        yield path.name.encode()
        if path.is_file():
            yield path.read_bytes()


def holds(folder: Path, *secrets: str) -> bool:
    forms = [s.encode(e) for s in secrets for e in ("utf-8", "gb18030", "unicode_escape")]
    return any(form in content for content in everything(folder) for form in forms)


def test_a_delivery_is_stored_byte_for_byte_with_its_manifest(
    put: Any, declare: Any, landing: Path
) -> None:
    delivery = put(declare("http_json"), "json", PAGE, b'{"items": []}', received_at=17)
    assert [p.content for p in delivery.parts()] == [PAGE, b'{"items": []}']
    assert [p.name for p in delivery.parts()] == ["part-1", "part-2"]
    assert (delivery.county, delivery.source, delivery.received_at) == ("999001", "feed", 17)
    assert delivery.path == landing / "feed" / delivery.digest[:2] / delivery.digest
    assert load(delivery.path) == delivery


def test_the_same_bytes_again_are_the_first_delivery(put: Any, declare: Any, landing: Path) -> None:
    source = declare("http_json")
    first = put(source, "json", PAGE, received_at=1)
    assert put(source, "json", PAGE, received_at=2, names="renamed") == first
    assert landed(landing, "feed") == [first]


def test_another_unit_or_period_with_the_same_bytes_is_another_delivery(
    put: Any, declare: Any, landing: Path
) -> None:
    source, nil = declare("workbook"), "零报告".encode()
    put(source, "csv", nil, unit="999001001", period="2025-W10", nil_return=True, received_at=3)
    put(source, "csv", nil, unit="999001002", period="2025-W10", nil_return=True, received_at=2)
    put(source, "csv", nil, unit="999001001", period="2025-W11", nil_return=True, received_at=1)
    assert [d.received_at for d in landed(landing, "feed")] == [1, 2, 3]
    assert landed(landing, "other") == []


def test_nothing_is_left_beside_what_was_landed(put: Any, declare: Any, landing: Path) -> None:
    put(declare("http_json"), "json", PAGE)
    assert list((landing / ".incoming").iterdir()) == []


def test_a_delivery_half_written_by_a_crash_is_no_delivery(
    put: Any, declare: Any, landing: Path
) -> None:
    half = landing / ".incoming" / "crashed"
    half.mkdir(parents=True)
    (half / "00001.json").write_bytes(PAGE[:10])
    assert landed(landing, "feed") == []
    assert put(declare("http_json"), "json", PAGE).parts()[0].content == PAGE


def test_a_part_that_was_changed_on_disk_is_noticed(put: Any, declare: Any) -> None:
    delivery = put(declare("http_json"), "json", PAGE)
    (delivery.path / "00001.json").write_bytes(PAGE + b" ")
    with pytest.raises(Damaged, match="changed after landing"):
        delivery.parts()
    (delivery.path / "manifest.json").write_text("{")
    with pytest.raises(Damaged):
        load(delivery.path)


def as_json(rows: list[dict[str, Any]]) -> tuple[str, str, bytes]:
    return "http_json", "json", json.dumps({"items": rows}, ensure_ascii=False).encode()


def as_escaped_json(rows: list[dict[str, Any]]) -> tuple[str, str, bytes]:
    return "http_json", "json", json.dumps({"items": rows}).encode()


def as_xml(rows: list[dict[str, Any]]) -> tuple[str, str, bytes]:
    fields = ["".join(f"<{k} note='{v}'>{v}</{k}>" for k, v in row.items()) for row in rows]
    inner = "".join(f"<request>{f}</request>" for f in fields)
    return "open311", "xml", f"<requests>{inner}</requests>".encode()


def as_csv(rows: list[dict[str, Any]]) -> tuple[str, str, bytes]:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return "workbook", "csv", out.getvalue().encode("gb18030")


def as_xlsx(rows: list[dict[str, Any]]) -> tuple[str, str, bytes]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(rows[0]))
        for n, row in enumerate(rows, 1):
            sheet.write_row(n, 0, list(row.values()))
    return "workbook", "xlsx", out.getvalue()


FORMS = [as_json, as_escaped_json, as_xml, as_csv, as_xlsx]
ROWS = [
    {"id": "1", "unit": "甲厂", "what": "x", "when": "t", "reporter": NAME, "phone": PHONE},
    {"id": "2", "unit": "乙厂", "what": "y", "when": "t", "reporter": "", "phone": ""},
]


@pytest.mark.parametrize("form", FORMS)
def test_a_reporter_is_never_in_the_landing_folder_and_only_the_custodian_reads_it(
    put: Any, declare: Any, vault: Vault, private_key: bytes, tmp_path: Path, form: Any
) -> None:
    connector, media, content = form(ROWS)
    source = declare(connector, "reporter", "phone")
    rows = read_rows(put(source, media, content), source)
    assert not holds(tmp_path, NAME, PHONE)
    assert list(rows["unit"]) == ["甲厂", "乙厂"]
    assert list(rows["phone"])[1] == ""
    mark, token = rows["phone"][0].split(":")
    assert mark == "sealed"
    assert rows["reporter"][0] == rows["phone"][0]
    opened = dict(json.loads(unseal(vault.folder, private_key, token)))
    assert opened == {"reporter": NAME, "phone": PHONE}


@pytest.mark.parametrize("form", FORMS[:4])
def test_the_search_for_reporters_finds_them_where_nobody_declared_them(
    put: Any, declare: Any, tmp_path: Path, form: Any
) -> None:
    connector, media, content = form(ROWS)
    put(declare(connector), media, content)
    assert holds(tmp_path, NAME)
    assert holds(tmp_path, PHONE)


@pytest.mark.parametrize("form", FORMS)
def test_landing_again_seals_nothing_twice(
    put: Any, declare: Any, vault: Vault, private_key: bytes, form: Any
) -> None:
    connector, media, content = form(ROWS)
    source = declare(connector, "reporter", "phone")
    first = put(source, media, content, received_at=1)
    assert put(source, media, content, received_at=2) == first
    assert vault.count() == 1


def test_a_row_in_another_window_keeps_its_token_and_a_changed_row_gets_a_new_one(
    put: Any, declare: Any, vault: Vault, private_key: bytes
) -> None:
    source = declare("http_json", "reporter", "phone")
    changed = {**ROWS[0], "what": "z"}
    tokens = [
        read_rows(put(source, "json", as_json(rows)[2]), source)["phone"][0]
        for rows in (ROWS, ROWS[:1], [changed])
    ]
    assert tokens[0] == tokens[1] != tokens[2]


@pytest.mark.parametrize("form", FORMS)
def test_a_renamed_reporter_column_is_sealed_with_all_that_nobody_reads(
    put: Any, declare: Any, private_key: bytes, tmp_path: Path, form: Any
) -> None:
    renamed = [{("contact" if k == "phone" else k): v for k, v in row.items()} for row in ROWS]
    connector, media, content = form(renamed)
    source = declare(connector, "reporter", "phone")
    rows = read_rows(put(source, media, content), source)
    assert not holds(tmp_path, NAME, PHONE)
    assert rows["contact"][0].startswith("sealed:")
    assert list(rows["unit"]) == ["甲厂", "乙厂"]


def test_nested_reporters_and_lists_of_them_are_sealed_and_numbers_stay_exact(
    put: Any, declare: Any, private_key: bytes, tmp_path: Path
) -> None:
    page = (
        '{"items": [{"id": 12345678901234567890, "what": 1.10, "unit": null, "when": [1.0],'
        f' "by": [{{"name": "{NAME}", "tel": {PHONE}}}], "extra": {{"who": {{"n": "{NAME}"}}}}}}]}}'
    )
    source = declare("http_json", "by", "extra.who")
    delivery = put(source, "json", page.encode())
    assert not holds(tmp_path, NAME, PHONE)
    stored = delivery.parts()[0].content.decode()
    assert '"id":12345678901234567890,"what":1.10,"unit":null,"when":[1.0]' in stored


def test_what_cannot_be_split_safely_is_not_stored_at_all(
    put: Any, declare: Any, private_key: bytes, landing: Path
) -> None:
    source = declare("workbook", "phone")
    shifted = f"id,unit,what,when,phone\n1,甲厂,x,t,{PHONE}\n2,x,t,{PHONE}\n"
    with pytest.raises(SourceRefused, match="line 3 has 4 cells"):
        put(source, "csv", shifted.encode())
    with pytest.raises(SourceRefused, match="not JSON"):
        put(declare("http_json", "phone"), "json", b'{"phone": "199')
    assert not list(landing.rglob("manifest.json"))


def test_without_a_vault_nothing_with_reporters_is_landed(
    put: Any, declare: Any, landing: Path
) -> None:
    connector, media, content = as_json(ROWS)
    with pytest.raises(SourceRefused, match="bihuan init"):
        put(declare(connector, "reporter"), media, content)
    assert not list(landing.rglob("manifest.json"))
    assert put(declare(connector), media, PAGE)
