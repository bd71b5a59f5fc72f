"""The site in a real browser: read, sorted by hand and by keyboard, on a desk, a phone and paper.

Every request is recorded and any that leaves the site fails the test, as does any console message.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.browsing import DESK, Reader, serving, too_wide, violations
from tests.site.county import CORRECTED, LAST, Story, files

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def address(story: Story) -> Iterator[str]:
    """The internal site, which has every edition, as a web server shows it."""
    with serving(story.county.home / "site-internal") as address:
        yield address


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    yield Reader(context.new_page(), address)
    context.close()


def _column(page: Page, table: str, index: int) -> list[str]:
    """The texts of a column, group by group."""
    cells = page.locator(f"{table} tbody tr:not(.group):not(.total)")
    return [str(row.evaluate(f"r => r.cells[{index}].innerText.trim()")) for row in cells.all()]


def test_from_the_index_to_an_edition_a_town_its_items_and_the_correction(
    story: Story, reader: Reader
) -> None:
    page = reader.open("index.html")
    page.get_by_role("link", name="2025年第12周 第1版", exact=True).click()
    assert page.url.endswith(f"/weekly/{LAST}/1/index.html")
    town = story.county.organisation.towns[1]
    page.locator("#towns").get_by_role("link", name=town.name.zh).first.click()
    assert page.locator("h1").inner_text() == town.name.zh
    assert page.locator("svg.over-time").count() == 2
    page.get_by_role("row", name="2025年第12周 第1版").get_by_role("link", name="逐项").click()
    assert page.locator("#period-all-overdue tbody").get_by_text("虚构五金厂").count() > 0
    page.locator("nav.trail a").nth(1).click()
    page.locator("#balance ul.links").get_by_role("link", name=town.name.zh).click()
    assert page.url.endswith(f"/items/{town.code}.html")
    page.get_by_role("link", name="更正记录").click()
    page.get_by_role("link", name="2025年第11周 第2版").click()
    assert page.evaluate("location.hash") == "#revision"
    assert "迟报补报" in page.locator("#revision .lead").inner_text()
    page.get_by_role("link", name="English").click()
    assert page.url.endswith(f"/en/weekly/{CORRECTED}/2/index.html")
    assert "late submission" in page.locator("#revision .lead").inner_text()
    assert reader.is_clean()


def test_a_table_is_sorted_by_click_and_by_keyboard(reader: Reader) -> None:
    page = reader.open(f"weekly/{LAST}/1/index.html")
    table, column = "#balance table", 5
    head = page.locator(f"{table} thead th").nth(column)
    before = _column(page, table, column)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    most_first = [int(v) for v in _column(page, table, column)]
    assert most_first == sorted(map(int, before), reverse=True) != list(map(int, before))
    assert "降序" in page.locator("#sorted").inner_text()
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [int(v) for v in _column(page, table, column)] == most_first[::-1]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "none"
    assert page.locator(f"{table} thead th[aria-sort='descending']").count() == 1
    assert page.locator(f"{table} tbody tr").last.get_attribute("class") == "total"
    assert reader.is_clean()


def test_groups_stay_together_when_their_towns_are_sorted(story: Story, reader: Reader) -> None:
    page = reader.open(f"weekly/{LAST}/1/index.html")
    page.locator("#towns thead th.score [role=button]").click()
    page.locator("#towns thead th.score [role=button]").click()
    for body in page.locator("#towns tbody").all():
        rows = body.locator("tr").all()
        assert rows[0].get_attribute("class") == "group"
        scores = [float(r.locator("td.score").inner_text()) for r in rows[1:]]
        assert scores == sorted(scores)
    towns = {t.name.zh: t.group for t in story.county.organisation.towns}
    groups = page.locator("#towns tbody").evaluate_all(
        "bodies => bodies.map(b => [...b.querySelectorAll('th.name a')].map(a => a.textContent))"
    )
    assert [{towns[name] for name in names} for names in groups] == [{"A"}, {"B"}]


def test_without_scripts_every_word_is_there(browser: Browser, reader: Reader) -> None:
    path = f"weekly/{LAST}/1/index.html"
    with_script = reader.open(path).locator("main").inner_text()
    context = browser.new_context(viewport=DESK, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{reader.address}/{path}")
    assert page.locator("main").inner_text().split() == with_script.split()
    assert page.locator("main [role=button]").count() == 0
    context.close()


def test_pages_are_read_and_sorted_from_files_too(story: Story, browser: Browser) -> None:
    root = story.county.home / "site-internal"
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    reader = Reader(context.new_page(), f"file://{root}")
    page = reader.open("index.html")
    page.locator("#weekly thead th").nth(5).get_by_role("button").click()
    assert page.locator("#weekly th[aria-sort='descending']").count() == 1
    page.get_by_role("link", name="排查覆盖").click()
    assert page.url.endswith("/coverage.html")
    assert reader.is_clean()
    context.close()


def _some_of_each(story: Story) -> list[str]:
    """One page of every kind, and those that are read most in English too."""
    town = story.county.organisation.town_codes()[1]
    chinese = ["index.html", "listed.html", "reporters.html", "coverage.html", "revisions.html",
               "method.html", "proof.html", f"towns/{town}.html",
               f"weekly/{CORRECTED}/1/index.html", f"weekly/{CORRECTED}/2/index.html",
               f"weekly/{LAST}/1/items/{town}.html"]  # fmt: skip
    return [*chinese, "en/index.html", "en/method.html", f"en/weekly/{CORRECTED}/2/index.html"]


def test_no_page_is_wider_than_a_phone(story: Story, browser: Browser, address: str) -> None:
    everything = files(story.county.home / "site-internal")
    pages = [p for p in everything if p.endswith(".html") and "/files/" not in p]
    assert len(pages) >= 100
    assert too_wide(browser, address, pages) == []


def test_every_page_fits_a_sheet_of_paper(story: Story, reader: Reader) -> None:
    """The type area of an A4 sheet is 156 mm: 590 CSS pixels."""
    reader.page.set_viewport_size({"width": 590, "height": 850})
    reader.page.emulate_media(media="print")
    wide = {}
    for path in _some_of_each(story):
        page = reader.open(path)
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
        assert page.locator("nav.top").is_visible() is False
    assert {path: width for path, width in wide.items() if width > 590} == {}


def test_the_first_key_leads_past_the_navigation(reader: Reader) -> None:
    page = reader.open("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"


def test_axe_finds_nothing(story: Story, browser: Browser, address: str, axe: Path) -> None:
    assert violations(browser, address, axe, _some_of_each(story)) == {}


def test_axe_would_find_something(browser: Browser, axe: Path) -> None:
    page = browser.new_page()
    page.set_content("<html><body><img src='x'><p style='color:#ccc'>pale</p></body></html>")
    page.add_script_tag(path=axe)
    ids = page.evaluate("axe.run().then(r => r.violations.map(v => v.id))")
    assert {"image-alt", "color-contrast", "html-has-lang"} <= set(ids)
    page.close()
