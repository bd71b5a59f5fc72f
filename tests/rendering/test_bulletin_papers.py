"""An edition as Word file, PDF and picture: the same bytes again, every town, nothing but text."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from schemas.edition import Edition
from schemas.policy_bulletin import Bulletin
from tasks.publication.files import render
from tasks.rendering import wording
from tasks.rendering.catalogue import LANGUAGES, text
from tasks.rendering.docx import render_docx
from tasks.rendering.pdf import render_pdf
from tasks.rendering.svg import chart_svg
from tests.house.code import ROOT
from tests.rendering import sample
from tests.rendering.hostile import hostile
from tests.rendering.printing import needs, squeezed, to_pdf, told

KINDS = ("weekly", "monthly", "statutory", "quarter", "half_year", "year", "campaign", "span")
MILLIMETRE = 36_000


def opened(edition: Edition, lang: str = "zh") -> Document:
    return docx.Document(BytesIO(render_docx(edition, lang)))


def tables(document: Document) -> list[list[list[str]]]:
    return [[[c.text for c in row.cells] for row in table.rows] for table in document.tables]


def said(document: Document) -> str:
    return "\n".join(p.text for p in document.paragraphs)


DIGESTS = """
from hashlib import sha256
from tasks.publication.files import render
from tests.rendering import sample
for name, content in sorted(render(sample.edition(), {}).items()):
    print(name, sha256(content).hexdigest())
