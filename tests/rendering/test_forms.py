"""The official papers: every field is there, nothing else is, same bytes again, text stays text."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from schemas import forms
from schemas.forms import Form
from tasks.rendering.catalogue import LANGUAGES, text
from tasks.rendering.forms import render
from tasks.rendering.papers.looks import Font
from tests.house.code import ROOT
from tests.rendering import sample_forms as sample
from tests.rendering.sample_forms import ANNEXED, FORMS, LARGE, MADE_AT

EVERY = [pytest.param(form, id=name) for name, form in FORMS.items()]
MILLIMETRE = 36_000  # in Word's smallest unit


def opened(form: Form, lang: str = "zh", **how: Any) -> Document:
    return docx.Document(BytesIO(render(form, lang, made_at=MADE_AT, **how)))


def said(document: Document) -> str:
    """Every text of the document in its order, a line for each paragraph."""
    return "\n".join(_text(p) for p in document.element.body.iter(qn("w:p")))


def _text(paragraph: Any) -> str:
    return "".join(
        "\n" if e.tag == qn("w:br") else e.text or "" for e in paragraph.iter(qn("w:t"), qn("w:br"))
    )


def values(value: Any) -> Iterator[str]:
    """What a Chinese paper must say of a form: every text, day and number in it."""
    if is_dataclass(value):
        for field in fields(value):
            yield from values(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from values(one)
    elif isinstance(value, date):
        yield f"{value.year}年{value.month}月{value.day}日"
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize("red_head", [False, True])
def test_every_text_and_day_of_a_form_stands_on_its_paper(form: Form, red_head: bool) -> None:
    shown = said(opened(form, red_head=red_head))
    assert [words for words in values(form) if words not in shown] == []


def test_numbers_and_words_of_closed_lists_stand_on_the_papers_too() -> None:
    notice = said(opened(sample.NOTICE))
    assert "县级挂牌督办" in notice and "事故隐患 1 项" in notice and "重大" in notice
    for element in ("一、责任。", "二、措施。", "三、时限。", "四、资金。", "五、预案。", "每季度"):
        assert element in notice
    assert "386,500.00 元" in said(opened(sample.ACCEPTANCE))
    assert "42,800.50 元" in said(opened(sample.REPORT))
    assert "10 个工作日" in said(opened(sample.SLIP))
    rows = opened(sample.LETTER).tables[0].rows
    assert [row.cells[4].text for row in rows] == ["逾期天数", "7", "5"]


def test_opinions_say_yes_or_no_and_until_when() -> None:
    assert "同意延期至2026年9月15日。" in said(opened(sample.EXTENSION))
    refused = replace(sample.EXTENSION, is_granted=False, new_due_on=None)
    assert "不同意延期，仍应于2026年6月30日前完成治理。" in said(opened(refused))
    assert "验收合格。" in said(opened(sample.ACCEPTANCE))
    failed = replace(sample.ACCEPTANCE, is_passed=False, remains="防火门未安装闭门器")
    assert "验收不合格" in said(opened(failed)) and "防火门未安装闭门器" in said(opened(failed))


def test_what_a_unit_left_out_is_left_open_for_a_pen() -> None:
    bare = forms.RectificationReport(
        slip_number="提1号", unit="样板厂", what="隐患", office="某某办公室"
    )
    shown = said(opened(bare))
    assert "None" not in shown
    assert shown.count(text("paper.blank_day", "zh")) == 2


def test_a_slip_has_room_for_nothing_about_a_report_or_who_made_it() -> None:
    assert [f.name for f in fields(forms.RiskSlip)] == [
        *("number", "unit", "what", "where", "found_on", "requirement"),
        *("answer_by", "answer_working_days", "office", "issued_on"),
    ]
    with pytest.raises(TypeError):
        replace(sample.SLIP, channel="public_report")  # type: ignore[call-arg]


CLASSES = [
    *(forms.Hazard, forms.ListingNotice, forms.ExtensionOpinion, forms.AcceptanceOpinion),
    *(forms.RiskSlip, forms.RectificationReport, forms.OverdueItem, forms.SupervisionLetter),
]


def test_no_form_has_room_for_a_reporter_or_a_channel() -> None:
    names = {f.name for kind in CLASSES for f in fields(kind)}
    about = ("reporter", "channel", "caller", "contact", "phone", "narrative", "source", "claimed")
    assert [n for n in names if any(word in n for word in about)] == []


@pytest.mark.parametrize(
    ("form", "change", "reason"),
    [
        (sample.NOTICE, {"hazards": ()}, "no hazard"),
        (sample.NOTICE, {"level": 0}, "NONE"),
        (sample.EXTENSION, {"new_due_on": None}, "new_due_on is None"),
        (sample.EXTENSION, {"is_granted": False}, "is_granted is False"),
        (sample.ACCEPTANCE, {"is_passed": False}, "remains is empty"),
        (sample.ACCEPTANCE, {"spent_fen": -1}, "-1"),
        (sample.LETTER, {"items": ()}, "no hazard"),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(form: Any, change: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(form, **change)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", EVERY)
def test_every_run_names_a_chinese_font_that_the_file_can_replace(form: Form, lang: str) -> None:
    data = render(form, lang, made_at=MADE_AT, red_head=True)
    document = docx.Document(BytesIO(data))
    runs = [r for r in document.element.body.iter(qn("w:r")) if r.findtext(qn("w:t"))]
    named = {r.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) for r in runs}
    assert len(runs) > 10 and named <= {*Font}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        table = docx.oxml.parse_xml(archive.read("word/fontTable.xml"))
    instead = {f.get(qn("w:name")): f.find(qn("w:altName")).get(qn("w:val")) for f in table}
    assert all("Noto" in instead[name] for name in Font)


@pytest.mark.parametrize("form", EVERY)
def test_the_page_is_that_of_an_official_paper(form: Form) -> None:
    document = opened(form)
    section = document.sections[0]
    sides = [section.page_width, section.page_height, section.top_margin, section.left_margin]
    assert [round(side / MILLIMETRE) for side in sides] == [210, 297, 37, 28]  # type: ignore[operator]
    area = (
        section.page_width - section.left_margin - section.right_margin,  # type: ignore[operator]
        section.page_height - section.top_margin - section.bottom_margin,  # type: ignore[operator]
    )
    assert [round(side / MILLIMETRE) for side in area] == [156, 225]
    title = next(p for p in document.paragraphs if p.text)
    assert title.alignment == 1 and title.runs[0].font.size.pt == 22  # type: ignore[union-attr]
    spacings = list(document.element.body.iter(qn("w:spacing")))
    rules = {s.get(qn("w:lineRule")) for s in spacings if s.getparent().tag == qn("w:pPr")}
    assert rules == {"exact"}


@pytest.mark.parametrize("form", [sample.SLIP, sample.REPORT, sample.LETTER, sample.NOTICE])
def test_a_normal_body_is_set_in_size_three_on_28_points(form: Form) -> None:
    body = next(p for p in opened(form).paragraphs if p.paragraph_format.first_line_indent)
    assert body.runs[-1].font.size.pt == 16  # type: ignore[union-attr]
    assert body.paragraph_format.line_spacing.pt == 28  # type: ignore[union-attr]


def test_a_red_head_names_the_office_and_a_units_own_report_has_none() -> None:
    head = opened(sample.NOTICE, red_head=True).paragraphs[0]
    assert head.text == sample.OFFICE
    assert str(head.runs[0].font.color.rgb) == "C00000"
    assert render(sample.REPORT, made_at=0, red_head=True) == render(sample.REPORT, made_at=0)


HOSTILE = "<w:p>&amp;]]> {{ 7*7 }} {% raw %} ${x} =1+1 \\n “引号” 𠀀"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_markup_in_data_stays_text(lang: str) -> None:
    slip = replace(sample.SLIP, what=HOSTILE, unit=HOSTILE, number=HOSTILE, office=HOSTILE)
    document = opened(slip, lang, red_head=True)
    assert said(document).count(HOSTILE) == 5
    assert document.core_properties.author == HOSTILE


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1b", "\ud800", "\ufffe", "\u202e"])
def test_a_character_that_xml_cannot_hold_does_not_break_the_file(bad: str) -> None:
    shown = said(opened(replace(sample.REPORT, what=f"前{bad}后", evidence=(bad, f"a{bad}"))))
    assert "前\N{REPLACEMENT CHARACTER}后" in shown


def test_lines_of_a_text_stay_lines() -> None:
    shown = said(opened(replace(sample.REPORT, done="第一行\n第二行\t末")))
    assert "第一行\n第二行 末" in shown


DIGESTS = """
from hashlib import sha256
from tasks.rendering.forms import render
from tests.rendering.sample_forms import ANNEXED, FORMS, MADE_AT
for form in (*FORMS.values(), *ANNEXED.values()):
    for lang in ("zh", "en"):
        print(sha256(render(form, lang, made_at=MADE_AT, red_head=True)).hexdigest())
