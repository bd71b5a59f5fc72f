"""What we hand out: no cell of ours is a formula, no bad text kills a report, no script runs."""

import html
import io
import re
from itertools import cycle
from typing import Any

import openpyxl
import pytest

from schemas.edition import Edition
from tasks.rendering.catalogue import LANGUAGES
from tasks.rendering.html import render_html
from tasks.rendering.xlsx import render_xlsx
from tests.rendering import sample

LEADS = {
    "an equals sign": "=1+1",
    "a plus": "+1",
    "a minus": "-1",
    "an at sign": "@SUM(A1)",
    "a tab": "\t=1",
    "a carriage return": "\r=1",
    "a full-width equals sign": "＝1+1",
    "an array formula": "{=1}",
    "a link": '=HYPERLINK("http://127.0.0.1:9","x")',
    "a command": "=cmd|' /C calc'!A0",
}
KILLERS = {
    "a NUL": "甲\x00乙",
    "half a character": "甲\ud800乙",
    "a control character": "甲\x0b乙",
    "no character at all": "甲\uffff乙",
    "a text of 32,767 characters": "甲" * 32_767,
    "a text of 40,000 characters beyond the plane": "甲" + "𠮷" * 40_000,
}
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def saying(*texts: str) -> Edition:
    """An edition in which the towns, and the units of listed hazards, are called so, in turn."""
    made: Any = sample.edition()
    for unit, words in zip(made["body"]["towns"], cycle(texts), strict=False):
        unit["name"] = {"zh": words, "en": words}
    for item, words in zip(made["body"]["listed"], cycle(texts), strict=False):
        item["unit_name"] = words
    return made  # type: ignore[no-any-return]


def reopened(content: bytes) -> list[Any]:
    opened = openpyxl.load_workbook(io.BytesIO(content))
    return [cell for sheet in opened for row in sheet.iter_rows() for cell in row]


@pytest.fixture(scope="module", params=LANGUAGES)
def cells(request: pytest.FixtureRequest) -> list[Any]:
    return reopened(render_xlsx(saying(*LEADS.values()), request.param))


@pytest.mark.parametrize("words", LEADS.values(), ids=LEADS.keys())
def test_a_text_that_begins_with(words: str, cells: list[Any]) -> None:
    kept = words.strip().replace("\r", "\N{REPLACEMENT CHARACTER}")
    found = [c for c in cells if isinstance(c.value, str) and kept in c.value]
    assert found
    assert {(c.data_type, c.hyperlink) for c in found} == {("s", None)}


def test_no_cell_at_all_is_a_formula(cells: list[Any]) -> None:
    assert [c.value for c in cells if c.data_type == "f" or c.hyperlink] == []


def test_bad_texts_do_not_kill_a_workbook() -> None:
    said = [str(c.value) for c in reopened(render_xlsx(saying(*KILLERS.values()), "zh"))]
    assert max(len(words.encode("utf-16-le")) // 2 for words in said) <= 32_767
    assert len({words for words in said if words.startswith("甲")}) >= 3


def test_bad_texts_do_not_kill_a_page() -> None:
    page = render_html(saying(*KILLERS.values()), "zh").decode()
    assert page.rstrip().endswith("</html>")
    assert not re.search("[\x00\x0b\ud800-\udfff\uffff]", page)


def test_a_script_in_the_data_is_shown_and_never_run() -> None:
    page = render_html(saying(SCRIPT), "zh").decode()
    assert html.escape(SCRIPT, quote=False).partition("&gt;")[0] in page
    assert "<script" not in page
    assert not re.search(r"<[^>]*\sonerror", page)
    assert "default-src 'none'" in page
