"""What every page of the site has: navigation, language beside it, links that work from a file.

Promise: a page is a pure function of its arguments; it loads nothing but the site's own script and
icon, and reads the same without them. Paths are given without a language (`towns/x.html`); Chinese
pages lie at the root, English ones under `en/`, and every link is relative.
"""

from collections.abc import Iterable, Sequence
from posixpath import dirname, relpath
from typing import Any

from schemas.site import Brief, Frame
from tasks.rendering import page as plain
from tasks.rendering import wording
from tasks.rendering.catalogue import LANGUAGES, known, name, text
from tasks.rendering.grid import Kind, Value
from tasks.rendering.site.blocks import Block

SHEETS = ("bulletin.css", "site/site.css")
SCRIPT, ICON = "assets/site.js", "assets/icon.svg"
NAVIGATION = ("index", "listed", "reporters", "coverage", "revisions", "method", "proof")


def located(path: str, lang: str) -> str:
    """Where the page `path` of a language lies in the site."""
    return path if lang == LANGUAGES[0] else f"{lang}/{path}"


def assets() -> dict[str, bytes]:
    """Files that pages load, by where they lie in the site."""
    folder = plain.TEMPLATES / "site"
    return {SCRIPT: (folder / "site.js").read_bytes(), ICON: (folder / "icon.svg").read_bytes()}


def rendered(
    frame: Frame, path: str, lang: str, context: dict[str, Any], template: str = "page"
) -> bytes:
    """One page. `context` needs `heading`; blocks, lead, trail and what the template wants."""
    here = dirname(located(path, lang)) or "."
    own = {
        "frame": frame,
        "site_title": text("site.title", lang, county=name(frame.county, lang)),
        "navigation": [(key, f"{key}.html", text(f"site.nav.{key}", lang)) for key in NAVIGATION],
        "here": path,
        "lang": lang,
        "others": [(v, relpath(located(path, v), here)) for v in LANGUAGES if v != lang],
        "language": lambda other: text("site.language", other),  # each by its own name
        "link": lambda target: _link(target, lang, here),
        "shown": lambda kind, value: _shown(kind, value, lang),
        "asset": lambda target: relpath(target, here),
        "script": SCRIPT,
        "icon": ICON,
        "trail": [],
        "lead": [],
        "blocks": [],
        "town_links": {},
    }
    return plain.rendered(f"site/{template}.html.j2", own | context, lang, SHEETS)


def _link(target: str, lang: str, here: str) -> str:
    path, mark, anchor = target.partition("#")
    return relpath(located(path, lang), here) + mark + anchor if path else mark + anchor


def _shown(kind: Kind, value: Value, lang: str) -> str:
    """What stands in a cell: a site has so many that a macro for each would be most of the work."""
    if value is None:
        return text("bulletin.empty_cell", lang)
    if isinstance(value, int):
        return f"{value:,}" if kind == "count" else str(value)
    return wording.percent(value) if kind == "percent" else value


def blocks_page(
    frame: Frame,
    path: str,
    lang: str,
    heading: str,
    blocks: Iterable[Block],
    lead: Iterable[str] = (),
    trail: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A page that is a heading, some sentences and blocks."""
    context = {
        "heading": heading,
        "lead": list(lead),
        "blocks": list(blocks),
        "trail": list(trail),
    }
    return rendered(frame, path, lang, context)


def edition_name(brief: Brief, lang: str) -> str:
    """2025年第10周 第2期: how an edition is called in lists; unique within its kind."""
    issue = text("bulletin.edition", lang, n=brief.number)
    return text("site.edition", lang, period=wording.period(brief.period, lang), issue=issue)


def kind_name(kind: str, lang: str) -> str:
    key = f"edition_kind.{kind}"
    return _opening(text(key, lang)) if known(key) else kind


def class_name(brief: Brief, lang: str) -> str:
    """First edition, or the class of its revision in words."""
    code = brief.revision_class
    if not code:
        return text("site.first_edition", lang)
    said = _opening(text(f"revision_class.{code}", lang))
    return text("format.note", lang, text=said, note=code)


def _opening(words: str) -> str:
    """As a heading or a cell begins."""
    return words[:1].upper() + words[1:]


def latest_of_each(briefs: Iterable[Brief]) -> list[Brief]:
    """The newest edition of every period, oldest period first; of one kind."""
    newest: dict[str, Brief] = {}
    for brief in sorted(briefs, key=lambda b: b.order):
        newest[brief.period] = brief
    return list(newest.values())


def leading(briefs: Sequence[Brief]) -> list[Brief]:
    """The latest editions of the first kind, oldest first: what the site opens with.

    `briefs` with their kinds in order.
    """
    return latest_of_each(b for b in briefs if b.kind == briefs[0].kind) if briefs else []