"""


def test_the_same_form_gives_the_same_bytes_here_and_in_another_process() -> None:
    here = [
        sha256(render(form, lang, made_at=MADE_AT, red_head=True)).hexdigest()
        for form in (*FORMS.values(), *ANNEXED.values())
        for lang in LANGUAGES
    ]
    elsewhere = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert elsewhere.stdout.split() == here
    assert len(set(here)) == len(here)


def test_the_only_time_in_the_file_is_the_one_given() -> None:
    with zipfile.ZipFile(BytesIO(render(sample.LETTER, made_at=MADE_AT))) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2026-01-01T00:00:00Z") == 2
    assert render(sample.LETTER, made_at=MADE_AT) != render(sample.LETTER, made_at=MADE_AT + 1000)


def test_eight_hazards_stand_on_the_notice_and_more_in_an_annex() -> None:
    eight, more = opened(LARGE["notice"]), opened(ANNEXED["notice"])
    assert [len(t.rows) for t in eight.tables] == [9]
    assert "见附件" in said(more) and "见附件" not in said(eight)
    breaks = [p.text for p in more.paragraphs if p.paragraph_format.page_break_before]
    assert breaks == ["附件"]
    numbers = [row.cells[0].text for row in more.tables[0].rows]
    assert numbers == ["序号", *map(str, range(1, 41))]


def test_a_letter_of_a_thousand_items_has_a_row_for_each() -> None:
    many = replace(sample.LETTER, items=sample.LETTER.items * 500)
    assert len(opened(many).tables[0].rows) == 1_001
