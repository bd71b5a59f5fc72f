"""The annex on the page and in the workbook: collapsed, readable without a script, same figures."""

from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from rules.annex import annex
from schemas.edition import Edition
from schemas.policy import Scoring
from tasks.rendering.catalogue import text
from tasks.rendering.html import render_html
from tasks.rendering.xlsx import render_xlsx

Make = Callable[..., Edition]


@pytest.fixture
def annexed(make_edition: Make) -> Edition:
    made = make_edition()
    policy = made["body"]["policy"]["scoring"]
    scoring = Scoring.model_validate({"sample_scope": "period", **policy})  # type: ignore[dict-item]
    made["body"]["annex"] = annex(made["body"], [make_edition(seed=8)["body"]], scoring)
    return made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_has_the_annex_closed_with_its_method(annexed: Edition, lang: str) -> None:
    page = unescape(render_html(annexed, lang).decode())
    assert page.count("<details>") == 1 and "<details open" not in page
    assert page.index('id="annex"') > page.index('id="method"')
    assert text("annex.limits", lang) in page
    row = annexed["body"]["annex"]["towns"][0]
    told = text("annex.range", lang, low=row["score_low"], high=row["score_high"])
    assert f">{told}<" in page


def test_an_old_edition_without_an_annex_is_rendered_as_it_was(edition: Edition) -> None:
    page = render_html(edition, "zh").decode()
    assert "annex" not in page.split("</style>")[1]
    assert "annex" not in edition["body"]
    assert text("sheet.annex", "zh") not in load_workbook(BytesIO(render_xlsx(edition, "zh")))


def test_the_workbook_has_every_band_as_numbers(annexed: Edition) -> None:
    book = load_workbook(BytesIO(render_xlsx(annexed, "en")))
    cells = [[c.value for c in row] for row in book[text("sheet.annex", "en")].iter_rows()]
    unit, rows = annexed["body"]["towns"][0], annexed["body"]["annex"]["towns"]
    band = rows[0]["bands"]["period.on_time"]
    scope = text("scope.period", "en")
    head = [unit["name"]["en"], scope, text("rate.on_time", "en")]
    mine = [r for r in cells if r[:3] == head]
    assert mine[0][3:6] == [2, band["numerator"], band["n"]]
    assert [round(100 * v, 2) for v in mine[0][6:9]] == [
        float(band["value"]), float(band["low"]), float(band["high"]),
    ]  # fmt: skip


def test_the_same_annex_gives_the_same_bytes(annexed: Edition) -> None:
    assert render_html(annexed, "zh") == render_html(annexed, "zh")
    assert render_xlsx(annexed, "zh") == render_xlsx(annexed, "zh")
