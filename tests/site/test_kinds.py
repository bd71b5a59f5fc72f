"""Editions of every kind: on the site, linked, in two languages, for every reader."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from rules.kinds import period_of
from rules.periods import cut_off
from schemas.period import HOUR_MS
from schemas.vocabulary import EditionKind
from tasks.publishing import publish
from tasks.rendering.catalogue import text
from tasks.site import build
from tests.site.browsing import DESK, Reader, serving, too_wide, violations
from tests.site.county import Story, files
from tests.site.pages import Page, resolved, visible

pytestmark = pytest.mark.timeout(300)

CODES = {
    EditionKind.WEEKLY: "2025-W10",
    EditionKind.MONTHLY: "2025-03",
    EditionKind.STATUTORY: "2025-03",
    EditionKind.QUARTER: "2025-Q1",
    EditionKind.HALF_YEAR: "2025-H1",
    EditionKind.YEAR: "2025",
    EditionKind.CAMPAIGN: "2025-01-01--2025-03-30",
    EditionKind.SPAN: "2025-03-03--2025-03-20",
}
HEADS = {kind: f"{kind.value}/{code}/1/index.html" for kind, code in CODES.items()}
# Every kind once, the languages in turn: a page takes a browser seconds.
SEEN = [("", "en/")[n % 2] + path for n, path in enumerate(HEADS.values())]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Story:
    """Two weeks of the county, an edition of every kind, and its public site built once."""
    own = Story.make(tmp_path_factory.mktemp("kinds"), migrated_file)
    own.adopt(audience="public", kinds={"statutory": {"show_ranks": False}})
    for number in range(2):
        own.bring(number)
    county = own.county
    for kind, code in CODES.items():
        period = period_of(kind, code, county.zone)
        publish(county, period, cut_off(period, county.policy, county.days) + HOUR_MS)
    build(county, "public")
    return own


@pytest.fixture(scope="module")
def pages(kinds: Story) -> dict[str, Page]:
    """Every page of the public site."""
    found = {p: c for p, c in files(kinds.county.home / "site").items() if p.endswith(".html")}
    return {p: Page(c.decode("utf-8")) for p, c in found.items() if "/files/" not in p}


@pytest.fixture(scope="module")
def address(kinds: Story) -> Iterator[str]:
    with serving(kinds.county.home / "site") as address:
        yield address


def _in_both(paths: Iterable[str]) -> list[str]:
    return [p for path in paths for p in (path, f"en/{path}")]


def test_every_kind_is_on_the_first_page_by_its_name(pages: dict[str, Page]) -> None:
    for lang, first in (("zh", "index.html"), ("en", "en/index.html")):
        said = visible(pages[first].text)
        for kind, path in HEADS.items():
            assert path in pages[first].targets
            assert text(f"edition_kind.{kind}", lang).lower() in said.lower()
            assert kind in pages[first].ids


def test_links_of_every_page_of_every_kind_lead_somewhere(
    kinds: Story, pages: dict[str, Page]
) -> None:
    known = files(kinds.county.home / "site")
    own = [p for p in pages if p.removeprefix("en/").split("/")[0] in set(CODES)]
    assert set(own) >= set(_in_both(HEADS.values()))
    broken = []
    for path in [*own, "index.html", "en/index.html", "revisions.html", "proof.html"]:
        page = pages[path]
        assert (page.unbalanced, len(page.ids)) == ([], len(set(page.ids))), path
        for target in page.targets:
            file, anchor = resolved(path, target)
            if file not in known or (anchor and anchor not in pages[file].ids):
                broken.append((path, target))
    assert broken == []


def test_every_kind_speaks_one_language_a_page(pages: dict[str, Page]) -> None:
    for path in HEADS.values():
        words = set(re.findall(r"[\u4e00-\u9fff]+", visible(pages[f"en/{path}"].text)))
        # The other language's name, and what is data: units and categories.
        assert {w for w in words if "虚构" not in w} <= {"中文", "消防通道", "号"}, path


def test_a_kind_without_ranks_speaks_of_scores(pages: dict[str, Page]) -> None:
    for lang, words in (("", ("名次", "排名")), ("en/", ("rank",))):
        said = visible(pages[lang + HEADS[EditionKind.STATUTORY]].text).lower()
        others = visible(pages[lang + HEADS[EditionKind.MONTHLY]].text).lower()
        assert all(word in others for word in words)
        for allowed in ("按规则不公布名次", "shows no ranks", "未排名", "unranked", "not ranked"):
            said = said.replace(allowed, "")
        assert [word for word in words if word in said] == []


def test_a_reader_finds_every_kind_and_asks_nobody_else(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    reader = Reader(context.new_page(), address)
    for (kind, path), seen in zip(HEADS.items(), SEEN, strict=True):
        home = seen.removesuffix(path) + "index.html"
        page = reader.open(home)
        page.locator(f"#{kind} tbody th a").first.click()
        assert page.url.endswith(seen)
        assert page.locator("h1").count() == 1
        page.locator("nav.trail a").nth(1).click()
        assert page.url.endswith(f"{home}#{kind}")
    assert reader.is_clean()
    context.close()


def test_kinds_fit_a_phone(browser: Browser, address: str) -> None:
    assert too_wide(browser, address, SEEN) == []


@pytest.mark.nightly  # weekly pages, of the same parts, are looked at in every run
def test_axe_finds_nothing_on_any_kind(browser: Browser, address: str, axe: Path) -> None:
    assert violations(browser, address, axe, SEEN) == {}
