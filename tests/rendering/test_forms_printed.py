"""The papers as LibreOffice prints them: one page, every text, Chinese fonts in the PDF."""

import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from schemas.forms import RectificationReport
from tasks.rendering.forms import render
from tasks.rendering.papers import slips
from tasks.rendering.papers.fitting import fitted
from tests.house.code import ROOT
from tests.rendering.sample_forms import ANNEXED, FORMS, LARGE, MADE_AT, REPORT
from tests.rendering.test_forms import values

PROGRAMS = ("soffice", "pdfinfo", "pdftotext", "pdffonts")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include><include>{ours}</include></fontconfig>
"""
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
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"papers cannot be printed here: {', '.join(missing)} not found")
    folder = tmp_path_factory.mktemp("papers")
    for name, data in _papers().items():
        (folder / f"{name}.docx").write_bytes(data)
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(ours=ROOT / "config" / "fonts.conf"), "utf-8")
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "pdf", "--outdir", folder, *sorted(folder.glob("*.docx"))),
        ],
        env={**os.environ, "HOME": str(folder), "FONTCONFIG_FILE": str(fonts)},
        capture_output=True,
        timeout=150,
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def pages(printed: Path) -> Callable[[str], int]:
    return lambda name: int(_told("pdfinfo", printed, name).split("Pages:")[1].split()[0])


def _told(program: str, folder: Path, name: str, *more: str) -> str:
    command = [program, folder / f"{name}.pdf", *more]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _squeezed(words: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", words))


@pytest.mark.parametrize("name", FORMS)
def test_a_paper_is_one_page(name: str, pages: Callable[[str], int]) -> None:
    assert [pages(f"{kind}-{name}") for kind in ("usual", "red")] == [1, 1]


@pytest.mark.parametrize("name", FORMS)
def test_every_text_and_day_is_printed(name: str, printed: Path) -> None:
    shown = _squeezed(_told("pdftotext", printed, f"usual-{name}", "-raw", "-"))
    assert [v for v in values(FORMS[name]) if _squeezed(v) not in shown] == []


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
        assert _squeezed(page).endswith(f"—{number}—")
    assert all("序号" in page for page in annex)  # the head stands on every page
    assert _squeezed("".join(annex)).count("注塑车间") == _squeezed(str(ANNEXED[name])).count(
        "注塑车间"
    )


@pytest.mark.parametrize("name", FORMS)
def test_chinese_fonts_are_in_the_file_serif_and_sans(name: str, printed: Path) -> None:
    rows = _told("pdffonts", printed, f"usual-{name}").splitlines()[2:]
    fonts = [row.split() for row in rows]
    assert all(row[-5] == "yes" for row in fonts), rows  # embedded
    chinese = [row[0] for row in fonts if re.search("CJK|Song|Hei|Kai|Fang", row[0])]
    assert len(chinese) >= 2, rows
