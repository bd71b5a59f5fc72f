"""Running text goes on without the reporter, in every medium; what was there is sealed whole."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.redaction import MARK
from schemas.source import SourceDeclaration
from tasks.intake.landing_redaction import SEALED
from tasks.intake.reading import read_rows
from tasks.sources.base import SourceRefused
from tasks.store.vault import Vault, unseal
from tests.intake_landing.conftest import CONNECTORS
from tests.intake_landing.test_landing import FORMS, as_csv, as_json, as_xml, holds

NAME, PHONE, ID = "吹哨人甲某", "19900000000", "330282190013320017"
TEXT = f"我是{NAME}，电话 199-0000-0000，证件{ID}，二楼通道被堵"
LEFT = f"我是{MARK}，电话 {MARK}，证件{MARK}，二楼通道被堵"
OTHER = "门锁坏了，有事打13812345678"


def declared(connector: str | dict[str, Any], **more: Any) -> SourceDeclaration:
    """Reports with a description, an id and who reported."""
    fields = dict.fromkeys(("source_id", "town_code", "sector_code", "severity", "channel"), "id")
    fields |= {"found_at": "id", "description": "what", "address": "where"}
    said = {
        "name": "feed",
        "title": {"zh": "来源", "en": "Feed"},
        "owner": {"zh": "某局", "en": "Some bureau"},
        "cadence": "continuous",
        "connector": CONNECTORS[connector] if isinstance(connector, str) else connector,
        "reporter_fields": ["reporter", "phone"],
        "records": [{"record": "finding", "fields": fields}],
    }
    return SourceDeclaration.model_validate(said | more)


def row(number: str, **fields: str) -> dict[str, Any]:
    blank = {"id": number, "what": "", "where": "", "note": "", "reporter": "", "phone": ""}
    return blank | fields


ROWS = [
    row("1", what=TEXT, where="海塘路12号", reporter=NAME, phone=PHONE, note=f"已回复{NAME}"),
    row("2", what=OTHER),
    row("3", what="灭火器过期"),
    row("1", what=f"{NAME}又来电"),
    row("4", what=f"{NAME}又来电"),
]
Land = Callable[..., Any]


@pytest.fixture
def land(put: Any, private_key: bytes) -> Land:
    """land(form, rows, …) → the rows as they are read back."""

    def do(form: Any, rows: list[dict[str, Any]] = ROWS, **more: Any) -> Any:
        connector, media, content = form(rows)
        source = declared(connector, **more)
        return read_rows(put(source, media, content), source)

    return do


@pytest.mark.parametrize("form", FORMS)
def test_a_text_loses_its_own_reporter_and_keeps_the_rest(land: Land, form: Any) -> None:
    rows = land(form)
    assert list(rows["what"])[:3] == [LEFT, f"门锁坏了，有事打{MARK}", "灭火器过期"]
    assert rows["where"][0] == "海塘路12号"
    assert rows["note"][0] == f"已回复{MARK}"


def test_a_place_loses_numbers_of_persons_and_keeps_names_and_houses(land: Land) -> None:
    where = f"望潮街道海塘路12号{NAME}五金店（{PHONE[:3]} {PHONE[3:]}）"
    rows = land(as_json, [row("1", what="x", where=where, reporter=NAME, phone=PHONE)])
    assert rows["where"][0] == f"望潮街道海塘路12号{NAME}五金店（{MARK}）"


@pytest.mark.parametrize("form", FORMS)
def test_coordinates_are_nobodys_number(land: Land, vault: Vault, form: Any) -> None:
    exact = {"where": "30.139123456789012", "note": "121.13912345678"}
    rows = land(form, [row("1", what="灭火器过期", **exact), ROWS[0]])
    assert {name: rows[name][0] for name in exact} == exact
    assert vault.count() == 1


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_the_same_report_know_its_reporter_and_no_others_do(land: Land, form: Any) -> None:
    assert list(land(form)["what"])[3:] == [f"{MARK}又来电", f"{NAME}又来电"]


@pytest.mark.parametrize("form", FORMS)
def test_the_text_is_sealed_whole_with_the_reporter(
    land: Land, vault: Vault, private_key: bytes, form: Any
) -> None:
    rows = land(form)
    token = rows["phone"][0].removeprefix("sealed:")
    opened = dict(json.loads(unseal(vault.folder, private_key, token)))
    assert opened == {"reporter": NAME, "phone": PHONE, "what": TEXT, "note": f"已回复{NAME}"}
    # Where nobody gave a name, the token stands where the name would: nothing sealed is lost.
    token = rows["reporter"][1].removeprefix("sealed:")
    assert dict(json.loads(unseal(vault.folder, private_key, token))) == {"what": OTHER}
    assert rows["reporter"][2] == ""


def test_without_a_place_for_the_token_it_stands_in_the_text(
    land: Land, vault: Vault, private_key: bytes
) -> None:
    bare = [{"id": "1", "what": OTHER}]
    (what,) = land(as_csv, bare, reporter_fields=[], narrative_fields=["what"])["what"]
    text, _, mark = what.rpartition(" ")
    assert text == f"门锁坏了，有事打{MARK}"
    token = SEALED.fullmatch(mark)
    assert token
    assert dict(json.loads(unseal(vault.folder, private_key, token[1]))) == {"what": OTHER}


def test_only_the_texts_that_are_named_are_narratives(land: Land) -> None:
    rows = land(as_json, narrative_fields=["where"])
    assert rows["what"][0] == TEXT
    assert rows["note"][0] == f"已回复{MARK}", "what nobody reads is looked through always"


@pytest.mark.parametrize("form", [as_json, as_xml, as_csv])
def test_redacted_again_nothing_changes_and_nothing_more_is_sealed(
    put: Any, land: Land, vault: Vault, form: Any
) -> None:
    first, count = land(form), vault.count()
    columns = [c for c in first.columns if c not in ("line", "_kind")]
    again = land(form, first[columns].to_dict("records"))
    assert (again[columns] == first[columns]).all().all()
    assert vault.count() == count


def test_what_stands_beside_the_rows_of_a_page_or_a_sheet_is_blotted_by_shape(
    put: Any, private_key: bytes, tmp_path: Path
) -> None:
    page = {"notice": f"问 {PHONE}", "by": {"tel": PHONE}, "items": ROWS[:4]}
    source = declared("http_json")
    kept = put(source, "json", json.dumps(page).encode()).parts()[0].content.decode()
    assert json.loads(kept)["notice"] == f"问 {MARK}"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["值班", PHONE, "", "", "", ""], list(ROWS[0])])
    writer.writerows(list(r.values()) for r in ROWS[:1])
    writer.writerow([f"注：回电{PHONE}", "", "", "", "", ""])
    layout = {"type": "workbook", "name": ".*", "header_line": 2, "not_rows": ["注.*"]}
    delivery = put(declared(layout), "csv", out.getvalue().encode())
    assert len(read_rows(delivery, declared(layout))) == 1
    assert not holds(tmp_path / "landing", NAME, PHONE)


def test_xml_keeps_no_text_between_elements(put: Any, private_key: bytes, tmp_path: Path) -> None:
    content = (
        f"<requests by='{NAME}'>{NAME}<request no='{PHONE}'>{NAME}<id>1</id>{NAME}<what>x</what>"
        f"<reporter>{NAME}</reporter><phone/></request>{PHONE}</requests>"
    )
    source = declared("open311")
    rows = read_rows(put(source, "xml", content.encode()), source)
    assert list(rows["what"]) == ["x"]
    assert not holds(tmp_path / "landing", NAME, PHONE)


@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("csv", f"1,{TEXT},x,y,{NAME},{PHONE}\n2,{TEXT},x,y,{NAME},{PHONE}\n"),
        ("csv", f"1,{NAME},{NAME}\n2,a,b\n"),
        ("json", json.dumps({"items": [f"{NAME} {PHONE}"]})),
        ("json", json.dumps({f"{NAME}": [{"id": "1"}]})),
        ("json", f'{{"items": [{{"{NAME}": 1, "{NAME}": 2}}]}}'),
    ],
)
def test_a_table_without_its_heading_or_rows_that_are_none_are_refused_without_a_word_of_them(
    put: Any, private_key: bytes, tmp_path: Path, media: str, content: str
) -> None:
    connector = "workbook" if media == "csv" else "http_json"
    with pytest.raises(SourceRefused) as caught:
        put(declared(connector), media, content.encode())
    assert NAME not in str(caught.value) and PHONE not in str(caught.value)
    assert not holds(tmp_path, NAME, PHONE)


def test_a_report_has_one_number_whatever_its_rows_become(
    land: Land, vault: Vault, private_key: bytes
) -> None:
    land(as_json)
    land(as_json, [ROWS[0] | {"where": "海塘路13号"}])
    assert len(vault.rows("feed", "1")) == 3
    assert len({r.report for r in vault.rows("feed", "1")}) == 1
    assert vault.rows("feed", "9") == []