"""


@pytest.mark.parametrize("seed", ["0", "7"])
def test_every_file_has_the_same_bytes_in_another_process(seed: str) -> None:
    files = render(sample.edition(), {})
    here = [f"{name} {sha256(content).hexdigest()}" for name, content in sorted(files.items())]
    strange = {"TZ": "America/Lima", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1", "RL_useA85": "1"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, **strange},
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    assert elsewhere.stdout.splitlines() == here
    assert {Path(name).suffix for name in files} == {
        *(".json", ".html", ".xlsx", ".docx", ".pdf", ".svg")
    }


def test_the_only_time_in_a_file_is_of_the_edition(edition: Edition) -> None:
    with zipfile.ZipFile(BytesIO(render_docx(edition, "zh"))) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2025-03-09T00:00:00Z") == 2
    pdf = render_pdf(edition, "zh").decode("latin-1")
    assert set(re.findall(r"D:(\d+)", pdf)) == {"20250309000000"}
    edition["body"]["last_day"] = "2025-03-16"
    assert render_pdf(edition, "zh").decode("latin-1") != pdf


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("grouped", [True, False])
def test_every_town_and_sector_stands_with_its_rank_and_score(
    lang: str, grouped: bool, make_edition: Callable[..., Edition]
) -> None:
    edition = make_edition(grouped=grouped)
    rows = [row for table in tables(opened(edition, lang)) for row in table]
    empty = text("bulletin.empty_cell", lang)
    for unit in (*edition["body"]["towns"], *edition["body"]["sectors"]):
        name = unit["name"][lang]  # type: ignore[literal-required]
        found = [row for row in rows if len(row) == 6 and row[2] == name]
        assert [(row[0], row[3]) for row in found] == [
            (str(unit["rank"] or empty), unit["score"] or empty)
        ]


def test_the_rates_of_every_town_stand_in_an_annex_as_the_document_has_them(
    edition: Edition,
) -> None:
    rows = {row[1]: row for table in tables(opened(edition)) for row in table if len(row) == 10}
    for unit in edition["body"]["towns"]:
        rates = [
            unit["rates"][scope]["all"][of]["value"]  # type: ignore[literal-required]
            for of, _, _, _, scope in sorted(sample.INDICATORS, key=lambda i: i[4])
        ]
        assert rows[unit["name"]["zh"]][2:9] == rates


@pytest.mark.parametrize("lang", LANGUAGES)
def test_heads_of_tables_repeat_and_no_row_is_torn(lang: str, edition: Edition) -> None:
    for table in opened(edition, lang).tables:
        first = table.rows[0]._tr.trPr
        assert first is not None and first.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert all(cell.text for cell in table.rows[0].cells)


def test_pages_are_those_of_an_official_paper_and_annexes_lie_across(edition: Edition) -> None:
    upright, turned = opened(edition).sections
    sides = [upright.page_width, upright.page_height, upright.top_margin, upright.left_margin]
    assert [round(side / MILLIMETRE) for side in sides] == [210, 297, 37, 28]  # type: ignore[operator]
    assert (turned.page_width, turned.page_height) == (upright.page_height, upright.page_width)
    areas = [
        (
            round((s.page_width - s.left_margin - s.right_margin) / MILLIMETRE),  # type: ignore[operator]
            round((s.page_height - s.top_margin - s.bottom_margin) / MILLIMETRE),  # type: ignore[operator]
        )
        for s in (upright, turned)
    ]
    assert areas == [(156, 225), (225, 156)]
    title = opened(edition).paragraphs[0]
    assert (title.text, title.runs[0].font.size.pt) == ("云溪市事故隐患闭环周通报", 22)  # type: ignore[union-attr]


def test_there_is_one_native_chart_of_the_ranked_towns(edition: Edition) -> None:
    with zipfile.ZipFile(BytesIO(render_docx(edition, "zh"))) as archive:
        charts = [n for n in archive.namelist() if n.startswith("word/charts/")]
        root = ElementTree.fromstring(archive.read(charts[0]))
        for part in archive.namelist():
            ElementTree.fromstring(archive.read(part))
    space = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    values = [v.text for v in root.iterfind(f".//{space}val//{space}v")]
    ranked = [u for u in edition["body"]["towns"] if u["rank"]]
    assert len(charts) == 1
    assert values == [u["score"] for u in ranked]
    names = [v.text for v in root.iterfind(f".//{space}ser[1]//{space}cat//{space}v")]
    assert names == [f"{u['rank']}  {u['name']['zh']}" for u in ranked]


@pytest.mark.parametrize("kind", KINDS)
def test_the_title_says_what_kind_of_edition_it_is(kind: str, edition: Edition) -> None:
    edition["body"]["kind"] = kind
    assert text(f"edition_kind.{kind}", "zh") in opened(edition).paragraphs[0].text
    assert text(f"edition_kind.{kind}", "zh") in chart_svg(edition, "zh").decode()


PERIODS = [
    ("2025-W10", "2025年第10周", "Week 10, 2025"),
    ("2025-03", "2025年3月", "March 2025"),
    ("2025-Q2", "2025年第2季度", "Quarter 2, 2025"),
    ("2025-H1", "2025年上半年", "First half of 2025"),
    ("2025", "2025年", "2025"),
    ("2025-01-01--2025-05-31", "2025年1月1日—5月31日", "1 January – 31 May 2025"),
    ("2025-W1", "2025-W1", "2025-W1"),
    ("spring", "spring", "spring"),
]


@pytest.mark.parametrize(("code", "zh", "en"), PERIODS)
def test_the_period_of_every_kind_is_said(code: str, zh: str, en: str) -> None:
    assert (wording.period(code, "zh"), wording.period(code, "en")) == (zh, en)


def test_a_correction_opens_with_its_note_and_a_first_edition_has_none(
    make_edition: Callable[..., Edition],
) -> None:
    revised, first = opened(make_edition()), opened(make_edition(revised=False))
    headings = [p.text for p in revised.paragraphs if re.match("[一二三四五六七]、", p.text)]
    assert headings[0] == "一、更正说明" and headings[1] == "二、总体情况"
    assert "更正通报" in revised.paragraphs[1].text
    assert "迟报补报（R1）" in said(revised)
    moved = tables(revised)[1]
    assert [row[:3] for row in moved[1:]] == [["松涛街道", "3", "2"], ["望湖街道", "2", "3"]]
    assert "更正" not in said(first)


def test_what_signing_fixed_stands_under_the_title(edition: Edition) -> None:
    edition["issue"] = {
        "year": 2025,
        "number": 37,
        "correction": 4,
        "signer": {"zh": "某某主任", "en": "The Director"},
        "signed_by": "operator-1",
        "recipients": ["各镇街", "各有关部门"],
    }
    lines = [p.text for p in opened(edition).paragraphs[1:4]]
    assert lines == [
        "2025年第10周\u3000第37期\u3000更正通报第4号",
        "签发：某某主任",
        "各镇街、各有关部门：",
    ]
    assert "operator-1" not in said(opened(edition))
    assert "Issue 37" in chart_svg(edition, "en").decode()


def test_the_key_figures_and_what_proves_them_are_said(edition: Edition) -> None:
    shown = said(opened(edition))
    week = edition["body"]["total"]["counts"]["period"]["all"]
    for words in (f"新发现事故隐患{week['found']:,}项", f"销号{week['closed']:,}项"):
        assert words in shown
    for key in ("watermark", "ledger_head", "ledger_root", "policy_hash", "body_digest"):
        assert str(edition[key]) in shown  # type: ignore[literal-required]


def test_listed_hazards_and_missing_and_late_reporters_are_named(edition: Edition) -> None:
    cells = {c for table in tables(opened(edition)) for row in table for c in row}
    body = edition["body"]
    assert {i["number"] for i in body["listed"]} | {i["unit_name"] for i in body["listed"]} <= cells
    assert {m["unit_name"]["zh"] for m in (*body["missing"], *body["late"])} <= cells


def test_a_red_head_is_what_policy_asks_for(edition: Edition) -> None:
    plain = opened(edition).paragraphs[0].runs[0]
    assert "red_head" in Bulletin.model_fields
    policy: Any = deepcopy(edition["body"]["policy"])
    policy["bulletin"]["red_head"] = True
    edition["body"]["policy"] = policy
    red = opened(edition).paragraphs[0].runs[0]
    assert (plain.font.color.rgb, str(red.font.color.rgb)) == (None, "C00000")


def test_ranks_that_policy_hides_are_on_no_paper(edition: Edition) -> None:
    policy: Any = deepcopy(edition["body"]["policy"])
    policy["scoring"]["show_ranks"] = False
    edition["body"]["policy"] = policy
    heads = {c for table in tables(opened(edition)) for row in table[:2] for c in row}
    assert "名次" not in heads - {"原名次", "现名次"} and "得分" in heads
    assert "居前" not in said(opened(edition))
    with zipfile.ZipFile(BytesIO(render_docx(edition, "zh"))) as archive:
        assert not [n for n in archive.namelist() if "chart" in n]
    assert text("chart.none", "zh") in chart_svg(edition, "zh").decode()
    assert render_pdf(edition, "zh").startswith(b"%PDF")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_period_still_makes_a_paper(lang: str, edition: Edition) -> None:
    body = edition["body"]
    body.update(listed=[], listed_matrix=[], missing=[], late=[], quarantined={})
    for unit in body["towns"]:
        unit.update(rank=None, score=None, unranked_because="nothing_due")
    shown = said(opened(edition, lang))
    assert text("listed.none", lang) in shown and text("reporters.none", lang) in shown
    assert render_pdf(edition, lang).startswith(b"%PDF")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_are_text_in_every_file(lang: str, edition: Edition) -> None:
    bad = hostile(edition)
    cells = {c for table in tables(opened(bad, lang)) for row in table for c in row}
    assert {"=cmd|'/c calc'!A1", "<script>alert(1)</script>", "{{ 7*7 }}{% raw %}"} <= cells
    assert "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m" in cells
    assert max(map(len, cells)) <= 120
    picture = ElementTree.fromstring(chart_svg(bad, lang))
    assert {e.tag.split("}")[1] for e in picture.iter()} == {
        *("svg", "title", "rect", "text", "g", "path")
    }
    assert render_pdf(bad, lang).startswith(b"%PDF")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_picture_holds_every_ranked_town_and_loads_nothing(lang: str, edition: Edition) -> None:
    source = chart_svg(edition, lang).decode()
    words = {e.text for e in ElementTree.fromstring(source).iter() if e.tag.endswith("}text")}
    for unit in edition["body"]["towns"]:
        if unit["rank"]:
            assert {unit["name"][lang], unit["score"]} <= words  # type: ignore[literal-required]
    assert not re.search(r"href|url\(|script|@import", source)
    assert source.count("http") == 1


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Word files as LibreOffice prints them, and our own PDF files."""
    needs("soffice", "pdfinfo", "pdftotext", "pdffonts")
    folder = tmp_path_factory.mktemp("bulletins")
    revised = sample.edition()
    for lang in LANGUAGES:
        (folder / f"word-{lang}.docx").write_bytes(render_docx(revised, lang))
        (folder / f"word-hostile-{lang}.docx").write_bytes(render_docx(hostile(revised), lang))
        (folder / f"own-{lang}.pdf").write_bytes(render_pdf(revised, lang))
        (folder / f"own-hostile-{lang}.pdf").write_bytes(render_pdf(hostile(revised), lang))
    to_pdf(folder, "*.docx")
    return folder


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("made_by", ["word", "own"])
def test_every_town_is_printed_with_rank_and_score(lang: str, made_by: str, printed: Path) -> None:
    lines = told("pdftotext", printed / f"{made_by}-{lang}.pdf", "-layout", "-").splitlines()
    squeezed_lines = [squeezed(line) for line in lines]
    edition = sample.edition()
    for unit in (*edition["body"]["towns"], *edition["body"]["sectors"]):
        name = squeezed(unit["name"][lang])  # type: ignore[literal-required]
        found = [line for line in squeezed_lines if name in line]
        assert found
        if unit["rank"]:
            moved = f"(?:[↑↓]\\d+|—|{text('movement.new_short', lang)})"
            row = re.compile(f"^{unit['rank']}{moved}{re.escape(name)}{unit['score']}")
            assert [line for line in found if row.match(line)], found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("made_by", ["word", "own"])
