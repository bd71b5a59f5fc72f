"""Every page of both sites: well made, linked, in two languages, silent where it must be."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.county import CORRECTED, INTERNAL, LAST, Story, files
from tests.site.pages import Page, resolved, visible

pytestmark = pytest.mark.timeout(300)
SITES = ("site", "site-internal")


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, story: Story) -> Path:
    return story.county.home / str(request.param)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page of the site; what can be downloaded is no page of it."""
    found = {p: c for p, c in files(site).items() if p.endswith(".html") and "/files/" not in p}
    return {path: Page(content.decode("utf-8")) for path, content in found.items()}


def test_there_are_pages_of_every_kind_in_both_languages(
    story: Story, pages: dict[str, Page]
) -> None:
    chinese = {p for p in pages if not p.startswith("en/")}
    assert {f"en/{p}" for p in chinese} == set(pages) - chinese
    assert {p.split("/")[0] for p in chinese} >= {"index.html", "weekly", "towns", "method"}
    towns = {f"towns/{code}.html" for code in story.county.organisation.town_codes()}
    assert {p for p in chinese if p.startswith("towns/")} == towns
    for path, page in pages.items():
        assert page.all("html")[0]["lang"] == ("en" if path.startswith("en/") else "zh-CN")


def test_tags_close_in_order_and_ids_are_unique(pages: dict[str, Page]) -> None:
    assert [p for p, page in pages.items() if page.unbalanced] == []
    assert [p for p, page in pages.items() if len(page.ids) != len(set(page.ids))] == []
    assert [p for p, page in pages.items() if len(page.all("h1")) != 1] == []


def test_every_link_and_anchor_leads_somewhere_inside_the_site(
    site: Path, pages: dict[str, Page]
) -> None:
    known = files(site)
    broken = []
    for path, page in pages.items():
        for target in page.targets:
            file, anchor = resolved(path, target)
            if file not in known or (anchor and anchor not in pages[file].ids):
                broken.append((path, target))
    assert broken == []


def test_every_page_is_reached_from_the_first(pages: dict[str, Page]) -> None:
    seen, todo = set(), ["index.html"]
    while todo:
        path = todo.pop()
        if path not in seen and path in pages:
            seen.add(path)
            todo += [resolved(path, target)[0] for target in pages[path].targets]
    assert set(pages) - seen == set()


