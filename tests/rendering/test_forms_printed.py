"""The papers as LibreOffice prints them: one page, every text, Chinese fonts in the PDF."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from schemas.forms import RectificationReport
from tasks.rendering.forms import render
from tasks.rendering.papers import slips
from tasks.rendering.papers.fitting import fitted
from tests.rendering.printing import needs, squeezed, to_pdf, told
from tests.rendering.sample_forms import ANNEXED, FORMS, LARGE, MADE_AT, REPORT
from tests.rendering.test_forms import values

PROGRAMS = ("soffice", "pdfinfo", "pdftotext", "pdffonts")
WORDS = "整改防火分隔隐患，。；：（）《》“”、 abc GB50016 2026 12.5kW WMWM"


def _random_report(seed: int) -> RectificationReport:
    """A report of texts whose length and script nobody chose."""
    random = Random(seed)
    done, review = ("".join(random.choices(WORDS, k=random.randrange(50, 1_200))) for _ in range(2))
    return replace(REPORT, done=done, review=review)


RANDOM = {f"random{seed}": _random_report(seed) for seed in range(8)}


def _papers() -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for kind, sample in (("usual", FORMS), ("large", LARGE), ("annexed", ANNEXED)):
        for name, form in sample.items():
            made[f"{kind}-{name}"] = render(form, made_at=MADE_AT)
    for name, form in FORMS.items():
        made[f"red-{name}"] = render(form, "en", made_at=MADE_AT, red_head=True)
    return made | {name: render(form, made_at=MADE_AT) for name, form in RANDOM.items()}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all papers as PDF, converted in one call."""
    needs(*PROGRAMS)
    folder = tmp_path_factory.mktemp("papers")
    for name, data in _papers().items():
        (folder / f"{name}.docx").write_bytes(data)
    to_pdf(folder, "*.docx")
    return folder


@pytest.fixture(scope="module")
def pages(printed: Path) -> Callable[[str], int]:
    return lambda name: int(_told("pdfinfo", printed, name).split("Pages:")[1].split()[0])


def _told(program: str, folder: Path, name: str, *more: str) -> str:
    return told(program, folder / f"{name}.pdf", *more)


@pytest.mark.parametrize("name", FORMS)
def test_a_paper_is_one_page(name: str, pages: Callable[[str], int]) -> None:
    assert [pages(f"{kind}-{name}") for kind in ("usual", "red")] == [1, 1]


@pytest.mark.parametrize("name", FORMS)
def test_every_text_and_day_is_printed(name: str, printed: Path) -> None:
    shown = squeezed(_told("pdftotext", printed, f"usual-{name}", "-raw", "-"))
    assert [v for v in values(FORMS[name]) if squeezed(v) not in shown] == []


@pytest.mark.parametrize("name", [n for n in FORMS if n != "acceptance"])
def test_long_contents_shrink_to_one_page(name: str, pages: Callable[[str], int]) -> None:
    assert pages(f"large-{name}") == 1


def test_a_list_that_leaves_no_room_moves_to_a_second_page(pages: Callable[[str], int]) -> None:
    assert pages("large-acceptance") == 2


@pytest.mark.parametrize("name", RANDOM)
def test_a_paper_that_is_said_to_fit_does(name: str, pages: Callable[[str], int]) -> None:
    fit = fitted(slips.report(RANDOM[name], "zh", False))
    assert (pages(name) == 1) >= fit.fits


@pytest.mark.parametrize("name", ANNEXED)
def test_an_annex_has_numbered_pages_of_its_own(name: str, printed: Path) -> None:
    first, *annex = _told("pdftotext", printed, f"annexed-{name}", "-raw", "-").split("\f")[:-1]
    assert "见附件" in first and "附件" in annex[0] and "隐患清单" in annex[0]
    for number, page in enumerate((first, *annex), 1):
        assert squeezed(page).endswith(f"—{number}—")
    assert all("序号" in page for page in annex)  # the head stands on every page
    assert squeezed("".join(annex)).count("注塑车间") == squeezed(str(ANNEXED[name])).count(
        "注塑车间"
    )


@pytest.mark.parametrize("name", FORMS)
def test_chinese_fonts_are_in_the_file_serif_and_sans(name: str, printed: Path) -> None:
    rows = _told("pdffonts", printed, f"usual-{name}").splitlines()[2:]
    fonts = [row.split() for row in rows]
    assert all(row[-5] == "yes" for row in fonts), rows  # embedded
    chinese = [row[0] for row in fonts if re.search("CJK|Song|Hei|Kai|Fang", row[0])]
    assert len(chinese) >= 2, rows