def test_pages_are_numbered_and_heads_stand_on_each_page_of_a_table(
    lang: str, made_by: str, printed: Path
) -> None:
    pages = told("pdftotext", printed / f"{made_by}-{lang}.pdf", "-layout", "-").split("\f")[:-1]
    assert 11 <= len(pages) <= 13
    for number, page in enumerate(pages, 1):
        assert squeezed(page).endswith(f"—{number}—")
    first, second = (
        next(n for n, page in enumerate(pages) if squeezed(text(key, lang)) in squeezed(page))
        for key in ("paper.rated.towns", "paper.rated.sectors")
    )
    head = text("rate.timeliness", lang).split()[-1]
    assert second - first == 2 and all(head in page for page in pages[first:second])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_are_printed_on_a_few_pages(lang: str, printed: Path) -> None:
    for made_by in ("word", "own"):
        info = told("pdfinfo", printed / f"{made_by}-hostile-{lang}.pdf")
        assert int(info.split("Pages:")[1].split()[0]) < 30


@pytest.mark.parametrize("lang", LANGUAGES)
def test_chinese_fonts_are_embedded_by_the_word_file_and_named_by_the_pdf(
    lang: str, printed: Path
) -> None:
    fonts = told("pdffonts", printed / f"own-{lang}.pdf")
    assert "STSong-Light" in fonts and "UniGB-UTF16-H" in fonts
    assert not re.search(r"\byes +(yes|no) +(yes|no) +\d", fonts)  # none depends on the machine
    printed_by_office = told("pdffonts", printed / f"word-{lang}.pdf")
    assert re.search("CJK|Song|Fang|Hei", printed_by_office)