def test_tables_have_a_caption_and_every_row_a_header(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert len(page.all("caption")) == len(page.all("table")), path
        headless = [row for row in page.rows if not any(c.tag == "th" and c.scope for c in row)]
        assert headless == [], path
        assert all(a.get("scope") for a in page.all("th")), path


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs_inline(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert not re.search(r'(?:src|href)="(?:[a-z]+:)?//', page.text), path
        assert "http:" not in page.text and "https:" not in page.text, path
        assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")], path
        assert not [1 for _, attrs in page.tags if "style" in attrs], path
        policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv"))
        assert policy and "default-src 'none'" in policy and "script-src 'self';" in policy, path


def test_both_languages_speak_their_own(pages: dict[str, Page]) -> None:
    names = re.compile(r"[\u4e00-\u9fff]+")
    for path, page in pages.items():
        words = set(names.findall(visible(page.text)))
        if path.startswith("en/"):
            # The other language's name, and what is data: units and categories.
            assert {w for w in words if "虚构" not in w} <= {"中文", "消防通道", "号"}, path


def test_internal_editions_are_in_no_file_of_the_public_site(story: Story) -> None:
    public = files(story.county.home / "site")
    assert [p for p in public if INTERNAL in p] == []
    assert [p for p, content in public.items() if INTERNAL.encode() in content] == []
    week = re.compile(rb"\b13\xe5\x91\xa8|\xe7\xac\xac13\xe5\x91\xa8|Week 13")
    assert [p for p, content in public.items() if week.search(content)] == []
    internal = files(story.county.home / "site-internal")
    assert f"weekly/{INTERNAL}/1/index.html" in internal
    assert set(public) < set(internal) | {
        p for p in public if p.startswith(("method", "en/method"))
    }


def test_no_page_tells_what_a_hazard_is_or_who_dealt_with_it(site: Path) -> None:
    """Descriptions and persons are in the ledger; editions carry neither."""
    for secret in ("消防通道被成品货物堵塞", "核查员赵虚构", "负责人钱虚构"):
        found = [p for p, content in files(site).items() if secret.encode() in content]
        assert found == [], secret
    assert [p for p in files(site) if p.endswith("items.json")] == []


def test_figures_lead_to_the_items_that_make_them(story: Story, pages: dict[str, Page]) -> None:
    edition = story.county.home / "editions" / story.county.code / "weekly" / LAST / "1"
    listed = json.loads((edition / "items.json").read_bytes())
    overdue = {cell.split(".")[1]: cell for cell in listed if cell.endswith(".overdue")}
    assert len(overdue) > len(story.county.organisation.towns) / 2
    for town, cell in overdue.items():
        path = f"weekly/{LAST}/1/items/{town}.html"
        assert f"items/{town}.html" in pages[f"weekly/{LAST}/1/index.html"].targets
        assert f"../{path}" in pages[f"towns/{town}.html"].targets
        section = pages[path].text.split('id="period-all-overdue"')[1].split("</section>")[0]
        numbers = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', section)
        assert numbers == [item["number"] for item in listed[cell]]


def test_every_edition_of_every_period_is_on_the_first_page_newest_first(
    site: Path, pages: dict[str, Page]
) -> None:
    editions = [p for p in pages if re.fullmatch(r"weekly/[^/]+/\d+/index.html", p)]
    block = pages["index.html"].text.split('<section id="weekly"')[1]
    listed = re.findall(r'href="(weekly/[^"#]+)"', block)
    assert listed == sorted(editions, reverse=True)
    assert f"weekly/{CORRECTED}/1/index.html" in listed, "the corrected one stays readable"


def test_a_corrected_edition_says_so_and_leads_to_the_newest(pages: dict[str, Page]) -> None:
    old, new = (pages[f"weekly/{CORRECTED}/{n}/index.html"] for n in (1, 2))
    assert 'class="notice"' in old.text and "../2/index.html" in old.targets
    assert 'class="notice"' not in new.text and "../1/index.html" in new.targets
    assert "revision" in new.ids and "revision" not in old.ids
    assert f"weekly/{CORRECTED}/2/index.html#revision" in pages["revisions.html"].targets


def test_downloads_are_the_published_files(story: Story, site: Path) -> None:
    found = {p: c for p, c in files(site).items() if "/files/" in p}
    assert {p.rsplit("/", 1)[1] for p in found} >= {"edition.json", "bulletin.zh.xlsx"}
    shelf = story.county.home / "editions" / story.county.code
    assert [
        p for p, c in found.items() if c != (shelf / p.replace("/files", "")).read_bytes()
    ] == []


def test_every_indicator_of_the_policy_is_told_in_words(
    story: Story, pages: dict[str, Page]
) -> None:
    said = visible(pages["en/method.html"].text)
    for indicator in story.county.policy.scoring.towns:
        assert f"weight {indicator.weight} of 100" in said
    for deduction in story.county.policy.scoring.deductions:
        assert f"{deduction.points_each} points off for each, at most {deduction.cap}" in said


def test_the_sealed_root_and_head_are_those_of_the_last_edition(
    site: Path, pages: dict[str, Page]
) -> None:
    documents = [c for p, c in files(site).items() if p.endswith("files/edition.json")]
    last = max((json.loads(c) for c in documents), key=lambda e: int(e["watermark"]))
    for key in ("ledger_root", "ledger_head"):
        assert f'<code class="root">{last[key]}</code>' in pages["proof.html"].text


def _sparks(page: str) -> Iterator[int]:
    for points in re.findall(r'<polyline points="([^"]+)"', page):
        yield len(points.split())


def test_a_line_has_a_point_for_every_period_known_by_then(pages: dict[str, Page]) -> None:
    assert set(_sparks(pages["weekly/2025-W10/1/index.html"].text)) == {1}
    assert set(_sparks(pages[f"weekly/{LAST}/1/index.html"].text)) == {3}
    # The correction came last, but tells of the second week: its lines end there.
    assert set(_sparks(pages[f"weekly/{CORRECTED}/2/index.html"].text)) == {2}
