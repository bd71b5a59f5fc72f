"""The page of an edition: the same bytes again, nothing loaded, nothing injected, nobody left."""

import re
from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from schemas.edition import Edition
from tasks.rendering.catalogue import LANGUAGES, text
from tasks.rendering.html import render_html
from tasks.rendering.page import TEMPLATES

HOSTILE = ["<script>alert(1)</script>", "=cmd()", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"]
VOID = {"meta", "hr", "br", "img", "input", "link"}


class Page(HTMLParser):
    """Every tag with its attributes, and whether tags close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.unbalanced.append(tag)


def page(edition: Edition, lang: str = "zh") -> str:
    return render_html(edition, lang).decode("utf-8")


def visible(edition: Edition, lang: str = "zh") -> str:
    body = page(edition, lang).split("</style>")[1]
    return unescape(re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_edition_gives_the_same_bytes(
    lang: str, make_edition: Callable[..., Edition]
) -> None:
    assert render_html(make_edition(), lang) == render_html(make_edition(), lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_loaded_from_anywhere_and_nothing_runs(lang: str, edition: Edition) -> None:
    source = page(edition, lang)
    assert not re.search(r"https?:|//\w|@import|url\(", source)
    loaders = {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not [t for t, _ in Page(source).tags if t in loaders]
    assert all(
        a.get("href", "#").startswith("#")
        for _, a in Page(source).tags  # type: ignore[union-attr]
    )


def test_the_policy_of_the_page_allows_its_own_style_only(edition: Edition) -> None:
    source = page(edition)
    style = re.search(r"<style>(.*?)</style>", source, re.S)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    policy = [a["content"] for t, a in Page(source).tags if t == "meta" and "http-equiv" in a]
    assert policy == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert not [t for t, a in Page(source).tags if "style" in a or any(k[:2] == "on" for k in a)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("revised", [True, False])
def test_tags_close_in_order_and_ids_are_unique(
    lang: str, revised: bool, make_edition: Callable[..., Edition]
) -> None:
    parsed = Page(page(make_edition(revised=revised), lang))
    assert parsed.unbalanced == [] and parsed.stack == []
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"] for t, a in parsed.tags if t == "a"}
    assert targets <= {f"#{i}" for i in ids}


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_name_is_only_text(words: str, edition: Edition) -> None:
    before = len(Page(page(edition)).tags)
    hostile = with_names(edition, words)
    source = page(hostile)
    assert escape(words) in source.replace("&#34;", "&quot;")
    assert len(Page(source).tags) == before


def with_names(edition: Edition, words: str) -> Edition:
    """The same edition with every name of data replaced."""
    changed: Any = deepcopy(edition)
    for unit in (*changed["body"]["towns"], *changed["body"]["sectors"]):
        unit["name"] = {"zh": words, "en": words}
    for item in changed["body"]["listed"]:
        item["unit_name"] = words
    changed["body"]["missing"][0] |= {"source_title": {"zh": words, "en": words}}
    changed["body"]["county"] = {"code": "990099", "name": {"zh": words, "en": words}}
    return changed


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\u202e", "\x1b[31m"])
def test_a_character_that_cannot_be_printed_does_not_kill_the_page(
    bad: str, edition: Edition
) -> None:
    assert "\N{REPLACEMENT CHARACTER}" in page(with_names(edition, f"A{bad}B"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_unit_is_named_with_its_rank_and_score(lang: str, edition: Edition) -> None:
    said = visible(edition, lang)
    for unit in (*edition["body"]["towns"], *edition["body"]["sectors"]):
        assert unit["name"][lang] in said  # type: ignore[literal-required]
        assert unit["score"] is None or unit["score"] in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_unit_that_is_not_ranked_is_named_with_the_reason(lang: str, edition: Edition) -> None:
    assert text("unranked.nothing_due", lang) in visible(edition, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_small_samples_are_marked(lang: str, edition: Edition) -> None:
    small = [u for u in edition["body"]["towns"] if u["small_sample"] and u["rank"]]
    assert small and text("mark.small_sample", lang) in visible(edition, lang)


def test_a_zero_denominator_prints_a_slash(edition: Edition) -> None:
    idle = edition["body"]["towns"][-1]
    row = re.search(rf"<tr>(?:(?!</tr>).)*{idle['name']['zh']}.*?</tr>", page(edition), re.S)
    assert row and row[0].count(">/</td>") == 7
    assert "/%" not in page(edition)


def test_the_town_matrix_keeps_all_of_its_cells(edition: Edition) -> None:
    source = page(edition)
    for table in re.findall(r"<table>.*?</table>", source, re.S):
        heads = len(re.findall(r'<th scope="col"', table))
        rows = re.findall(r"<tr(?: class=\"total\")?>(.*?)</tr>", table.split("</thead>")[1], re.S)
        assert all(len(re.findall(r"<t[hd][ >]", row)) == heads for row in rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_say_what_their_heads_belong_to(lang: str, edition: Edition) -> None:
    parsed = Page(page(edition, lang))
    assert all(a.get("scope") for t, a in parsed.tags if t == "th")
    tables = [t for t, _ in parsed.tags if t == "table"]
    assert len(tables) == len([t for t, _ in parsed.tags if t == "caption"])
    assert dict(parsed.tags)["html"]["lang"] == {"zh": "zh-CN", "en": "en"}[lang]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_english_page_has_no_chinese_and_the_other_way_round(
    lang: str, edition: Edition
) -> None:
    for item in edition["body"]["listed"]:
        item["unit_name"] = "01"
    said = visible(edition, lang)
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", said)
    else:
        latin = set(re.findall(r"[A-Za-z]{4,}", re.sub(r"[0-9a-f]{64}", "", said)))
        assert latin <= {"bihuan", "edition", "province", "city", "county"}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", "责任、措施、时限、资金、预案"),
        ("en", "responsibility, measures, deadline, funding, plan"),
    ],
)
def test_the_five_elements_are_spelled_out_once(lang: str, words: str, edition: Edition) -> None:
    assert visible(edition, lang).count(words) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fictitious_county_says_so_and_a_real_one_does_not(lang: str, edition: Edition) -> None:
    said = text("fictitious.title", lang)
    assert said in visible(edition, lang)
    edition["body"]["fictitious"] = False
    assert said not in visible(edition, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_proves_the_edition_is_printed(lang: str, edition: Edition) -> None:
    said = visible(edition, lang)
    for value in ("ledger_head", "ledger_root", "policy_hash", "body_digest", "watermark"):
        assert str(edition[value]) in said  # type: ignore[literal-required]


def test_a_correction_opens_with_its_class_its_cause_and_each_move(edition: Edition) -> None:
    said = visible(edition)
    opening = said[: said.index(text("figure.listed", "zh"))]
    for move in edition["revision"]["moves"]:
        assert move["name"]["zh"] in opening
    for words in (
        "更正通报",
        "迟报补报（R1）",
        "长堤镇",
        "本期：新发现 12 → 19、销号 9 → 15；专项行动累计：新发现",
        "自身数字未变",
    ):
        assert words in opening


def test_a_first_edition_has_no_correction(make_edition: Callable[..., Edition]) -> None:
    assert "更正" not in visible(make_edition(revised=False))


def test_who_did_not_report_is_named(edition: Edition) -> None:
    said = visible(edition)
    for entry in (*edition["body"]["missing"], *edition["body"]["late"]):
        assert entry["unit_name"]["zh"] in said
    assert "群众举报平台" in said and "2025年3月10日 08:00" in said


def test_refused_rows_are_explained_by_rule(edition: Edition) -> None:
    said = visible(edition)
    assert "日期或时间无法识别" in said and "18 行未通过检查" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_week_still_makes_a_page(lang: str, edition: Edition) -> None:
    body = edition["body"]
    body.update(listed=[], listed_matrix=[], missing=[], late=[], quarantined={})
    said = visible(edition, lang)
    for key in ("listed.none", "reporters.none", "quarantined.none"):
        assert text(key, lang) in said


def test_ranks_can_be_left_out_by_policy(edition: Edition) -> None:
    policy: Any = deepcopy(edition["body"]["policy"])
    policy["scoring"]["show_ranks"] = False
    edition["body"]["policy"] = policy
    source = page(edition)
    assert "<svg" not in source and 'class="rank n"' not in source


def test_movement_is_an_arrow_and_is_also_said(edition: Edition) -> None:
    source = page(edition)
    assert "↑2</span>" in source and "上升2位" in source
    edition["body"]["towns"][0]["last_rank"] = None
    assert ">新</td>" in page(edition)


def _colours() -> dict[str, str]:
    css = (TEMPLATES / "bulletin.css").read_text("utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("ink", "paper", 7),
        ("ink", "band", 7),
        ("soft", "paper", 7),
        ("soft", "band", 4.5),
        ("red", "paper", 4.5),
        ("red", "band", 4.5),
        ("green", "paper", 4.5),
        ("green", "band", 4.5),
        ("warn-ink", "warn-paper", 7),
        ("bar", "paper", 3),
    ],
)
def test_text_stands_out_from_its_ground(ink: str, paper: str, least: float) -> None:
    """WCAG 2.2: 4.5 for text, 3 for graphics."""
    colours = _colours()
    light, dark = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least
